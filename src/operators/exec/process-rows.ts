/** Rows to lines for a process, and its lines to rows. @module */

import { Batch } from '../../core/batch.ts';
import { Column, Heap } from '../../core/column.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import { CsvEncoder } from '../../rows/encode/csv.ts';
import { JsonlEncoder } from '../../rows/encode/jsonl.ts';
import type { RowEncoder } from '../../rows/encode/row-encoder.ts';
import { ByteWriter } from '../../rows/values/byte-writer.ts';
import { forgetRow } from '../../rows/values/row-checks.ts';
import { LargeRows } from '../large-rows.ts';
import { textRowWriter, type WriteTextRow } from '../parse/text-row.ts';
import type { RowFailures } from '../row-failures.ts';
import type { ExecConfig } from './spec.ts';

const OUT = 0;
const LARGEST_HEAP_BYTES = 0x7fff_ffff;

/** The rows of one task. */
export class ProcessRows {
  /** Rows that the process gave; their times are the kernel's to set. */
  readonly output: Batch;
  readonly #failures: RowFailures;
  readonly #encoder: RowEncoder;
  readonly #buffer = new ByteWriter();
  readonly #write: WriteTextRow;
  readonly #columns: readonly Column[];
  readonly #heap: Heap;
  readonly #largeRows: LargeRows;

  constructor(plan: OperatorPlan, context: KernelContext, failures: RowFailures) {
    const { format } = plan.config as ExecConfig;
    const [input] = plan.inputs as [OperatorPlan['inputs'][number]];
    const { schema, hasTime } = plan.outputs[OUT]!.stream;
    const { rowCapacity, memory } = context;
    this.#failures = failures;
    this.#encoder =
      format.kind === 'csv' ? new CsvEncoder(format, input.schema) : new JsonlEncoder(input.schema);
    this.#write = textRowWriter(schema, format);
    this.#heap = new Heap(new Uint8Array(0), LARGEST_HEAP_BYTES, memory);
    this.#columns = schema.map(({ type }) => {
      const column = Column.allocate(type, rowCapacity, memory);
      column.heap = this.#heap;
      return column;
    });
    this.output = Batch.view(rowCapacity, hasTime);
    this.#largeRows = new LargeRows(schema, failures, context);
  }

  /** Selected rows of a batch, from `from` on, as lines. */
  linesOf({ columns, selection, selected }: Batch, from: number): Uint8Array {
    const buffer = this.#buffer;
    buffer.clear();
    for (let i = from; i < selected; i++) this.#encoder.writeRow(buffer, columns, selection[i]!);
    return buffer.bytes.slice(0, buffer.length);
  }

  /** Forgets the rows before. */
  begin(): void {
    for (const column of this.#columns) column.clearNulls();
    this.#heap.used = 0;
  }

  /** Writes a line as row `at`; false when it is none, which is a row in error. */
  take(line: string, at: number, input: string): boolean {
    const { used } = this.#heap;
    const outcome = this.#write(line, this.#columns, at);
    if (outcome === true) return true;
    this.#heap.used = used;
    forgetRow(this.#columns, at);
    const message = `the process gave no such row: ${outcome}`;
    this.#failures.add({ code: 'ERR_PROCESS', message, input });
    return false;
  }

  /** Hands on rows of `output`, as far as slots can hold them. */
  handOn(rows: Uint32Array, count: number, out: Outbox): void {
    const { output } = this;
    output.columns = [...this.#columns];
    output.selection = rows;
    output.selected = count;
    this.#largeRows.drop(output);
    if (output.selected > 0) out.offer(OUT, output);
  }
}
