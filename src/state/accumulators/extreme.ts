/**
 * `MIN` and `MAX` of types of fixed width.
 *
 * Floats are ordered with NaN above all numbers, so `MAX` is NaN as soon as there is one and `MIN`
 * only when there is nothing else; 0 and −0 are equal, and the result is 0. False is below true.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import { invariant } from '../../core/invariant.ts';
import type { Storage } from '../../core/types.ts';
import type { Arena } from '../arena.ts';
import type { GroupState } from './accumulator.ts';
import type { RecordLayout } from '../record-layout.ts';
import type { Accumulator } from './accumulator.ts';

/** Which end of the order is wanted. */
export type Extreme = 'min' | 'max';

/** Words that a record begins with: no value is beyond them, so the first one replaces them. */
const INITIAL: Readonly<Record<Extreme, Readonly<Record<Exclude<Storage, 'view'>, number[]>>>> = {
  min: {
    bits: [1],
    i32: [0x7fff_ffff],
    i64: [-1, 0x7fff_ffff],
    f64: [0, 0x7ff8_0000],
  },
  max: {
    bits: [0],
    i32: [-0x8000_0000],
    i64: [0, -0x8000_0000],
    f64: [0, -0x0010_0000],
  },
};

/** Cell, after the value's, that counts as seen when its first word is 1. */
const SEEN = 1;

/** Least or greatest value of a column. */
export class ExtremeAccumulator implements Accumulator {
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #cell: number;
  readonly #storage: Exclude<Storage, 'view'>;
  readonly #isMax: boolean;

  constructor(arena: Arena, layout: RecordLayout, storage: Storage, extreme: Extreme) {
    invariant(storage !== 'view', 'a view has no fixed width');
    this.#words = arena.words;
    this.#floats = arena.floats;
    this.#storage = storage;
    this.#isMax = extreme === 'max';
    this.#cell = layout.reserve(2, INITIAL[extreme][storage]);
  }

  update(
    _state: GroupState,
    records: Int32Array,
    column: Column | undefined,
    rows: Uint32Array,
    from: number,
    to: number,
  ): void {
    const values = column!;
    const cell = this.#cell;
    const words = this.#words;
    switch (this.#storage) {
      case 'i32':
        if (this.#isMax) maxI32(words, cell, records, values.words, rows, from, to);
        else minI32(words, cell, records, values.words, rows, from, to);
        break;
      case 'i64':
        extremeI64(words, cell, records, values.words, rows, from, to, this.#isMax);
        break;
      case 'f64':
        if (this.#isMax) maxF64(this.#floats, cell, records, values.f64, rows, from, to);
        else minF64(this.#floats, cell, records, values.f64, rows, from, to);
        break;
      case 'bits':
        extremeBits(words, cell, records, values.bytes, rows, from, to, this.#isMax);
        break;
    }
    markSeen(words, cell + SEEN, records, from, to);
  }

  merge(targets: Int32Array, sources: Int32Array, count: number): void {
    const words = this.#words;
    for (let i = 0; i < count; i++) {
      const target = targets[i]! + this.#cell;
      const source = sources[i]! + this.#cell;
      words[2 * (target + SEEN)] = words[2 * (target + SEEN)]! | words[2 * (source + SEEN)]!;
      if (!this.#isBeyond(source, target)) continue;
      words[2 * target] = words[2 * source]!;
      words[2 * target + 1] = words[2 * source + 1]!;
    }
  }

  /** Whether the value in cell `a` is to replace that in cell `b`. */
  #isBeyond(a: number, b: number): boolean {
    const words = this.#words;
    const isMax = this.#isMax;
    switch (this.#storage) {
      case 'f64': {
        const x = this.#floats[a]!;
        const y = this.#floats[b]!;
        return isMax ? x > y || x !== x : x < y || y !== y;
      }
      case 'i64': {
        const order = compareI64(
          words[2 * a]!,
          words[2 * a + 1]!,
          words[2 * b]!,
          words[2 * b + 1]!,
        );
        return isMax ? order > 0 : order < 0;
      }
      default:
        return isMax ? words[2 * a]! > words[2 * b]! : words[2 * a]! < words[2 * b]!;
    }
  }

  finishMerge(): void {}

  read(records: Int32Array, count: number, target: Column): number {
    const words = this.#words;
    for (let i = 0; i < count; i++) {
      const cell = records[i]! + this.#cell;
      if (words[2 * (cell + SEEN)] === 0) target.setNull(i);
      else this.#readOne(cell, i, target);
    }
    return 0;
  }

  #readOne(cell: number, row: number, target: Column): void {
    const words = this.#words;
    switch (this.#storage) {
      case 'bits':
        target.setBool(row, words[2 * cell] === 1);
        break;
      case 'i32':
        target.words[row] = words[2 * cell]!;
        break;
      default:
        target.words[2 * row] = words[2 * cell]!;
        target.words[2 * row + 1] = words[2 * cell + 1]!;
    }
  }
}

function compareI64(lowA: number, highA: number, lowB: number, highB: number): number {
  return highA === highB ? (lowA >>> 0) - (lowB >>> 0) : highA - highB;
}

/** @hot */
function markSeen(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) words[2 * (records[i]! + cell)] = 1;
}

/** @hot */
function minI32(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  values: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const at = 2 * (records[i]! + cell);
    const value = values[rows[i]!]!;
    if (value < words[at]!) words[at] = value;
  }
}

/** @hot */
function maxI32(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  values: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const at = 2 * (records[i]! + cell);
    const value = values[rows[i]!]!;
    if (value > words[at]!) words[at] = value;
  }
}

/** @hot Two words: the upper decides, unless equal. */
function extremeI64(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  values: Int32Array,
  rows: Uint32Array,
  from: number,
  to: number,
  isMax: boolean,
): void {
  for (let i = from; i < to; i++) {
    const at = 2 * (records[i]! + cell);
    const word = 2 * rows[i]!;
    const low = values[word]!;
    const high = values[word + 1]!;
    const order = compareI64(low, high, words[at]!, words[at + 1]!);
    if (isMax ? order > 0 : order < 0) {
      words[at] = low;
      words[at + 1] = high;
    }
  }
}

/** @hot NaN is what a group begins with; adding 0 turns −0 into 0. */
function minF64(
  floats: Float64Array,
  cell: number,
  records: Int32Array,
  values: Float64Array,
  rows: Uint32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const at = records[i]! + cell;
    const value = values[rows[i]!]! + 0;
    const least = floats[at]!;
    if (value < least || least !== least) floats[at] = value;
  }
}

/** @hot */
function maxF64(
  floats: Float64Array,
  cell: number,
  records: Int32Array,
  values: Float64Array,
  rows: Uint32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const at = records[i]! + cell;
    const value = values[rows[i]!]! + 0;
    if (value > floats[at]! || value !== value) floats[at] = value;
  }
}

/** @hot */
function extremeBits(
  words: Int32Array,
  cell: number,
  records: Int32Array,
  bytes: Uint8Array,
  rows: Uint32Array,
  from: number,
  to: number,
  isMax: boolean,
): void {
  for (let i = from; i < to; i++) {
    const at = 2 * (records[i]! + cell);
    const row = rows[i]!;
    const value = (bytes[row >> 3]! >> (row & 7)) & 1;
    words[at] = isMax ? words[at]! | value : words[at]! & value;
  }
}
