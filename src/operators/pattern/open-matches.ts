/** Partial matches, the rows that they hold, and the groups that they are of. @module */

import type { StateIo } from '../../core/state-io.ts';
import type { GroupCells, HeldBlocks } from '../../state/index.ts';
import { GroupCells as Cells, NO_RECORD } from '../../state/index.ts';
import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { PatternConfig } from './config.ts';
import type { OrderedRows } from './ordered-rows.ts';
import { LIST_WORDS, NO_PARTIAL, Partials, Word } from './partials.ts';
import { RowHolds } from './row-holds.ts';

/** Words of a group: how many use it, the list of all where there is one, and the lists by state. */
const USES = 0;
const ALL = 2;
const STATES = ALL + LIST_WORDS;

/** What the words of a new group are. */
export function emptyGroup({ automaton }: PatternConfig): readonly number[] {
  return Array.from({ length: STATES + LIST_WORDS * automaton.waits.length }, () => 0);
}

/** Makes and removes partial matches. */
export class OpenMatches {
  readonly holds: RowHolds;
  readonly words: Int32Array;
  /** By slot: its event, and the input of that. */
  readonly events: readonly number[];
  readonly inputs: readonly number[];
  /** By event: its slot; -1: it must stay out. */
  readonly slots: readonly number[];
  /** By event: a row in which all is null. */
  readonly blanks: readonly number[];
  readonly #partials: Partials;
  readonly #groups: GroupCells;
  readonly #states: number;
  /** The word of the list of all. */
  readonly #all: number;
  #count = 0;

  constructor(
    plan: OperatorPlan,
    { memory }: KernelContext,
    { arena }: HeldBlocks,
    { inputs }: OrderedRows,
    groups: GroupCells,
  ) {
    const { automaton, slots, events, within, kept } = plan.config as PatternConfig;
    const one = { keys: [], initial: [0, 0], rowCapacity: 1 };
    this.#all = new Cells(memory, arena, one).words[0]!;
    const isAllOfGroup = within.kind === 'field';
    const lists = { states: STATES, all: isAllOfGroup ? ALL : this.#all, isAllOfGroup };
    this.#partials = new Partials(inputs[0]!, slots.length, lists);
    this.#groups = groups;
    this.#states = automaton.waits.length;
    this.holds = new RowHolds(inputs, arena, memory);
    this.words = arena.words;
    const blanks = inputs.map((rows, i) => {
      const { schema } = plan.inputs[i]!;
      const types = kept[i]!.map((column) => schema[column]!.type);
      return rows.blank(memory, types);
    });
    this.events = slots;
    this.inputs = slots.map((event) => events[event]!.input);
    this.slots = events.map((_, event) => slots.indexOf(event));
    this.blanks = events.map(({ input }) => blanks[input]!);
  }

  /** Bytes of rows and partial matches. */
  get bytes(): number {
    return this.holds.bytes + this.#count * this.#partials.bytes;
  }

  /** With nothing to be let go. */
  state(io: StateIo): void {
    this.holds.state(io);
    this.#partials.state(io);
    this.#count = io.float(this.#count);
  }

  /** A group is used by so many more; it is forgotten when nothing does. */
  use(group: number, count: number): void {
    const { words } = this;
    const uses = words[group + USES]! + count;
    words[group + USES] = uses;
    if (uses === 0 && this.#groups.canForget) this.#groups.remove(group);
  }

  /** The one that began first, of all or of those of a group; {@link NO_PARTIAL}: there is none. */
  firstOf(group: number): number {
    return this.words[this.#partials.allOf(group)]!;
  }

  /** The first of a group in a state. */
  firstIn(group: number, state: number): number {
    return this.words[this.#partials.listOf(group, state)]!;
  }

  /** The slot of the row that one began with. */
  firstSlot(partial: number): number {
    const first = this.words[partial + Word.FIRST]!;
    let slot = 0;
    while (this.words[partial + Word.ROWS + slot] !== first) slot++;
    return slot;
  }

  /**
   * Makes a partial match of a row, and of another partial match unless it begins with the row.
   *
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  add(group: number, state: number, from: number, slot: number, record: number): void {
    const { words, inputs } = this;
    const rows = this.#partials.add(group, state, from, slot, record) + Word.ROWS;
    for (let s = 0; s < inputs.length; s++) {
      if (words[rows + s] !== NO_RECORD) this.holds.hold(inputs[s]!, words[rows + s]!);
    }
    this.#count++;
    this.use(group, 1);
  }

  remove(partial: number): void {
    const { words, inputs } = this;
    const group = words[partial + Word.GROUP]!;
    const rows = partial + Word.ROWS;
    for (let s = 0; s < inputs.length; s++) {
      if (words[rows + s] !== NO_RECORD) this.holds.release(inputs[s]!, words[rows + s]!);
    }
    this.#partials.remove(partial);
    this.#count--;
    this.use(group, -1);
  }

  /** Removes a partial match and those that began with the same row. */
  removeBegunWith(partial: number): void {
    const { words } = this;
    const first = words[partial + Word.FIRST]!;
    for (const way of [Word.AHEAD, Word.BEHIND]) {
      let other = words[partial + way]!;
      while (other !== NO_PARTIAL && words[other + Word.FIRST] === first) {
        const next = words[other + way]!;
        this.remove(other);
        other = next;
      }
    }
    this.remove(partial);
  }

  /** The rank of the last row of a partial match. */
  lastRank(partial: number): number {
    const { words, holds } = this;
    let last = holds.rankOf(words[partial + Word.FIRST]!);
    for (let s = 0; s < this.inputs.length; s++) {
      const record = words[partial + Word.ROWS + s]!;
      if (record !== NO_RECORD && holds.isAfter(record, last)) last = holds.rankOf(record);
    }
    return last;
  }

  /** Removes those of a group whose first row has no higher rank. */
  removeBegunBy(group: number, rank: number): void {
    const { words, holds } = this;
    this.use(group, 1);
    for (let state = 0; state < this.#states; state++) {
      let other = this.firstIn(group, state);
      while (other !== NO_PARTIAL) {
        const next = words[other + Word.NEXT]!;
        if (!holds.isAfter(words[other + Word.FIRST]!, rank)) this.remove(other);
        other = next;
      }
    }
    this.use(group, -1);
  }

  /** Whether the rows in some slots have lower ranks than one has. @hot */
  isBefore(partial: number, slots: readonly number[], rank: number): boolean {
    const rows = partial + Word.ROWS;
    for (let i = 0; i < slots.length; i++) {
      if (!this.holds.isBefore(this.words[rows + slots[i]!]!, rank)) return false;
    }
    return true;
  }

  /** Puts the records of a partial match into lists by event; for rows that it has not, blank ones. */
  fill(partial: number, records: readonly Int32Array[], at: number): void {
    const { events, words } = this;
    for (let s = 0; s < events.length; s++) {
      const event = events[s]!;
      const record = words[partial + Word.ROWS + s]!;
      records[event]![at] = record === NO_RECORD ? this.blanks[event]! : record;
    }
  }
}
