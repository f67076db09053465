import { definitionHash } from '../../core/definition-hash.ts';
import type { NodeId } from '../../core/project/node.ts';
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { Generation } from '../../store/records.ts';
import type { StoreReader } from '../../store/store-reader.ts';
import type { MadePlan } from './make-plan.ts';
import { definitionOf } from '../project/desired-node.ts';

/** A promotion or rollback whose change of a node would be undone. */
export interface TakenBack {
  readonly node: NodeId;
  readonly serial: number;
  readonly cause: Generation['cause'];
  readonly by: string;
}

type Definitions = ReadonlyMap<NodeId, string>;

/** The hashes of the definitions that a plan wants. */
export const wantedDefinitions = (made: MadePlan): Definitions =>
  new Map([...made.desired].map(([id, node]) => [id, definitionHash(definitionOf(node))]));

/**
 * Nodes whose wanted definition is one that a promotion or rollback replaced in production, as in an older checkout.
 * Absence is a version too: a node that a promotion brought and that is not wanted would be taken back as well.
 */
export function findTakenBack(store: StoreReader, wanted: Definitions): readonly TakenBack[] {
  const production = store.current(null);
  if (production === null) return [];
  const now = definitionsOf(production);
  const open = new Set([...now.keys(), ...wanted.keys()].filter(id => now.get(id) !== wanted.get(id)));
  const found: TakenBack[] = [];
  for (let generation: Generation | null = production; generation !== null && open.size > 0;) {
    const parent: Generation | null = generation.parent === null ? null : store.readable(null, generation.parent);
    if (isGuarded(generation) && parent !== null) found.push(...replacedIn(generation, parent, { wanted, open }));
    generation = parent;
  }
  return found.sort((a, b) => (a.node < b.node ? -1 : 1));
}

const isGuarded = ({ cause }: Generation): boolean => cause === 'promote' || cause === 'rollback';

const definitionsOf = (generation: Generation): Definitions =>
  new Map(generation.nodes.map(node => [node.id, node.definition]));

/** Of the nodes still looked for, those that this generation changed from what is wanted now; the latest such is told. */
function replacedIn(
  generation: Generation,
  parent: Generation,
  { wanted, open }: { readonly wanted: Definitions; readonly open: Set<NodeId> },
): readonly TakenBack[] {
  const [before, after] = [definitionsOf(parent), definitionsOf(generation)];
  const { serial, cause, by } = generation;
  const found = [...open].filter(id => before.get(id) !== after.get(id) && before.get(id) === wanted.get(id));
  for (const id of found) open.delete(id);
  return found.map(node => ({ node, serial, cause, by }));
}

/** `takes back generation 4 (promote, ana)`. */
export const takesBackText = ({ serial, cause, by }: Omit<TakenBack, 'node'>): string =>
  `takes back generation ${serial} (${cause}, ${by})`;

/** What a plan says of it. */
export const takenBackWarnings = (found: readonly TakenBack[]): readonly Diagnostic[] =>
  found.map(entry =>
    diagnostic({
      code: 'takes-back',
      severity: 'warning',
      message: `${entry.node}: ${takesBackText(entry)}`,
      hint: 'Update the files, or pass --allow-revert to run or promote where this is meant.',
      node: entry.node,
    }),
  );

/** All of it in one sentence, by generation. */
export function describeTakenBack(found: readonly TakenBack[]): string {
  const bySerial = new Map(found.map(entry => [entry.serial, entry]));
  return [...bySerial.values()]
    .map(entry => {
      const nodes = found.filter(other => other.serial === entry.serial).map(other => other.node);
      return `${takesBackText(entry)}: ${nodes.join(', ')}`;
    })
    .join('; ');
}

export const takesBack = (what: string): ToolError =>
  new ToolError('takes-back', `This ${what}.`, {
    hint: 'Update the files to what production holds, or pass --allow-revert where this is meant.',
  });
