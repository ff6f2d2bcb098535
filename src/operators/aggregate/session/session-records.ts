/**
 * Where sessions have their aggregates: records that are taken and given back one by one.
 *
 * What some aggregates keep beside their records goes only with the whole state. With such aggregates,
 * sessions that begin one after the other share a state, which goes when the last of them has ended.
 *
 * @module
 */

import type { StateIo, Steps } from '../../../core/state-io.ts';
import { stateOfList } from '../../../core/state-io.ts';
import type { GroupState, GroupStates, LooseRecords } from '../../../state/index.ts';

/** Sessions that share a state where states are what is given back. */
const SESSIONS_PER_STATE = 4096;

/** Some sessions' aggregates. */
interface Shelf {
  readonly state: GroupState;
  readonly records: LooseRecords;
  /** Sessions that began here, and those of them that are open. */
  begun: number;
  open: number;
}

/** The records of all sessions of a task. */
export class SessionRecords {
  readonly #states: GroupStates;
  readonly #keyCells: number;
  readonly #isPlain: boolean;
  /** By number; `undefined`: free. */
  #shelves: (Shelf | undefined)[] = [];
  #current = -1;

  /** @param keyCells - cells of a record in front of the aggregates */
  constructor(states: GroupStates, keyCells: number) {
    this.#states = states;
    this.#keyCells = keyCells;
    this.#isPlain = states.scripted.length === 0;
  }

  /** The shelf on which the next session has its record. */
  get current(): number {
    const shelf = this.#shelves[this.#current];
    const isFull = !this.#isPlain && shelf !== undefined && shelf.begun >= SESSIONS_PER_STATE;
    if (shelf !== undefined && !isFull) return this.#current;
    const free = this.#shelves.indexOf(undefined);
    this.#current = free < 0 ? this.#shelves.length : free;
    this.#shelves[this.#current] = {
      state: this.#states.acquire(),
      records: this.#states.looseRecords(),
      begun: 0,
      open: 0,
    };
    return this.#current;
  }

  /** What the aggregates of a shelf keep beside its records. */
  stateOf(shelf: number): GroupState {
    return this.#shelves[shelf]!.state;
  }

  /** A record on the current shelf with the keys of another. */
  take(keyed: number): number {
    const shelf = this.#shelves[this.current]!;
    shelf.begun++;
    shelf.open++;
    return shelf.records.take(keyed, this.#keyCells);
  }

  /** Gives a record back. */
  release(index: number, record: number): void {
    const shelf = this.#shelves[index]!;
    shelf.open--;
    if (shelf.open === 0) {
      shelf.records.releaseAll();
      this.#states.release(shelf.state);
      this.#shelves[index] = undefined;
    } else if (this.#isPlain) {
      shelf.records.release(record);
    }
  }

  *state(io: StateIo): Steps {
    this.#current = io.int(this.#current);
    const walk = (known: Shelf | undefined): Steps<Shelf | undefined> => this.#stateOf(io, known);
    this.#shelves = yield* stateOfList<Shelf | undefined>(io, this.#shelves, walk);
  }

  *#stateOf(io: StateIo, known: Shelf | undefined): Steps<Shelf | undefined> {
    if (!io.flag(known !== undefined)) return undefined;
    const state = yield* this.#states.stateOf(io, known?.state);
    const records = known?.records ?? this.#states.looseRecords();
    yield* records.state(io);
    const begun = io.int(known?.begun ?? 0);
    const open = io.int(known?.open ?? 0);
    return known ?? { state, records, begun, open };
  }
}
