/** Kernels whose state can be parted in two, by the hash of keys. @module */

import type { Kernel } from '../../../core/operator.ts';
import type { Steps } from '../../../core/state-io.ts';

/** A kernel that can forget some of its keys. */
export interface PartingKernel extends Kernel {
  /**
   * Forgets all keys but those whose hashes are kept, and takes their memory back; between two calls. It may
   * take half as much memory more meanwhile.
   */
  keepOnly(keeps: (hash: number) => boolean): Steps;
}

/** Whether a kernel can. */
export function isParting(kernel: Kernel): kernel is PartingKernel {
  return 'keepOnly' in kernel;
}
