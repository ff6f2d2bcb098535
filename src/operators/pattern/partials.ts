/**
 * Partial matches: blocks of memory in two lists, those of a group in one state, and all in the order in
 * which their first rows came.
 *
 * ```
 *  block, words │ size │ next, before in the state │ next, before of all │ state │ group │ first row │ last row │ row by slot …
 * ```
 *
 * A partial match that a row makes of another stands right before that one in the list of all: so those
 * that began with one row stand together, and of two of them the one comes first whose next row did. A partial match is known by the first word of its block.
 *
 * @module
 */

import type { StateIo } from '../../core/state-io.ts';
import type { HeldRows } from '../../state/index.ts';
import { NO_RECORD } from '../../state/index.ts';

/** No partial match. */
export const NO_PARTIAL = 0;
/** Words of a partial match. */
export const Word = {
  NEXT: 1,
  BEFORE: 2,
  BEHIND: 3,
  AHEAD: 4,
  STATE: 5,
  GROUP: 6,
  FIRST: 7,
  LAST: 8,
  ROWS: 9,
} as const;

/** Words of a list: its first and its last partial match. */
export const LIST_WORDS = 2;

/** Where a group has its lists. */
export interface GroupLists {
  /** Behind the first word of a group: the lists by state. */
  readonly states: number;
  /** The list of all: behind the first word of a group, or else the word itself. */
  readonly all: number;
  readonly isAllOfGroup: boolean;
}

/** Partial matches of all groups. */
export class Partials {
  readonly #words: Int32Array;
  readonly #blocks: HeldRows;
  readonly #slots: number;
  readonly #lists: GroupLists;
  /** The first of those that are free, linked by their words {@link Word.NEXT}. */
  #free = NO_PARTIAL;
  /** Bytes of one. */
  readonly bytes: number;

  /** @param slots - how many rows a match has at most */
  constructor(blocks: HeldRows, slots: number, lists: GroupLists) {
    this.#words = blocks.arena.words;
    this.#blocks = blocks;
    this.#slots = slots;
    this.#lists = lists;
    this.bytes = 4 * (Word.ROWS + slots);
  }

  /** Which are free; the others are in lists that their groups have. */
  state(io: StateIo): void {
    this.#free = io.int(this.#free);
  }

  /** The word with the first of all, of a group or altogether. */
  allOf(group: number): number {
    const { all, isAllOfGroup } = this.#lists;
    return isAllOfGroup ? group + all : all;
  }

  /** The word with the first of a group's in a state. */
  listOf(group: number, state: number): number {
    return group + this.#lists.states + LIST_WORDS * state;
  }

  /**
   * Makes a partial match.
   *
   * @param from - the one that a row makes it of; {@link NO_PARTIAL}: it begins with the row
   * @param slot - the place of the row
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  add(group: number, state: number, from: number, slot: number, record: number): number {
    const words = this.#words;
    let partial = this.#free;
    if (partial === NO_PARTIAL) partial = this.#blocks.takeBytes(this.bytes) >>> 2;
    else this.#free = words[partial + Word.NEXT]!;
    const rows = partial + Word.ROWS;
    if (from === NO_PARTIAL) {
      for (let s = 0; s < this.#slots; s++) words[rows + s] = NO_RECORD;
      words[partial + Word.FIRST] = record;
    } else {
      const others = from + Word.ROWS;
      for (let s = 0; s < this.#slots; s++) words[rows + s] = words[others + s]!;
      words[partial + Word.FIRST] = words[from + Word.FIRST]!;
    }
    words[rows + slot] = record;
    words[partial + Word.LAST] = record;
    words[partial + Word.STATE] = state;
    words[partial + Word.GROUP] = group;
    this.#addToState(this.listOf(group, state), partial);
    this.#addToAll(this.allOf(group), partial, from);
    return partial;
  }

  /** @hot */
  #addToState(list: number, partial: number): void {
    const words = this.#words;
    const last = words[list + 1]!;
    words[partial + Word.NEXT] = NO_PARTIAL;
    words[partial + Word.BEFORE] = last;
    if (last === NO_PARTIAL) words[list] = partial;
    else words[last + Word.NEXT] = partial;
    words[list + 1] = partial;
  }

  /** @hot */
  #addToAll(list: number, partial: number, from: number): void {
    const words = this.#words;
    const ahead = from === NO_PARTIAL ? words[list + 1]! : words[from + Word.AHEAD]!;
    const behind = from;
    words[partial + Word.AHEAD] = ahead;
    words[partial + Word.BEHIND] = behind;
    if (ahead === NO_PARTIAL) words[list] = partial;
    else words[ahead + Word.BEHIND] = partial;
    if (behind === NO_PARTIAL) words[list + 1] = partial;
    else words[behind + Word.AHEAD] = partial;
  }

  /** Takes a partial match out of its lists, and keeps its memory for another; what it holds is not let go. @hot */
  remove(partial: number): void {
    const words = this.#words;
    const group = words[partial + Word.GROUP]!;
    const list = this.listOf(group, words[partial + Word.STATE]!);
    const before = words[partial + Word.BEFORE]!;
    const next = words[partial + Word.NEXT]!;
    if (before === NO_PARTIAL) words[list] = next;
    else words[before + Word.NEXT] = next;
    if (next === NO_PARTIAL) words[list + 1] = before;
    else words[next + Word.BEFORE] = before;
    const all = this.allOf(group);
    const ahead = words[partial + Word.AHEAD]!;
    const behind = words[partial + Word.BEHIND]!;
    if (ahead === NO_PARTIAL) words[all] = behind;
    else words[ahead + Word.BEHIND] = behind;
    if (behind === NO_PARTIAL) words[all + 1] = ahead;
    else words[behind + Word.AHEAD] = ahead;
    words[partial + Word.NEXT] = this.#free;
    this.#free = partial;
  }
}
