import { expect, it } from 'vitest';
import type { ParameterContext } from '../../parameters/parameter-scope.ts';
import type { NodeId, ProjectNode } from '../nodes/node.ts';
import { nodeMistake, valuePlace } from '../nodes/node-mistake.ts';
import { parseProject } from '../parse-project.ts';
import { lexSql } from './sql-lexer.ts';
import { resolveSql, type ResolvedStatement } from './resolve-sql.ts';
import { stretchIn } from './source-map.ts';

const CONTEXT: ParameterContext = { date: '2026-03-01', environment: {}, overrides: {}, common: {} };
const HEAD = 'kind: transform\ninputs:\n  - ref: source.raw\nparams: {n: 7}\n';
const FILES = {
  'seeknal/raw.yml': 'kind: source\nname: raw\nsource: csv\ntable: data/raw.csv\n',
  'seeknal/block.yml': `name: block\n${HEAD}transform: |\n  CREATE TABLE größe AS FROM ref('source.raw');\n\n  SELECT '😀', {{ n }} AS n\n  FROM größe\n`,
  'seeknal/folded.yml': `name: folded\n${HEAD}transform: >\n  SELECT {{ n }},\n  a FROM\n\n  input_0\n`,
  'seeknal/quoted.yml': `name: quoted\n${HEAD}transform: "SELECT \\"a\\",\\n  {{ n }} FROM\n  input_0 t"\n`,
  'seeknal/file.yml': `name: file\n${HEAD}transform_file: sql/file.sql\n`,
};

const { project, diagnostics } = parseProject({
  project: { path: 'seeknal_project.yml', text: 'name: data\n' },
  nodes: Object.entries(FILES).map(([path, text]) => ({ path, text })),
  common: [],
  readText: path => ({ path, text: "SELECT a,\r\n  {{ n }}\r\nFROM ref('source.raw')\r\n" }),
});

/** The place in the file of every token of every statement. */
function placesOf(statements: readonly ResolvedStatement[]) {
  return statements.map(({ text, sourceMap }) => {
    if (!sourceMap) throw new Error('a statement without a source map');
    return [...lexSql(text), { from: text.length, to: text.length }].map(({ from, to }) => ({
      file: sourceMap.file,
      ...stretchIn(sourceMap, from, to),
    }));
  });
}

function positionsOf(node: ProjectNode) {
  const mistake = nodeMistake(node, valuePlace(node, ['name']), { code: 'x', message: 'x', hint: null });
  if (node.kind === 'source') return [mistake];
  const { sql } = resolveSql(node, CONTEXT, ['source.raw'] as NodeId[]);
  const broken = resolveSql({ ...node, inputs: [] }, CONTEXT, ['source.raw'] as NodeId[]);
  if (!sql) throw new Error(`${node.id} was not resolved`);
  const places = placesOf([...sql.prepare, sql.query]);
  const copy = structuredClone(sql);
  expect(placesOf([...copy.prepare, copy.query])).toEqual(places);
  return [mistake, broken.diagnostics, places];
}

it('keeps every position when the nodes of a project are copied as data', () => {
  expect(diagnostics).toEqual([]);
  expect(project.nodes.map(node => positionsOf(structuredClone(node)))).toEqual(project.nodes.map(positionsOf));
});

it('leads from each token back to its original text', () => {
  const node = project.nodes.find(each => each.id === 'transform.quoted');
  if (node?.kind !== 'transform') throw new Error('no transform');
  const { sql } = resolveSql(node, CONTEXT, ['source.raw'] as NodeId[]);
  const written = placesOf(sql ? [sql.query] : [])
    .flat()
    .map(({ at, source }) => source.text.slice(at.column - 1, at.column - 1 + source.length));
  expect(written).toEqual(['SELECT', '\\"a\\"', ',', '{{ n }}', 'FROM', 'i', 'i', 'input_0', 't', '"']);
});
