/** What `map` does: a batch that refers to the input's columns beside computed ones. @module */

import { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { TimeUs } from '../../core/units.ts';
import { CompiledExpr, RowEvaluator } from '../row-evaluator.ts';
import { RowFailures } from '../row-failures.ts';
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

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { columns } = plan.config as MapConfig;
    const { rowCapacity } = context;
    const [input] = plan.inputs as [OperatorPlan['inputs'][number]];
    this.#failures = new RowFailures(plan, context);
    this.#evaluator = new RowEvaluator(input.schema, rowCapacity, this.#failures);
    this.#expressions = columns.map(({ name, expr }) => new CompiledExpr(expr, name, rowCapacity));
    this.#output = Batch.view(rowCapacity, input.hasTime);
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
    out.offer(0, output);
    return this.resume(out);
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    out.watermark(watermarkUs);
    return 'done';
  }

  onEnd(): Progress {
    return 'done';
  }

  resume(out: Outbox): Progress {
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }
}
