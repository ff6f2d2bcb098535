/** The keys that a lock and its unlocks share: they run on one thread. @module */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext } from '../../core/operator.ts';

/** Unlocks the keys of rows. */
export type Unlock = (batch: Batch, keys: readonly number[]) => void;

/** What an unlock knows of its lock. */
export interface Lockset {
  /** Set by the lock. */
  unlock: Unlock | undefined;
}

/** By worker, whose memory is its own, and name. */
const locksets = new WeakMap<object, Map<string, Lockset>>();

/** The lock set of a name, for tasks of one number on one worker. */
export function locksetOf(name: string, { memory, instance }: KernelContext): Lockset {
  let known = locksets.get(memory);
  if (known === undefined) {
    known = new Map();
    locksets.set(memory, known);
  }
  const id = `${instance} ${name}`;
  let lockset = known.get(id);
  if (lockset === undefined) {
    lockset = { unlock: undefined };
    known.set(id, lockset);
  }
  return lockset;
}
