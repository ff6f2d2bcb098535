/** What `module` does: rows as objects through a user's function. @module */

import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import { RowReader } from '../../rows/row-reader.ts';
import { RowWriter } from '../../rows/row-writer.ts';
import { loadFunction, textOf } from '../../modules/load-function.ts';
import { RowFailures } from '../row-failures.ts';
import { RowOrigin } from '../row-origin.ts';
import { rowText } from '../row-text.ts';
import { misfit, writeUserRow } from '../user-rows.ts';
import { BatchModuleKernel } from './batch-kernel.ts';
import type { BatchFunction } from './contract.ts';
import type { ModuleConfig } from './spec.ts';

const OUT = 0;

/** A row in; nothing, a row or rows out. */
type RowFunction = (row: Record<string, unknown>) => unknown;

/** Loads the user's function and makes the kernel of a `module`. */
export async function createModuleKernel(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<Kernel> {
  return (await loadModuleKernels(plan, context))(context);
}

/** Loads the user's function, and gives what makes kernels that call it. */
export async function loadModuleKernels(
  plan: OperatorPlan,
  { node, baseDirectory }: KernelContext,
): Promise<(context: KernelContext) => Kernel> {
  const config = plan.config as ModuleConfig;
  const call = await loadFunction(node, baseDirectory, config.module, config.export);
  return config.per === 'batch'
    ? (context) => new BatchModuleKernel(plan, context, call as BatchFunction)
    : (context) => new ModuleKernel(plan, context, call as RowFunction);
}

class ModuleKernel implements Kernel {
  readonly #call: RowFunction;
  readonly #plan: OperatorPlan;
  readonly #reader: RowReader;
  readonly #writer: RowWriter;
  readonly #origin = new RowOrigin();
  readonly #failures: RowFailures;
  /** The batch at work, and the position in its selection of the next row to call with. */
  #batch: Batch | undefined;
  #next = 0;
  /** Results of the row before that one, from `#written` on still to be written. */
  #results: readonly unknown[] = [];
  #written = 0;

  constructor(plan: OperatorPlan, context: KernelContext, call: RowFunction) {
    this.#plan = plan;
    this.#call = call;
    this.#reader = new RowReader(plan.inputs[0]!.schema, { int64: 'bigint' });
    this.#writer = new RowWriter(plan.outputs[OUT]!.stream.schema);
    this.#failures = new RowFailures(plan, context);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    this.#batch = batch;
    this.#next = 0;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const batch = this.#batch;
    while (batch !== undefined && !this.#isExhausted(batch)) {
      const target = out.claim(OUT);
      if (target === undefined) return 'blocked';
      const isFull = this.#fill(batch, target);
      out.commit(OUT, isFull);
    }
    this.#batch = undefined;
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }

  #isExhausted(batch: Batch): boolean {
    return this.#next >= batch.selected && this.#written >= this.#results.length;
  }

  /** Calls and writes until the input is used up or `target` is full; true when it is full. */
  #fill(batch: Batch, target: Batch): boolean {
    for (;;) {
      while (this.#written < this.#results.length) {
        if (!this.#write(batch, batch.selection[this.#next - 1]!, target)) return true;
      }
      if (this.#next >= batch.selected) return false;
      this.#results = this.#callWith(batch, batch.selection[this.#next++]!);
      this.#written = 0;
    }
  }

  #callWith(batch: Batch, row: number): readonly unknown[] {
    let result: unknown;
    try {
      result = this.#call(this.#reader.read(batch, row));
    } catch (error) {
      this.#fail(batch, row, `threw ${textOf(error)}`, error);
      return [];
    }
    if (result === undefined || result === null) return [];
    if (result instanceof Promise) {
      // Nobody will wait for it; its failure must not end the worker.
      result.catch(() => undefined);
      throw new MillraceError(
        'ERR_USER_CODE',
        'the function is asynchronous; it must return its rows',
      );
    }
    return Array.isArray(result) ? (result as readonly unknown[]) : [result];
  }

  /** One result; false when `target` has no room for it. */
  #write(batch: Batch, row: number, target: Batch): boolean {
    const at = target.rowCount;
    const outcome = writeUserRow(this.#writer, target, this.#results[this.#written]);
    if (outcome === 'full') return false;
    this.#written++;
    if (outcome !== null) {
      this.#fail(batch, row, `returned a row that does not fit: ${misfit(outcome)}`);
      return true;
    }
    this.#origin.take(batch, row);
    this.#origin.stamp(target, at);
    return true;
  }

  #fail(batch: Batch, row: number, message: string, cause?: unknown): void {
    const { schema } = this.#plan.inputs[0]!;
    const named = schema.map(({ name }, c) => ({ name, column: batch.columns[c]! }));
    this.#failures.add({ code: 'ERR_USER_CODE', message, input: rowText(named, row), cause });
  }
}
