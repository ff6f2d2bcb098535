/** Rows in the order of one column: an index for ranges. @module */

import type { DataType } from '../../core/types.ts';
import type { Value } from '../../expr/index.ts';
import { compareBytes, compareText } from '../../expr/index.ts';
import type { TableRow } from './table-row.ts';

/** Rows of a chunk before it is split in two. */
const MOST_OF_CHUNK = 512;

/** An order of values that are not null, of one type. */
export function orderOf(type: DataType): (a: Value, b: Value) => number {
  switch (type.kind) {
    case 'string':
      return (a, b) => compareText(a as string, b as string);
    case 'bytes':
      return (a, b) => compareBytes(a as Uint8Array, b as Uint8Array);
    case 'float64':
      return (a, b) => compareFloats(a as number, b as number);
    default:
      return (a, b) => (a! < b! ? -1 : a! > b! ? 1 : 0);
  }
}

/** NaN is greater than all numbers. */
function compareFloats(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/**
 * Rows by value and then by number, in chunks of a few hundred: a change moves the rows of one chunk.
 * Rows with a null are not in it: no range has them.
 */
export class OrderedRows {
  readonly #column: number;
  readonly #compare: (a: Value, b: Value) => number;
  readonly #chunks: TableRow[][] = [];

  constructor(column: number, type: DataType) {
    this.#column = column;
    this.#compare = orderOf(type);
  }

  add(row: TableRow): void {
    if (this.#valueOf(row) === null) return;
    const chunks = this.#chunks;
    const at = Math.max(
      0,
      this.#chunkOf((first) => this.#isBefore(first, row)),
    );
    const chunk = chunks[at];
    if (chunk === undefined) {
      chunks.push([row]);
      return;
    }
    chunk.splice(
      position(chunk, (other) => this.#isBefore(other, row)),
      0,
      row,
    );
    if (chunk.length > MOST_OF_CHUNK) {
      chunks.splice(at + 1, 0, chunk.splice(MOST_OF_CHUNK / 2));
    }
  }

  /** Takes a row out, which still has the value that it was added with. */
  remove(row: TableRow): void {
    if (this.#valueOf(row) === null) return;
    const at = Math.max(
      0,
      this.#chunkOf((first) => first === row || this.#isBefore(first, row)),
    );
    const chunk = this.#chunks[at]!;
    chunk.splice(
      position(chunk, (other) => this.#isBefore(other, row)),
      1,
    );
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** Rows whose value lies between two, both included; `undefined`: no bound. */
  *between(from: Value | undefined, to: Value | undefined): Generator<TableRow> {
    const isBelow = (row: TableRow): boolean =>
      from !== undefined && this.#compare(this.#valueOf(row), from) < 0;
    const isAbove = (row: TableRow): boolean =>
      to !== undefined && this.#compare(this.#valueOf(row), to) > 0;
    let at = Math.max(0, this.#chunkOf(isBelow));
    for (; at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at]!;
      for (let i = position(chunk, isBelow); i < chunk.length; i++) {
        if (isAbove(chunk[i]!)) return;
        yield chunk[i]!;
      }
    }
  }

  #valueOf(row: TableRow): Value {
    return row.values[this.#column]!;
  }

  #isBefore(a: TableRow, b: TableRow): boolean {
    const order = this.#compare(this.#valueOf(a), this.#valueOf(b));
    return order === 0 ? a.number < b.number : order < 0;
  }

  /** The last chunk whose first row is before what is looked for; -1: none is. */
  #chunkOf(isBefore: (first: TableRow) => boolean): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.#chunks[middle]![0]!)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** The first place of a chunk that is not before what is looked for. */
function position(chunk: readonly TableRow[], isBefore: (row: TableRow) => boolean): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(chunk[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
