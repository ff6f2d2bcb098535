/** What `unlock` does: tells the lock, then hands rows on. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { Lockset } from '../lock/lockset.ts';
import { locksetOf } from '../lock/lockset.ts';
import type { LockConfig } from '../lock/spec.ts';

/** Makes the kernel of an unlock. */
export function createUnlockKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new UnlockKernel(plan.config as LockConfig, context);
}

class UnlockKernel implements Kernel {
  readonly #keys: readonly number[];
  readonly #lockset: Lockset;

  constructor({ keys, lockset }: LockConfig, context: KernelContext) {
    this.#keys = keys;
    this.#lockset = locksetOf(lockset, context);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    this.#lockset.unlock?.(batch, this.#keys);
    out.offer(0, batch);
    return 'done';
  }
}
