import { pinProfile, readPinnedProfile } from '../../connections/discover-profile.ts';
import type { OwnedSchema } from '../../connectors/target-connector.ts';
import { tableNameParts } from '../../core/definition/nodes/table-name.ts';
import type { TargetDefinition } from '../../core/definition/nodes/target-definition.ts';
import type { ProfilePin } from '../../core/documents/plan-document.ts';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import type { TargetRecord } from '../../core/state/target-record.ts';
import type { World } from '../../core/world.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { parsePlanFile } from '../../planning/plan-record.ts';
import { loadSettings } from '../../project/load-project.ts';
import type { StoreReader } from '../../store/store-reader.ts';
import type { StoreWriter } from '../../store/store-writer.ts';
import { type Tools, withTools } from '../with-tools.ts';

/** A schema or namespace outside the store that an environment wrote to, as the records tell. */
export interface WrittenSchema {
  readonly environment: string;
  readonly type: TargetDefinition['type'];
  readonly connection: string;
  readonly endpoint: string;
  readonly name: string;
}

/** A schema that an environment made, with what is in it. */
export interface FoundSchema extends WrittenSchema, Pick<OwnedSchema, 'contents' | 'dependents'> {}

export interface SchemaSearch {
  readonly world: World;
  readonly root: string;
  readonly environment: EnvironmentName;
  /** Value of `--profile`. */
  readonly explicit: string | null;
}

/** The schemas that an environment wrote to and that were not dropped since; asks no server. */
export function writtenSchemas(store: StoreReader, environment: EnvironmentName): readonly WrittenSchema[] {
  const found = new Map<string, WrittenSchema>();
  for (const record of store.targetRecords(environment)) {
    if (record.dropped === true) continue;
    const { type, connection, table } = record;
    const schema = { environment, type, connection, endpoint: table.endpoint, name: schemaOf(record) };
    found.set(keyOf(schema), schema);
  }
  return [...found.values()];
}

const schemaOf = ({ table }: TargetRecord): string => (tableNameParts(table.name) ?? []).slice(0, -1).join('.');

/** The schemas that an environment made, as the servers tell. Throws `schema-in-use` if something outside depends on one. */
export async function findSchemas(store: StoreReader, search: SchemaSearch): Promise<readonly FoundSchema[]> {
  const written = writtenSchemas(store, search.environment);
  if (written.length === 0) return [];
  const found = await inTools(store, search, tools => askServers(tools, store, { ...search, written }));
  const used = found.filter(({ dependents }) => dependents.length > 0);
  if (used.length > 0) throw inUse(used);
  return found;
}

interface Asking extends SchemaSearch {
  readonly written: readonly WrittenSchema[];
}

async function askServers(
  tools: Tools,
  store: StoreReader,
  { environment, written }: Asking,
): Promise<readonly FoundSchema[]> {
  const mark = { lineage: store.lineage, environment };
  const found = new Map<string, FoundSchema>();
  for (const { type, connection } of onePerConnection(written))
    for (const schema of await tools.target({ type }).schemasOf(connection, mark)) {
      const key = keyOf(schema);
      if (!found.has(key)) found.set(key, { environment, type, connection, ...schema });
    }
  return [...found.values()];
}

/** Several connections may lead to one server. */
const keyOf = ({ endpoint, name }: Pick<WrittenSchema, 'endpoint' | 'name'>): string =>
  JSON.stringify([endpoint, name]);

function onePerConnection(written: readonly WrittenSchema[]): readonly WrittenSchema[] {
  return [...new Map(written.map(schema => [`${schema.type} ${schema.connection}`, schema])).values()];
}

function inUse(used: readonly FoundSchema[]): ToolError {
  const lines = used.map(({ name, dependents }) => `${name} is used by ${dependents.join(', ')}`);
  return new ToolError(
    'schema-in-use',
    `Objects outside depend on schemas that would be dropped: ${lines.join('; ')}.`,
    {
      hint: 'Drop those objects first, or leave out --drop-schemas.',
    },
  );
}

/** Drops schemas that `findSchemas` found, and records that their tables are gone. */
export async function dropSchemas(
  writer: StoreWriter,
  search: SchemaSearch,
  schemas: readonly FoundSchema[],
): Promise<void> {
  if (schemas.length === 0) return;
  const { environment, world } = search;
  const mark = { lineage: writer.lineage, environment };
  await inTools(writer, search, async tools => {
    for (const { type, connection } of onePerConnection(schemas)) {
      const names = schemas.filter(each => each.type === type && each.connection === connection);
      await tools.target({ type }).dropSchemas(
        connection,
        mark,
        names.map(({ name }) => name),
      );
      for (const schema of names) await recordDropped(writer, schema, { environment, at: world.now().toISOString() });
    }
  });
}

async function recordDropped(
  writer: StoreWriter,
  schema: FoundSchema,
  { environment, at }: { readonly environment: EnvironmentName; readonly at: string },
): Promise<void> {
  const gone = writer
    .targetRecords(environment)
    .filter(record => record.table.endpoint === schema.endpoint && schemaOf(record) === schema.name);
  for (const record of gone) await writer.recordTarget({ ...record, artefact: null, rows: 0, at, dropped: true });
}

function inTools<T>(store: StoreReader, search: SchemaSearch, work: (tools: Tools) => Promise<T>): Promise<T> {
  const { world, root } = search;
  const profile = () => profileOf(store, search);
  return withTools({ world, root, store, settings: loadSettings(root), profile }, work);
}

/** `--profile`, or the profile of the environment's plan, or the one that is found by convention. */
function profileOf(store: StoreReader, { world, root, environment, explicit }: SchemaSearch): ProfilePin | null {
  const places = { root, home: world.home };
  const pin = explicit === null ? (parsePlanFile(store.planText(environment))?.profile ?? null) : null;
  return readPinnedProfile({ ...places, pin }) ?? pinProfile({ ...places, environment, explicit });
}
