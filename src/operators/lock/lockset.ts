/** The keys that a lock and its unlocks share: they run on one thread. @module */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext } from '../../core/operator.ts';

/** What an unlock knows of its lock. */
export interface Lockset {
  /** Unlocks the keys of rows; set by the lock. */
  unlock: ((batch: Batch, keys: readonly number[]) => void) | undefined;
}

/** The lock set of a name, for tasks of one number on one worker. */
export function locksetOf(name: string, context: KernelContext): Lockset {
  return context.shared(`lockset ${context.instance} ${name}`, () => ({ unlock: undefined }));
}
