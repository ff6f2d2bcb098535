/** Which operators can keep parts of their state on disk, see `kernel.ts`. Pure. @module */

import type { OperatorPlan, ReportIssue } from '../../../core/operator.ts';
import type { OperatorNode } from '../../../core/topology/model.ts';
import type { DataType } from '../../../core/types.ts';
import type { AggregatePlanConfig } from '../../aggregate/config.ts';
import type { DedupConfig } from '../../dedup/spec.ts';

/** A plan with its state in parts; `undefined` when that cannot be, which is reported. */
export function planParts(
  plan: OperatorPlan,
  { type, parameters }: OperatorNode,
  report: ReportIssue,
): OperatorPlan | undefined {
  const { distribution } = plan;
  const problem = problemOf(plan, type, parameters !== undefined);
  if (problem === undefined && distribution.kind === 'keys') {
    const { columns } = distribution;
    return { ...plan, spill: { kind: 'parts', columns, hash: hashOf(plan) }, stages: undefined };
  }
  report(['onLimit'], problem ?? NO_KEYS);
  return undefined;
}

const NO_KEYS =
  'what goes to disk is chosen by columns in which rows that belong together are equal, and there is none: ' +
  'expected "error", or such a column, computed in a map before';

function problemOf(
  { distribution, time = 'event', inputs, steps }: OperatorPlan,
  type: string,
  hasParameters: boolean,
): string | undefined {
  if (steps !== undefined) {
    return `'${type}' of several streams keeps its rows in memory: expected "error", or one ${type} behind the other`;
  }
  if (distribution.kind !== 'keys') return NO_KEYS;
  if (time !== 'event') {
    return 'what goes by processing time has to be in memory when its time comes: expected "error"';
  }
  if (inputs.some(({ change }) => change !== undefined)) {
    return 'rows that may be taken back are kept in memory: expected "error"';
  }
  if (hasParameters) {
    return 'rows on disk would meet parameters of a later time: expected "error", or no parameters';
  }
  return undefined;
}

/** Groups are known by hashes of all their keys, floats by others than those of their bytes. */
function hashOf({ kind, config, inputs }: OperatorPlan): 'table' | 'spread' {
  const isSame = ({ kind: type }: DataType): boolean => type !== 'float64';
  if (kind === 'dedup') {
    const { keys } = config as DedupConfig;
    return keys.every((key) => isSame(inputs[0]!.schema[key]!.type)) ? 'table' : 'spread';
  }
  if (kind !== 'aggregate') return 'spread';
  const { keys } = config as AggregatePlanConfig;
  const areColumns = keys.every(({ expr }) => expr.op === 'column' && isSame(expr.type));
  return areColumns ? 'table' : 'spread';
}

/** Whether no result comes before the input has ended, so that parts need not come back before. */
export function waitsForEnd({ kind, config }: OperatorPlan): boolean {
  if (kind !== 'aggregate') return false;
  const { window, session, rowWindow, emit } = config as AggregatePlanConfig;
  return (window ?? session ?? rowWindow) === undefined && emit.kind === 'end';
}
