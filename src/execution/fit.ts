import type { NodeAnalysis } from '../core/plan/analysis.ts';
import type { Candidate } from '../core/plan/build-plan.ts';
import type { NodeId } from '../core/definition/nodes/node.ts';
import type { ExecutionSession } from '../engine/execution/execution-session.ts';
import type { ArtefactRecord } from '../core/state/artefact.ts';
import type { StoreWriter } from '../store/store-writer.ts';

/** What a node has come to; how it is recorded may still be on its way. */
export type Output = Pick<ArtefactRecord, 'id' | 'columns' | 'rows' | 'place'>;

/** What stands around a node whose artefact is to be used again. */
export interface Surroundings {
  readonly writer: StoreWriter;
  outputOf(id: NodeId): Output | null;
  /** Whether an input is what it is because its own inputs were compared. */
  wasCompared(id: NodeId): boolean;
  session(): Promise<ExecutionSession>;
  /** Whether an artefact is still what was written. */
  isWhole(artefact: string): Promise<boolean>;
}

/** Whether an artefact stands beside the very inputs that it was built from, beside equal ones, or beside others. */
export async function fitOf(
  candidate: Candidate,
  analysis: NodeAnalysis,
  around: Surroundings,
): Promise<'same' | 'equal' | 'no'> {
  let fit: 'same' | 'equal' = 'same';
  for (const read of analysis.reads) {
    const built = candidate.inputs[read.input];
    const now = around.outputOf(read.input);
    if (built === undefined || !now) return 'no';
    if (around.wasCompared(read.input)) fit = 'equal';
    if (built === now.id) continue;
    if (!(await areEqual(built, now, { read, around }))) return 'no';
    fit = 'equal';
  }
  return fit;
}

async function areEqual(
  built: string,
  now: Output,
  { read, around }: { readonly read: NodeAnalysis['reads'][number]; readonly around: Surroundings },
): Promise<boolean> {
  const { writer } = around;
  const known = writer.equalKnown(built, now.id, read.columns, read.order);
  if (known !== null) return known;
  const before = writer.artefact(built);
  if (!before || before.rows !== now.rows || !sameTypes(before, now, read.columns)) return false;
  if (!(await around.isWhole(built))) return false;
  const session = await around.session();
  const names = new Set(read.columns.map(name => name.toLowerCase()));
  const columns = now.columns.filter(column => names.has(column.name.toLowerCase()));
  const options = { columns, ordered: read.order };
  const a = await session.identityOf(before.place, options);
  const b = await session.identityOf(now.place, options);
  writer.recordEqual(built, now.id, read.columns, read.order, a.identity === b.identity);
  return a.identity === b.identity;
}

/** Columns are found by name in any case, as in a query. */
function sameTypes(a: Output, b: Output, columns: readonly string[]): boolean {
  const typeIn = (record: Output, name: string) =>
    record.columns.find(column => column.name.toLowerCase() === name.toLowerCase())?.type;
  return columns.every(name => typeIn(a, name) !== undefined && typeIn(a, name) === typeIn(b, name));
}
