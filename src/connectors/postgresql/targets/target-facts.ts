/** What a server says about the place of a target. */
export interface TargetFacts {
  readonly server: ServerFacts;
  /** null if the schema does not exist. */
  readonly schema: SchemaFacts | null;
  /** null if the table does not exist. */
  readonly table: TableFacts | null;
}

export interface ServerFacts {
  readonly database: string;
  readonly user: string;
  /** Whether the server or the database refuses all writes. */
  readonly isReadOnly: boolean;
  readonly mayCreateSchemas: boolean;
  /** As `server_version_num`, such as 150018. */
  readonly version: number;
}

export interface SchemaFacts {
  readonly comment: string | null;
  readonly mayUse: boolean;
  readonly mayCreate: boolean;
}

export interface TableFacts {
  /** OID as text. */
  readonly id: string;
  /** As in `pg_class.relkind`. */
  readonly kind: string;
  readonly owner: string;
  readonly isOwner: boolean;
  readonly comment: string | null;
  /** Whether policies apply to the user. */
  readonly hasRowSecurity: boolean;
  /** Whether other tables inherit from it. */
  readonly hasChildren: boolean;
  readonly privileges: readonly TablePrivilege[];
  readonly columns: readonly ColumnFacts[];
  readonly obstacles: readonly Obstacle[];
  /** null if it does not matter, because the store wrote the table or does not need to know. */
  readonly rows: RowEstimate | null;
  /** What is dropped along with the table, as phrases; read only if the target may recreate it. */
  readonly lost: readonly string[];
}

export const TABLE_PRIVILEGES = ['SELECT', 'INSERT', 'DELETE'] as const;
export type TablePrivilege = (typeof TABLE_PRIVILEGES)[number];

export interface ColumnFacts {
  readonly name: string;
  /** As `format_type` prints it. */
  readonly type: string;
  /** The same, or the type under a domain. */
  readonly baseType: string;
  /** `stored` is computed from other columns, `identity` is GENERATED ALWAYS. */
  readonly generated: 'stored' | 'identity' | null;
}

/** Something that reacts to writes, or forbids them. */
export interface Obstacle {
  readonly kind: 'trigger' | 'rule' | 'foreign-key' | 'publication';
  readonly name: string;
  /** The writes that it concerns. */
  readonly on: readonly ('INSERT' | 'DELETE')[];
  /** The other table that a foreign key is on; null for a key of the target itself, and for all others. */
  readonly from: string | null;
}

/** How many rows a table has. */
export interface RowEstimate {
  readonly rows: number;
  readonly isExact: boolean;
}
