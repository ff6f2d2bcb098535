/** The kernel of a node that only passes rows on: an outlet to the host. @module */

import type { Batch } from '../../../core/batch.ts';
import type { Kernel, Outbox, Progress } from '../../../core/operator.ts';
import type { TimeUs } from '../../../core/units.ts';

/** Everything in, everything out. */
export class ForwardKernel implements Kernel {
  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    out.offer(0, batch);
    return 'done';
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    out.watermark(watermarkUs);
    return 'done';
  }

  onEnd(): Progress {
    return 'done';
  }

  resume(): Progress {
    return 'done';
  }
}
