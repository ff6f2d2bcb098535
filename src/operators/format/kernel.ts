/** What `format` does. @module */

import { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import { STRING } from '../../core/types.ts';
import { CsvEncoder } from '../../rows/encode/csv.ts';
import { JsonlEncoder } from '../../rows/encode/jsonl.ts';
import type { RowEncoder } from '../../rows/encode/row-encoder.ts';
import { ByteWriter } from '../../rows/values/byte-writer.ts';
import { LargeRows } from '../large-rows.ts';
import { RowFailures } from '../row-failures.ts';
import type { FormatConfig } from './spec.ts';

const OUT = 0;

/** Makes the kernel of a `format`. */
export function createFormatKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new FormatKernel(plan, context);
}

/** A batch that refers to the input's columns beside one of texts. */
class FormatKernel implements Kernel {
  readonly #config: FormatConfig;
  readonly #encoder: RowEncoder;
  readonly #writer = new ByteWriter();
  readonly #texts: Column;
  readonly #written: Column[] = [];
  readonly #output: Batch;
  readonly #failures: RowFailures;
  readonly #largeRows: LargeRows;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as FormatConfig;
    const { schema, hasTime } = plan.inputs[0]!;
    const written = config.written.map((c) => schema[c]!);
    this.#config = config;
    this.#encoder =
      config.format.kind === 'csv'
        ? new CsvEncoder(config.format, written)
        : new JsonlEncoder(written);
    this.#texts = Column.allocate(STRING, context.rowCapacity, context.memory);
    this.#output = Batch.view(context.rowCapacity, hasTime);
    this.#failures = new RowFailures(plan, context);
    this.#largeRows = new LargeRows(plan.outputs[OUT]!.stream.schema, this.#failures, context);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const { written, kept } = this.#config;
    const output = this.#output;
    for (let w = 0; w < written.length; w++) this.#written[w] = batch.columns[written[w]!]!;
    this.#writeTexts(batch);
    output.shareRows(batch);
    for (let k = 0; k < kept.length; k++) output.columns[k] = batch.columns[kept[k]!]!;
    output.columns[kept.length] = this.#texts;
    this.#largeRows.drop(output);
    out.offer(OUT, output);
    return this.resume(out);
  }

  #writeTexts({ selection, selected }: Batch): void {
    const texts = this.#texts;
    const writer = this.#writer;
    texts.clearNulls();
    texts.heap.used = 0;
    for (let i = 0; i < selected; i++) {
      writer.clear();
      this.#encoder.writeRow(writer, this.#written, selection[i]!);
      // Without the line end.
      if (texts.setView(selection[i]!, writer.bytes, 0, writer.length - 1)) continue;
      throw new MillraceError('ERR_TUPLE_TOO_LARGE', 'the texts of a batch have more than 2 GiB');
    }
  }

  resume(out: Outbox): Progress {
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }
}
