/** The table of aggregate functions: what the parser, the type checker and the manual read. @module */

import type { AggregateFunction } from '../ast.ts';

/** An aggregate function. */
export interface AggregateFunctionSpec {
  readonly fn: AggregateFunction;
  /** Upper-case; the first is `fn`. */
  readonly names: readonly string[];
  /** How it is written: `CORR(x, y)`. */
  readonly usage: string;
  /** One sentence for the manual. */
  readonly summary: string;
  /** Fewest and most arguments. */
  readonly arguments: readonly [least: number, most: number];
  /** Whether `WITHIN GROUP (ORDER BY x)` says what is aggregated. */
  readonly isOrdered?: boolean;
  /** Whether `ORDER BY` may stand behind the arguments. */
  readonly takesOrder?: boolean;
  /** Whether `DISTINCT` has no meaning for it. */
  readonly refusesDistinct?: boolean;
}

/** The aggregate functions, as the manual lists them. */
export const AGGREGATE_TABLE: readonly AggregateFunctionSpec[] = [
  {
    fn: 'count',
    names: ['COUNT'],
    usage: 'COUNT(*), COUNT(x)',
    summary: 'How many rows there are, or how many of them have a value.',
    arguments: [0, 1],
  },
  {
    fn: 'sum',
    names: ['SUM'],
    usage: 'SUM(x)',
    summary: 'The sum of numbers or durations.',
    arguments: [1, 1],
  },
  {
    fn: 'avg',
    names: ['AVG', 'MEAN'],
    usage: 'AVG(x)',
    summary: 'The mean of numbers or durations.',
    arguments: [1, 1],
  },
  {
    fn: 'min',
    names: ['MIN'],
    usage: 'MIN(x)',
    summary: 'The least value.',
    arguments: [1, 1],
  },
  {
    fn: 'max',
    names: ['MAX'],
    usage: 'MAX(x)',
    summary: 'The greatest value.',
    arguments: [1, 1],
  },
  {
    fn: 'var_samp',
    names: ['VAR_SAMP', 'VARIANCE'],
    usage: 'VAR_SAMP(x)',
    summary: 'The variance of a sample, over n − 1; null below two values.',
    arguments: [1, 1],
  },
  {
    fn: 'var_pop',
    names: ['VAR_POP'],
    usage: 'VAR_POP(x)',
    summary: 'The variance of all there is, over n.',
    arguments: [1, 1],
  },
  {
    fn: 'stddev_samp',
    names: ['STDDEV_SAMP', 'STDDEV'],
    usage: 'STDDEV_SAMP(x)',
    summary: 'The square root of `VAR_SAMP`.',
    arguments: [1, 1],
  },
  {
    fn: 'stddev_pop',
    names: ['STDDEV_POP'],
    usage: 'STDDEV_POP(x)',
    summary: 'The square root of `VAR_POP`.',
    arguments: [1, 1],
  },
  {
    fn: 'covar_samp',
    names: ['COVAR_SAMP'],
    usage: 'COVAR_SAMP(x, y)',
    summary: 'The covariance of a sample; of rows where neither is null, as in all that follow.',
    arguments: [2, 2],
    refusesDistinct: true,
  },
  {
    fn: 'covar_pop',
    names: ['COVAR_POP'],
    usage: 'COVAR_POP(x, y)',
    summary: 'The covariance of all there is.',
    arguments: [2, 2],
    refusesDistinct: true,
  },
  {
    fn: 'corr',
    names: ['CORR'],
    usage: 'CORR(x, y)',
    summary: "Pearson's correlation; null where x or y is the same everywhere.",
    arguments: [2, 2],
    refusesDistinct: true,
  },
  {
    fn: 'weighted_sum',
    names: ['WEIGHTED_SUM'],
    usage: 'WEIGHTED_SUM(x, w)',
    summary: 'The sum of x times w.',
    arguments: [2, 2],
    refusesDistinct: true,
  },
  {
    fn: 'weighted_avg',
    names: ['WEIGHTED_AVG'],
    usage: 'WEIGHTED_AVG(x, w)',
    summary: 'The sum of x times w, divided by the sum of w; null where that is zero.',
    arguments: [2, 2],
    refusesDistinct: true,
  },
  {
    fn: 'geometric_mean',
    names: ['GEOMETRIC_MEAN'],
    usage: 'GEOMETRIC_MEAN(x)',
    summary: 'e to the power of the mean logarithm; NaN where a number is below zero.',
    arguments: [1, 1],
  },
  {
    fn: 'product',
    names: ['PRODUCT'],
    usage: 'PRODUCT(x)',
    summary: 'The product of numbers, as a float64.',
    arguments: [1, 1],
  },
  {
    fn: 'bool_and',
    names: ['BOOL_AND', 'EVERY'],
    usage: 'BOOL_AND(b)',
    summary: 'Whether all are true.',
    arguments: [1, 1],
  },
  {
    fn: 'bool_or',
    names: ['BOOL_OR'],
    usage: 'BOOL_OR(b)',
    summary: 'Whether one is true.',
    arguments: [1, 1],
  },
  {
    fn: 'bit_and',
    names: ['BIT_AND'],
    usage: 'BIT_AND(n)',
    summary: 'The bits that all integers have.',
    arguments: [1, 1],
  },
  {
    fn: 'bit_or',
    names: ['BIT_OR'],
    usage: 'BIT_OR(n)',
    summary: 'The bits that one of the integers has.',
    arguments: [1, 1],
  },
  {
    fn: 'bit_xor',
    names: ['BIT_XOR'],
    usage: 'BIT_XOR(n)',
    summary: 'The bits that an odd number of integers has.',
    arguments: [1, 1],
  },
  {
    fn: 'first',
    names: ['FIRST', 'FIRST_VALUE'],
    usage: 'FIRST(x [ORDER BY y, …])',
    summary: 'The value that comes first by event time, or by y; of several the least.',
    arguments: [1, 1],
    takesOrder: true,
    refusesDistinct: true,
  },
  {
    fn: 'last',
    names: ['LAST', 'LAST_VALUE'],
    usage: 'LAST(x [ORDER BY y, …])',
    summary: 'The value that comes last by event time, or by y; of several the greatest.',
    arguments: [1, 1],
    takesOrder: true,
    refusesDistinct: true,
  },
  {
    fn: 'arg_min',
    names: ['ARG_MIN', 'MIN_BY'],
    usage: 'ARG_MIN(x, y)',
    summary: 'The x of the least y; of several the least. Rows where y is null do not count.',
    arguments: [2, 2],
    refusesDistinct: true,
  },
  {
    fn: 'arg_max',
    names: ['ARG_MAX', 'MAX_BY'],
    usage: 'ARG_MAX(x, y)',
    summary: 'The x of the greatest y; of several the greatest. Rows where y is null do not count.',
    arguments: [2, 2],
    refusesDistinct: true,
  },
  {
    fn: 'median',
    names: ['MEDIAN'],
    usage: 'MEDIAN(x)',
    summary: 'The number in the middle, or the mean of the two.',
    arguments: [1, 1],
  },
  {
    fn: 'percentile_cont',
    names: ['PERCENTILE_CONT', 'QUANTILE'],
    usage: 'PERCENTILE_CONT(x, p)',
    summary: 'The number at place p · (n − 1) of the order, p from 0 to 1, between two if need be.',
    arguments: [2, 2],
    isOrdered: true,
  },
  {
    fn: 'percentile_disc',
    names: ['PERCENTILE_DISC', 'QUANTILE_DISC'],
    usage: 'PERCENTILE_DISC(x, p)',
    summary: 'The first value that a share p of all is not above.',
    arguments: [2, 2],
    isOrdered: true,
  },
  {
    fn: 'mode',
    names: ['MODE'],
    usage: 'MODE(x)',
    summary: 'The most frequent value; of several the least.',
    arguments: [1, 1],
    refusesDistinct: true,
  },
  {
    fn: 'top_k',
    names: ['TOP_K'],
    usage: 'TOP_K(x, k)',
    summary: 'The k greatest values as a json list, the greatest first.',
    arguments: [2, 2],
  },
  {
    fn: 'array_agg',
    names: ['ARRAY_AGG'],
    usage: 'ARRAY_AGG(x [ORDER BY y, …])',
    summary: 'All values as a json list, by event time, or by y, then by x; distinct ones by x.',
    arguments: [1, 1],
    takesOrder: true,
  },
  {
    fn: 'string_agg',
    names: ['STRING_AGG', 'LISTAGG'],
    usage: 'STRING_AGG(s, separator [ORDER BY y, …])',
    summary: 'All strings in that order, with a separator between them.',
    arguments: [2, 2],
    takesOrder: true,
  },
  {
    fn: 'approx_count_distinct',
    names: ['APPROX_COUNT_DISTINCT'],
    usage: 'APPROX_COUNT_DISTINCT(x)',
    summary: 'About how many different values there are, in 4 KiB at most.',
    arguments: [1, 1],
    refusesDistinct: true,
  },
  {
    fn: 'approx_percentile',
    names: ['APPROX_PERCENTILE', 'APPROX_QUANTILE'],
    usage: 'APPROX_PERCENTILE(x, p[, error])',
    summary: 'The number at place p · (n − 1), to a relative error: 0.01 unless given.',
    arguments: [2, 3],
    refusesDistinct: true,
  },
];
