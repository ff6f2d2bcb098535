/** What `sequence` does: a batch that refers to the input's columns beside one of numbers. @module */

import { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import { INT64 } from '../../core/types.ts';
import type { SequenceConfig } from './spec.ts';

/** Makes the kernel of a `sequence`. */
export function createSequenceKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new SequenceKernel(plan, context);
}

class SequenceKernel implements Kernel {
  readonly #step: number;
  readonly #numbers: Column;
  readonly #output: Batch;
  /** Of the next row. */
  #number: number;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { start, step } = plan.config as SequenceConfig;
    this.#step = step;
    this.#number = start;
    this.#numbers = Column.allocate(INT64, context.rowCapacity, context.memory);
    this.#output = Batch.view(context.rowCapacity, plan.inputs[0]!.hasTime);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const output = this.#output;
    output.shareColumns(batch);
    output.columns[batch.columns.length] = this.#numbers;
    this.#write(batch.selection, batch.selected);
    out.offer(0, output);
    return 'done';
  }

  state(io: StateIo): undefined {
    io.section('sequence', 1);
    this.#number = io.float(this.#number);
  }

  /** @hot */
  #write(rows: Uint32Array, count: number): void {
    const numbers = this.#numbers;
    const step = this.#step;
    let number = this.#number;
    for (let i = 0; i < count; i++) {
      numbers.setI64FromNumber(rows[i]!, number);
      number += step;
    }
    this.#number = number;
    if (!Number.isSafeInteger(number)) {
      throw new MillraceError('ERR_LIMIT_EXCEEDED', 'the numbers have passed ±2^53');
    }
  }
}
