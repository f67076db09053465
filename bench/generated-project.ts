import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DEPTH = 10;
const NODES_PER_SOURCE = 50;

export interface GeneratedNode {
  readonly id: string;
  readonly inputs: readonly string[];
  /** The query, with `{x}` for each input `x`; null for a source. */
  readonly sql: string | null;
}

/** How the project differs from the default one. */
export interface Variation {
  /** Number of nodes, counted from the end, that compute other values. */
  readonly changed?: number;
  /** Id of a single node that computes other values. */
  readonly changedNode?: string;
  /** Makes the last transform generate this many rows without inputs. */
  readonly big?: number;
}

/** A graph of ten layers over some sources; most nodes read one node of the previous layer, some read two. */
export function generateNodes(count: number, variation: Variation = {}): readonly GeneratedNode[] {
  const sources = Math.ceil(count / NODES_PER_SOURCE);
  const transforms = count - sources;
  const width = Math.ceil(transforms / DEPTH);
  const isChanged = (id: string, index: number): boolean =>
    id === variation.changedNode || index >= count - (variation.changed ?? 0);
  const nodes: GeneratedNode[] = names(sources, 'source.s').map(id => ({ id, inputs: [], sql: null }));
  for (const [index, id] of names(transforms, 'transform.t').entries()) {
    const inputs = inputsOf(index, { width, sources });
    const factor = isChanged(id, sources + index) ? 2 : 1;
    const sql = index === transforms - 1 && variation.big ? bigQuery(variation.big, factor) : query(inputs, factor);
    nodes.push({ id, inputs: sql.includes('{') ? inputs : [], sql });
  }
  return nodes;
}

const names = (count: number, prefix: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(4, '0')}`);

function inputsOf(index: number, { width, sources }: { readonly width: number; readonly sources: number }) {
  if (index < width) return [`source.s${String(index % sources).padStart(4, '0')}`];
  const above = Math.floor(index / width) * width - width;
  const straight = above + (index % width);
  const across = above + ((index * 7919 + 13) % width);
  const read = index % 10 < 3 && across !== straight ? [straight, across] : [straight];
  return read.map(at => `transform.t${String(at).padStart(4, '0')}`);
}

function query([first = '', second]: readonly string[], factor: number): string {
  if (second === undefined)
    return `SELECT id, upper(name) AS name, day, value * ${factor} + 1 AS value, value > 500 AS high FROM {${first}} WHERE id % 97 <> 96`;
  return `SELECT a.id, a.name, b.day, a.value + b.value * ${factor} AS value, a.high OR b.high AS high FROM {${first}} AS a JOIN {${second}} AS b ON a.id = b.id`;
}

const bigQuery = (rows: number, factor: number): string =>
  `SELECT i AS id, i * ${factor} AS value FROM range(${rows}) AS r(i)`;

/** Writes the project; overwrites an existing one. */
export function writeProject(root: string, nodes: readonly GeneratedNode[], rows = 1000): void {
  for (const folder of ['data', 'seeknal/sources', 'seeknal/transforms'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'seeknal_project.yml'), "name: generated\nversion: '1.0.0'\n");
  for (const node of nodes) {
    const { kind, name } = partsOf(node.id);
    if (node.sql === null) writeFileSync(join(root, dataOf(node)), csvOf(rows, name.length + Number(name.slice(1))));
    writeFileSync(join(root, 'seeknal', `${kind}s`, `${name}.yml`), yamlOf(node));
  }
}

function yamlOf(node: GeneratedNode): string {
  const { kind, name } = partsOf(node.id);
  const head = `kind: ${kind}\nname: ${name}\ndescription: Generated\n`;
  if (node.sql === null) return `${head}source: csv\ntable: ${dataOf(node)}\n`;
  const inputs = node.inputs.map(id => `  - ref: ${id}\n`).join('');
  const sql = node.sql.replace(/\{([\w.]+)\}/g, "ref('$1')");
  return `${head}${inputs === '' ? '' : `inputs:\n${inputs}`}transform: |\n  ${sql}\n`;
}

const dataOf = ({ id }: GeneratedNode): string => `data/${partsOf(id).name}.csv`;

function csvOf(rows: number, seed: number): string {
  const lines = Array.from({ length: rows }, (_, id) => {
    const value = (id * 7919 + seed * 104729) % 1000;
    return `${id},name ${value % 50},2026-01-${String(1 + (id % 28)).padStart(2, '0')},${value}`;
  });
  return `id,name,day,value,high\n${lines.map((line, index) => `${line},${index % 3 === 0}`).join('\n')}\n`;
}

/** DuckDB statements for the same tables: each node is written to a Parquet file and read through a view. */
export function statementsByHand(root: string, nodes: readonly GeneratedNode[], into: string): readonly string[] {
  const tables = nodes.flatMap(node => {
    const { kind, name } = partsOf(node.id);
    const file = `'${join(into, `${kind}_${name}.parquet`)}'`;
    const query =
      node.sql === null
        ? `FROM read_csv('${join(root, dataOf(node))}')`
        : node.sql.replace(/\{([\w.]+)\}/g, (_, id: string) => tableOf(id));
    return [
      `COPY (${query}) TO ${file} (FORMAT parquet)`,
      `CREATE VIEW ${tableOf(node.id)} AS FROM read_parquet(${file})`,
    ];
  });
  return ['CREATE SCHEMA source', 'CREATE SCHEMA transform', ...tables];
}

const tableOf = (id: string): string => `"${partsOf(id).kind}"."${partsOf(id).name}"`;

function partsOf(id: string): { readonly kind: string; readonly name: string } {
  const [kind = '', name = ''] = id.split('.');
  return { kind, name };
}
