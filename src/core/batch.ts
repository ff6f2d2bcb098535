/**
 * Rows in columns, in place: in a ring's slot, or in a buffer of the thread's own.
 *
 * @module
 */

import type { BatchLayout } from './batch-layout.ts';
import { BatchKind, HeaderFloat, HeaderWord } from './batch-layout.ts';
import { Column, Heap, valueBytes } from './column.ts';
import type { ColumnMemory } from './memory.ts';
import { ownMemory } from './memory.ts';
import type { TimeUs } from './units.ts';

/** Values `0 .. rows` of a column, behind `start` others; false when long ones do not fit. */
function appendAll(target: Column, start: number, source: Column, rows: number): boolean {
  const end = start + rows;
  if (source.storage === 'bits') {
    for (let i = 0; i < rows; i++) target.setBool(start + i, source.getBool(i));
  } else if (source.storage === 'view' && source.heap.used > 0) {
    for (let i = 0; i < rows; i++) {
      if (source.isNull(i)) continue;
      const from = source.viewStart(i);
      if (!target.setView(start + i, source.viewSource(i), from, source.viewLength(i)))
        return false;
    }
  } else {
    const width = valueBytes(source.storage, 1);
    target.bytes.set(source.bytes.subarray(0, rows * width), start * width);
  }
  if (source.nullCount === 0 && target.nullCount === 0) return true;
  for (let row = start; row < end; row++) {
    if (source.isNull(row - start)) target.setNull(row);
    else target.setPresent(row);
  }
  return true;
}

const NO_WORDS = new Int32Array(0);
const NO_FLOATS = new Float64Array(0);

const identities = new Map<number, Uint32Array>();

/** The selection of every row, `0, 1, 2 …`, shared by all dense batches. Never written. */
export function identitySelection(capacity: number): Uint32Array {
  let identity = identities.get(capacity);
  if (identity === undefined) {
    identity = Uint32Array.from({ length: capacity }, (_, i) => i);
    identities.set(capacity, identity);
  }
  return identity;
}

/**
 * A batch. Shapes, with `n = rowCount` and `s = selected`:
 *
 * - `columns[c]` has `n` rows; rows that are not selected hold garbage or rows that were dropped.
 * - `selection[0 .. s)` are the live rows, ascending, each `< n`. A *dense* batch has `s = n` and
 *   the identity selection.
 * - `timeWords` (streams with event time): int64 microseconds, two words a row. Event times are
 *   within ±2^53 µs.
 * - `lateBy` (streams with event time): meaningful only while `lateCount > 0`. `lateBy[r]` is 0 for
 *   a row on time; else how far the watermark of the row's own source stood beyond its event time
 *   when it entered, so `time + lateBy` is that watermark.
 *
 * An operator drops rows by handing on a batch with a shorter selection, never by moving values; it
 * adds columns by handing on a batch that refers to its input's columns beside its own.
 *
 * A batch is valid until the call that received it returns; keep no reference to it or its columns.
 */
export class Batch {
  readonly rowCapacity: number;
  readonly hasTime: boolean;
  /** Own or referred-to columns, in schema order. */
  columns: Column[];
  /** Own columns, by position, where others are shown in their place: see {@link show}. */
  #hidden: Column[] | undefined;
  #isShowing = false;
  /** Its bytes are what others read, so it cannot show columns that lie elsewhere. */
  #isSlot = true;
  /** Where this batch's own view columns put long values. */
  readonly heap: Heap;
  timeWords: Int32Array;
  lateBy: Float64Array;
  /** Rows with `lateBy > 0`, at most: dropping rows may leave it too high, never 0 wrongly. */
  lateCount = 0;
  rowCount = 0;
  selection: Uint32Array;
  selected = 0;
  /** One of {@link BatchKind}. */
  kind: number = BatchKind.DATA;
  /** Checkpoint epoch. */
  epoch = 0;
  /** Number of the batch on its edge. */
  sequence = 0;
  /** Watermark of the stream after these rows. */
  watermarkUs: TimeUs = -Infinity;
  minTimeUs: TimeUs = Infinity;
  maxTimeUs: TimeUs = -Infinity;
  /** When the oldest of these rows entered the engine, on the engine's clock. */
  ingestTimeUs: TimeUs = Infinity;
  readonly #header: Int32Array;
  readonly #headerFloats: Float64Array;

  private constructor(
    rowCapacity: number,
    hasTime: boolean,
    heap: Heap,
    header: Int32Array,
    headerFloats: Float64Array,
  ) {
    this.rowCapacity = rowCapacity;
    this.hasTime = hasTime;
    this.heap = heap;
    this.columns = [];
    this.timeWords = NO_WORDS;
    this.lateBy = NO_FLOATS;
    this.selection = identitySelection(rowCapacity);
    this.#header = header;
    this.#headerFloats = headerFloats;
  }

  /** A batch over the bytes of a slot that begins at `byteOffset` of `buffer`. */
  static over(layout: BatchLayout, buffer: ArrayBufferLike, byteOffset: number): Batch {
    const { rowCapacity, hasTime } = layout;
    const heap = new Heap(new Uint8Array(buffer, byteOffset + layout.heapOffset, layout.heapBytes));
    const headerWords = HeaderWord.NULL_COUNTS + layout.schema.length;
    const batch = new Batch(
      rowCapacity,
      hasTime,
      heap,
      new Int32Array(buffer, byteOffset, headerWords),
      new Float64Array(buffer, byteOffset, HeaderWord.NULL_COUNTS / 2),
    );
    batch.columns = layout.schema.map((field, i) => {
      const place = layout.columns[i]!;
      const values = byteOffset + place.values;
      return new Column(field.type, rowCapacity, buffer, values, byteOffset + place.validity, heap);
    });
    if (hasTime) {
      batch.timeWords = new Int32Array(buffer, byteOffset + layout.timeOffset, rowCapacity * 2);
      batch.lateBy = new Float64Array(buffer, byteOffset + layout.lateByOffset, rowCapacity);
    }
    return batch;
  }

  /** A batch in memory of this thread's own. */
  static allocate(layout: BatchLayout, memory: ColumnMemory = ownMemory): Batch {
    const { buffer, byteOffset } = memory.allocate(layout.slotBytes);
    const batch = Batch.over(layout, buffer, byteOffset);
    batch.#isSlot = false;
    return batch;
  }

  /**
   * A batch without memory: its owner points `columns`, `timeWords` and `lateBy` at other columns
   * before handing it on (see {@link shareRows}).
   */
  static view(rowCapacity: number, hasTime: boolean): Batch {
    return new Batch(rowCapacity, hasTime, new Heap(new Uint8Array(0)), NO_WORDS, NO_FLOATS);
  }

  /** Empties the batch for writing: dense, no rows, no nulls, an empty heap. */
  reset(): void {
    this.rowCount = 0;
    this.selected = 0;
    this.selection = identitySelection(this.rowCapacity);
    this.lateCount = 0;
    this.kind = BatchKind.DATA;
    this.watermarkUs = -Infinity;
    this.minTimeUs = Infinity;
    this.maxTimeUs = -Infinity;
    this.ingestTimeUs = Infinity;
    this.heap.used = 0;
    if (this.#isShowing) this.#unhide(this.#hidden!);
    for (let c = 0; c < this.columns.length; c++) this.columns[c]!.nullCount = 0;
  }

  /** Writes the fields into the slot's header; the producer calls it before it publishes. */
  seal(): void {
    const header = this.#header;
    const floats = this.#headerFloats;
    header[HeaderWord.ROW_COUNT] = this.rowCount;
    header[HeaderWord.KIND] = this.kind;
    header[HeaderWord.EPOCH] = this.epoch;
    header[HeaderWord.SEQUENCE] = this.sequence;
    header[HeaderWord.HEAP_USED] = this.heap.used;
    header[HeaderWord.LATE_COUNT] = this.lateCount;
    floats[HeaderFloat.WATERMARK] = this.watermarkUs;
    floats[HeaderFloat.MIN_TIME] = this.minTimeUs;
    floats[HeaderFloat.MAX_TIME] = this.maxTimeUs;
    floats[HeaderFloat.INGEST_TIME] = this.ingestTimeUs;
    for (let c = 0; c < this.columns.length; c++) {
      header[HeaderWord.NULL_COUNTS + c] = this.columns[c]!.nullCount;
    }
  }

  /** Reads the fields from the slot's header; the consumer calls it after it peeks. */
  open(): void {
    const header = this.#header;
    const floats = this.#headerFloats;
    this.rowCount = header[HeaderWord.ROW_COUNT]!;
    this.selected = this.rowCount;
    this.selection = identitySelection(this.rowCapacity);
    this.kind = header[HeaderWord.KIND]!;
    this.epoch = header[HeaderWord.EPOCH]!;
    this.sequence = header[HeaderWord.SEQUENCE]!;
    this.heap.used = header[HeaderWord.HEAP_USED]!;
    this.lateCount = header[HeaderWord.LATE_COUNT]!;
    this.watermarkUs = floats[HeaderFloat.WATERMARK]!;
    this.minTimeUs = floats[HeaderFloat.MIN_TIME]!;
    this.maxTimeUs = floats[HeaderFloat.MAX_TIME]!;
    this.ingestTimeUs = floats[HeaderFloat.INGEST_TIME]!;
    for (let c = 0; c < this.columns.length; c++) {
      this.columns[c]!.nullCount = header[HeaderWord.NULL_COUNTS + c]!;
    }
  }

  /** Sets `rowCount` after rows were written in place, and keeps the batch dense. */
  setRowCount(rows: number): void {
    this.rowCount = rows;
    this.selected = rows;
  }

  /**
   * Gives rows from `rowCount` on the first `rows` values of another column: a slot copies them, any
   * other batch, which must be empty, refers to that column until it is reset.
   *
   * @param source - of the same type; stays as it is until the batch is reset
   * @returns false when there is no room: pass the batch on first
   */
  show(position: number, source: Column, rows: number): boolean {
    if (this.#isSlot) return appendAll(this.columns[position]!, this.rowCount, source, rows);
    if (this.rowCount > 0) return false;
    this.#hidden ??= [...this.columns];
    this.columns[position] = source;
    this.#isShowing = true;
    return true;
  }

  /** Whether it refers to columns that belong to somebody else, who must not change them yet. */
  get isShowing(): boolean {
    return this.#isShowing;
  }

  /** Takes back null marks behind the last row, of rows that were begun and are not to be. */
  forgetNullsBehind(): void {
    const { columns } = this;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c]!;
      const isOwn = this.#hidden === undefined || this.#hidden[c] === column;
      if (column.nullCount === 0 || !isOwn) continue;
      for (let row = this.rowCount; row < this.rowCapacity; row++) column.setPresent(row);
    }
  }

  #unhide(own: readonly Column[]): void {
    this.#isShowing = false;
    for (let c = 0; c < own.length; c++) this.columns[c] = own[c]!;
  }

  /** Event time of a row. */
  timeUs(row: number): TimeUs {
    return this.timeWords[2 * row + 1]! * 4294967296 + (this.timeWords[2 * row]! >>> 0);
  }

  /** Sets the event time of a row and widens `minTimeUs`, `maxTimeUs`. */
  setTimeUs(row: number, timeUs: TimeUs): void {
    this.timeWords[2 * row] = timeUs | 0;
    this.timeWords[2 * row + 1] = Math.floor(timeUs / 4294967296);
    if (timeUs < this.minTimeUs) this.minTimeUs = timeUs;
    if (timeUs > this.maxTimeUs) this.maxTimeUs = timeUs;
  }

  /** Sets the event time of rows `start .. start + count`, the last ones, which are all on time. */
  setSameTime(start: number, count: number, timeUs: TimeUs): void {
    const words = this.timeWords;
    const low = timeUs | 0;
    const high = Math.floor(timeUs / 4294967296);
    const end = 2 * (start + count);
    for (let at = 2 * start; at < end; at += 2) {
      words[at] = low;
      words[at + 1] = high;
    }
    if (timeUs < this.minTimeUs) this.minTimeUs = timeUs;
    if (timeUs > this.maxTimeUs) this.maxTimeUs = timeUs;
    if (this.lateCount !== 0) this.lateBy.fill(0, start, start + count);
  }

  /** Marks a row late (`lateByUs > 0`) or on time (0). Call it for each row, in row order. */
  setLateBy(row: number, lateByUs: number): void {
    if (lateByUs === 0) {
      if (this.lateCount !== 0) this.lateBy[row] = 0;
      return;
    }
    if (this.lateCount === 0) this.lateBy.fill(0, 0, row);
    this.lateBy[row] = lateByUs;
    this.lateCount++;
  }

  /** How late a row is, 0 when on time. */
  lateByUs(row: number): number {
    return this.lateCount === 0 ? 0 : this.lateBy[row]!;
  }

  /** Copies the row-independent fields of `source` (counts, times, watermark) and its selection. */
  shareRows(source: Batch): void {
    this.rowCount = source.rowCount;
    this.selection = source.selection;
    this.selected = source.selected;
    this.timeWords = source.timeWords;
    this.lateBy = source.lateBy;
    this.lateCount = source.lateCount;
    this.watermarkUs = source.watermarkUs;
    this.minTimeUs = source.minTimeUs;
    this.maxTimeUs = source.maxTimeUs;
    this.ingestTimeUs = source.ingestTimeUs;
  }

  /** Makes this batch show the same columns and rows as `source`, through its own selection. */
  shareColumns(source: Batch): void {
    this.shareRows(source);
    const columns = source.columns;
    for (let c = 0; c < columns.length; c++) this.columns[c] = columns[c]!;
  }
}
