/** The motion of a split: one output a call; the next one's turn comes when all behind it is settled. @module */

import { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { SplitConfig } from './spec.ts';

/** Makes the kernel of a split. */
export function createSplitKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new SplitKernel(plan, context);
}

class SplitKernel implements Kernel {
  readonly #outputs: number;
  readonly #isByRow: boolean;
  /** Shows one row. */
  readonly #view: Batch;
  readonly #row: Uint32Array;
  /** The batch at work; `undefined`: none. */
  #batch: Batch | undefined;
  /** The output whose turn it is, and the position of the row. */
  #port = 0;
  #at = 0;

  constructor(plan: OperatorPlan, { rowCapacity, memory }: KernelContext) {
    const { outputs, isByRow } = plan.config as SplitConfig;
    this.#outputs = outputs;
    this.#isByRow = isByRow;
    this.#view = Batch.view(rowCapacity, plan.inputs[0]!.hasTime);
    this.#row = memory.rows(1);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    this.#batch = batch;
    this.#port = 0;
    this.#at = 0;
    return this.resume(out);
  }

  /** Called again only when nothing behind this node has unfinished work: so the next output's turn has come. */
  resume(out: Outbox): Progress {
    const batch = this.#batch!;
    out.offer(this.#port, this.#isByRow ? this.#showRow(batch) : batch);
    if (++this.#port < this.#outputs) return 'yielded';
    this.#port = 0;
    if (this.#isByRow && ++this.#at < batch.selected) return 'yielded';
    this.#batch = undefined;
    return 'done';
  }

  #showRow(batch: Batch): Batch {
    const view = this.#view;
    view.shareColumns(batch);
    this.#row[0] = batch.selection[this.#at]!;
    view.selection = this.#row;
    view.selected = 1;
    return view;
  }
}
