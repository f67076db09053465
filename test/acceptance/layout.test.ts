import { describe, expect, it } from 'vitest';
import { addNode, inlineProject } from './harness.ts';

/** Queries whose plan DuckDB cannot serialise, or that the analysis supports only in part. */
const OPAQUE: Readonly<Record<string, string>> = {
  right: "SELECT s.n, m.id FROM ref('source.m') m ASOF RIGHT JOIN ref('source.s') s ON m.id >= s.n",
  full: "SELECT s.n, m.id, 'a  b' AS x FROM ref('source.m') m ASOF FULL JOIN ref('source.s') s ON m.id >= s.n",
  described: "SELECT column_name, column_type FROM (DESCRIBE ref('source.s'))",
  summary: "SELECT column_name, count FROM (SUMMARIZE ref('source.s'))",
  pivoted: "PIVOT ref('source.s') ON kind USING sum(n) GROUP BY g",
  numbered: "SELECT s.g, t.o FROM ref('source.s') s, unnest([s.n, -s.n]) WITH ORDINALITY t(u, o)",
  states: "SELECT finalize(sum(n) EXPORT_STATE) AS x FROM ref('source.s')",
  prepared:
    "CREATE TEMP TABLE step AS SELECT column_name FROM (DESCRIBE ref('source.s')); SELECT column_name AS c FROM step",
};

const relaid = (sql: string): string =>
  `-- what it is for\n${sql.replace(/ (FROM|AS|ON) /g, " /* it's /* nested */ */\n  $1\t").replaceAll(', ', ' -- a ; b\n,')} -- end`;

const project = () => {
  const nodes = Object.entries(OPAQUE).map(([name, sql]) => [`transform.${name}`, sql]);
  const sources = { 'source.s': 'g,kind,n\na,x,1\na,y,2\nb,x,5\n', 'source.m': 'id\n1\n3\n' };
  return inlineProject({ ...sources, ...Object.fromEntries(nodes) });
};

describe('comments and layout', () => {
  it('rebuild no query, however well it is understood', async () => {
    const made = project();
    await made.ok('run');
    for (const [name, sql] of Object.entries(OPAQUE)) addNode(made, `transform.${name}`, relaid(sql));
    const plan = await made.document('plan');
    const seen = Object.keys(OPAQUE).map(name => {
      const { category, action } = made.node(plan, `transform.${name}`);
      return { name, category, action };
    });
    expect(seen).toEqual(Object.keys(OPAQUE).map(name => ({ name, category: 'metadata', action: 'reuse' })));
  });

  it('a change inside a string literal counts', async () => {
    const made = project();
    await made.ok('run');
    made.edit('seeknal/full.yml', "'a  b'", "'a b'");
    const plan = await made.document('plan');
    expect(made.node(plan, 'transform.full')).toMatchObject({ category: 'non_breaking', action: 'run' });
  });
});
