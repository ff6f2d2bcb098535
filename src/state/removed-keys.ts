/** Room of records that were removed from a table, for those that come. @module */

import { INLINE_BYTES } from '../core/column.ts';
import type { StateIo, Steps } from '../core/state-io.ts';
import { stateOfLists } from '../core/state-io.ts';
import type { Arena } from './arena.ts';
import { Chunk } from './kernel/shape.ts';
import type { RecordLayout } from './record-layout.ts';

/** Where a removed record has the next one. */
const LINK_WORD = 0;
const NULLS_WORD = 1;
/** Words of a view: its length, and where a long value lies. */
const OFFSET_WORD = 3;

/** Records of one table that were removed from it, and the bytes of their long keys. */
export class RemovedKeys {
  readonly #arena: Arena;
  /** Cells of the keys that are views. */
  readonly #views: RecordLayout['keys'];
  /** The first record; 0: there is none. */
  #first = 0;
  /** By page of the arena: removals from a segment since its chunks were filled anew. */
  readonly #removals: Uint16Array;
  /** Offsets of blocks, by their length. */
  readonly #blocks = new Map<number, number[]>();

  constructor(arena: Arena, layout: RecordLayout) {
    this.#arena = arena;
    this.#removals = new Uint16Array(Math.ceil(arena.words.length / (arena.pageCells * 2)));
    this.#views = layout.keys.filter(({ storage }) => storage === 'view');
  }

  /**
   * Counts a removal from a segment.
   *
   * @returns true after as many as it has chunks: fill them anew, so that searches end soon. A segment
   * never has so many slots that all its chunks could have been full meanwhile
   */
  isDue(segment: number): boolean {
    const page = segment / (this.#arena.pageCells * 2);
    const chunks = (this.#arena.pageCells * 8) / Chunk.BYTES;
    const removals = this.#removals[page]! + 1;
    this.#removals[page] = removals % chunks;
    return removals === chunks;
  }

  /** Takes a record and its bytes over. */
  add(record: number): void {
    const { words } = this.#arena;
    this.#addBytes(record);
    words[2 * record + LINK_WORD] = this.#first;
    this.#first = record;
  }

  /** Long keys of a record lie behind each other. */
  #addBytes(record: number): void {
    const { words } = this.#arena;
    let start = -1;
    let length = 0;
    for (const { cell, nullBit } of this.#views) {
      const at = 2 * (record + cell);
      if (words[at]! <= INLINE_BYTES || (words[2 * record + NULLS_WORD]! & nullBit) !== 0) continue;
      if (start < 0) start = words[at + OFFSET_WORD]!;
      length += words[at]!;
    }
    if (start < 0) return;
    const blocks = this.#blocks.get(length);
    if (blocks === undefined) this.#blocks.set(length, [start]);
    else blocks.push(start);
  }

  /** A record to use again; 0: there is none. */
  takeRecord(): number {
    const record = this.#first;
    if (record !== 0) this.#first = this.#arena.words[2 * record + LINK_WORD]!;
    return record;
  }

  /** A block of exactly so many bytes; -1: there is none. */
  takeBytes(length: number): number {
    return this.#blocks.get(length)?.pop() ?? -1;
  }

  *state(io: StateIo): Steps {
    this.#first = io.int(this.#first);
    yield* io.memory(new Uint8Array(this.#removals.buffer));
    yield* stateOfLists(io, this.#blocks);
  }

  /** Forgets everything. */
  clear(): void {
    this.#first = 0;
    this.#blocks.clear();
  }
}
