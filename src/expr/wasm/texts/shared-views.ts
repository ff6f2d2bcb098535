/** How `CASE` and `COALESCE` collect texts of several columns. @module */

import type { Column } from '../../../core/column.ts';
import type { ViewMover } from '../../batch/nodes/choice.ts';
import { bytesMover } from '../../batch/nodes/choice.ts';
import type { BatchOptions } from '../../batch/vector-node.ts';
import { MOVE_BYTES, MOVE_VIEWS } from './move-code.ts';
import { TextKernels } from './text-kernels.ts';

/**
 * Copies views and lets their bytes lie, as long as those of a batch all lie in one heap; from the first
 * batch on in which they do not, copies the bytes too. One for each node.
 */
export class SharedViews implements ViewMover {
  readonly #kernels: TextKernels;
  readonly #left: Uint32Array;
  #copiesBytes = false;

  constructor(options: BatchOptions) {
    this.#kernels = TextKernels.of(options);
    this.#left = options.memory.rows(options.rowCapacity);
  }

  move(out: Column, from: Column, rows: Uint32Array, count: number): boolean {
    if (!this.#copiesBytes && !this.#share(out, from)) {
      this.#copiesBytes = true;
      return false;
    }
    const kernels = this.#kernels;
    kernels.begin(rows, count, out);
    kernels.read(from);
    kernels.argument(0, from.nullCount === 0 ? 0 : from.validityAt);
    const hasNulls = out.nullCount !== 0 || from.nullCount !== 0;
    if (hasNulls) kernels.allowNulls(out);
    if (this.#copiesBytes) this.#copyBytes(rows, count, out, from);
    else kernels.run(MOVE_VIEWS);
    if (hasNulls) kernels.takeNulls(out);
    return true;
  }

  /** Gives `out` the heap in which the bytes of `from` lie; false if it has another. */
  #share(out: Column, { heap }: Column): boolean {
    if (heap.used === 0) return true;
    if (out.heap.used === 0) out.heap = heap;
    return out.heap === heap;
  }

  #copyBytes(rows: Uint32Array, count: number, out: Column, from: Column): void {
    const left = this.#kernels.runWithHeap(MOVE_BYTES, rows, count, out, this.#left);
    if (left > 0) bytesMover.move(out, from, this.#left, left);
  }
}
