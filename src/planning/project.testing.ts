import type { SourceContent } from '../analysis/content-analysis.ts';
import type { DesiredNode } from '../core/definition/nodes/desired-node.ts';
import type { Column, NodeId, ProjectFile } from '../core/definition/nodes/node.ts';
import { parseProject } from '../core/definition/parse-project.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { resolveProject } from '../project/parameters/resolve-nodes.ts';

/** A project written in a few calls; each call returns a new sketch. */
export interface Sketch {
  readonly facts: Facts;
  /** A Parquet source; columns as in `id INTEGER, name VARCHAR`, separated by a comma and a space: see `columnsIn`. */
  source(name: string, columns: string): Sketch;
  /** A transform; its inputs are the `source.x` and `transform.y` that its SQL names. */
  transform(name: string, sql: string): Sketch;
  /** Sets keys of a node's document. */
  with(id: string, keys: JsonObject): Sketch;
  without(id: string): Sketch;
  /** Names the data in the files of a source; another name means other data. */
  rows(source: string, name: string): Sketch;
  /** The path of a node's file. */
  file(id: string, path: string): Sketch;
  /** Values of `--params`. */
  given(values: JsonObject): Sketch;
  /** Value of `{{ today }}`, `YYYY-MM-DD`. */
  on(date: string): Sketch;
  /** Sets an environment variable. */
  variable(name: string, value: string): Sketch;
}

interface SketchedNode {
  readonly path: string;
  readonly document: JsonObject;
}

interface Facts {
  readonly nodes: Readonly<Record<string, SketchedNode>>;
  readonly contents: Readonly<Record<string, SourceContent>>;
  readonly overrides: JsonObject;
  readonly date: string;
  readonly variables: Readonly<Record<string, string>>;
}

export const project = (): Sketch =>
  sketch({ nodes: {}, contents: {}, overrides: {}, date: '2024-01-01', variables: {} });

function sketch(facts: Facts): Sketch {
  const { nodes, contents } = facts;
  const change = (changed: Partial<Facts>): Sketch => sketch({ ...facts, ...changed });
  const node = (id: string, path: string, document: JsonObject) => {
    const known = nodes[id];
    const merged = { path: known?.path ?? path, document: { ...known?.document, ...document } };
    return { ...nodes, [id]: merged };
  };
  const content = (name: string, entry: Partial<SourceContent>) => {
    const known = contents[`source.${name}`] ?? { columns: [], identity: identityOf(name, 'first') };
    return { ...contents, [`source.${name}`]: { ...known, ...entry } };
  };
  return {
    facts,
    source: (name, columns) =>
      change({
        nodes: node(`source.${name}`, `seeknal/${name}.yml`, {
          kind: 'source',
          name,
          source: 'parquet',
          table: `data/${name}.parquet`,
        }),
        contents: content(name, { columns: columnsIn(columns) }),
      }),
    transform: (name, sql) =>
      change({
        nodes: node(`transform.${name}`, `seeknal/${name}.yml`, {
          kind: 'transform',
          name,
          inputs: referencesIn(sql).map(ref => ({ ref })),
          transform: sql,
        }),
      }),
    with: (id, keys) => change({ nodes: node(id, '', keys) }),
    without: id => change({ nodes: Object.fromEntries(Object.entries(nodes).filter(([other]) => other !== id)) }),
    rows: (name, rows) => change({ contents: content(name, { identity: identityOf(name, rows) }) }),
    file: (id, path) => change({ nodes: { ...nodes, [id]: { path, document: nodes[id]?.document ?? {} } } }),
    given: overrides => change({ overrides }),
    on: date => change({ date }),
    variable: (name, value) => change({ variables: { ...facts.variables, [name]: value } }),
  };
}

const identityOf = (source: string, rows: string): string => `${rows} rows of source.${source}`;

/** `id INTEGER, price DECIMAL(10,2)` as columns; commas within one pair of parentheses belong to the type. */
export const columnsIn = (text: string): readonly Column[] =>
  text.split(/, (?![^()]*\))/).map(column => {
    const [name = '', ...type] = column.split(' ');
    return { name, type: type.join(' ') };
  });

/** Ids of the nodes that a query names. */
export function referencesIn(sql: string): readonly string[] {
  const names = sql.matchAll(/\b(source|transform)"?\."?(\w+)/gi);
  return [...new Set([...names].map(([, kind = '', node = '']) => `${kind}.${node}`.toLowerCase()))];
}

/** The parsed and resolved nodes of a sketch, sorted by id. Throws if one has a mistake. */
export function desiredNodes({ facts }: Sketch): readonly DesiredNode[] {
  const parsed = parseProject({
    project: { path: 'seeknal_project.yml', text: 'name: sketch\n' },
    nodes: Object.values(facts.nodes).map(fileOf),
    common: [],
    readText: () => null,
  });
  const parameters = { date: facts.date, overrides: facts.overrides };
  const clock = { variables: facts.variables, now: () => new Date(0) };
  const resolved = resolveProject(parsed.project, () => parameters, clock);
  const mistakes = [...parsed.diagnostics, ...resolved.diagnostics].map(({ node, message }) => `${node}: ${message}`);
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'));
  return resolved.nodes;
}

/** JSON is YAML: one line for each key. */
const fileOf = ({ path, document }: SketchedNode): ProjectFile => ({
  path,
  text: Object.entries(document)
    .map(([key, value]: [string, Json]) => `${key}: ${JSON.stringify(value)}\n`)
    .join(''),
});

/** Columns and identity of each source. */
export const contentsOf = ({ facts }: Sketch): ReadonlyMap<NodeId, SourceContent> =>
  // Keys are made from the kind and the name, as ids are.
  new Map(Object.entries(facts.contents) as [NodeId, SourceContent][]);
