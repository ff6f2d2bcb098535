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

  /** Has one row end what it ends; returns how many partial matches were looked at. */
  kill(): number {
    const { words, holds } = this.#open;
    const node = this.#first;
    this.#first = words[node + 1]!;
    const row = words[node + 2]!;
    const group = words[node + 3]!;
    const input = words[node + 4]!;
    let looked = 0;
    for (let mask = words[node + 5]!; mask !== 0; mask &= mask - 1) {
      const event = 31 - Math.clz32(mask & -mask);
      const kills = this.#kills[event]!;
      for (let k = 0; k < kills.length; k++) looked += this.#killIn(group, event, row, kills[k]!);
    }
    this.#blocks.giveBytes(node << 2);
    holds.release(input, row);
    this.#open.use(group, -1);
    return looked;
  }

  #killIn(group: number, event: number, row: number, { state, after }: Kill): number {
    const open = this.#open;
    const rank = open.holds.rankOf(row);
    let looked = 0;
    let partial = open.firstIn(group, state);
    for (; partial !== NO_PARTIAL; looked++) {
      const next = open.words[partial + Word.NEXT]!;
      if (open.isBefore(partial, after, rank) && this.#isAgainst(partial, event, row)) {
        open.remove(partial);
      }
      partial = next;
    }
    return looked;
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
