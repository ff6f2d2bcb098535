/** Aggregates of the topology's author: what a module exports, and calling it. @module */

import { MillraceError } from '../../core/errors.ts';
import { textOf } from '../../modules/load-function.ts';
import type { UserAggregate } from '../../state/index.ts';

/**
 * What a module exports as an aggregate. A state is any value; a function that changes it in place may
 * return nothing. Rows and parts of groups come in no promised order.
 */
export interface UserFunctions {
  /** The state of a group without rows. */
  init(): unknown;
  /** The state with a row more, whose arguments have values. */
  add(state: unknown, ...values: readonly unknown[]): unknown;
  /** The state with the rows of both. It leaves `other` as it is, and refers to nothing of it. */
  merge(state: unknown, other: unknown): unknown;
  /** The state without a row that was added; only of aggregates that say so. */
  retract?(state: unknown, ...values: readonly unknown[]): unknown;
  /** What the rows come to. */
  result(state: unknown): unknown;
}

/** Calls a function; whatever it throws names the node and the group. */
export function callUser(
  node: string,
  { name }: UserAggregate,
  what: string,
  group: () => string,
  call: () => unknown,
): unknown {
  let result: unknown;
  try {
    result = call();
  } catch (cause) {
    throw new MillraceError(
      'ERR_USER_CODE',
      `aggregate '${name}' of '${node}': ${what} threw ${textOf(cause)} for the group ${group()}`,
      { node, cause },
    );
  }
  if (!(result instanceof Promise)) return result;
  // Nobody will wait for it; its failure must not end the worker.
  result.catch(() => undefined);
  throw new MillraceError(
    'ERR_USER_CODE',
    `aggregate '${name}' of '${node}': ${what} is asynchronous; it must return its value`,
    { node },
  );
}
