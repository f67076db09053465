import type { NodeId } from '../definition/nodes/node.ts';
import type { InputRead } from './analysis.ts';
import type { PlanAction } from './action.ts';
import type { NodeChange, NodeVersion } from './changes/node-change.ts';

interface Known {
  readonly change: NodeChange | null;
  readonly changes: ReadonlyMap<NodeId, NodeChange | null>;
  readonly actions: ReadonlyMap<NodeId, PlanAction>;
}

interface Base {
  readonly base: ReadonlyMap<NodeId, NodeVersion>;
  readonly filledInAnew?: ReadonlyMap<NodeId, readonly string[]>;
}

/**
 * What happens to a transform. `run`: it has no result. `rerun`: it has none for these inputs. `keep`: it keeps the base's
 * result. `take`: it takes another result from the store. `verify`: it is reused if its inputs turn out equal.
 */
export type Reach = 'run' | 'rerun' | 'keep' | 'take' | 'verify';

/** Why a transform runs or is reused, as a phrase for a plan line. */
export function reachReason(reach: Reach, version: NodeVersion, known: Known, input: Base): string {
  const touched = version.analysis.reads.flatMap(read => touchedBy(read, version, known, input));
  const filled = (input.filledInAnew?.get(version.node.id) ?? []).map(valueChanged);
  if (reach === 'run' || reach === 'rerun') return runReason(known.change, [...filled, ...touched], RUN_ANYWAY[reach]);
  if (reach === 'verify')
    return `reused if what it reads of ${comparedInputs(version, known).join(', ')} turns out equal`;
  if (known.change === null) return `new; ${IN_STORE}`;
  if (known.change.change === 'modified') return modifiedReuse(known.change, touched, reach);
  if (reach === 'take') return [...filled, ...touched, IN_STORE].join('; ');
  if (touched.length > 0) return 'what it reads turned out equal';
  return anyInputTouched(version, known) ? 'reads none of the changed columns' : 'unchanged';
}

const IN_STORE = 'its result is already in the store';
const RUN_ANYWAY = {
  run: 'the store has no usable result',
  rerun: 'its inputs changed since it was built',
} as const;

function runReason(change: NodeChange | null, touched: readonly string[], otherwise: string): string {
  if (change === null) return 'new node';
  const own = change.change === 'modified' && change.category !== 'metadata';
  if (own) return [...ownReasons(change), ...touched].join('; ');
  return touched.length > 0 ? touched.join('; ') : otherwise;
}

const ownReasons = ({ edited, values, caseOnly }: NodeChange): readonly string[] => [
  ...(edited ? [`its definition changed${caseOnly ? ' (case only)' : ''}`] : []),
  ...values.map(valueChanged),
];

function modifiedReuse(change: NodeChange, touched: readonly string[], reach: 'keep' | 'take'): string {
  const untouched = touched.length === 0 && !change.rowsChanged && change.columns.changed.length === 0;
  const same = change.category === 'metadata' ? touched.length === 0 : change.category === 'breaking' && untouched;
  return reach === 'keep' && same ? 'the change does not reach its data' : IN_STORE;
}

const valueChanged = (name: string): string => `the value of {{ ${name} }} changed`;

/** What changed in the part of one input that a node reads, as phrases. */
function touchedBy(read: InputRead, version: NodeVersion, known: Known, input: Base): readonly string[] {
  const upstream = known.changes.get(read.input);
  if (upstream === undefined) return [];
  if (upstream === null) return input.base.has(version.node.id) ? [`reads ${read.input}, which is new`] : [];
  const lost = input.base.get(read.input)?.node.kind === 'source' ? lostOf(read, upstream) : [];
  if (lost.length > 0) return lost;
  if (upstream.rowsChanged) return [`reads the rows of ${read.input}, which changed`];
  const columns = read.columns.filter(name => includes(upstream, name));
  if (columns.length > 0) return [`reads ${columns.map(name => `${read.input}.${name}`).join(', ')}, which changed`];
  if (read.order && upstream.orderChanged) return [`reads the row order of ${read.input}, which may have changed`];
  if (upstream.listChanged && known.change?.listChanged)
    return [`takes its columns from ${read.input}, whose column list changed`];
  return [];
}

/** Columns that a node reads and that a source lost or retyped, as phrases. */
function lostOf({ input, columns }: InputRead, { columns: change }: NodeChange): readonly string[] {
  const isRead = (name: string): boolean => columns.some(column => column.toLowerCase() === name.toLowerCase());
  return [
    ...change.removed.filter(isRead).map(name => `reads ${input}.${name}, which is gone`),
    ...change.retyped
      .filter(({ name }) => isRead(name))
      .map(({ name, from, to }) => `reads ${input}.${name}, whose type changed from ${from} to ${to}`),
  ];
}

function includes(change: NodeChange, name: string): boolean {
  const lower = name.toLowerCase();
  return [...change.columns.changed, ...change.columns.added].some(other => other.toLowerCase() === lower);
}

function anyInputTouched(version: NodeVersion, known: Known): boolean {
  return version.analysis.reads.some(read => {
    const upstream = known.changes.get(read.input);
    const columns = upstream?.columns;
    return (
      upstream !== undefined &&
      (upstream === null || upstream.rowsChanged || (columns !== undefined && countOf(columns) > 0))
    );
  });
}

const countOf = (columns: NodeChange['columns']): number =>
  columns.added.length + columns.changed.length + columns.removed.length + columns.retyped.length;

/** Inputs that are rebuilt; all inputs if none is, because one of them has another artefact. */
function comparedInputs(version: NodeVersion, known: Known): readonly string[] {
  const rebuilt = rebuiltInputs(version, known);
  return rebuilt.length > 0 ? rebuilt : version.analysis.reads.map(read => read.input);
}

function rebuiltInputs(version: NodeVersion, known: Known): readonly string[] {
  return version.analysis.reads
    .map(read => read.input)
    .filter(id => {
      const action = known.actions.get(id);
      return action !== undefined && (action.kind !== 'reuse' || action.line.change !== 'none');
    });
}
