import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { analyseQuery } from '../../src/core/query/analyse-query.ts';
import { parsePlan } from '../../src/core/query/plan-json/parse-plan.ts';
import { sourceRelation, symbolicRelation } from '../../src/core/query/terms/relation.ts';
import { QueryDatabase } from './database.ts';

const TABLES = {
  orders: { id: 'INTEGER', customer: 'VARCHAR', amount: 'DOUBLE', status: 'VARCHAR' },
  customers: { name: 'VARCHAR', country: 'VARCHAR' },
};

let database: QueryDatabase;
beforeEach(async () => {
  database = await QueryDatabase.open(TABLES);
});
afterEach(() => database.close());

describe('lineage of a node names columns of its direct inputs', () => {
  it('distinguishes values, conditions in the expression, and conditions on the rows', async () => {
    await database.addNode(
      'clean',
      "SELECT id, customer, CASE WHEN status = 'ok' THEN amount END AS amount FROM orders WHERE id > 1",
    );
    const { lineage, reads } = await database.addNode(
      'daily',
      'SELECT k.country, sum(c.amount) AS revenue FROM transform.clean c JOIN source.customers k ON k.name = c.customer GROUP BY ALL',
    );
    expect(lineage).toEqual({
      columns: [
        { name: 'country', value: ['source.customers.country'], condition: [] },
        { name: 'revenue', value: ['transform.clean.amount'], condition: [] },
      ],
      rows: ['source.customers.country', 'source.customers.name', 'transform.clean.customer'],
      rowInputs: ['source.customers', 'transform.clean'],
    });
    expect(reads).toEqual([
      { input: 'source.customers', columns: ['country', 'name'], order: false },
      { input: 'transform.clean', columns: ['amount', 'customer'], order: false },
    ]);
  });

  it('lists a column in both if it is used in both', async () => {
    const { lineage } = await database.analyse('SELECT CASE WHEN amount > 1 THEN amount ELSE id END AS x FROM orders');
    expect(lineage.columns).toEqual([
      { name: 'x', value: ['source.orders.amount', 'source.orders.id'], condition: ['source.orders.amount'] },
    ]);
  });
});

describe('fingerprints compose', () => {
  const M = 'SELECT id, amount, upper(customer) AS customer FROM orders WHERE amount > 1';

  async function consumer(m: string, sql: string): Promise<string> {
    await database.addNode('m', m);
    return (await database.analyse(sql)).fingerprint;
  }

  it.each([
    ['an added column', `SELECT id, amount, upper(customer) AS customer, status FROM orders WHERE amount > 1`, true],
    ['another order of columns', `SELECT upper(customer) AS customer, amount, id FROM orders WHERE amount > 1`, true],
    ['another order of rows', `${M} ORDER BY id`, true],
    ['rows in the order of a float that is read, whose zeroes lose their sign', `${M} ORDER BY amount`, false],
    ['a column that is not read', M.replace('upper', 'lower'), true],
    ['another filter', M.replace('> 1', '> 2'), false],
    ['a column that is read', M.replace('amount,', 'amount + 1 AS amount,'), false],
    ['another type', M.replace('id,', 'id::BIGINT AS id,'), false],
  ])('%s', async (_, changed, kept) => {
    const sql = 'SELECT id, amount FROM transform.m';
    expect((await consumer(M, sql)) === (await consumer(changed, sql))).toBe(kept);
  });

  it('includes the order of rows only for nodes that depend on it', async () => {
    const sql = 'SELECT id FROM transform.m LIMIT 3';
    expect(await consumer(M, sql)).not.toBe(await consumer(`${M} ORDER BY amount`, sql));
  });

  it('follows the content of sources', async () => {
    const before = await database.analyse(M);
    const columns = Object.entries(TABLES.orders).map(([name, type]) => ({ name, type }));
    database.setInput('source.orders', sourceRelation('other content', columns));
    expect((await database.analyse(M)).fingerprint).not.toBe(before.fingerprint);
  });

  it('has a fingerprint without the inputs, based on symbolic relations', async () => {
    const columns = Object.entries(TABLES.orders).map(([name, type]) => ({ name, type }));
    database.setInput('source.orders', symbolicRelation('source.orders', columns));
    const local = await database.analyse(M);
    expect(
      await database.analyse(`SELECT id, amount, upper(customer) AS customer FROM orders WHERE 1 < amount`),
    ).toEqual(local);
  });
});

describe('a table of an earlier statement', () => {
  it('is read through to the inputs of the node', async () => {
    await database.run(
      'CREATE TEMP TABLE prep AS SELECT id, customer, random() AS r, amount FROM orders WHERE status = $$ok$$ LIMIT 5 WITH NO DATA',
    );
    database.setInput(
      'temp.prep',
      await database.analyse("SELECT id, customer, random() AS r, amount FROM orders WHERE status = 'ok' LIMIT 5"),
    );
    const { lineage, reads, volatile, notes, refused } = await database.analyse(
      'SELECT id, r FROM prep WHERE customer IS NOT NULL',
    );
    expect({ lineage, volatile, notes, refused }).toEqual({
      lineage: {
        columns: [
          { name: 'id', value: ['source.orders.id'], condition: [] },
          { name: 'r', value: [], condition: [] },
        ],
        rows: ['source.orders.customer', 'source.orders.status'],
        rowInputs: ['source.orders'],
      },
      volatile: { columns: ['r'], rows: false },
      notes: ['reads row order (LIMIT)', 'volatile prep.r'],
      refused: [],
    });
    expect(reads).toEqual([{ input: 'source.orders', columns: ['amount', 'customer', 'id', 'status'], order: true }]);
  });

  it('passes its changes on', async () => {
    await database.run('CREATE TEMP TABLE prep AS SELECT id FROM orders WITH NO DATA');
    database.setInput('temp.prep', await database.analyse('SELECT id FROM orders WHERE amount > 1'));
    const before = await database.analyse('SELECT id FROM prep');
    database.setInput('temp.prep', await database.analyse('SELECT id FROM orders WHERE amount > 2'));
    expect((await database.analyse('SELECT id FROM prep')).fingerprint).not.toBe(before.fingerprint);
  });
});

describe('unsupported plans', () => {
  const SQL = 'SELECT upper(customer) AS c FROM orders WHERE id > 1';

  async function analyseEdited(edit: (plan: string) => string, text = SQL) {
    const columns = Object.entries(TABLES.orders).map(([name, type]) => ({ name, type }));
    const plan = parsePlan(edit(await database.planText(SQL)));
    const analysis = analyseQuery(plan, {
      inputs: () => sourceRelation('orders', columns),
      columns: [{ name: 'c', type: 'VARCHAR' }],
      text,
    });
    if ('error' in analysis) throw new Error(analysis.error);
    return analysis;
  }

  it.each([
    ['an operator', 'opaque LOGICAL_NEW', (plan: string) => plan.replace('LOGICAL_FILTER', 'LOGICAL_NEW')],
    [
      'a field of an operator',
      'opaque LOGICAL_FILTER.mode',
      (plan: string) => plan.replace('"LOGICAL_FILTER"', '"LOGICAL_FILTER","mode":1'),
    ],
    ['an expression', 'opaque BOUND_NEW', (plan: string) => plan.replace('"BOUND_FUNCTION"', '"BOUND_NEW"')],
    [
      'a field of an expression',
      'opaque BOUND_FUNCTION.mode',
      (plan: string) => plan.replace('"BOUND_FUNCTION"', '"BOUND_FUNCTION","mode":"x"'),
    ],
    [
      'a pushed filter',
      'opaque LOGICAL_GET.table_filters',
      (plan: string) => plan.replace(/"filters":\s*\[\]/, '"filters":[1]'),
    ],
  ])('%s makes its consumers opaque', async (_, note, edit) => {
    const opaque = await analyseEdited(edit);
    expect(opaque.notes).toContain(note);
    expect(opaque.fingerprint).not.toBe((await analyseEdited(plan => plan)).fingerprint);
    expect((await analyseEdited(edit, `${SQL} `)).fingerprint).not.toBe(opaque.fingerprint);
    expect(opaque.lineage.columns[0]?.value).toContain('source.orders.customer');
  });

  it('returns an error for an invalid plan and for duplicate column names', async () => {
    const context = { inputs: () => null, columns: [], text: '' };
    expect(analyseQuery({ error: true, error_message: 'only SELECT' }, context)).toEqual({ error: 'only SELECT' });
    expect(analyseQuery(null, context)).toEqual({ error: 'DuckDB returned no plan of a single query' });
    const named = {
      ...context,
      columns: [
        { name: 'a', type: 'INTEGER' },
        { name: 'A', type: 'INTEGER' },
      ],
    };
    expect(analyseQuery({ error: false, plans: [{}] }, named)).toEqual({ error: 'two columns are named A' });
  });

  it('refuses tables that are not inputs', async () => {
    await database.run('CREATE TABLE source.stranger (id INTEGER)');
    expect((await database.analyse('SELECT id FROM stranger')).refused).toEqual([
      { what: 'table', name: 'source.stranger' },
    ]);
  });
});
