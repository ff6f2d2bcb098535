/** What `window_drop` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { WindowDropOperator } from '../../core/topology/model.ts';
import { columnOfKind, hashedColumns } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';
import type { WindowConfig } from '../window-scheme.ts';

/** What the kernel goes by. */
export interface WindowDropConfig {
  readonly rate: number;
  readonly seed: number;
  readonly window: WindowConfig;
  /** Positions of columns. */
  readonly groupBy: readonly number[];
  /** Position of `window_start` in results; `undefined`: rows are read, by their event time. */
  readonly start: number | undefined;
}

/**
 * `window_drop` drops whole windows, so that what is left is a subset of the true results: one box in
 * front of an aggregate, which keeps the rows that any window needs which is kept, and, where windows
 * overlap, another with the same settings behind it, which drops the results of the windows that lack
 * some of their rows.
 *
 * A window is dropped by a hash of its number, its group and the seed: the same for any number of
 * workers, and for both boxes. (Borealis' box of that name; Tatbul and Zdonik, "Window-aware load
 * shedding for aggregation queries over data streams", VLDB 2006.)
 */
export const windowDropSpec: OperatorSpec<WindowDropOperator> = {
  kind: 'window_drop',

  plan(
    node: WindowDropOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const groupBy = hashedColumns(node.groupBy, input, 'groupBy', report);
    const isOfResults = node.of === 'results';
    const start = isOfResults
      ? columnOfKind('window_start', 'timestamp', input, ['of'], report)
      : undefined;
    if (!isOfResults && !input.stream.hasTime) {
      const message = `windows need event time, and '${input.name}' has none`;
      report(['size'], `${message}; give its source a 'time'`);
      return undefined;
    }
    if (groupBy === undefined || (isOfResults && start === undefined)) return undefined;
    const { rate, seed, sizeUs, slideUs, offsetUs } = node;
    const window = { sizeUs, slideUs, offsetUs };
    const config: WindowDropConfig = { rate, seed, window, groupBy, start };
    return {
      kind: 'window_drop',
      note: String(rate),
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: input.stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
