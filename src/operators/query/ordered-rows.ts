/** Slots of a table in the order of one column: an index for ranges. @module */

import type { DataType } from '../../core/types.ts';
import type { Value } from '../../expr/index.ts';
import { compareBytes, compareText } from '../../expr/index.ts';
import { compareFloats, type TableColumn } from './table-column.ts';

/** Slots of a chunk before it is split in two. */
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

/**
 * Slots by value and then by the number of their row, in chunks of a few hundred: a change moves the
 * slots of one chunk. Rows with a null are not in it: no range has them.
 */
export class OrderedRows {
  readonly #column: TableColumn;
  readonly #numberOf: (slot: number) => number;
  readonly #compare: (a: Value, b: Value) => number;
  readonly #chunks: number[][] = [];

  constructor(column: TableColumn, numberOf: (slot: number) => number) {
    this.#column = column;
    this.#numberOf = numberOf;
    this.#compare = orderOf(column.type);
  }

  add(slot: number): void {
    if (this.#column.isNull(slot)) return;
    const chunks = this.#chunks;
    const at = Math.max(
      0,
      this.#chunkOf((first) => this.#isBefore(first, slot)),
    );
    const chunk = chunks[at];
    if (chunk === undefined) {
      chunks.push([slot]);
      return;
    }
    chunk.splice(
      position(chunk, (other) => this.#isBefore(other, slot)),
      0,
      slot,
    );
    if (chunk.length > MOST_OF_CHUNK) {
      chunks.splice(at + 1, 0, chunk.splice(MOST_OF_CHUNK / 2));
    }
  }

  /** Takes a slot out, which still has the value that it was added with. */
  remove(slot: number): void {
    if (this.#column.isNull(slot)) return;
    const at = Math.max(
      0,
      this.#chunkOf((first) => first === slot || this.#isBefore(first, slot)),
    );
    const chunk = this.#chunks[at]!;
    chunk.splice(
      position(chunk, (other) => this.#isBefore(other, slot)),
      1,
    );
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  clear(): void {
    this.#chunks.length = 0;
  }

  /** Slots whose value lies between two, both included; `undefined`: no bound. */
  *between(from: Value | undefined, to: Value | undefined): Generator<number> {
    const isBelow = (slot: number): boolean =>
      from !== undefined && this.#compare(this.#column.read(slot), from) < 0;
    const isAbove = (slot: number): boolean =>
      to !== undefined && this.#compare(this.#column.read(slot), to) > 0;
    let at = Math.max(0, this.#chunkOf(isBelow));
    for (; at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at]!;
      for (let i = position(chunk, isBelow); i < chunk.length; i++) {
        if (isAbove(chunk[i]!)) return;
        yield chunk[i]!;
      }
    }
  }

  #isBefore(a: number, b: number): boolean {
    const order = this.#column.compare(a, b);
    return order === 0 ? this.#numberOf(a) < this.#numberOf(b) : order < 0;
  }

  /** The last chunk whose first slot is before what is looked for; -1: none is. */
  #chunkOf(isBefore: (first: number) => boolean): number {
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
function position(chunk: readonly number[], isBefore: (slot: number) => boolean): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(chunk[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
