import type { PlanExpression } from '../plan-json/plan-tree.ts';
import { hasExactEquality, isFloat, typeOf } from '../plan-json/plan-types.ts';

/** Aggregates that do not depend on the row order (sums of floats do, but their reuse is verified). */
const ORDER_BLIND = new Set([
  ...[
    'count',
    'count_star',
    'count_if',
    'countif',
    'sum',
    'sum_no_overflow',
    'fsum',
    'kahan_sum',
    'sumkahan',
    'avg',
    'mean',
    'favg',
  ],
  ...[
    'product',
    'bool_and',
    'bool_or',
    'bit_and',
    'bit_or',
    'bit_xor',
    'bitstring_agg',
    'approx_count_distinct',
    'entropy',
    'mad',
  ],
  ...[
    'median',
    'quantile',
    'quantile_cont',
    'quantile_disc',
    'histogram',
    'histogram_exact',
    'kurtosis',
    'kurtosis_pop',
    'skewness',
  ],
  ...[
    'stddev',
    'stddev_pop',
    'stddev_samp',
    'variance',
    'var_pop',
    'var_samp',
    'sem',
    'corr',
    'covar_pop',
    'covar_samp',
  ],
  ...[
    'regr_avgx',
    'regr_avgy',
    'regr_count',
    'regr_intercept',
    'regr_r2',
    'regr_slope',
    'regr_sxx',
    'regr_sxy',
    'regr_syy',
  ],
]);

const EXTREMES = new Set(['min', 'max']);

/** Aggregates that pick values from their input: of two equal values, the first one wins. */
const PICKING = new Set(['median', 'quantile', 'quantile_cont', 'quantile_disc', 'histogram', 'histogram_exact']);

/** Whether an aggregate's value may depend on the order of its rows. */
export function seesOrder(name: string, operands: readonly PlanExpression[]): boolean {
  const types = operands.map(typeOf);
  const exact = types.every(hasExactEquality);
  if (EXTREMES.has(name)) return operands.length !== 1 || !exact;
  if (PICKING.has(name)) return !exact;
  // The sign of a zero makes no difference to sums, means and the like.
  const steady = types.every(type => hasExactEquality(type) || isFloat(type));
  return !ORDER_BLIND.has(name) || (!steady && !name.startsWith('count'));
}
