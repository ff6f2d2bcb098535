/** Gathering rows that are kept, and rows of a batch beside them, into columns. @module */

import type { Batch } from '../core/batch.ts';
import type { Column, Heap } from '../core/column.ts';
import { MillraceError } from '../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../core/gather.ts';
import type { KernelMemory } from '../core/memory.ts';
import type { RowKernel } from '../state/index.ts';

/** Rows to be gathered: what binds their columns, and where they lie. */
export interface RowsOf {
  readonly kernel: RowKernel;
  /** Whether they are rows of the batch that is bound, or records of kept ones. */
  readonly isKept: boolean;
  /** Positions in the batch, or addresses of records. */
  readonly items: Int32Array;
}

/** Gathers lists of rows by their kernels. In a join, the rows of both sides are lists of the same length. */
export class RowGather {
  readonly #buffer: ArrayBufferLike;
  /** Bytes of long values, by position in the lists. */
  readonly #sums: Int32Array;

  constructor(memory: KernelMemory, rowCapacity: number) {
    this.#buffer = memory.buffer;
    this.#sums = memory.words(rowCapacity);
  }

  /** Whether rows can be gathered into a batch as it is. */
  takes(batch: Batch): boolean {
    const { heap, columns } = batch;
    for (let c = 0; c < columns.length; c++) {
      if (columns[c]!.buffer !== this.#buffer || columns[c]!.heap !== heap) return false;
    }
    return heap.capacityBytes === heap.bytes.length;
  }

  /** Writes how many bytes of long values the rows at positions `from .. to` of some lists have together. */
  measure(lists: readonly (RowsOf | undefined)[], from: number, to: number): Int32Array {
    const sums = this.#sums.fill(0, from, to);
    for (const list of lists) {
      if (list === undefined) continue;
      const { kernel, isKept, items } = list;
      const { block, code } = kernel;
      const at = items.byteOffset + 4 * from;
      const target = sums.byteOffset + 4 * from;
      if (isKept) code.longOfRecords(block, at, to - from, target);
      else code.longOfRows(block, at, to - from, target);
    }
    return sums;
  }

  /**
   * How many rows at positions from `from` on, at most `wanted`, have long values that fit the heap of a batch.
   *
   * @returns {@link TUPLE_TOO_LARGE} when the first does not fit even an empty heap
   */
  fitting(
    batch: Batch,
    lists: readonly (RowsOf | undefined)[],
    from: number,
    wanted: number,
  ): number {
    const { freeBytes, capacityBytes } = batch.heap;
    const sums = this.measure(lists, from, from + wanted);
    let bytes = 0;
    for (let i = 0; i < wanted; i++) {
      bytes += sums[from + i]!;
      if (bytes > freeBytes) return i === 0 && bytes > capacityBytes ? TUPLE_TOO_LARGE : i;
    }
    return wanted;
  }

  /** Gathers rows at positions `0 .. count` into empty columns, which share a heap that may grow. */
  gatherAll(
    rows: RowsOf,
    count: number,
    columns: readonly Column[],
    positions: readonly number[],
    heap: Heap,
  ): void {
    let bytes = 0;
    const sums = this.measure([rows], 0, count);
    for (let i = 0; i < count; i++) bytes += sums[i]!;
    heap.used = 0;
    if (heap.reserve(bytes) < 0) {
      throw new MillraceError(
        'ERR_TUPLE_TOO_LARGE',
        `${count} rows have ${bytes} bytes of long values together: use smaller batches`,
      );
    }
    heap.used = 0;
    for (const position of positions) columns[position]!.nullCount = 0;
    this.gather(rows, 0, count, columns, positions, 0, heap);
  }

  /**
   * Writes the gathered columns of the rows at positions `from .. from + count` to columns, behind `start` others.
   *
   * @param positions - by gathered column: which of `columns` it goes to
   * @param heap - of these columns; has room, in the engine's memory
   */
  gather(
    { kernel, isKept, items }: RowsOf,
    from: number,
    count: number,
    columns: readonly Column[],
    positions: readonly number[],
    start: number,
    heap: Heap,
  ): void {
    kernel.bindTargets(columns, positions);
    const { block, code } = kernel;
    const at = items.byteOffset + 4 * from;
    const heapAt = heap.bytes.byteOffset;
    heap.used = isKept
      ? code.gatherRecords(block, at, count, start, heapAt, heap.used)
      : code.gatherRows(block, at, count, start, heapAt, heap.used);
    kernel.readNulls(columns, positions);
  }
}
