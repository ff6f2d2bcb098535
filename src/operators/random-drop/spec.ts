/** What `random_drop` means. @module */

import { nearestName } from '../../core/nearest-name.ts';
import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { RandomDropOperator } from '../../core/topology/model.ts';
import { hashedColumns } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface RandomDropConfig {
  /** 0 to 1; `undefined`: it is {@link column}. */
  readonly rate: number | undefined;
  /** Position of a column of float64 that has the rate for each row. */
  readonly column: number | undefined;
  readonly seed: number;
  /** Positions of columns. */
  readonly groupBy: readonly number[];
}

/**
 * `random_drop` drops a share of the rows, as Borealis' box of that name does: each row by itself, by a
 * generator of the task's own, or by a hash of columns. Only the latter is the same for any number of
 * workers. What is dropped is the difference of `rowsIn` and `rowsOut`.
 */
export const randomDropSpec: OperatorSpec<RandomDropOperator> = {
  kind: 'random_drop',
  updates: ['rate', 'seed'],
  takesParameters: true,

  plan(
    node: RandomDropOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const groupBy = hashedColumns(node.groupBy, input, 'groupBy', report);
    const rate = planRate(node.rate, input, report);
    if (groupBy === undefined || rate === undefined) return undefined;
    const config: RandomDropConfig = { ...rate, seed: node.seed, groupBy };
    return {
      kind: 'random_drop',
      note: String(node.rate),
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: input.stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};

function planRate(
  rate: RandomDropOperator['rate'],
  { stream, parameters = [] }: InputStream,
  report: ReportIssue,
): Pick<RandomDropConfig, 'rate' | 'column'> | undefined {
  if (typeof rate === 'number') return { rate, column: undefined };
  const at = fieldIndex(parameters, rate);
  if (parameters[at]?.type.kind === 'float64') {
    return { rate: undefined, column: stream.schema.length + at };
  }
  const names = parameters.map(({ name }) => name);
  const message = at < 0 ? `there is no parameter '${rate}'` : `parameter '${rate}' is no float64`;
  report(['rate'], message, nearestName(rate, names));
  return undefined;
}
