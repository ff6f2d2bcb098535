/** What `union` does: hands on what comes, under the least watermark. @module */

import { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import { WatermarkMerge } from '../../core/time.ts';
import type { TimeUs } from '../../core/units.ts';

/** Makes the kernel of a `union`. */
export function createUnionKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new UnionKernel(plan, context);
}

class UnionKernel implements Kernel {
  readonly #watermarks: WatermarkMerge;
  /** For inputs with event time in a union without. */
  readonly #withoutTime: Batch | undefined;

  constructor(plan: OperatorPlan, context: KernelContext) {
    this.#watermarks = new WatermarkMerge(plan.inputs.length);
    const dropsTime =
      plan.inputs.some((input) => input.hasTime) && !plan.outputs[0]!.stream.hasTime;
    this.#withoutTime = dropsTime ? Batch.view(context.rowCapacity, false) : undefined;
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (this.#withoutTime === undefined) {
      out.offer(0, batch);
    } else {
      this.#withoutTime.shareColumns(batch);
      out.offer(0, this.#withoutTime);
    }
    return 'done';
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    if (this.#watermarks.update(port, watermarkUs)) out.watermark(this.#watermarks.mergedUs);
    return 'done';
  }

  onEnd(): Progress {
    return 'done';
  }

  resume(): Progress {
    return 'done';
  }
}
