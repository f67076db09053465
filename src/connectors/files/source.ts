import { rmSync } from 'node:fs';
import { FILE_SOURCE_TYPES, type FileSourceType, type SourceNode } from '../../core/definition/nodes/node.ts';
import type { CsvDialect } from '../../core/definition/options/csv-dialect.ts';
import type { EarlierReading, SourceChange, SourceInspection } from '../../core/plan/sources/source-inspection.ts';
import { failureTextOf } from '../../diagnostics/failure-text.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { ExecutionSession } from '../../engine/execution/execution-session.ts';
import type { WrittenTable } from '../../engine/execution/write-file.ts';
import type { ChangedSource, Inquiry, ReadRequest, SourceConnector, StagedData } from '../source-connector.ts';
import { emptyFault, refusal } from './check-files.ts';
import { type DescribedSource, describeSource, readSource, sourceQuery } from './describe-source.ts';
import { refusing } from './faults/refusing.ts';
import { asSourceError } from './faults/source-error.ts';
import type { FileReading } from './reader-call.ts';
import { changePhrases, type SchemaChange, schemaChanged } from './schema/schema-change.ts';
import { type SourceFile, sourceFiles } from './source-files.ts';
import { haveSameStats, isStill, readSourceState, type StateSurroundings } from './source-state.ts';

/** What the file connector needs. */
export interface FileSurroundings extends StateSurroundings {
  readonly signal: AbortSignal;
  session(): Promise<ExecutionSession>;
}

/** The files that were found, and how they are read. */
interface FileDetails extends Pick<DescribedSource, 'query' | 'computed' | 'dialect'> {
  readonly files: readonly SourceFile[];
  readonly young: boolean;
}

/** Reads CSV, Parquet and JSON files with DuckDB. */
export const fileSource = (around: FileSurroundings): SourceConnector<FileDetails> => ({
  isVersioned: true,
  endpointOf: () => Promise.resolve(null),
  inspect: (source, inquiry) => naming(source, () => inspect(around, source, inquiry)),
  read: request => naming(request.source, () => read(around, request)),
  look: (source, work) => naming(source, () => look(around, source, work)),
});

async function naming<T>({ id }: SourceNode, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asSourceError(id, error);
  }
}

async function inspect(
  around: FileSurroundings,
  source: SourceNode,
  inquiry: Inquiry,
): Promise<SourceInspection<FileDetails>> {
  const { files, version, young } = await readSourceState(source, around);
  if (await inquiry.isKnown(version)) return { version, endpoint: null, columns: null };
  const earlier = inquiry.earlier();
  const reading = readingOf(around, source, { files, earlier });
  const { columns, change, query, computed, dialect } = await describeSource(await around.session(), reading);
  const fault = emptyFault(reading);
  return {
    version,
    endpoint: null,
    columns,
    earlier,
    change: change && sourceChange(source, change),
    empty: fault && failureTextOf(refusal(source.id, fault)),
    details: { files, young, query, computed, dialect },
  };
}

function fileTypeOf({ id, source }: SourceNode): FileSourceType {
  const type = FILE_SOURCE_TYPES.find(known => known === source);
  if (type === undefined) throw new Error(`${id} is not a source of files`);
  return type;
}

function readingOf(
  { root }: FileSurroundings,
  source: SourceNode,
  { files, earlier }: { readonly files: readonly SourceFile[]; readonly earlier: EarlierReading | null },
): FileReading {
  return { ...source, source: fileTypeOf(source), root, files, ...(earlier ? { earlier } : {}) };
}

const sourceChange = (source: SourceNode, change: SchemaChange): SourceChange => ({
  text: changePhrases(change).join('; '),
  refusal: source.onSchemaChange === 'fail' ? failureTextOf(schemaChanged(source, change)) : null,
});

type FileRequest = ReadRequest<FileDetails>;

/** Reads the source; if that fails, checks whether the files changed meanwhile. */
async function read(around: FileSurroundings, request: FileRequest): Promise<StagedData | ChangedSource> {
  const { source, inspection, into } = request;
  const { version, endpoint, details } = inspection;
  if (version === null) throw new Error(`${source.id} was inspected without a version`);
  if (!haveSameStats(details.files)) return changed(source);
  try {
    const written = await write(around, request);
    if (await isStill({ version, ...details }, source, around))
      return { kind: 'staged', ...written, version, endpoint, bookmark: null, warnings: [] };
  } catch (error) {
    if (around.signal.aborted || (await isStill({ version, ...details }, source, around))) throw error;
  }
  rmSync(into, { force: true });
  return changed(source);
}

type WrittenSource = WrittenTable & { readonly dialect: CsvDialect | null };

/** Writes the rows. If a late value has another type and the source may evolve, detects the types from all lines. */
async function write(around: FileSurroundings, request: FileRequest): Promise<WrittenSource> {
  const { source, inspection, into } = request;
  const session = await around.session();
  const reading = readingOf(around, source, { files: inspection.details.files, earlier: inspection.earlier });
  const place = { ...reading, into, signal: around.signal };
  const writeAs = async (
    described: Pick<DescribedSource, 'query' | 'computed' | 'dialect'>,
  ): Promise<WrittenSource> => ({
    ...(await readSource(session, described, place)),
    dialect: described.dialect,
  });
  try {
    return await writeAs(inspection.details);
  } catch (error) {
    if (!mayDetectAgain(request) || around.signal.aborted) throw error;
    rmSync(into, { force: true });
    const options = { ...source.options, sample_size: -1 };
    return writeAs(await describeSource(session, { ...reading, options }));
  }
}

const mayDetectAgain = ({ source, inspection }: FileRequest): boolean =>
  source.onSchemaChange === 'evolve' &&
  source.source !== 'parquet' &&
  source.options['sample_size'] === undefined &&
  inspection.earlier !== null;

const changed = ({ id }: SourceNode): ChangedSource => ({
  kind: 'changed',
  failure: failureTextOf(
    new ToolError('source-changed', `The files of ${id} changed while they were read.`, {
      hint: 'Write the files under another name, and rename them when they are complete.',
    }),
  ),
});

async function look<T>(around: FileSurroundings, source: SourceNode, work: (query: string) => Promise<T>): Promise<T> {
  const session = await around.session();
  const files = await sourceFiles(around.root, source.table);
  const reading = readingOf(around, source, { files, earlier: null });
  return refusing(session, reading, async () => work(await sourceQuery(session, reading)));
}
