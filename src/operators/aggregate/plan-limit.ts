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
  return spillsRows(config) ? { ...config, spills: true } : config;
}

/** Aggregates that take as much for any number of rows, or for a long string once in a while. */
const STEADY: readonly string[] = ['fused', 'view', 'product'];
/** A list of so many values at most does, too. */
const SHORT_LIST = 8;

/**
 * Whether rows are what goes to disk: groups in memory stay there, which they only can where they do not grow, and
 * all results come when a window closes.
 */
function spillsRows(config: AggregatePlanConfig): boolean {
  const { session, rowWindow, revision, emit, window } = config;
  if ((session ?? rowWindow ?? revision) !== undefined) return false;
  if (window === undefined && emit.kind !== 'end') return false;
  return placementsOf(config).every(
    (placement) =>
      STEADY.includes(placement.kind) ||
      (placement.kind === 'bag' && placement.bag.most <= SHORT_LIST),
  );
}

function planEviction(config: AggregatePlanConfig, issue: ReportIssue): AggregatePlanConfig {
  if (hasDistinctValues(config)) {
    const message = 'groups with distinct values are not forgotten';
    issue(['onLimit'], `${message}: expected "error"`);
  }
  return { ...config, evicts: true };
}

function hasDistinctValues(config: AggregatePlanConfig): boolean {
  return placementsOf(config).some(({ kind }) => kind === 'distinct');
}

function placementsOf({ keys, aggregates, retracts }: AggregatePlanConfig): Placements {
  const types = keys.map(({ expr }) => expr.type);
  return planRecord(types, aggregates, retracts).placements;
}

type Placements = ReturnType<typeof planRecord>['placements'];
