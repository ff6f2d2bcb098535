/**
 * Aggregates over weighted rows, see `core/weights.ts`: estimates of what all rows would have given.
 *
 * With the weight w of each row and d = w² − w, 0 where nothing was shed:
 *
 * ```
 *   COUNT   Σ w          variance  Σ d
 *   SUM(x)  Σ w x        variance  Σ d x²
 *   AVG(x)  r = Σ w x / Σ w        Σ d (x − r)² / (Σ w)²
 *   bounds  estimate ± 1.96 √variance, which all rows' result is within 95 times of 100
 *   n_eff   (Σ w)² / Σ w²: below some 30 the bounds are not to be trusted
 * ```
 *
 * Sums and their variance are those of Horvitz and Thompson for rows drawn one by one; the average is
 * Hájek's ratio with its linearised variance (Särndal, Swensson, Wretman 1992, chapter 5). A selected
 * column becomes expressions over sums, so whatever aggregates can do, estimates can. Where no row of a
 * group was shed, the estimate is the plain result to the bit.
 *
 * @module
 */

import type { ReportIssue } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import type { NamedExpression } from '../../core/topology/model.ts';
import { type DataType, typeName } from '../../core/types.ts';
import { type AggregateExpr, type Expr, parseExpression } from '../../expr/index.ts';

/** Bounds of 95 %. */
const NORMAL_QUANTILE = 1.959963984540054;

/** What every group says beside its estimates. */
export const EFFECTIVE_ROWS = 'n_eff';

/** Suffixes of the bounds' columns. */
export const LOW = '_low';
export const HIGH = '_high';

/**
 * The columns of an aggregate over weighted rows: of each selected one the estimate, under its name and in
 * its type, and its bounds; at the end the number of rows that were as good.
 *
 * @param select - has been planned for plain rows, so it is right
 * @param weight - the column of weights
 * @param plain - what the aggregate gives for plain rows
 * @returns `undefined` when something was reported
 */
export function estimatedSelect(
  select: readonly NamedExpression[],
  weight: string,
  plain: Schema,
  report: ReportIssue,
): NamedExpression[] | undefined {
  const w = quoted(weight);
  const columns: NamedExpression[] = [];
  let isSound = true;
  const issue = (name: string, message: string): void => {
    isSound = false;
    report(['select', name], message);
  };
  for (const { name, text, pointer } of select) {
    const call = estimable(parseExpression(text));
    if (call === undefined) {
      issue(name, `'${text}' has no estimate: expected COUNT, SUM or AVG, of single rows`);
      continue;
    }
    const { type } = plain.find((field) => field.name === name)!;
    const estimate = estimateOf(call, w, text, type);
    columns.push({ name, text: estimate.value, pointer });
    for (const [suffix, sign] of [
      [LOW, '-'],
      [HIGH, '+'],
    ] as const) {
      const bound = `CAST(${estimate.value} AS DOUBLE) ${sign} ${NORMAL_QUANTILE}e0 * SQRT(${estimate.variance})`;
      columns.push({ name: name + suffix, text: bound, pointer });
    }
  }
  const effective = `POWER(SUM(${w}), 2) / SUM(${w} * ${w})`;
  columns.push({ name: EFFECTIVE_ROWS, text: effective, pointer: '' });
  const names = plain.map(({ name }) => name);
  for (const { name } of select) {
    const taken = [name + LOW, name + HIGH].find((bound) => names.includes(bound));
    if (taken !== undefined) issue(name, `'${taken}' is a bound of '${name}' already; rename one`);
  }
  if (names.includes(EFFECTIVE_ROWS)) {
    issue(EFFECTIVE_ROWS, `'${EFFECTIVE_ROWS}' is what estimates say of themselves; rename it`);
  }
  return isSound ? columns : undefined;
}

/** The call that a column is, if its aggregate can be estimated. */
function estimable(expr: Expr): AggregateExpr | undefined {
  if (expr.kind !== 'aggregate' || expr.distinct) return undefined;
  return expr.fn === 'count' || expr.fn === 'sum' || expr.fn === 'avg' ? expr : undefined;
}

/** Texts of expressions over sums. */
interface Estimate {
  /** Of the type of the plain result. */
  readonly value: string;
  readonly variance: string;
}

function estimateOf(call: AggregateExpr, w: string, text: string, type: DataType): Estimate {
  const textOf = ({ span }: Expr): string => `(${span.source.slice(span.start, span.end)})`;
  const x = call.argument && textOf(call.argument);
  const conditions = [
    ...(call.filter === undefined ? [] : [textOf(call.filter)]),
    // Rows without a value are not counted.
    ...(x === undefined || call.fn === 'sum' ? [] : [`${x} IS NOT NULL`]),
  ];
  const filter = conditions.length === 0 ? '' : ` FILTER (WHERE ${conditions.join(' AND ')})`;
  const sum = (term: string): string => `SUM(${term})${filter}`;
  const d = `(${w} * ${w} - ${w})`;
  const real = realOf(call, w, x, sum);
  const isPlain = `COALESCE(${sum(d)}, 0) = 0`;
  const rounded = type.kind === 'float64' ? real : `CAST(ROUND(${real}) AS ${typeName(type)})`;
  const cast = type.kind === 'decimal' ? `CAST(${real} AS ${typeName(type)})` : rounded;
  return {
    value: `CASE WHEN ${isPlain} THEN ${text} ELSE ${cast} END`,
    variance: `GREATEST(${varianceOf(call, w, x, d, sum)}, 0)`,
  };
}

function realOf(
  { fn }: AggregateExpr,
  w: string,
  x: string | undefined,
  sum: (term: string) => string,
): string {
  if (fn === 'count') return `COALESCE(${sum(w)}, 0)`;
  if (fn === 'sum') return sum(`${w} * ${x}`);
  return `(${sum(`${w} * ${x}`)} / ${sum(w)})`;
}

function varianceOf(
  { fn }: AggregateExpr,
  w: string,
  x: string | undefined,
  d: string,
  sum: (term: string) => string,
): string {
  if (fn === 'count') return `COALESCE(${sum(d)}, 0)`;
  const squares = sum(`${d} * ${x} * ${x}`);
  if (fn === 'sum') return squares;
  const r = `(${sum(`${w} * ${x}`)} / ${sum(w)})`;
  const spread = `${squares} - 2 * ${r} * ${sum(`${d} * ${x}`)} + ${r} * ${r} * ${sum(d)}`;
  return `(${spread}) / POWER(${sum(w)}, 2)`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
