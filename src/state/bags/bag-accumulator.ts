/** An aggregate that keeps its values in bags. @module */

import type { Column } from '../../core/column.ts';
import { invariant } from '../../core/invariant.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { GivenRows, GroupState, ScriptedAccumulator } from '../accumulators/accumulator.ts';
import type { Arena } from '../arena.ts';
import { ByteStore } from '../byte-store.ts';
import type { Bags } from './bags.ts';

/** What is read from a bag. */
export interface BagReader {
  /**
   * Writes the result of a bag, which is in order, to a row, or marks that as null.
   *
   * @param first - first cell of the first of `entries` entries
   * @param total - how many values there are: those taken back more often than added do not count
   * @param record - the group's
   * @returns false where it does not fit its type
   */
  read(
    first: number,
    entries: number,
    total: number,
    target: Column,
    row: number,
    record: number,
  ): boolean;
  /** The same of an empty bag; left out: null. */
  readNone?(target: Column, row: number): void;
}

/** Where readers put what they make: strings and lists. Valid until the next call that reads. */
export class ResultBytes {
  readonly #store: ByteStore;
  readonly #bytes: Uint8Array;
  /** Whose results they are. */
  #state: GroupState | undefined;

  constructor(arena: Arena) {
    this.#store = new ByteStore(arena);
    this.#bytes = arena.bytes;
  }

  begin(state: GroupState): void {
    this.#store.clear();
    this.#state = state;
  }

  /** Forgets the results of a state that is let go. */
  release(state: GroupState): void {
    if (this.#state !== state) return;
    this.#store.clear();
    this.#state = undefined;
  }

  *state(io: StateIo): Steps {
    yield* this.#store.state(io);
  }

  /** Writes a string, or what else has views, whose column refers to the arena. */
  write(target: Column, row: number, source: Uint8Array, length: number): void {
    if (target.setView(row, source, 0, length)) return;
    const offset = this.#store.take(length);
    this.#bytes.set(source.subarray(0, length), offset);
    const at = 4 * row;
    target.words[at] = length;
    target.bytes.set(source.subarray(0, 4), 16 * row + 4);
    target.words[at + 2] = 0;
    target.words[at + 3] = offset;
  }
}

/** Keeps the values of a group. */
export class BagAccumulator implements ScriptedAccumulator {
  readonly #bags: Bags;
  readonly #cell: number;
  readonly #reader: BagReader;
  readonly #results: ResultBytes;
  /** Columns of keys, then the argument. */
  readonly #columns: Column[] = [];

  /** @param cell - of a handle, in the group's record */
  constructor(bags: Bags, cell: number, reader: BagReader, results: ResultBytes) {
    this.#bags = bags;
    this.#cell = cell;
    this.#reader = reader;
    this.#results = results;
  }

  update(state: GroupState, given: GivenRows, others: readonly Column[]): void {
    this.#change(state, given, others, 1);
  }

  retract(state: GroupState, given: GivenRows, others: readonly Column[]): void {
    this.#change(state, given, others, -1);
  }

  #change(
    { blocks }: GroupState,
    { column, records, rows, from, to }: GivenRows,
    others: readonly Column[],
    times: number,
  ): void {
    const columns = this.#columns;
    for (let o = 0; o < others.length; o++) columns[o] = others[o]!;
    columns[others.length] = column!;
    const cell = this.#cell;
    for (let i = from; i < to; i++) {
      this.#bags.add(blocks, records[i]! + cell, columns, rows[i]!, times);
    }
  }

  merge({ blocks }: GroupState, targets: Int32Array, sources: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#bags.merge(blocks, targets[i]! + this.#cell, sources[i]! + this.#cell);
    }
  }

  workOf(record: number): number {
    return this.#bags.entries(record + this.#cell);
  }

  /** Values are copied in any case. */
  own(): void {}

  release(state: GroupState): void {
    this.#results.release(state);
  }

  *state(io: StateIo): Steps {
    yield* this.#results.state(io);
  }

  read(
    records: Int32Array,
    count: number,
    target: Column,
    failed: Uint8Array,
    state?: GroupState,
  ): number {
    invariant(state !== undefined, 'bags are read of a state');
    const bags = this.#bags;
    this.#results.begin(state);
    let failures = 0;
    for (let i = 0; i < count; i++) {
      const handle = records[i]! + this.#cell;
      bags.compact(state.blocks, handle);
      const entries = bags.entries(handle);
      const first = bags.first(handle);
      const total = bags.total(handle);
      if (total <= 0) {
        if (this.#reader.readNone === undefined) target.setNull(i);
        else this.#reader.readNone(target, i);
      } else if (!this.#reader.read(first, entries, total, target, i, records[i]!)) {
        failed[i] = 1;
        failures++;
      }
    }
    return failures;
  }
}
