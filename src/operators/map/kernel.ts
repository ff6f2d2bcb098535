/** What `map` does: a batch that refers to the input's columns beside computed ones. @module */

import { LargeRowFinder } from '../../columns/index.ts';
import { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import { longBytes } from '../../core/gather.ts';
import { CompiledExpr, RowEvaluator } from '../row-evaluator.ts';
import { RowFailures } from '../row-failures.ts';
import { rowText } from '../row-text.ts';
import type { MapConfig } from './spec.ts';

/** Makes the kernel of a `map`. */
export function createMapKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new MapKernel(plan, context);
}

class MapKernel implements Kernel {
  readonly #expressions: readonly CompiledExpr[];
  readonly #evaluator: RowEvaluator;
  readonly #failures: RowFailures;
  readonly #output: Batch;
  readonly #slotHeapBytes: number;
  readonly #names: readonly string[];
  readonly #kept: Uint32Array;
  readonly #finder: LargeRowFinder;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { columns } = plan.config as MapConfig;
    const { rowCapacity, memory } = context;
    const [input] = plan.inputs as [OperatorPlan['inputs'][number]];
    this.#failures = new RowFailures(plan, context);
    this.#evaluator = new RowEvaluator(input.schema, context, this.#failures);
    this.#expressions = columns.map(({ name, expr }) => new CompiledExpr(expr, name, context));
    this.#output = Batch.view(rowCapacity, input.hasTime);
    this.#slotHeapBytes = context.slotHeapBytes;
    this.#names = columns.map((column) => column.name);
    this.#kept = memory.rows(rowCapacity);
    this.#finder = new LargeRowFinder(memory);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const evaluator = this.#evaluator;
    const output = this.#output;
    evaluator.begin(batch, batch.selection, batch.selected);
    output.shareRows(batch);
    for (let c = 0; c < this.#expressions.length; c++) {
      output.columns[c] = evaluator.evaluate(this.#expressions[c]!);
    }
    output.selection = evaluator.rows;
    output.selected = evaluator.count;
    // Wherever the reader runs: what fits no slot is an error here, not by chance of placement.
    const { columns, selection, selected } = output;
    const limit = this.#slotHeapBytes;
    if (this.#finder.mayExceed(columns, selection, selected, limit)) this.#dropTooLarge();
    out.offer(0, output);
    return this.resume(out);
  }

  #dropTooLarge(): void {
    const output = this.#output;
    const limit = this.#slotHeapBytes;
    let kept = 0;
    for (let i = 0; i < output.selected; i++) {
      const row = output.selection[i]!;
      const bytes = longBytes(output.columns, row);
      if (bytes <= limit) {
        this.#kept[kept++] = row;
        continue;
      }
      const named = this.#names.map((name, c) => ({ name, column: output.columns[c]! }));
      const message = `its strings have ${bytes} bytes, a slot holds ${limit}; raise /engine/ring/heap`;
      this.#failures.add({ code: 'ERR_TUPLE_TOO_LARGE', message, input: rowText(named, row) });
    }
    output.selection = this.#kept;
    output.selected = kept;
  }

  resume(out: Outbox): Progress {
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }
}
