/** Kernels that are called when the clock has reached a time. @module */

import type { Kernel, Outbox, Progress } from '../../../core/operator.ts';

/** A kernel that has something to do at some time, whether or not rows come. */
export interface TickingKernel extends Kernel {
  /** How long until {@link tick} has something to do; `Infinity`: until there are rows. */
  dueInMs(): number;
  /** Does what is due. Called like the other methods of a kernel. */
  tick(out: Outbox): Progress;
}

/** Whether a kernel goes by the clock. */
export function isTicking(kernel: Kernel): kernel is TickingKernel {
  return 'tick' in kernel && 'dueInMs' in kernel;
}
