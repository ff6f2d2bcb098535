/**
 * `APPROX_COUNT_DISTINCT`: how many different values, by HyperLogLog over hashes of 32 bits.
 *
 * A group begins with a set of hashes and counts them; it is exact but for values with the same hash. Once
 * the set takes as much memory as the registers, which are {@link REGISTERS} bytes, it becomes registers, with
 * a standard error of 1.04/√4096 = 1.6 %. Either form depends on the set of hashes only, not on the order in
 * which they came; so does what is merged.
 *
 * ```
 *  handle │ first cell of the block, 0 = none │ logarithm of its cells │
 *         │ hashes in the set                 │ 1: registers           │
 * ```
 *
 * @module
 */

import { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { DataType } from '../../core/types.ts';
import type { GivenRows, GroupState, ScriptedAccumulator } from '../accumulators/accumulator.ts';
import type { Arena } from '../arena.ts';
import type { BlockStore } from '../blocks/block-store.ts';
import { hashColumn } from '../hash.ts';
import { canonicalFloats } from '../keys.ts';
import { estimateHashes, rankOf, REGISTERS, registerOf, valuesBehind } from './estimate.ts';

/** Words of a handle. */
const FIRST = 0;
const LOG = 1;
const COUNT = 2;
const IS_DENSE = 3;

/** A set begins with eight places. */
const LEAST_LOG = 2;
/** The logarithm of the cells of registers: a set that needs more than those becomes registers. */
const DENSE_LOG = 9;
/** Of so many places of a set three may be taken. */
const OF_PLACES = 4;
const MAY_BE_TAKEN = 3;

/** Keeps hashes of a group's values. */
export class DistinctSketchAccumulator implements ScriptedAccumulator {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #cell: number;
  readonly #hashes: Int32Array;
  /** For floats of which equal ones have equal bits. */
  readonly #floats: Column | undefined;

  /** @param cell - of a handle, in the group's record */
  constructor(
    memory: KernelMemory,
    arena: Arena,
    cell: number,
    argument: DataType,
    rowCapacity: number,
  ) {
    this.#words = arena.words;
    this.#bytes = arena.bytes;
    this.#cell = cell;
    this.#hashes = new Int32Array(rowCapacity);
    this.#floats =
      argument.kind === 'float64' ? Column.allocate(argument, rowCapacity, memory) : undefined;
  }

  update({ blocks }: GroupState, { column, records, rows, from, to }: GivenRows): void {
    let values = column!;
    if (this.#floats !== undefined) {
      canonicalFloats(values, this.#floats, rows, from, to);
      values = this.#floats;
    }
    const hashes = this.#hashes;
    hashColumn(values, rows, from, to, hashes);
    for (let i = from; i < to; i++) this.#add(blocks, 2 * (records[i]! + this.#cell), hashes[i]!);
  }

  /** @param at - first word of the handle */
  #add(blocks: BlockStore, at: number, given: number): void {
    // 0 stands for a free place of a set.
    const hash = given === 0 ? 1 : given;
    if (this.#words[at + IS_DENSE] === 1) this.#raise(at, registerOf(hash), rankOf(hash));
    else this.#addToSet(blocks, at, hash);
  }

  #raise(at: number, register: number, rank: number): void {
    const byte = 8 * this.#words[at + FIRST]! + register;
    if (this.#bytes[byte]! < rank) this.#bytes[byte] = rank;
  }

  /** @param hash - not 0 */
  #addToSet(blocks: BlockStore, at: number, hash: number): void {
    const words = this.#words;
    if (words[at + FIRST] === 0) this.#beginSet(blocks, at, LEAST_LOG);
    const first = 2 * words[at + FIRST]!;
    const mask = (2 << words[at + LOG]!) - 1;
    let place = hash & mask;
    while (words[first + place] !== 0) {
      if (words[first + place] === hash) return;
      place = (place + 1) & mask;
    }
    if ((words[at + COUNT]! + 1) * OF_PLACES > (mask + 1) * MAY_BE_TAKEN) {
      this.#grow(blocks, at);
      this.#add(blocks, at, hash);
      return;
    }
    words[first + place] = hash;
    words[at + COUNT] = words[at + COUNT]! + 1;
  }

  #beginSet(blocks: BlockStore, at: number, log: number): void {
    const first = blocks.take(log);
    this.#words.fill(0, 2 * first, 2 * (first + (1 << log)));
    this.#words[at + FIRST] = first;
    this.#words[at + LOG] = log;
    this.#words[at + COUNT] = 0;
  }

  /** Doubles the set, or makes registers of it. */
  #grow(blocks: BlockStore, at: number): void {
    const words = this.#words;
    const log = words[at + LOG]!;
    const first = words[at + FIRST]!;
    this.#beginSet(blocks, at, Math.min(log + 1, DENSE_LOG));
    if (log === DENSE_LOG) words[at + IS_DENSE] = 1;
    for (let word = 2 * first; word < 2 * (first + (1 << log)); word++) {
      if (words[word] !== 0) this.#add(blocks, at, words[word]!);
    }
    blocks.release(first, log);
  }

  merge({ blocks }: GroupState, targets: Int32Array, sources: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#mergeOne(blocks, 2 * (targets[i]! + this.#cell), 2 * (sources[i]! + this.#cell));
    }
  }

  #mergeOne(blocks: BlockStore, target: number, source: number): void {
    const words = this.#words;
    const first = words[source + FIRST]!;
    if (first === 0) return;
    if (words[source + IS_DENSE] === 0) {
      for (let word = 2 * first; word < 2 * (first + (1 << words[source + LOG]!)); word++) {
        if (words[word] !== 0) this.#add(blocks, target, words[word]!);
      }
      return;
    }
    this.#makeDense(blocks, target);
    for (let r = 0; r < REGISTERS; r++) this.#raise(target, r, this.#bytes[8 * first + r]!);
  }

  #makeDense(blocks: BlockStore, at: number): void {
    const words = this.#words;
    if (words[at + IS_DENSE] === 1) return;
    const [first, log] = [words[at + FIRST]!, words[at + LOG]!];
    this.#beginSet(blocks, at, DENSE_LOG);
    words[at + IS_DENSE] = 1;
    if (first === 0) return;
    for (let word = 2 * first; word < 2 * (first + (1 << log)); word++) {
      if (words[word] !== 0) this.#add(blocks, at, words[word]!);
    }
    blocks.release(first, log);
  }

  workOf(record: number): number {
    const at = 2 * (record + this.#cell);
    return this.#words[at + IS_DENSE] === 1 ? REGISTERS : this.#words[at + COUNT]!;
  }

  /** Hashes are copied in any case. */
  own(): void {}

  read(records: Int32Array, count: number, target: Column): number {
    const words = this.#words;
    for (let i = 0; i < count; i++) {
      const at = 2 * (records[i]! + this.#cell);
      const hashes =
        words[at + IS_DENSE] === 1
          ? estimateHashes(this.#bytes, 8 * words[at + FIRST]!)
          : words[at + COUNT]!;
      target.setI64FromNumber(i, Math.round(valuesBehind(hashes)));
    }
    return 0;
  }
}
