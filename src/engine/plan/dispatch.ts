/** How a topology's `by` changes what an operator's plan says of its tasks. Pure. @module */

import type { InputStream, OperatorPlan, ReportIssue } from '../../core/operator.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { fieldIndex } from '../../core/schema.ts';
import { isInteger } from '../../core/types.ts';
import type { Dispatch } from '../../core/topology/index.ts';

/**
 * The plan of an operator whose rows are dealt out as the topology says: each instance has state of its
 * own, so rows that must meet have to be dealt out by (some of) what they are equal in.
 *
 * @returns `undefined` when something was reported
 */
export function planDispatch(
  plan: OperatorPlan,
  by: Dispatch | undefined,
  inputs: readonly InputStream[],
  report: ReportIssue,
): OperatorPlan | undefined {
  if (by === undefined) return plan;
  const { style } = by;
  const columns = inputs.map((input) => columnsOf(by, input, report));
  if (columns.some((found) => found.includes(-1))) return undefined;
  const own = plan.distribution;
  if (own.kind === 'broadcast') {
    report(['by'], "a join with 'broadcast' has its tasks behind those of the other input");
    return undefined;
  }
  if (own.kind === 'keys' && !areAmong(columns, own.columns)) {
    const names = own.columns[0]!.map((c) => inputs[0]!.stream.schema[c]?.name ?? 'a computed one');
    const message = 'rows that are equal in its keys must meet in one instance';
    report(['by'], `${message}: expected some of its columns ${names.join(', ')}, by a hash`);
    return undefined;
  }
  const distribution =
    style === 'hash'
      ? ({ kind: 'keys', columns } as const)
      : ({ kind: 'dispatch', style, columns } as const);
  return { ...plan, distribution, stages: undefined };
}

/** -1 for those that are not there, or cannot say where a row goes. */
function columnsOf(
  { style, columns }: Dispatch,
  { name: stream, stream: { schema } }: InputStream,
  report: ReportIssue,
): readonly number[] {
  return columns.map((name) => {
    const at = fieldIndex(schema, name);
    const names = schema.map((field) => field.name);
    if (at < 0) {
      const message = `unknown column '${name}' in '${stream}' (${names.join(', ')})`;
      report(['by'], message, nearestName(name, names));
      return -1;
    }
    const { type } = schema[at]!;
    const { kind } = type;
    if (style === 'number' ? isInteger(type) : kind !== 'json') return at;
    const expected = style === 'number' ? 'a column of whole numbers' : 'columns with an equality';
    report(['by'], `expected ${expected}; '${name}' is ${kind}`);
    return -1;
  });
}

/** Whether rows that are equal in `keys` are dealt out to one instance. */
function areAmong(
  columns: readonly (readonly number[])[],
  keys: readonly (readonly number[])[],
): boolean {
  return columns.every((list, i) => list.length > 0 && list.every((c) => keys[i]!.includes(c)));
}
