/** A DuckDB type as plans write it: an id with its details (width, fields, alias). */
export interface PlanType {
  readonly id: string;
  readonly type_info: unknown;
}

/** A literal. */
export interface PlanValue {
  readonly type: PlanType;
  readonly is_null: boolean;
  readonly value?: unknown;
  readonly children?: readonly PlanValue[];
}

/** One key of an ORDER BY. */
export interface PlanOrder {
  readonly type: string;
  readonly null_order: string;
  readonly expression: PlanExpression;
}

interface FunctionFields {
  readonly name?: string;
  readonly arguments?: readonly PlanType[];
  readonly original_arguments?: readonly PlanType[];
  readonly has_serialize?: boolean;
  readonly function_data?: unknown;
}

interface WindowFields {
  readonly partitions?: readonly PlanExpression[];
  readonly orders?: readonly PlanOrder[];
  readonly arg_orders?: readonly PlanOrder[];
  readonly filters?: PlanExpression | null;
  readonly ignore_nulls?: boolean;
  readonly start?: string;
  readonly end?: string;
  readonly start_expr?: PlanExpression | null;
  readonly end_expr?: PlanExpression | null;
  readonly offset_expr?: PlanExpression | null;
  readonly default_expr?: PlanExpression | null;
  readonly exclude_clause?: string;
  readonly distinct?: boolean;
}

/** A bound expression; its class decides which fields are present, see `unsupported.ts`. */
export interface PlanExpression extends FunctionFields, WindowFields {
  readonly expression_class: string;
  readonly type: string;
  readonly alias?: string;
  readonly return_type?: PlanType;
  readonly children?: readonly PlanExpression[];
  readonly child?: PlanExpression;
  readonly index?: number | string;
  readonly binding?: { readonly table_index: number | string; readonly column_index: number };
  readonly depth?: number;
  readonly value?: PlanValue;
  readonly left?: PlanExpression;
  readonly right?: PlanExpression;
  readonly input?: PlanExpression;
  readonly lower?: PlanExpression;
  readonly upper?: PlanExpression;
  readonly lower_inclusive?: boolean;
  readonly upper_inclusive?: boolean;
  readonly try_cast?: boolean;
  readonly case_checks?: readonly { readonly when_expr: PlanExpression; readonly then_expr: PlanExpression }[];
  readonly else_expr?: PlanExpression;
  readonly aggregate_type?: string;
  readonly filter?: PlanExpression | null;
  readonly order_bys?: { readonly orders: readonly PlanOrder[] } | null;
}

/** A pair of expressions, one over each side of a join, or (without `comparison`) an expression over both. */
export interface PlanCondition {
  readonly left?: PlanExpression;
  readonly right?: PlanExpression;
  readonly comparison?: string;
}

/** A LIMIT or OFFSET: a constant, a percentage or an expression. */
export interface PlanBound {
  readonly type: string;
  readonly constant_integer: number | string;
  readonly constant_percentage: number | string;
  readonly expression: PlanExpression | null;
}

/** A column that a scan reads. */
export interface ColumnIndex {
  readonly index: number | string;
  readonly child_indexes: readonly unknown[];
  readonly index_type: string;
  readonly has_index: boolean;
}

interface ScanFields {
  readonly returned_types?: readonly PlanType[];
  readonly names?: readonly string[];
  readonly column_indexes?: readonly ColumnIndex[];
  readonly projected_input?: readonly number[];
  readonly parameters?: unknown;
  readonly named_parameters?: unknown;
}

interface JoinFields {
  readonly join_type?: string;
  readonly mark_index?: number | string;
  readonly conditions?: readonly (PlanCondition | PlanExpression)[];
  readonly condition?: PlanExpression | null;
  readonly predicate?: PlanExpression | null;
  readonly duplicate_eliminated_columns?: readonly PlanExpression[];
}

/** A logical operator; its type decides which fields are present, see `unsupported.ts`. */
export interface PlanOperator extends ScanFields, JoinFields {
  readonly type: string;
  readonly children?: readonly PlanOperator[];
  readonly name?: string;
  readonly function_data?: unknown;
  readonly table_index?: number | string;
  readonly expressions?: readonly (PlanExpression | readonly PlanExpression[])[];
  readonly window_index?: number | string;
  readonly unnest_index?: number | string;
  readonly group_index?: number | string;
  readonly aggregate_index?: number | string;
  readonly groupings_index?: number | string;
  readonly groups?: readonly PlanExpression[];
  readonly grouping_sets?: readonly (readonly number[])[];
  readonly grouping_functions?: readonly (readonly number[])[];
  readonly orders?: readonly PlanOrder[];
  readonly limit_val?: PlanBound;
  readonly offset_val?: PlanBound;
  readonly distinct_type?: string;
  readonly distinct_targets?: readonly PlanExpression[];
  readonly order_by?: { readonly orders: readonly PlanOrder[] } | null;
  readonly setop_all?: boolean;
  readonly union_all?: boolean;
  readonly materialize?: string;
  readonly cte_index?: number | string;
  readonly chunk_types?: readonly PlanType[];
  readonly is_recurring?: boolean;
  readonly key_targets?: readonly unknown[];
  readonly payload_aggregates?: readonly unknown[];
  readonly return_types?: readonly PlanType[];
  readonly sample_options?: unknown;
  readonly projection_map?: readonly (number | string)[];
}

/** The answer of `json_serialize_plan`: plans, or why there is none. */
export type SerialisedPlan =
  | { readonly error: false; readonly plans: readonly PlanOperator[] }
  | { readonly error: true; readonly error_message: string };

/** How DuckDB writes `-1` as an unsigned 64-bit index: no index, or the row id. */
export const NO_INDEX = '#18446744073709551615';

/** A child of an operator by position. */
export const childAt = (node: PlanOperator, index: number): PlanOperator | undefined => node.children?.[index];
