import { deserialize, serialize } from 'node:v8';
import { placeOfFile } from '../engine/scan.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceNode } from '../core/definition/nodes/node.ts';
import type { EarlierReading, InspectedSource } from '../core/plan/sources/source-inspection.ts';
import { ToolError } from '../diagnostics/tool-error.ts';
import type { ExecutionSession } from '../engine/execution/execution-session.ts';
import { readSteadily } from './read-steadily.ts';
import type { SourceConnector } from './source-connector.ts';

const NO_DATA = { place: { kind: 'files', files: [] }, endpoint: null, bookmark: null } as const;

/** A source of at least two rows, and the operations that a test needs. */
export interface SourceFixture {
  readonly connector: SourceConnector;
  /** A connector whose command was interrupted. */
  readonly interrupted: SourceConnector;
  readonly session: ExecutionSession;
  /** `onSchemaChange` is `fail`. */
  readonly source: SourceNode;
  /** Definitions that read the same data in other ways, by the difference. */
  readonly others: Readonly<Record<string, SourceNode>>;
  /** A definition of something that does not exist. */
  readonly absent: SourceNode;
  /** A folder for staged data; the connector must not write anywhere else. */
  readonly staging: string;
  /** Replaces the source's rows; the columns stay the same. */
  change(): Promise<void>;
  /** Adds or changes a column; only needed if the source has no version. */
  alter?(): Promise<void>;
  /** Writes the same data again. */
  rewrite(): Promise<void>;
  /** The state of everything outside the staging folder that a connector could write to, as text. */
  surroundings(): string;
  close(): Promise<void>;
}

/** Defines no test. */
const omitted = (): void => undefined;

/** Tests the contract of source connectors on a real source. */
export function describeSourceConnector(
  name: string,
  makeFixture: () => Promise<SourceFixture>,
  { isVersioned }: Pick<SourceConnector, 'isVersioned'> = { isVersioned: true },
): void {
  const [itVersioned, itUnversioned] = isVersioned ? [it, omitted] : [omitted, it];
  describe(`the source connector for ${name}`, () => {
    let fixture: SourceFixture;
    let staged = 0;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.close());

    const target = (): string => join(fixture.staging, `${(staged += 1)}.parquet`);
    const inspect = (source = fixture.source, earlier: EarlierReading | null = null) =>
      inspected(fixture.connector, source, earlier);
    const known = (source = fixture.source) =>
      fixture.connector.inspect(source, { isKnown: () => Promise.resolve(true), earlier: () => expect.unreachable() });
    const versionOf = async (source = fixture.source): Promise<string | null> => (await known(source)).version;
    const reading = (inspection: InspectedSource) => ({
      source: fixture.source,
      inspection,
      into: target(),
      full: false,
    });

    it('returns the same inspection twice', async () => {
      expect(await inspect()).toEqual(await inspect());
    });

    it('returns plain data, which can be stored and used later', async () => {
      const inspection = await inspect();
      expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection);
      // Serialisation keeps the type.
      const copy = deserialize(serialize(inspection)) as InspectedSource;
      expect(copy).toEqual(inspection);
      expect(await fixture.connector.read(reading(copy))).toMatchObject({ kind: 'staged' });
    });

    it('says whether it has a version', async () => {
      expect(fixture.connector.isVersioned).toBe(isVersioned);
      expect((await inspect()).version !== null).toBe(isVersioned);
    });

    itVersioned('does not inspect columns if the version is known', async () => {
      const { version, endpoint } = await inspect();
      expect(await known()).toEqual({ version, endpoint, columns: null });
    });

    it('reads the inspected columns and reports rows and identity', async () => {
      const inspection = await inspect();
      const request = reading(inspection);
      const read = await fixture.connector.read(request);
      const { version, endpoint, columns } = inspection;
      const { identity, rows } = await fixture.session.identityOf(placeOfFile(request.into), {});
      expect(read).toMatchObject({ kind: 'staged', version, endpoint, columns, identity, rows });
      expect(rows).toBeGreaterThan(1);
    });

    it('writes only to the staging folder', async () => {
      const before = fixture.surroundings();
      await fixture.connector.read(reading(await inspect()));
      expect(fixture.surroundings()).toBe(before);
    });

    it('returns some rows of a source', async () => {
      const look = (query: string) => fixture.session.sample({ prepare: [], query, limit: 1 });
      const sample = await fixture.connector.look(fixture.source, look);
      expect(sample.columns).toEqual((await inspect()).columns);
      expect(sample.rows).toHaveLength(1);
    });

    itVersioned('keeps the version for equal data, and changes it with the way of reading', async () => {
      const before = await versionOf();
      await fixture.rewrite();
      expect(await versionOf()).toBe(before);
      const others = await Promise.all(Object.values(fixture.others).map(other => versionOf(other)));
      expect(new Set([before, ...others]).size).toBe(others.length + 1);
    });

    it('keeps the identity of equal data, and reads the rows of today', async () => {
      const identity = async (): Promise<unknown> => {
        const read = await fixture.connector.read(reading(await inspect()));
        return read.kind === 'staged' ? [read.identity, read.rows] : read;
      };
      const before = await identity();
      await fixture.rewrite();
      expect(await identity()).toEqual(before);
      await fixture.change();
      expect(await identity()).not.toEqual(before);
    });

    itVersioned('detects data that changed since the inspection, and leaves no file behind', async () => {
      const before = await inspect();
      await fixture.change();
      const request = reading(before);
      const read = await fixture.connector.read(request);
      expect(read).toMatchObject({ kind: 'changed', failure: { code: 'source-changed' } });
      expect(existsSync(request.into)).toBe(false);
      const { version } = await inspect();
      expect(version).not.toBe(before.version);
      expect(await readSteadily(fixture.connector, request)).toMatchObject({ kind: 'staged', version });
    });

    itUnversioned('detects columns that changed since the inspection, and leaves no file behind', async () => {
      const before = await inspect();
      if (!fixture.alter) throw new Error('the columns of a source without a version must be tested');
      await fixture.alter();
      const request = reading(before);
      const read = await fixture.connector.read(request);
      expect(read).toMatchObject({ kind: 'changed', failure: { code: 'source-changed' } });
      expect(existsSync(request.into)).toBe(false);
      const { columns } = await inspect();
      expect(columns).not.toEqual(before.columns);
      expect(await readSteadily(fixture.connector, request)).toMatchObject({ kind: 'staged', columns });
    });

    it('reports columns lost since the last reading, and whether the source refuses that', async () => {
      const { columns } = await inspect();
      const lost = { name: 'lost', type: 'BIGINT' };
      const earlier = { sameDefinition: true, columns: [...columns, lost], rows: 2, dialect: null, data: NO_DATA };
      const { change } = await inspect(fixture.source, earlier);
      expect(change?.text).toContain("'lost' (BIGINT)");
      expect(change?.refusal).toMatchObject({ code: 'schema-changed' });
      const evolving: SourceNode = { ...fixture.source, onSchemaChange: 'evolve' };
      expect((await inspect(evolving, earlier)).change).toEqual({ text: change?.text, refusal: null });
      expect((await inspect(fixture.source, { ...earlier, sameDefinition: false })).change).toBeNull();
    });

    it('gives a hint for a source that does not exist', async () => {
      const error = await inspect(fixture.absent).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ToolError);
      expect(error).toMatchObject({ code: 'source-missing', hint: expect.any(String) as string });
    });

    it('stops reading when the command is interrupted', async () => {
      const request = reading(await inspect());
      await expect(fixture.interrupted.read(request)).rejects.toMatchObject({ code: 'interrupted' });
    });
  });
}

async function inspected(
  connector: SourceConnector,
  source: SourceNode,
  earlier: EarlierReading | null,
): Promise<InspectedSource> {
  const inspection = await connector.inspect(source, {
    isKnown: () => Promise.resolve(false),
    earlier: () => earlier,
  });
  if (inspection.columns === null) throw new Error(`${source.id} was not inspected`);
  return inspection;
}
