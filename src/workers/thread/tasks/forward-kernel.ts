/** The kernel of a node that only passes rows on: an outlet to the host. @module */

import type { Batch } from '../../../core/batch.ts';
import type { Kernel, Outbox, Progress } from '../../../core/operator.ts';

/** Everything in, everything out. */
export class ForwardKernel implements Kernel {
  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    out.offer(0, batch);
    return 'done';
  }
}
