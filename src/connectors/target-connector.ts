import type { TargetDefinition } from '../core/definition/nodes/target-definition.ts';
import type { Column, NodeId } from '../core/definition/nodes/node.ts';
import type {
  PhysicalTable,
  PlannedTarget,
  StoreMark,
  TargetAction,
  TargetOutcome,
} from '../core/plan/targets/target-action.ts';
import type { Place } from '../core/state/place.ts';

/** A target to write, and what is known about it. */
export interface TargetRequest {
  readonly node: NodeId;
  readonly target: TargetDefinition;
  /** Its environment decides the prefix of the schema or namespace; production has none. */
  readonly mark: StoreMark;
  /** Columns of the artefact as stored; null if they are known only after the node ran. */
  readonly columns: readonly Column[] | null;
  /** The table as this store last wrote it; null if it never wrote it. */
  readonly written: PhysicalTable | null;
  /** All tables that this store wrote for the environment on this connection's server. */
  readonly known: readonly PhysicalTable[];
  /** Whether the user allows taking over an existing table or schema (`--adopt`), now or earlier. */
  readonly adopt: boolean;
}

/** An artefact to write to a target. */
export interface TargetWrite<Details = unknown> {
  readonly planned: PlannedTarget<Details>;
  readonly request: TargetRequest;
  /** Id of the artefact; a target in mode `append` writes each artefact once. */
  readonly artefact: string;
  readonly columns: readonly Column[];
  readonly rows: number;
  /** Where its rows are. */
  readonly place: Place;
}

export interface WriteProgress {
  /** Called with the number of rows loaded so far; readers of the table do not see them yet. */
  loaded(write: TargetWrite, rows: number): void;
}

/** A schema or namespace that an environment made. */
export interface OwnedSchema {
  /** Where it is: the profile may lead elsewhere than when it was made. */
  readonly endpoint: string;
  readonly name: string;
  /** Tables, views and other objects in it, as a person reads them. */
  readonly contents: readonly string[];
  /** Objects outside the environment's schemas that depend on it; none of them is dropped while there are any. */
  readonly dependents: readonly string[];
}

/**
 * Writes tables on one kind of server. Every effect is a step of a plan before it happens. A connector has no state of its
 * own: it receives connections, secrets and the signal when it is created.
 */
export interface TargetConnector<Details = unknown> {
  /** The table that a target means, from the definition and the connection's settings alone; asks no server. */
  locate(target: TargetDefinition, mark: StoreMark): Promise<Omit<PhysicalTable, 'id'>>;
  /** Plans a write; reads from the server and changes nothing. Throws a ToolError only if the connection fails. */
  plan(request: TargetRequest): Promise<TargetAction<Details>>;
  /**
   * Writes all targets of one promotion that share a connection: loads each, then switches the atomic ones together.
   * Readers never see a table missing, empty or incomplete. Checks each plan again first; a target fails if its table
   * changed since. Returns one outcome per write, in order, and does not reject if one fails. Idempotent: a repeated write
   * has the same result as one successful write.
   */
  write(writes: readonly TargetWrite<Details>[], progress: WriteProgress): Promise<readonly TargetOutcome[]>;
  /** The schemas on a connection that this store made for an environment; reads only. */
  schemasOf(connection: string, mark: StoreMark): Promise<readonly OwnedSchema[]>;
  /** Drops such schemas with all their contents. Throws `schema-in-use` if something outside depends on one, and drops none. */
  dropSchemas(connection: string, mark: StoreMark, names: readonly string[]): Promise<void>;
}
