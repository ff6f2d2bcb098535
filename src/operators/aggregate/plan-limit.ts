/** Which aggregates can keep groups on disk, or forget them. Pure. @module */

import type { InputStream, ReportIssue } from '../../core/operator.ts';
import type { AggregateOperator } from '../../core/topology/model.ts';
import { planRecord } from '../../state/index.ts';
import type { AggregatePlanConfig } from './config.ts';

/** Says in the plan what happens at the limit. What the node's document shows was checked. */
export function planLimit(
  { onLimit }: AggregateOperator,
  input: InputStream,
  config: AggregatePlanConfig,
  issue: ReportIssue,
): AggregatePlanConfig {
  if (onLimit === 'evict') return planEviction(config, issue);
  if (onLimit !== 'spill') return config;
  if (input.stream.change !== undefined) {
    const message = `'${input.name}' is a stream of changes, whose groups are kept in memory`;
    issue(['onLimit'], `${message}: expected "error"`);
  }
  if (hasSlices(config) && hasDistinctValues(config)) {
    const message = 'distinct values of windows that share slices are kept in memory';
    issue(['onLimit'], `${message}: expected "error", or tumbling windows`);
  }
  return { ...config, spills: true };
}

function planEviction(config: AggregatePlanConfig, issue: ReportIssue): AggregatePlanConfig {
  if (hasDistinctValues(config)) {
    const message = 'groups with distinct values are not forgotten';
    issue(['onLimit'], `${message}: expected "error"`);
  }
  return { ...config, evicts: true };
}

/** Whether a window may be put together of several states. */
function hasSlices({ window }: AggregatePlanConfig): boolean {
  return window !== undefined && (window.isCumulating === true || window.sizeUs !== window.slideUs);
}

function hasDistinctValues({ keys, aggregates, retracts }: AggregatePlanConfig): boolean {
  const types = keys.map(({ expr }) => expr.type);
  return planRecord(types, aggregates, retracts).placements.some(({ kind }) => kind === 'distinct');
}
