/** Gathering the rows of pairs into columns. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column, Heap } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { KeptRows } from '../../state/index.ts';

/** Rows of one side: what binds their columns, and where they lie. */
export interface RowsOf {
  readonly rows: KeptRows;
  /** Whether they are rows of the batch that is bound, or records of kept ones. */
  readonly isKept: boolean;
  /** By pair. */
  readonly items: Int32Array;
}

/** Gathers pairs, or parts of them, by the kernels of both sides. */
export class PairGather {
  readonly #buffer: ArrayBufferLike;
  /** By pair: bytes of long values. */
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

  /** Writes how many bytes of long values each of pairs `from .. to` has. */
  measure(sides: readonly RowsOf[], from: number, to: number): Int32Array {
    const sums = this.#sums.fill(0, from, to);
    for (const { rows, isKept, items } of sides) {
      const { block, code } = rows.kernel;
      const at = items.byteOffset + 4 * from;
      const target = sums.byteOffset + 4 * from;
      if (isKept) code.longOfRecords(block, at, to - from, target);
      else code.longOfRows(block, at, to - from, target);
    }
    return sums;
  }

  /**
   * Writes the gathered columns of pairs `from .. from + count` to columns, behind `start` others.
   *
   * @param positions - by gathered column: which of `columns` it goes to
   * @param heap - of these columns; has room, in the engine's memory
   */
  gather(
    { rows, isKept, items }: RowsOf,
    from: number,
    count: number,
    columns: readonly Column[],
    positions: readonly number[],
    start: number,
    heap: Heap,
  ): void {
    const { kernel } = rows;
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
