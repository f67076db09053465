import type { RunDocument, RunNode, RunTarget } from '../../core/documents/run-document.ts';
import type { TargetRecord } from '../../core/state/target-record.ts';
import { diagnostic, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { BehindTarget } from './behind-targets.ts';
import type { WrittenTarget } from './write-targets.ts';

/** Adds to a result what became of its nodes' targets; a node with a failed target counts as failed. */
export function withTargets(document: RunDocument, written: readonly WrittenTarget[]): RunDocument {
  if (written.length === 0) return document;
  const failed = written.filter(target => target.failure !== null);
  return {
    ...document,
    status: statusOf(document, failed.length > 0),
    nodes: document.nodes.map(node =>
      nodeWith(
        node,
        written.filter(target => target.node === node.id),
      ),
    ),
    diagnostics: withFailures(document.diagnostics, failed),
  };
}

/** How one target of a node would end. */
export interface PlannedOutcome extends Pick<WrittenTarget, 'node' | 'type' | 'physical' | 'failure'> {
  readonly steps: readonly string[];
}

/** Adds to a preview what would become of its nodes' targets. */
export function withPlanned(document: RunDocument, planned: readonly PlannedOutcome[]): RunDocument {
  if (planned.length === 0) return document;
  const nodes = document.nodes.map(node => {
    const own = planned.filter(target => target.node === node.id).map(plannedTarget);
    return own.length === 0 ? node : { ...node, targets: [...node.targets, ...own] };
  });
  return { ...document, status: statusOf(document, false), nodes };
}

const plannedTarget = ({ steps, ...target }: PlannedOutcome): RunTarget => ({
  ...runTarget({ ...target, rows: null, seconds: null }),
  ...(steps.length > 0 ? { steps } : {}),
});

/** Adds to a result the targets that do not show their node's artefact, and that nothing tried to write. */
export function withBehind(document: RunDocument, behind: readonly BehindTarget[]): RunDocument {
  if (behind.length === 0) return document;
  const nodes = document.nodes.map(node => {
    const told = new Set(node.targets.map(({ physical }) => physical));
    const own = behind.filter(target => target.node === node.id && !told.has(target.physical));
    return own.length === 0 ? node : { ...node, targets: [...node.targets, ...own.map(behindTarget)] };
  });
  return { ...document, nodes };
}

/** Adds the targets that a rollback cannot bring back: rows that were added or merged stay. */
export function withNotUndone(document: RunDocument, targets: readonly BehindTarget[]): RunDocument {
  if (targets.length === 0) return document;
  const nodes = document.nodes.map(node => {
    const own = targets.filter(target => target.node === node.id).map(notUndone);
    return own.length === 0 ? node : { ...node, targets: [...node.targets, ...own] };
  });
  return { ...document, nodes };
}

/** Adds the tables that are left outside the store, because a node or its target was removed; nothing drops them. */
export function withLeft(document: RunDocument, records: readonly TargetRecord[]): RunDocument {
  const nodes = document.nodes.map(node => {
    const own = records.filter(({ node: id }) => id === node.id);
    return own.length === 0 ? node : { ...node, targets: [...node.targets, ...own.map(leftTarget)] };
  });
  return { ...document, nodes };
}

const leftTarget = ({ type, table }: TargetRecord): RunTarget => ({
  type,
  physical: table.name,
  status: 'skipped',
  rows: null,
  seconds: null,
  error: { code: 'target-left', message: 'left as it is; drop it yourself if it is no longer needed' },
});

const notUndone = ({ target, physical }: BehindTarget): RunTarget => ({
  type: target.type,
  physical,
  status: 'skipped',
  rows: null,
  seconds: null,
  error: { code: 'not-undone', message: 'not undone: only targets of mode full can be brought back' },
});

const behindTarget = ({ target, physical }: BehindTarget): RunTarget => ({
  type: target.type,
  physical,
  status: 'behind',
  rows: null,
  seconds: null,
  error: null,
});

/** A run that only brings targets up to date executes no node, and is done. */
const statusOf = ({ status }: RunDocument, failed: boolean): RunDocument['status'] =>
  failed ? 'failed' : status === 'nothing_to_do' ? 'done' : status;

/** The nodes that have a failed target. */
export const failedTargets = (written: readonly WrittenTarget[]): readonly string[] => [
  ...new Set(written.filter(({ failure }) => failure !== null).map(({ node }) => node)),
];

function nodeWith(node: RunNode, written: readonly WrittenTarget[]): RunNode {
  if (written.length === 0) return node;
  const targets = [...written.map(runTarget), ...node.targets];
  const lost = written.filter(target => target.failure !== null);
  if (lost.length === 0) return { ...node, targets };
  const reason = lost.map(({ type, physical, failure }) => `${type} ${physical}: ${failure?.message}`).join('; ');
  return { ...node, targets, status: 'failed', error: { code: 'target-failed', message: reason }, reason };
}

const runTarget = ({ type, physical, rows, seconds, failure }: WrittenTarget): RunTarget => ({
  type,
  physical,
  status: failure === null ? 'written' : 'failed',
  rows,
  seconds: seconds === null ? null : Math.round(seconds * 1000) / 1000,
  error: failure && { code: failure.code, message: failure.message },
});

/** Drops what the plan warned about a target that then failed, so that nothing is said twice. */
const withFailures = (planned: readonly Diagnostic[], failed: readonly WrittenTarget[]): readonly Diagnostic[] => [
  ...planned.filter(each => !failed.some(target => isWarningAbout(each, target))),
  ...failed.flatMap(target => failureOf(target, planned)),
];

/** The error has the place of the plan's warning: the plan knows the file. */
function failureOf(target: WrittenTarget, planned: readonly Diagnostic[]): readonly Diagnostic[] {
  if (target.failure === null) return [];
  const { code, message, hint } = target.failure;
  const said = diagnostic({ code, message: `${labelOf(target)}: ${message}`, hint, node: target.node });
  const warning = planned.find(each => isWarningAbout(each, target));
  if (warning === undefined) return [said];
  const { file, line, column, source = null } = warning;
  return [{ ...said, file, line, column, source }];
}

const isWarningAbout = ({ severity, message }: Diagnostic, target: WrittenTarget): boolean =>
  severity === 'warning' && [':', ' '].some(end => message.startsWith(`${labelOf(target)}${end}`));

const labelOf = ({ node, type, physical }: WrittenTarget): string => `${node} → ${type} ${physical}`;
