import { NO_INDEX, type PlanExpression, type PlanOperator } from './plan-tree.ts';

const FUNCTION_FIELDS = [
  'name',
  'arguments',
  'original_arguments',
  'catalog_name',
  'schema_name',
  'has_serialize',
  'function_data',
];
const COMMON_EXPRESSION_FIELDS = ['expression_class', 'type', 'alias', 'query_location'];

/** Supported fields by expression class; any other field that is not empty makes the expression opaque. */
const EXPRESSION_FIELDS = fieldTable(COMMON_EXPRESSION_FIELDS, {
  BOUND_REF: ['return_type', 'index'],
  BOUND_COLUMN_REF: ['return_type', 'binding', 'depth'],
  BOUND_CONSTANT: ['value'],
  BOUND_CAST: ['child', 'return_type', 'try_cast'],
  BOUND_COMPARISON: ['left', 'right'],
  BOUND_BETWEEN: ['input', 'lower', 'upper', 'lower_inclusive', 'upper_inclusive'],
  BOUND_CONJUNCTION: ['children'],
  BOUND_OPERATOR: ['return_type', 'children'],
  BOUND_CASE: ['return_type', 'case_checks', 'else_expr'],
  BOUND_FUNCTION: ['return_type', 'children', 'is_operator', ...FUNCTION_FIELDS],
  BOUND_UNNEST: ['return_type', 'child'],
  BOUND_AGGREGATE: ['return_type', 'children', 'aggregate_type', 'filter', 'order_bys', ...FUNCTION_FIELDS],
  BOUND_WINDOW: [
    ...['return_type', 'children', 'partitions', 'orders', 'arg_orders', 'filters', 'ignore_nulls', 'distinct'],
    ...['start', 'end', 'start_expr', 'end_expr', 'offset_expr', 'default_expr', 'exclude_clause', ...FUNCTION_FIELDS],
  ],
});

const JOIN_FIELDS = [
  'join_type',
  'mark_index',
  'mark_types',
  'conditions',
  'predicate',
  'duplicate_eliminated_columns',
];
const SET_OPERATION_FIELDS = ['table_index', 'column_count', 'setop_all', 'allow_out_of_order'];

/** Supported fields by operator type. A field that is missing here (such as pushed filters) must be empty. */
const OPERATOR_FIELDS = fieldTable(['type', 'children'], {
  LOGICAL_GET: [
    ...[
      'table_index',
      'returned_types',
      'names',
      'column_indexes',
      'projected_input',
      'parameters',
      'named_parameters',
    ],
    ...['input_table_types', 'input_table_names', ...FUNCTION_FIELDS],
  ],
  LOGICAL_PROJECTION: ['table_index', 'expressions'],
  LOGICAL_FILTER: ['expressions', 'projection_map'],
  LOGICAL_WINDOW: ['window_index', 'expressions'],
  LOGICAL_UNNEST: ['unnest_index', 'expressions'],
  LOGICAL_AGGREGATE_AND_GROUP_BY: [
    ...['expressions', 'group_index', 'aggregate_index', 'groupings_index', 'groups', 'grouping_sets'],
    ...['grouping_functions', 'distinct_validity'],
  ],
  LOGICAL_ORDER_BY: ['orders'],
  LOGICAL_LIMIT: ['limit_val', 'offset_val'],
  LOGICAL_SAMPLE: ['sample_options'],
  LOGICAL_DISTINCT: ['distinct_type', 'distinct_targets', 'order_by'],
  LOGICAL_COMPARISON_JOIN: JOIN_FIELDS,
  LOGICAL_DELIM_JOIN: JOIN_FIELDS,
  LOGICAL_ASOF_JOIN: JOIN_FIELDS,
  LOGICAL_ANY_JOIN: ['join_type', 'mark_index', 'condition'],
  LOGICAL_CROSS_PRODUCT: [],
  LOGICAL_POSITIONAL_JOIN: [],
  LOGICAL_MATERIALIZED_CTE: ['table_index', 'column_count', 'ctename', 'materialize'],
  LOGICAL_RECURSIVE_CTE: [
    ...['union_all', 'ctename', 'table_index', 'column_count', 'key_targets', 'payload_aggregates', 'ref_recurring'],
  ],
  LOGICAL_CTE_REF: ['table_index', 'cte_index', 'chunk_types', 'bound_columns', 'is_recurring'],
  LOGICAL_DELIM_GET: ['table_index', 'chunk_types'],
  LOGICAL_UNION: SET_OPERATION_FIELDS,
  LOGICAL_EXCEPT: SET_OPERATION_FIELDS,
  LOGICAL_INTERSECT: SET_OPERATION_FIELDS,
  LOGICAL_EXPRESSION_GET: ['table_index', 'expr_types', 'expressions'],
  LOGICAL_DUMMY_SCAN: ['table_index'],
  LOGICAL_EMPTY_RESULT: ['bindings', 'return_types'],
});

type FieldTable = ReadonlyMap<string, ReadonlySet<string>>;

function fieldTable(common: readonly string[], table: Readonly<Record<string, readonly string[]>>): FieldTable {
  return new Map(Object.entries(table).map(([kind, fields]) => [kind, new Set([...common, ...fields])]));
}

/** The unsupported class or field of an expression; null if all of it is supported. */
export function unsupportedInExpression(expression: PlanExpression): string | null {
  return unsupportedField(EXPRESSION_FIELDS, expression.expression_class, expression);
}

/** The unsupported type or field of an operator; null if all of it is supported. */
export function unsupportedInOperator(operator: PlanOperator): string | null {
  return unsupportedField(OPERATOR_FIELDS, operator.type, operator);
}

function unsupportedField(table: FieldTable, kind: string, node: object): string | null {
  const known = table.get(kind);
  if (!known) return kind;
  for (const [field, value] of Object.entries(node)) {
    if (!known.has(field) && !isEmpty(value)) return `${kind}.${field}`;
  }
  return null;
}

/** Whether a field has the value that DuckDB writes by default. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false || value === NO_INDEX) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}
