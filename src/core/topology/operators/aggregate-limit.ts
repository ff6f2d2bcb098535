/** What an aggregate can do at the limit of its state. @module */

import type { NodeReport } from '../node-report.ts';

/** The parts of a node that say so, if they are sound. */
interface LimitedAggregate {
  readonly groupBy?: object | undefined;
  readonly window?:
    | { readonly type?: string | undefined; readonly allowedLateness?: string | undefined }
    | undefined;
  readonly emit?: unknown;
  readonly onLimit?: string | undefined;
}

/** Reports a choice that would give wrong results, or for which there is no code. */
export function checkAggregateLimit(node: LimitedAggregate, report: NodeReport): void {
  const problem = problemOf(node);
  if (problem !== undefined) report.add(['onLimit'], problem);
}

function problemOf(node: LimitedAggregate): string | undefined {
  switch (node.onLimit) {
    case 'evict':
      return evictionProblem(node);
    case 'spill':
      return spillProblem(node);
    default:
      return undefined;
  }
}

/** When results come that are the same wherever groups are. */
const SPILLED_EMITS: readonly unknown[] = ['end', 'onClose', 'each'];

const ONE_GROUP = `there is one group without 'groupBy', which has to be in memory: expected "error"`;

function hasNoKeys(groupBy: object | undefined): boolean {
  return groupBy === undefined || Object.keys(groupBy).length === 0;
}

function evictionProblem({ groupBy, window, emit }: LimitedAggregate): string | undefined {
  if (hasNoKeys(groupBy)) return ONE_GROUP;
  if (window !== undefined) {
    return 'results of a window would be those of some of its rows: expected "error" or "spill"';
  }
  if (emit === undefined || emit === 'end') {
    return 'results at the end would be those of some of the rows: expected "error" or "spill"';
  }
  if (emit === 'each') return undefined;
  return 'groups are forgotten with "emit": "each" alone: expected "error"';
}

function spillProblem({ groupBy, window, emit }: LimitedAggregate): string | undefined {
  if (hasNoKeys(groupBy)) return ONE_GROUP;
  if (emit !== undefined && !SPILLED_EMITS.includes(emit)) {
    return (
      'results that come again and again as time passes need their groups in memory: expected "error", ' +
      'or results at the end, when a window closes or with each row'
    );
  }
  if (window?.allowedLateness !== undefined) {
    return (
      `results that late rows may revise need their groups in memory: expected "error", or no ` +
      `'allowedLateness'`
    );
  }
  return undefined;
}
