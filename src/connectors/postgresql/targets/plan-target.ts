import type { Column } from '../../../core/definition/nodes/node.ts';
import type {
  PlannedTarget,
  RefusedTarget,
  TargetAction,
  TargetStep,
} from '../../../core/plan/targets/target-action.ts';
import type { FailureText } from '../../../diagnostics/failure-text.ts';
import type { TargetColumn } from './column-carrier.ts';
import { matchColumns, targetColumn } from './match-columns.ts';
import { refusePlace } from './refuse-place.ts';
import { refuseColumns, refuseShape } from './refuse-shape.ts';
import { failure, mayRecreate, type TargetContext } from './target-context.ts';
import type { TableFacts, TargetFacts } from './target-facts.ts';

/** What a plan of the connector remembers, as plain data. */
export interface PostgresDetails {
  readonly schema: string;
  readonly table: string;
  /** Where each column goes; null if the columns are known only after the node ran. */
  readonly columns: readonly TargetColumn[] | null;
  /** `server_version_num`. */
  readonly version: number;
}

/** The plan for a target, given what the server says. */
export function planTarget(facts: TargetFacts, context: TargetContext): TargetAction<PostgresDetails> {
  const { request } = context;
  const place = refusePlace(facts, context) ?? (request.columns && refuseColumns(request.columns, context));
  if (place) return refuse(place, context);
  const write: TargetStep = { kind: 'write-rows', mode: request.target.mode };
  if (facts.table === null) {
    const schema: readonly TargetStep[] = facts.schema ? [] : [{ kind: 'create-schema', name: context.name.schema }];
    const columns = request.columns?.map(column => targetColumn(column)) ?? null;
    return planned({ facts, context, columns, steps: [...schema, createStep(columns), write] });
  }
  return planExisting(facts, facts.table, context);
}

function planExisting(facts: TargetFacts, table: TableFacts, context: TargetContext): TargetAction<PostgresDetails> {
  const match = context.request.columns && matchColumns(context.request.columns, table.columns);
  const misfit = refuseShape(table, match, context);
  if (misfit) return mayRecreate(context) ? recreate(facts, table, context) : refuse(misfit, context);
  const added = match?.added ?? [];
  const steps: readonly TargetStep[] = [
    ...adoption(table, context),
    ...(added.length === 0 ? [] : [{ kind: 'add-columns', columns: added.map(shownColumn) } as const]),
    { kind: 'write-rows', mode: context.request.target.mode },
  ];
  return planned({ facts, context, columns: match?.columns ?? null, steps });
}

/** Drops the table and creates it again. */
function recreate(facts: TargetFacts, table: TableFacts, context: TargetContext): TargetAction<PostgresDetails> {
  const { request, shown } = context;
  if (!table.isOwner) {
    const message = `must be owner of table ${shown} to recreate it`;
    return refuse(failure('permission-denied', message, `Connect as ${table.owner}.`), context);
  }
  const columns = request.columns?.map(column => targetColumn(column)) ?? null;
  const steps: readonly TargetStep[] = [
    ...adoption(table, context),
    { kind: 'drop-table', lost: table.lost },
    createStep(columns),
    { kind: 'write-rows', mode: request.target.mode },
  ];
  return planned({ facts, context, columns, steps });
}

const adoption = ({ rows, owner }: TableFacts, { request }: TargetContext): readonly TargetStep[] =>
  request.adopt && rows !== null && rows.rows > 0 ? [{ kind: 'adopt-table', rows: rows.rows, owner }] : [];

const createStep = (columns: readonly TargetColumn[] | null): TargetStep => ({
  kind: 'create-table',
  columns: (columns ?? []).map(shownColumn),
});

const shownColumn = ({ tableName, tableType }: TargetColumn): Column => ({ name: tableName, type: tableType });

interface PlanParts {
  readonly facts: TargetFacts;
  readonly context: TargetContext;
  readonly columns: readonly TargetColumn[] | null;
  readonly steps: readonly TargetStep[];
}

function planned({ facts, context, columns, steps }: PlanParts): PlannedTarget<PostgresDetails> {
  const { request, endpoint, shown, name } = context;
  return {
    kind: 'write-target',
    node: request.node,
    environment: request.mark.environment,
    target: request.target,
    table: { endpoint, name: shown, id: facts.table?.id ?? null },
    steps,
    atomicWith: `${endpoint} as ${facts.server.user}`,
    warnings: [],
    details: { schema: name.schema, table: name.table, columns, version: facts.server.version },
  };
}

export const refuse = (failure: FailureText, { request, endpoint, shown }: TargetContext): RefusedTarget => ({
  ...{ kind: 'refuse-target', node: request.node, target: request.target },
  ...{ table: { endpoint, name: shown }, failure },
});
