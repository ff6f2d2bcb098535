/**
 * Aggregates of rows that are shed by whole groups, see `core/subsets.ts`: they give no results of groups of which
 * rows were shed, and refuse what could not be judged so.
 *
 * @module
 */

import type { InputStream, ReportIssue } from '../../core/operator.ts';
import { UNIT_FIELD, type UnitWindows } from '../../core/subsets.ts';
import type { AggregateOperator } from '../../core/topology/model.ts';
import type { WindowConfig } from '../window-scheme.ts';
import { isProcessingTime } from '../window-scheme.ts';
import type { AggregatePlanConfig } from './config.ts';

/** What gives the number of a group. */
export const UNIT_AGGREGATE = `MIN("${UNIT_FIELD.name}")`;

/** Most windows that a row may be in: each is looked at for each row that may be shed. */
const MOST_WINDOWS = 64;

/** The windows of units, by those of their aggregate: cumulating ones that begin together are one. */
export function unitWindows(window: WindowConfig | undefined): UnitWindows | undefined {
  if (window === undefined) return undefined;
  const { sizeUs, slideUs, offsetUs, isCumulating } = window;
  return { sizeUs, offsetUs, slideUs: isCumulating === true ? sizeUs : slideUs };
}

/** Reports what does not go together with rows that are shed by whole groups. */
export function refusePartialUnits(
  { window, rowWindow, emit }: AggregateOperator,
  { keys, revision, window: config }: AggregatePlanConfig,
  input: InputStream,
  issue: ReportIssue,
): void {
  const refuse = (path: string, why: string): void => {
    issue(
      [path],
      `rows of '${input.name}' are shed by whole groups ("windows": "subset"), and ${why}`,
    );
  };
  if (window?.kind === 'session') {
    refuse('window', 'where a session ends depends on rows that may be shed');
  }
  if (rowWindow !== undefined) {
    refuse('rowWindow', 'which rows are in a window of rows depends on those that may be shed');
  }
  if (isProcessingTime(window) || rowWindow?.time === 'processing') {
    refuse('window', 'when a row arrives at the aggregate is not known when it is decided on');
  }
  if (emit.kind !== 'end' || revision !== undefined) {
    refuse('emit', 'results that come before all rows are in may turn out not to be whole');
  }
  const windows = unitWindows(config);
  if (windows !== undefined && windows.sizeUs > MOST_WINDOWS * windows.slideUs) {
    refuse('window', `a row would be in more than ${MOST_WINDOWS} windows`);
  }
  for (const { name, expr } of keys) {
    if (expr.type.kind !== 'float64') continue;
    refuse('groupBy', `key '${name}' is float64: cast it to what is equal or not`);
  }
}
