/** Where a column is used: in values and conditions of columns of direct consumers, and in the choice of their rows. */
export interface ColumnReaders {
  readonly value: readonly string[];
  readonly condition: readonly string[];
  readonly rows: readonly string[];
}

export interface LineageDocument {
  readonly format: 'seeknal.lineage';
  readonly version: 1;
  readonly node: string;
  readonly upstream: readonly string[];
  readonly downstream: readonly string[];
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly value: readonly string[];
    readonly condition: readonly string[];
    readonly readers?: ColumnReaders;
  }[];
  readonly rows: readonly string[];
}
