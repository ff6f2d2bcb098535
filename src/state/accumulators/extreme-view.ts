/**
 * `MIN` and `MAX` of strings and bytes, ordered by bytes.
 *
 * A record holds the view of the value (as a column has it) and, for long values, the block they
 * are copied to:
 *
 * ```
 *  cell 0  │ length, −1 = none yet │ bytes 0–3   │
 *  cell 1  │ bytes 4–7 or 0        │ 8–11 or offset │
 *  cell 2  │ size of the block     │ its offset  │
 * ```
 *
 * A block is reused by the next long value, or replaced by one of twice the size: so a group whose
 * extreme rises for ever takes no more memory than twice its longest value.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import { copyBytes, INLINE_BYTES } from '../../core/column.ts';
import type { Arena } from '../arena.ts';
import { compareViews, VIEW_OFFSET as OFFSET } from '../views.ts';
import type { GivenRows, GroupState, ScriptedAccumulator } from './accumulator.ts';
import type { Extreme } from './extreme.ts';

/** Words from the accumulator's first. */
const BLOCK_SIZE = 4;
const BLOCK_OFFSET = 5;

/** What the cells of a record begin with, as words. */
export const NO_VIEW = [-1, 0, 0, 0, 0, 0];

/** Least or greatest string of a column. */
export class ViewExtremeAccumulator implements ScriptedAccumulator {
  readonly #arena: Arena;
  readonly #cell: number;
  readonly #sign: number;

  /** @param cell - the first of three, which begin with {@link NO_VIEW} */
  constructor(arena: Arena, cell: number, extreme: Extreme) {
    this.#arena = arena;
    this.#cell = cell;
    this.#sign = extreme === 'max' ? 1 : -1;
  }

  update(state: GroupState, { records, column, rows, from, to }: GivenRows): void {
    const { words, bytes } = this.#arena;
    const views = column!.words;
    const heap = column!.heap.bytes;
    for (let i = from; i < to; i++) {
      const at = 2 * (records[i]! + this.#cell);
      const row = 4 * rows[i]!;
      const isFirst = words[at] === -1;
      if (isFirst || compareViews(views, row, heap, words, at, bytes) * this.#sign > 0) {
        this.#replace(state, at, views, row, heap);
      }
    }
  }

  #replace(state: GroupState, at: number, views: Int32Array, row: number, heap: Uint8Array): void {
    const { words, bytes } = this.#arena;
    const length = views[row]!;
    words[at] = length;
    words[at + 1] = views[row + 1]!;
    words[at + 2] = views[row + 2]!;
    words[at + OFFSET] = views[row + OFFSET]!;
    if (length <= INLINE_BYTES) return;
    if (length > words[at + BLOCK_SIZE]!) {
      const size = Math.max(32, length, words[at + BLOCK_SIZE]! * 2);
      words[at + BLOCK_OFFSET] = state.table.bytes.take(size);
      words[at + BLOCK_SIZE] = size;
    }
    copyBytes(heap, views[row + OFFSET]!, bytes, words[at + BLOCK_OFFSET]!, length);
    words[at + 2] = 0;
    words[at + OFFSET] = words[at + BLOCK_OFFSET]!;
  }

  merge(_target: GroupState, targets: Int32Array, sources: Int32Array, count: number): void {
    const { words, bytes } = this.#arena;
    for (let i = 0; i < count; i++) {
      const target = 2 * (targets[i]! + this.#cell);
      const source = 2 * (sources[i]! + this.#cell);
      if (words[source] === -1) continue;
      const isFirst = words[target] === -1;
      if (isFirst || compareViews(words, source, bytes, words, target, bytes) * this.#sign > 0) {
        for (let w = 0; w <= OFFSET; w++) words[target + w] = words[source + w]!;
      }
    }
  }

  own(state: GroupState, records: Int32Array, count: number): void {
    const { words, bytes } = this.#arena;
    for (let i = 0; i < count; i++) {
      const at = 2 * (records[i]! + this.#cell);
      const isOwn =
        words[at + OFFSET] === words[at + BLOCK_OFFSET] && words[at]! <= words[at + BLOCK_SIZE]!;
      if (words[at]! > INLINE_BYTES && !isOwn) this.#replace(state, at, words, at, bytes);
    }
  }

  /** Long values are not copied: `target` refers to the arena. */
  read(records: Int32Array, count: number, target: Column): number {
    const { words } = this.#arena;
    for (let i = 0; i < count; i++) {
      const at = 2 * (records[i]! + this.#cell);
      const isNone = words[at] === -1;
      if (isNone) target.setNull(i);
      for (let w = 0; w <= OFFSET; w++) target.words[4 * i + w] = isNone ? 0 : words[at + w]!;
    }
    return 0;
  }
}
