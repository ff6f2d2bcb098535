/** What `union` does: hands on what comes, perhaps in other columns, under the least watermark. @module */

import { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import { WatermarkMerge } from '../../core/time.ts';
import type { TimeUs } from '../../core/units.ts';
import { CompiledExpr, RowEvaluator } from '../row-evaluator.ts';
import { RowFailures } from '../row-failures.ts';
import type { UnionConfig } from './spec.ts';

/** Makes the kernel of a `union`. */
export function createUnionKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new UnionKernel(plan, context);
}

/** The columns of the output, made of one input. */
interface InputColumns {
  readonly expressions: readonly CompiledExpr[];
  readonly evaluator: RowEvaluator;
  readonly output: Batch;
}

class UnionKernel implements Kernel {
  readonly #watermarks: WatermarkMerge;
  /** For inputs with event time in a union without. */
  readonly #withoutTime: Batch | undefined;
  readonly #failures: RowFailures;
  /** By input, where columns meet by name. */
  readonly #inputs: readonly InputColumns[] | undefined;

  constructor(plan: OperatorPlan, context: KernelContext) {
    this.#watermarks = new WatermarkMerge(plan.inputs.length);
    const dropsTime =
      plan.inputs.some((input) => input.hasTime) && !plan.outputs[0]!.stream.hasTime;
    this.#withoutTime = dropsTime ? Batch.view(context.rowCapacity, false) : undefined;
    this.#failures = new RowFailures(plan, context);
    const config = plan.config as UnionConfig | undefined;
    const { hasTime } = plan.outputs[0]!.stream;
    this.#inputs = config?.columns.map((columns, i) => ({
      expressions: columns.map(({ name, expr }) => new CompiledExpr(expr, name, context)),
      evaluator: new RowEvaluator(plan.inputs[i]!.schema, context, this.#failures),
      output: Batch.view(context.rowCapacity, hasTime),
    }));
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    if (this.#inputs !== undefined) {
      out.offer(0, this.#convert(this.#inputs[port]!, batch));
    } else if (this.#withoutTime === undefined) {
      out.offer(0, batch);
    } else {
      this.#withoutTime.shareColumns(batch);
      out.offer(0, this.#withoutTime);
    }
    return this.resume(out);
  }

  #convert({ expressions, evaluator, output }: InputColumns, batch: Batch): Batch {
    evaluator.begin(batch, batch.selection, batch.selected);
    output.shareRows(batch);
    for (let c = 0; c < expressions.length; c++) {
      output.columns[c] = evaluator.evaluate(expressions[c]!);
    }
    output.selection = evaluator.rows;
    output.selected = evaluator.count;
    return output;
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    if (this.#watermarks.update(port, watermarkUs)) out.watermark(this.#watermarks.mergedUs);
    return 'done';
  }

  resume(out: Outbox): Progress {
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }

  state(io: StateIo): undefined {
    io.section('union', 1);
    this.#watermarks.state(io);
  }
}
