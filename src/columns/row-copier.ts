/** Copying rows by compiled code: into slots of rings, mostly. @module */

import type { Batch } from '../core/batch.ts';
import { identitySelection } from '../core/batch.ts';
import type { Column } from '../core/column.ts';
import {
  appendColumns,
  appendRows,
  copyLongValues,
  longBytes,
  mayOverflow,
  TUPLE_TOO_LARGE,
} from '../core/gather.ts';
import type { KernelMemory } from '../core/memory.ts';
import { compileModule, instantiate } from '../wasm/index.ts';
import { buildCopyModule } from './copy-module.ts';
import { COLUMN_WORDS, COPY_KINDS, CopyKind, CopyWord } from './copy-shape.ts';

/** Columns of event time and lateness, which have no place among the columns of a batch. */
const TIME_COLUMNS = 2;

type Functions = Readonly<Record<string, (...args: number[]) => number>>;

/** One instance for all edges of a worker. */
const instances = new WeakMap<KernelMemory, Functions>();

function functionsOver(memory: KernelMemory): Functions {
  let functions = instances.get(memory);
  if (functions === undefined) {
    functions = instantiate(compileModule('copy rows', buildCopyModule), memory);
    instances.set(memory, functions);
  }
  return functions;
}

/**
 * Copies rows as the functions of `core/gather.ts` do; the results are the same. Rows, lists or targets
 * that lie outside the worker's memory are left to it, and long values in heaps there.
 */
export class RowCopier {
  readonly #buffer: ArrayBufferLike;
  readonly #words: Int32Array;
  readonly #wordsAt: number;
  /** Columns whose heaps lie outside: `#far[0 .. #fars)`. */
  readonly #far: Int32Array;
  #fars = 0;
  readonly #copy: (...args: number[]) => number;
  readonly #fitting: (...args: number[]) => number;

  /** @param columns - how many a row has, without its event time */
  constructor(memory: KernelMemory, columns: number) {
    this.#buffer = memory.buffer;
    this.#words = memory.words((columns + TIME_COLUMNS) * COLUMN_WORDS);
    this.#wordsAt = this.#words.byteOffset;
    this.#far = new Int32Array(columns);
    const functions = functionsOver(memory);
    this.#copy = functions['copy']!;
    this.#fitting = functions['fitting']!;
  }

  /** Appends rows `selection[from .. to)` of `source` to `target`: see `appendRows`. @hot */
  appendRows(
    target: Batch,
    source: Batch,
    selection: Uint32Array,
    from: number,
    to: number,
  ): number {
    const rows = this.#addressOf(selection);
    if (rows < 0 || !this.#takeColumns(target, source.columns) || !this.#hasTimes(source)) {
      return appendRows(target, source, selection, from, to);
    }
    const start = target.rowCount;
    const count = this.#fittingRows(target, source.columns, selection, rows, from, to);
    if (count <= 0) return count;
    const times = target.hasTime ? this.#takeTimes(target, source, start, count) : 0;
    this.#copyRows(target, source.columns.length + times, rows, from, count);
    if (this.#fars > 0) this.#copyFar(target, source.columns, selection, from, start, count);
    this.#giveNulls(target, source.columns.length);
    if (target.hasTime && source.lateCount !== 0) {
      const late = (source.columns.length + 1) * COLUMN_WORDS + CopyWord.NULLS;
      target.lateCount = this.#words[late]!;
    }
    if (source.ingestTimeUs < target.ingestTimeUs) target.ingestTimeUs = source.ingestTimeUs;
    return count;
  }

  /** Appends rows `selection[from .. to)` of `columns` to `target`: see `appendColumns`. @hot */
  appendColumns(
    target: Batch,
    columns: readonly Column[],
    selection: Uint32Array,
    from: number,
    to: number,
  ): number {
    const rows = this.#addressOf(selection);
    if (rows < 0 || !this.#takeColumns(target, columns)) {
      return appendColumns(target, columns, selection, from, to);
    }
    const start = target.rowCount;
    const count = this.#fittingRows(target, columns, selection, rows, from, to);
    if (count <= 0) return count;
    this.#copyRows(target, columns.length, rows, from, count);
    if (this.#fars > 0) this.#copyFar(target, columns, selection, from, start, count);
    this.#giveNulls(target, columns.length);
    return count;
  }

  /** How many rows there is room for; see `appendColumns`. */
  #fittingRows(
    target: Batch,
    columns: readonly Column[],
    selection: Uint32Array,
    rows: number,
    from: number,
    to: number,
  ): number {
    const wanted = Math.min(to - from, target.rowCapacity - target.rowCount);
    const { freeBytes, capacityBytes } = target.heap;
    if (wanted <= 0) return 0;
    if (!mayOverflow(columns, freeBytes)) return wanted;
    const end = this.#wordsAt + columns.length * COLUMN_WORDS * 4;
    const count = this.#fitting(this.#wordsAt, end, rows, from, wanted, freeBytes);
    if (count > 0) return count;
    return longBytes(columns, selection[from]!) > capacityBytes ? TUPLE_TOO_LARGE : 0;
  }

  #copyRows(target: Batch, columns: number, rows: number, from: number, count: number): void {
    const start = target.rowCount;
    for (let i = 0; i < this.#fars; i++) {
      this.#words[this.#far[i]! * COLUMN_WORDS + CopyWord.KIND] = CopyKind.INLINE_VIEWS;
    }
    const { heap } = target;
    heap.used = this.#copy(
      this.#wordsAt,
      this.#wordsAt + columns * COLUMN_WORDS * 4,
      start,
      rows,
      from,
      count,
      heap.bytes.byteOffset,
      heap.used,
    );
    target.setRowCount(start + count);
  }

  /** The long values of views that were copied as if they were inline. */
  #copyFar(
    target: Batch,
    columns: readonly Column[],
    selection: Uint32Array,
    from: number,
    start: number,
    count: number,
  ): void {
    for (let i = 0; i < this.#fars; i++) {
      const column = this.#far[i]!;
      copyLongValues(target.columns[column]!, start, columns[column]!, selection, from, count);
    }
  }

  /** Address of a list of rows; 0: row i is at position i; -1: it is not in this memory. */
  #addressOf(rows: Uint32Array): number {
    if (rows.buffer === this.#buffer) return rows.byteOffset;
    // An identity is an array of its own; do not have one made for each length of a part.
    const isWhole = rows.byteLength === rows.buffer.byteLength;
    return isWhole && rows === identitySelection(rows.length) ? 0 : -1;
  }

  /** Writes the table of columns; false when some of their bytes are not in this memory. @hot */
  #takeColumns(target: Batch, columns: readonly Column[]): boolean {
    const words = this.#words;
    const buffer = this.#buffer;
    this.#fars = 0;
    for (let c = 0, at = 0; c < columns.length; c++, at += COLUMN_WORDS) {
      const to = target.columns[c]!;
      const from = columns[c]!;
      if (to.buffer !== buffer || from.buffer !== buffer) return false;
      let kind = COPY_KINDS[from.storage];
      if (kind === CopyKind.VIEWS) {
        if (!hasHeap(target, to)) return false;
        if (from.heap.used === 0) kind = CopyKind.INLINE_VIEWS;
        else if (from.heap.bytes.buffer !== buffer) this.#far[this.#fars++] = c;
        else words[at + CopyWord.SOURCE_HEAP] = from.heap.bytes.byteOffset;
      }
      words[at + CopyWord.KIND] = kind;
      words[at + CopyWord.TARGET] = to.valuesAt;
      words[at + CopyWord.TARGET_VALIDITY] = to.validityAt;
      words[at + CopyWord.VALIDITY_BYTES] = to.validity.length;
      words[at + CopyWord.NULLS] = to.nullCount;
      words[at + CopyWord.SOURCE] = from.valuesAt;
      words[at + CopyWord.SOURCE_VALIDITY] = from.nullCount === 0 ? 0 : from.validityAt;
    }
    return true;
  }

  /** Late rows of an operator say how late they are in memory of its own. */
  #hasTimes({ timeWords, lateBy, lateCount }: Batch): boolean {
    if (lateCount !== 0 && lateBy.buffer !== this.#buffer) return false;
    return timeWords.length === 0 || timeWords.buffer === this.#buffer;
  }

  /** Adds event times, and lateness if there is any, to the table; how many columns that makes. */
  #takeTimes(target: Batch, source: Batch, start: number, count: number): number {
    const first = source.columns.length;
    this.#takePlain(first, CopyKind.EIGHT_BYTES, target.timeWords, source.timeWords);
    // The bounds of the source hold for any part of it.
    if (source.minTimeUs < target.minTimeUs) target.minTimeUs = source.minTimeUs;
    if (source.maxTimeUs > target.maxTimeUs) target.maxTimeUs = source.maxTimeUs;
    if (source.lateCount === 0) {
      if (target.lateCount !== 0) target.lateBy.fill(0, start, start + count);
      return 1;
    }
    if (target.lateCount === 0) target.lateBy.fill(0, 0, start);
    this.#takePlain(first + 1, CopyKind.LATE, target.lateBy, source.lateBy);
    this.#words[(first + 1) * COLUMN_WORDS + CopyWord.NULLS] = target.lateCount;
    return 2;
  }

  #takePlain(
    position: number,
    kind: number,
    target: Int32Array | Float64Array,
    source: Int32Array | Float64Array,
  ): void {
    const words = this.#words;
    const at = position * COLUMN_WORDS;
    words[at + CopyWord.KIND] = kind;
    words[at + CopyWord.TARGET] = target.byteOffset;
    words[at + CopyWord.TARGET_VALIDITY] = 0;
    words[at + CopyWord.SOURCE] = source.byteOffset;
    words[at + CopyWord.SOURCE_VALIDITY] = 0;
  }

  /** Reads back the numbers of nulls. @hot */
  #giveNulls(target: Batch, columns: number): void {
    const words = this.#words;
    for (let c = 0; c < columns; c++) {
      const nulls = words[c * COLUMN_WORDS + CopyWord.NULLS]!;
      if (target.columns[c]!.nullCount !== nulls) target.columns[c]!.nullCount = nulls;
    }
  }
}

/** Whether long values can be put into the heap of a batch, which does not grow then. */
function hasHeap({ heap }: Batch, column: Column): boolean {
  return column.heap === heap && heap.bytes.length === heap.capacityBytes;
}
