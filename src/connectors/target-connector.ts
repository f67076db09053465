import type { Place } from '../core/state/place.ts';
import type { Column, NodeId } from '../core/definition/nodes/node.ts';
import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type {
  PhysicalTable,
  PlannedTarget,
  TargetAction,
  TargetDefinition,
  TargetOutcome,
} from '../core/plan/targets/target-action.ts';

/** A target to write, and what is known about it. */
export interface TargetRequest {
  readonly node: NodeId;
  readonly target: TargetDefinition;
  /** Decides the prefix of the schema or namespace; null is production, which has none. */
  readonly environment: EnvironmentName | null;
  /** Columns of the artefact as stored; null if they are known only after the node ran. */
  readonly columns: readonly Column[] | null;
  /** The table as this store last wrote it; null if it never wrote it. */
  readonly written: PhysicalTable | null;
  /** Whether the user allows taking over an existing table (`--adopt`). */
  readonly adopt: boolean;
}

/** An artefact to write to a target. */
export interface TargetWrite<Details = unknown> {
  readonly planned: PlannedTarget<Details>;
  /** Identifies this artefact, store and environment; a target writes each token only once. */
  readonly token: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  /** Where its rows are. */
  readonly place: Place;
}

export interface WriteProgress {
  /** Called with the number of rows loaded so far; readers of the table do not see them yet. */
  loaded(write: TargetWrite, rows: number): void;
}

/**
 * Writes tables on one kind of server. Every effect is a step of a plan before it happens. A connector has no state of its
 * own: it receives connections, secrets and the signal when it is created.
 */
export interface TargetConnector<Details = unknown> {
  /** Plans a write; reads from the server and changes nothing. Throws a ToolError only if the connection fails. */
  plan(request: TargetRequest): Promise<TargetAction<Details>>;
  /**
   * Writes all targets of one promotion that share a connection: loads each, then switches the atomic ones together.
   * Readers never see a table missing, empty or incomplete. Checks each plan again first; a target fails if its table
   * changed since. Returns one outcome per write, in order, and does not reject if one fails. Idempotent: a repeated write
   * has the same result as one successful write.
   */
  write(writes: readonly TargetWrite<Details>[], progress: WriteProgress): Promise<readonly TargetOutcome[]>;
}
