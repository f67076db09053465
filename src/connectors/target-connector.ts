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

/** A target that is to be written, and what is known of it. */
export interface TargetRequest {
  readonly node: NodeId;
  readonly target: TargetDefinition;
  /** Decides the prefix of the schema or namespace; null is production, which has none. */
  readonly environment: EnvironmentName | null;
  /** Of the artefact, as they are stored; null if only running the node tells. */
  readonly columns: readonly Column[] | null;
  /** The table as this store last wrote it; null if it never did. */
  readonly written: PhysicalTable | null;
  /** Whether the user allows a table of others to be taken (`--adopt`). */
  readonly adopt: boolean;
}

/** An artefact's rows on their way into a target. */
export interface TargetWrite<Details = unknown> {
  readonly planned: PlannedTarget<Details>;
  /** Names this artefact of this store in this environment: what a target has taken under a token it takes only once. */
  readonly token: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  /** Where its rows are. */
  readonly place: Place;
}

export interface WriteProgress {
  /** Rows that are loaded so far; readers of the table do not see them yet. */
  loaded(write: TargetWrite, rows: number): void;
}

/**
 * Writes tables of one kind of server, each connection by itself. Every effect is a step of a plan before it happens.
 * A connector keeps nothing between calls: connections, secrets and the signal belong to what it was made with.
 */
export interface TargetConnector<Details = unknown> {
  /** Looks at the server and changes nothing. Throws a ToolError only if the connection fails. */
  plan(request: TargetRequest): Promise<TargetAction<Details>>;
  /**
   * Writes all targets of one promotion that share a connection: prepares and loads each, then changes those that are
   * atomic together at one moment. No reader sees a table missing, empty or half filled. Checks each plan again first, and
   * fails a target whose table is no longer what was planned. One outcome for each write, in order; never rejects for one
   * that fails. Writing again after any failure, or after an answer that was lost, gives what one success would have given.
   */
  write(writes: readonly TargetWrite<Details>[], progress: WriteProgress): Promise<readonly TargetOutcome[]>;
}
