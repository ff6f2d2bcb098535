/** From rows that are kept to rows of an output. @module */

import { RowCopier } from '../../columns/index.ts';
import type { Batch } from '../../core/batch.ts';
import { identitySelection } from '../../core/batch.ts';
import { Column, Heap } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import { storageOf } from '../../core/types.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { HeldRows } from '../../state/index.ts';
import type { RowsOf } from '../row-gather.ts';
import { RowGather } from '../row-gather.ts';

const LARGEST_HEAP_BYTES = 0x7fff_ffff;

/** Kept rows of which columns of the output are made. */
export interface HeldPart {
  readonly rows: HeldRows;
  /** By gathered column: its position in the output. */
  readonly positions: readonly number[];
}

/** A column of an output that is computed: a float for each row, NaN of its own kind for null. */
export interface ComputedPart {
  readonly position: number;
}

/**
 * The next rows of an output, at most a batch: one kept row of each part makes a row. Fill
 * {@link records} at {@link count} and call {@link add}; flush when {@link isFull}.
 */
export class HeldOutput {
  /** By part and position: the record. */
  readonly records: readonly Int32Array[];
  /** By computed column and position: the value, and whether there is one. */
  readonly values: readonly Float64Array[];
  readonly present: readonly Uint8Array[];
  readonly #node: string;
  readonly #port: number;
  readonly #parts: readonly HeldPart[];
  readonly #lists: readonly RowsOf[];
  readonly #computed: readonly ComputedPart[];
  readonly #times: Float64Array;
  readonly #lateBy: Float64Array;
  readonly #capacity: number;
  readonly #gather: RowGather;
  readonly #copier: RowCopier;
  readonly #hasViews: boolean;
  /** Where rows are gathered that cannot be gathered right into the output. */
  readonly #columns: readonly Column[];
  readonly #heaps: readonly Heap[];
  readonly #selection: Uint32Array;
  #count = 0;
  #done = 0;
  #isGathered = false;
  /** When the last rows entered the engine. */
  #ingestTimeUs: TimeUs = Infinity;

  constructor(
    plan: OperatorPlan,
    { node, rowCapacity, memory }: KernelContext,
    port: number,
    parts: readonly HeldPart[],
    computed: readonly ComputedPart[] = [],
  ) {
    const { schema } = plan.outputs[port]!.stream;
    this.#node = node;
    this.#port = port;
    this.#parts = parts;
    this.#computed = computed;
    this.records = parts.map(() => memory.words(rowCapacity));
    this.values = computed.map(() => new Float64Array(rowCapacity));
    this.present = computed.map(() => new Uint8Array(rowCapacity));
    this.#lists = parts.map(({ rows }, p) => ({
      kernel: rows.kernel,
      isKept: true,
      items: this.records[p]!,
    }));
    this.#times = new Float64Array(rowCapacity);
    this.#lateBy = new Float64Array(rowCapacity);
    this.#capacity = rowCapacity;
    this.#gather = new RowGather(memory, rowCapacity);
    this.#copier = new RowCopier(memory, schema.length);
    this.#hasViews = schema.some(({ type }) => storageOf(type) === 'view');
    this.#heaps = parts.map(() => new Heap(new Uint8Array(0), LARGEST_HEAP_BYTES, memory));
    this.#columns = schema.map(({ type }, c) => {
      const column = Column.allocate(type, rowCapacity, memory);
      const part = parts.findIndex(({ positions }) => positions.includes(c));
      if (part >= 0) column.heap = this.#heaps[part]!;
      return column;
    });
    this.#selection = identitySelection(rowCapacity);
  }

  /** Rows that wait to be flushed, or are being flushed. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#capacity;
  }

  /** Takes note of when rows came that will leave. */
  noteIngest(ingestTimeUs: TimeUs): void {
    if (ingestTimeUs < Infinity) this.#ingestTimeUs = ingestTimeUs;
  }

  /** Between flushes. */
  state(io: StateIo): void {
    this.#ingestTimeUs = io.float(this.#ingestTimeUs);
  }

  /** Adds the row whose records stand at {@link count}; not while rows are being flushed. */
  add(timeUs: TimeUs, lateByUs: DurationUs): void {
    this.#times[this.#count] = timeUs;
    this.#lateBy[this.#count++] = lateByUs;
  }

  /** Adds a row of the only part, with its own time. */
  addRecord(record: number): void {
    const { rows } = this.#parts[0]!;
    this.records[0]![this.#count] = record;
    this.add(rows.timeUs(record), rows.lateByUs(record));
  }

  /**
   * Hands the rows on; false when the output is full. When all are handed on, the count is 0 again and
   * the records are still there to be let go: `records[part][0 .. flushedCount)`.
   */
  flush(out: Outbox): boolean {
    while (this.#done < this.#count) {
      const batch = out.claim(this.#port);
      if (batch === undefined) return false;
      const start = batch.rowCount;
      const added = this.#append(batch);
      if (added === TUPLE_TOO_LARGE) throw this.#tooLarge(batch.heap.capacityBytes);
      if (batch.hasTime) this.#writeTimes(batch, start, added);
      if (added > 0 && this.#ingestTimeUs < batch.ingestTimeUs) {
        batch.ingestTimeUs = this.#ingestTimeUs;
      }
      this.#done += added;
      out.commit(this.#port, this.#done < this.#count);
    }
    return true;
  }

  /** Lets the rows of a part go after a flush. */
  letGo(part: number): void {
    this.#parts[part]!.rows.letAllGo(this.records[part]!, this.#count);
  }

  /** Begins anew after a flush. */
  reset(): void {
    this.#count = 0;
    this.#done = 0;
    this.#isGathered = false;
  }

  /** Appends the next rows, as many as fit: see `appendColumns`. */
  #append(batch: Batch): number {
    const [from, to] = [this.#done, this.#count];
    if (this.#isGathered || !this.#gather.takes(batch)) {
      if (!this.#isGathered) this.#gatherAll();
      return this.#copier.appendColumns(batch, this.#columns, this.#selection, from, to);
    }
    const start = batch.rowCount;
    const wanted = Math.min(to - from, batch.rowCapacity - start);
    const count = this.#hasViews ? this.#gather.fitting(batch, this.#lists, from, wanted) : wanted;
    if (count <= 0) return count;
    this.#lists.forEach((list, p) => {
      const { positions } = this.#parts[p]!;
      this.#gather.gather(list, from, count, batch.columns, positions, start, batch.heap);
    });
    this.#writeComputed(batch.columns, start, from, count);
    batch.setRowCount(start + count);
    return count;
  }

  #gatherAll(): void {
    this.#lists.forEach((list, p) => {
      const { positions } = this.#parts[p]!;
      this.#gather.gatherAll(list, this.#count, this.#columns, positions, this.#heaps[p]!);
    });
    for (const { position } of this.#computed) this.#columns[position]!.clearNulls();
    this.#writeComputed(this.#columns, 0, 0, this.#count);
    this.#isGathered = true;
  }

  #writeComputed(columns: readonly Column[], start: number, from: number, count: number): void {
    this.#computed.forEach(({ position }, c) => {
      const column = columns[position]!;
      const [values, present] = [this.values[c]!, this.present[c]!];
      for (let i = 0; i < count; i++) {
        if (present[from + i] === 0) {
          column.setNull(start + i);
        } else {
          column.setPresent(start + i);
          column.f64[start + i] = values[from + i]!;
        }
      }
    });
  }

  #writeTimes(batch: Batch, start: number, added: number): void {
    const [times, lateBy] = [this.#times, this.#lateBy];
    for (let i = 0; i < added; i++) {
      batch.setTimeUs(start + i, times[this.#done + i]!);
      batch.setLateBy(start + i, lateBy[this.#done + i]!);
    }
  }

  #tooLarge(limitBytes: number): MillraceError {
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a row of '${this.#node}' has long values of more than the ${limitBytes} bytes that a slot ` +
        'has room for: raise engine.ring.heap',
      { node: this.#node },
    );
  }
}
