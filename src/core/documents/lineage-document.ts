/** What a column goes on to: columns of direct consumers that it makes or decides, and nodes whose rows it decides. */
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
