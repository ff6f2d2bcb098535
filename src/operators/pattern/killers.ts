/** Rows that must stay out: what they end, when all rows of their rank have been looked at. @module */

import type { HeldRows } from '../../state/index.ts';
import type { PatternConfig } from './config.ts';
import type { MatchTest } from './match-test.ts';
import type { OpenMatches } from './open-matches.ts';
import { NO_PARTIAL, Word } from './partials.ts';

/** Words of a row that waits: size, next, record, group, input, events. */
const NODE_BYTES = 24;
const NO_NODE = 0;

/** A state, and the slots whose rows must be earlier. */
interface Kill {
  readonly state: number;
  readonly after: readonly number[];
}

/** Ends partial matches. */
export class Killers {
  /** A bit for each event that ends some. */
  readonly mask: number;
  readonly #open: OpenMatches;
  readonly #blocks: HeldRows;
  readonly #test: MatchTest | undefined;
  /** By event. */
  readonly #kills: readonly (readonly Kill[])[];
  #first = NO_NODE;
  /** Of the first row: the events that are left, the one at work, which of its states, and the next there. */
  #mask = 0;
  #event = 0;
  #kill = 0;
  #next = NO_PARTIAL;

  /** @param test - asks conditions on such rows, where there are some */
  constructor(
    { automaton }: PatternConfig,
    open: OpenMatches,
    blocks: HeldRows,
    test: MatchTest | undefined,
  ) {
    this.#open = open;
    this.#blocks = blocks;
    this.#test = test;
    this.#kills = automaton.kills.map((kills) =>
      kills.map(({ state, after }) => ({ state, after: after.map((event) => open.slots[event]!) })),
    );
    this.mask = maskOf(this.#kills);
  }

  /** No row waits. */
  get isEmpty(): boolean {
    return this.#first === NO_NODE;
  }

  /**
   * Takes note of a row.
   *
   * @param mask - of the events that it is and that end something
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  add(row: number, group: number, input: number, mask: number): void {
    const { words } = this.#open;
    const node = this.#blocks.takeBytes(NODE_BYTES) >>> 2;
    words[node + 1] = this.#first;
    words[node + 2] = row;
    words[node + 3] = group;
    words[node + 4] = input;
    words[node + 5] = mask;
    this.#first = node;
    this.#open.holds.hold(input, row);
    this.#open.use(group, 1);
  }

  /**
   * Has the first row end what it ends; the row goes when that is done.
   *
   * @param most - how many partial matches may be looked at
   * @returns how many were, or things as small
   */
  kill(most: number): number {
    const { words } = this.#open;
    const node = this.#first;
    const row = words[node + 2]!;
    const rank = this.#open.holds.rankOf(row);
    if (this.#mask === 0) this.#begin(words[node + 5]!);
    let looked = 0;
    for (; looked < most; looked++) {
      const partial = this.#next;
      if (partial === NO_PARTIAL) {
        if (this.#enter(words[node + 3]!)) continue;
        this.#finish(node);
        break;
      }
      this.#next = words[partial + Word.NEXT]!;
      if (!this.#open.isBefore(partial, this.#kills[this.#event]![this.#kill]!.after, rank))
        continue;
      if (this.#isAgainst(partial, this.#event, row)) this.#open.remove(partial);
    }
    return looked + 1;
  }

  /** Begins with the first of the events that a row is. */
  #begin(mask: number): void {
    this.#mask = mask;
    this.#event = 31 - Math.clz32(mask & -mask);
    this.#kill = -1;
    this.#next = NO_PARTIAL;
  }

  /** Goes on with the next state in which the row at work ends something; false: there is none. */
  #enter(group: number): boolean {
    this.#kill++;
    if (this.#kill === this.#kills[this.#event]!.length) {
      const rest = this.#mask & (this.#mask - 1);
      if (rest === 0) return false;
      this.#begin(rest);
      this.#kill = 0;
    }
    this.#next = this.#open.firstIn(group, this.#kills[this.#event]![this.#kill]!.state);
    return true;
  }

  #finish(node: number): void {
    const { words, holds } = this.#open;
    this.#mask = 0;
    this.#first = words[node + 1]!;
    holds.release(words[node + 4]!, words[node + 2]!);
    this.#open.use(words[node + 3]!, -1);
    this.#blocks.giveBytes(node << 2);
  }

  #isAgainst(partial: number, event: number, row: number): boolean {
    const test = this.#test;
    if (test === undefined || test.isAlways(event)) return true;
    const { records } = test;
    const { blanks } = this.#open;
    for (let e = 0; e < records.length; e++) records[e]![0] = blanks[e]!;
    this.#open.fill(partial, records, 0);
    records[event]![0] = row;
    return test.isAgainst(event);
  }
}

/** A bit for each event of which there is something. */
export function maskOf(lists: readonly (readonly unknown[])[]): number {
  return lists.reduce((mask, list, event) => (list.length === 0 ? mask : mask | (1 << event)), 0);
}
