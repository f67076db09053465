import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TargetDefinition } from '../core/definition/nodes/target-definition.ts';
import type { Column, NodeId } from '../core/definition/nodes/node.ts';
import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type { PhysicalTable, PlannedTarget, StoreMark, TargetOutcome } from '../core/plan/targets/target-action.ts';
import type { Place } from '../core/state/place.ts';
import type { TargetConnector, TargetRequest, TargetWrite } from './target-connector.ts';

/** Stored rows, as a node leaves them. */
export interface TargetArtefact {
  readonly artefact: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly place: Place;
}

/** An empty server, and the operations that a test needs. */
export interface TargetFixture {
  readonly connector: TargetConnector;
  /** A connector whose command was interrupted. */
  readonly interrupted: TargetConnector;
  readonly type: TargetDefinition['type'];
  readonly connection: string;
  /** A name for a table that does not exist, in a schema or namespace that does not exist either. */
  newTable(): string;
  /** Stores the rows of a query of DuckDB. */
  artefact(query: string): Promise<TargetArtefact>;
  /** All rows of a table by its physical name, as text, in order. */
  rows(table: string): Promise<readonly (readonly (string | null)[])[]>;
  /** Creates a table with the column `id` and one row of another tool. */
  createForeignTable(table: string): Promise<void>;
  /** Replaces a table by another one with the same columns and without rows. */
  recreate(table: string): Promise<void>;
  /** The state of the whole server as text. */
  surroundings(): Promise<string>;
  close(): Promise<void>;
}

const PRODUCTION: StoreMark = { lineage: 'lineage-1', environment: null };
const DEV: StoreMark = { lineage: 'lineage-1', environment: 'dev' as EnvironmentName };
const NODE = 'transform.orders' as NodeId;

interface RequestParts extends Partial<Omit<TargetDefinition, 'table'>> {
  readonly mark?: StoreMark;
  readonly columns?: readonly Column[] | null;
  readonly written?: PhysicalTable | null;
  readonly adopt?: boolean;
}

/** Tests the contract of target connectors on a real server. */
export function describeTargetConnector(name: string, makeFixture: () => Promise<TargetFixture>): void {
  describe(`the target connector for ${name}`, () => {
    let fixture: TargetFixture;
    let table: string;
    let two: TargetArtefact;
    let three: TargetArtefact;
    beforeAll(async () => {
      fixture = await makeFixture();
      two = await fixture.artefact('SELECT 1 AS id UNION ALL SELECT 2');
      three = await fixture.artefact('SELECT CAST(range + 10 AS INTEGER) AS id FROM range(3)');
    });
    beforeEach(() => (table = fixture.newTable()));
    afterAll(() => fixture.close());

    const request = (parts: RequestParts = {}): TargetRequest => requestFor(fixture, table, parts);
    const plan = (parts: RequestParts = {}) => fixture.connector.plan(request({ columns: two.columns, ...parts }));
    const planned = async (artefact: TargetArtefact, parts: RequestParts = {}): Promise<TargetWrite> => {
      const asked = request({ columns: artefact.columns, ...parts });
      const action = await fixture.connector.plan(asked);
      if (action.kind === 'refuse-target') throw new Error(action.failure.message);
      return { ...artefact, planned: action, request: asked };
    };
    const writeAll = (writes: readonly TargetWrite[]) => fixture.connector.write(writes, { loaded: () => undefined });
    const write = async (artefact: TargetArtefact, parts: RequestParts = {}): Promise<PhysicalTable> =>
      writtenTable(await writeAll([await planned(artefact, parts)]));

    it('locates the table that it plans, with the prefix of an environment', async () => {
      const production = await fixture.connector.locate(request().target, PRODUCTION);
      const development = await fixture.connector.locate(request().target, DEV);
      expect(production.name).toBe(table);
      expect(development).toEqual({ endpoint: production.endpoint, name: `dev_${table}` });
      expect(await plan({ mark: DEV })).toMatchObject({ kind: 'write-target', table: { ...development, id: null } });
    });

    it('plans the same twice, as plain data, and changes nothing', async () => {
      const before = await fixture.surroundings();
      const action = await plan();
      expect(action).toMatchObject({ kind: 'write-target', node: NODE, environment: null, table: { id: null } });
      expect(await plan()).toEqual(action);
      expect(JSON.parse(JSON.stringify(action))).toEqual(action);
      expect(await fixture.surroundings()).toBe(before);
    });

    it('announces the schema, the table and the rows of a new table', async () => {
      expect(kinds(await plan())).toEqual(['create-schema', 'create-table', 'write-rows']);
      const written = await write(two);
      expect(kinds(await plan({ written }))).toEqual(['write-rows']);
    });

    it('writes a plan that was stored', async () => {
      const original = await planned(two);
      // A plan is plain data.
      const copy = JSON.parse(JSON.stringify(original.planned)) as PlannedTarget;
      const loaded: number[] = [];
      const [outcome] = await fixture.connector.write([{ ...original, planned: copy }], {
        loaded: (_, rows) => loaded.push(rows),
      });
      expect(outcome).toEqual({
        kind: 'written',
        table: { ...copy.table, id: expect.any(String) as string },
        rows: 2,
        seconds: expect.any(Number) as number,
        warnings: [],
      });
      expect(loaded.at(-1)).toBe(2);
      expect(await fixture.rows(table)).toEqual([['1'], ['2']]);
    });

    it('replaces all rows, and keeps the id of the table', async () => {
      const written = await write(two);
      expect(await write(three, { written })).toEqual(written);
      expect(await fixture.rows(table)).toEqual([['10'], ['11'], ['12']]);
    });

    it('writes no rows', async () => {
      const empty = await fixture.artefact('SELECT 1 AS id WHERE false');
      const written = await write(empty);
      expect(await fixture.rows(table)).toEqual([]);
      await write(two, { written });
      await write(empty, { written });
      expect(await fixture.rows(table)).toEqual([]);
    });

    it('appends each artefact once', async () => {
      const mode = { kind: 'append' } as const;
      const written = await write(two, { mode });
      await write(three, { mode, written });
      const [again] = await writeAll([await planned(two, { mode, written })]);
      expect(again).toMatchObject({ kind: 'written', rows: 0, table: written });
      expect(await fixture.rows(table)).toEqual([['1'], ['2'], ['10'], ['11'], ['12']]);
    });

    it('has the same result after a repeated write', async () => {
      const written = await write(two);
      const repeated = await planned(three, { written });
      await writeAll([repeated]);
      await writeAll([repeated]);
      expect(await fixture.rows(table)).toEqual([['10'], ['11'], ['12']]);
    });

    it('adds columns, and keeps their values empty where rows have none', async () => {
      const mode = { kind: 'append' } as const;
      const written = await write(two, { mode });
      const wider = await fixture.artefact("SELECT 3 AS id, 'x' AS note");
      expect(kinds(await plan({ mode, written, columns: wider.columns }))).toEqual(['add-columns', 'write-rows']);
      await write(wider, { mode, written });
      expect(await fixture.rows(table)).toEqual([
        ['1', null],
        ['2', null],
        ['3', 'x'],
      ]);
    });

    it('refuses columns that do not fit, and names them', async () => {
      const written = await write(two);
      const columns = [{ name: 'other', type: 'VARCHAR' }];
      const action = await plan({ written, columns });
      expect(action).toMatchObject({
        kind: 'refuse-target',
        table: { name: table },
        failure: { code: 'target-columns' },
      });
      expect(action.kind === 'refuse-target' && action.failure.message).toContain("'id'");
    });

    it('isolates environments from production and from one another', async () => {
      await write(two);
      await write(three, { mark: DEV });
      expect(await fixture.rows(table)).toEqual([['1'], ['2']]);
      expect(await fixture.rows(`dev_${table}`)).toEqual([['10'], ['11'], ['12']]);
    });

    it('leaves a table of another tool alone until it may take it over', async () => {
      await fixture.createForeignTable(table);
      const refused = {
        kind: 'refuse-target',
        failure: { code: 'target-not-ours', hint: expect.any(String) as string },
      };
      expect(await plan()).toMatchObject(refused);
      expect(kinds(await plan({ createTable: false }))).toEqual(['write-rows']);
      const adopted = await plan({ adopt: true });
      expect(kinds(adopted)).toEqual(['adopt-table', 'write-rows']);
      expect(adopted).toMatchObject({ steps: [{ rows: 1 }, {}] });
      const written = await write(two, { adopt: true });
      expect(kinds(await plan({ written }))).toEqual(['write-rows']);
      expect(await fixture.rows(table)).toEqual([['1'], ['2']]);
    });

    it('does not create a table if it must not', async () => {
      expect(await plan({ createTable: false })).toMatchObject({
        kind: 'refuse-target',
        failure: { code: 'target-missing', hint: expect.any(String) as string },
      });
    });

    it('does not write to a table that was recreated since it was planned', async () => {
      const written = await write(two);
      const stale = await planned(three, { written });
      await fixture.recreate(table);
      const [outcome] = await writeAll([stale]);
      expect(outcome).toMatchObject({ kind: 'behind', table: { name: table }, failure: { code: 'target-changed' } });
      expect(await fixture.rows(table)).toEqual([]);
    });

    it('plans a target whose columns are known later, and writes it', async () => {
      const late = await planned(two, { columns: null });
      expect(kinds(late.planned)).toEqual(['create-schema', 'create-table', 'write-rows']);
      expect(await writeAll([{ ...late, columns: two.columns }])).toMatchObject([{ kind: 'written', rows: 2 }]);
      expect(await fixture.rows(table)).toEqual([['1'], ['2']]);
    });

    it('writes the other targets if one fails, and returns outcomes in order', async () => {
      const written = await write(two);
      const stale = await planned(three, { written });
      await fixture.recreate(table);
      const first = table;
      table = fixture.newTable();
      const second = await planned(three);
      expect(await writeAll([stale, second])).toMatchObject([
        { kind: 'behind', table: { name: first } },
        { kind: 'written', table: { name: table }, rows: 3 },
      ]);
      expect(await fixture.rows(table)).toHaveLength(3);
    });

    it('lists and drops the schemas of an environment, and no others', async () => {
      const mark = { ...DEV, environment: 'exp-1' as EnvironmentName };
      await write(two);
      await write(two, { mark });
      const physical = `exp_1_${table}`;
      const schemas = await fixture.connector.schemasOf(fixture.connection, mark);
      expect(schemas).toEqual([
        {
          endpoint: expect.any(String) as string,
          name: physical.split('.')[0],
          contents: [expect.stringContaining(physical) as string],
          dependents: [],
        },
      ]);
      const others = { ...mark, lineage: 'lineage-2' };
      expect(await fixture.connector.schemasOf(fixture.connection, others)).toEqual([]);
      const names = schemas.map(schema => schema.name);
      const drop = (owner: StoreMark) => fixture.connector.dropSchemas(fixture.connection, owner, names);
      await expect(drop(others)).rejects.toMatchObject({ code: 'schema-not-ours' });
      await drop(mark);
      expect(await fixture.connector.schemasOf(fixture.connection, mark)).toEqual([]);
      expect(await fixture.rows(table)).toEqual([['1'], ['2']]);
    });

    it('stops when the command is interrupted', async () => {
      const ready = await planned(two);
      const before = await fixture.surroundings();
      const writing = fixture.interrupted.write([ready], { loaded: () => undefined });
      await expect(writing).rejects.toMatchObject({ code: 'interrupted' });
      expect(await fixture.surroundings()).toBe(before);
    });
  });
}

function requestFor({ type, connection }: TargetFixture, table: string, parts: RequestParts): TargetRequest {
  const { mark = PRODUCTION, columns = null, written = null, adopt = false, ...target } = parts;
  const definition: TargetDefinition = {
    ...{ type, connection, table, mode: { kind: 'replace' }, createTable: true, cascade: false, at: null },
    ...target,
  };
  return { node: NODE, target: definition, mark, columns, written, known: [], adopt };
}

function writtenTable([outcome]: readonly TargetOutcome[]): PhysicalTable {
  if (outcome?.kind === 'written') return outcome.table;
  throw new Error(outcome?.failure.message ?? 'no outcome');
}

const kinds = (action: { readonly kind: string; readonly steps?: readonly { readonly kind: string }[] }) =>
  action.steps?.map(({ kind }) => kind) ?? [action.kind];
