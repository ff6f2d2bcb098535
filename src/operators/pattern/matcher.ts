/**
 * The matcher: what rows, one after the other in order of time, make of partial matches.
 *
 * Rows of one time, and one place in it where a column says so, have one *rank*. When the first of the next rank comes, those that must stay out have
 * ended what they end: so it does not matter which of one rank comes first.
 *
 * @module
 */

import type { KernelContext, KernelCounters, OperatorPlan } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { NO_RECORD } from '../../state/index.ts';
import { recordNumber } from '../held/record-number.ts';
import type { RowFailures } from '../row-failures.ts';
import { MATCHED, START } from './automaton.ts';
import type { PatternConfig } from './config.ts';
import { Eviction } from './eviction.ts';
import { Killers, maskOf } from './killers.ts';
import { MatchTest } from './match-test.ts';
import type { MatchedRows } from './matched-rows.ts';
import type { OpenMatches } from './open-matches.ts';
import type { OrderedRows } from './ordered-rows.ts';
import { NO_PARTIAL, Word } from './partials.ts';

/** Rows and partial matches that are looked at in one call: some hundred µs. */
const MOST_STEPS = 8192;

/** A move of the automaton with slots in the place of events. */
interface Move {
  readonly from: number;
  readonly to: number;
  readonly after: readonly number[];
}

/** Matches rows; what matches goes to {@link MatchedRows}. */
export class Matcher {
  readonly #config: PatternConfig;
  readonly #ordered: OrderedRows;
  readonly #open: OpenMatches;
  readonly #matched: MatchedRows;
  readonly #killers: Killers;
  /** Where matches must be known at once. */
  readonly #test: MatchTest | undefined;
  readonly #words: Int32Array;
  /** By event, and of those that have some. */
  readonly #moves: readonly (readonly Move[])[];
  readonly #moveMask: number;
  /** The size of a window of time, or of a field and what reads it by input; the other is Infinity. */
  readonly #sizeUs: number;
  readonly #size: number;
  readonly #valueOf: readonly ((record: number) => number)[];
  /** Time, what orders it among those of that time, and rank of the row at work, or the last one. */
  #rankUs: TimeUs = -Infinity;
  #rankOrder = 0;
  #rank = 0;
  /** The row at work, its input, its group, and the events that have still to be looked at. */
  #row = NO_RECORD;
  #port = 0;
  #group = 0;
  #mask = 0;
  /** The event at work, if one is, which of its moves, and the next partial match that it may move. */
  #isBegun = false;
  #event = 0;
  #move = 0;
  #next = NO_PARTIAL;
  /** The first of all of the row's group may be too far behind it. */
  #isPassing = false;
  /** `undefined`: at the limit the run fails. */
  readonly #eviction: Eviction | undefined;
  readonly #counters: KernelCounters;
  #steps = 0;

  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    ordered: OrderedRows,
    open: OpenMatches,
    matched: MatchedRows,
    failures: RowFailures,
  ) {
    const config = plan.config as PatternConfig;
    const { automaton, within, against, skip } = config;
    const { inputs } = ordered;
    this.#config = config;
    this.#ordered = ordered;
    this.#open = open;
    this.#matched = matched;
    this.#words = open.words;
    this.#counters = context.counters;
    this.#eviction = config.onLimit === 'evict' ? new Eviction(inputs[0]!.arena) : undefined;
    const isAsked = skip !== 'none' || against.some((condition) => condition !== undefined);
    this.#test = isAsked ? new MatchTest(plan, context, inputs, failures) : undefined;
    this.#killers = new Killers(config, open, inputs[0]!, this.#test);
    this.#moves = automaton.moves.map((moves) =>
      moves.map(({ from, to, after }) => {
        return { from, to, after: after.map((event) => open.slots[event]!) };
      }),
    );
    this.#moveMask = maskOf(this.#moves);
    this.#sizeUs = within.kind === 'time' ? within.sizeUs : Infinity;
    this.#size = within.kind === 'field' ? within.size : Infinity;
    this.#valueOf =
      within.kind === 'field' ? inputs.map((rows, i) => recordNumber(rows, within.columns[i])) : [];
  }

  /**
   * Looks at rows below a time, and ends windows.
   *
   * @returns true when there is nothing more to do; else what was matched may have to leave first
   */
  advance(boundUs: TimeUs): boolean {
    if (this.#matched.isEmpty) this.#open.holds.letGo();
    this.#steps = MOST_STEPS;
    while (this.#steps-- > 0 && !this.#matched.isFull) {
      if (this.#row !== NO_RECORD) this.#goOn();
      else if (!this.#begin(boundUs)) return true;
    }
    return false;
  }

  /** Between calls, when there is nothing more to do and all that was matched has left. */
  state(io: StateIo): void {
    this.#rankUs = io.float(this.#rankUs);
    this.#rankOrder = io.float(this.#rankOrder);
    this.#rank = io.int(this.#rank);
    this.#eviction?.state(io);
  }

  /** Does what is next: ends partial matches, ends a window, or takes a row. False: nothing. */
  #begin(boundUs: TimeUs): boolean {
    const nextUs = this.#ordered.leastUs;
    if (!this.#killers.isEmpty && !this.#isOfRank(nextUs)) {
      this.#steps -= this.#killers.kill(this.#steps + 1);
      return true;
    }
    if (this.#sizeUs < Infinity) {
      const first = this.#open.firstOf(0);
      const endUs = nextUs < boundUs ? nextUs : boundUs;
      if (first !== NO_PARTIAL && this.#endOf(first) < endUs) {
        this.#end(first, this.#endOf(first));
        return true;
      }
    }
    if (!(nextUs < boundUs)) return false;
    this.#take(nextUs);
    return true;
  }

  /** Whether the row that comes next, at a time, has the rank of the one before. */
  #isOfRank(timeUs: TimeUs): boolean {
    return timeUs === this.#rankUs && this.#ordered.leastOrder === this.#rankOrder;
  }

  /** The end of the window of time of a partial match. */
  #endOf(partial: number): TimeUs {
    return this.#ordered.inputs[0]!.timeUs(this.#words[partial + Word.FIRST]!) + this.#sizeUs;
  }

  /** The window of a partial match has ended. */
  #end(partial: number, timeUs: TimeUs): void {
    const open = this.#open;
    const { automaton, skip } = this.#config;
    let isMatch = automaton.waits[this.#words[partial + Word.STATE]!]!;
    if (isMatch) {
      open.fill(partial, this.#matched.records, this.#matched.count);
      isMatch = this.#accept(timeUs);
    }
    if (isMatch && skip === 'next') open.removeBegunWith(partial);
    else if (isMatch && skip === 'past') {
      open.removeBegunBy(this.#words[partial + Word.GROUP]!, open.lastRank(partial));
    } else open.remove(partial);
  }

  /** Takes the next row. */
  #take(timeUs: TimeUs): void {
    this.#makeRoom();
    const ordered = this.#ordered;
    if (!this.#isOfRank(timeUs)) {
      this.#rankUs = timeUs;
      this.#rankOrder = ordered.leastOrder;
      this.#rank = (this.#rank + 1) | 0;
    }
    const { port } = ordered;
    const rows = ordered.inputs[port]!;
    const record = ordered.pop();
    const group = rows.next(record);
    const mask = rows.tag(record);
    rows.setNext(record, this.#rank);
    rows.setTag(record, 1);
    this.#row = record;
    this.#port = port;
    this.#group = group;
    this.#mask = mask & this.#moveMask;
    this.#isBegun = false;
    this.#isPassing = this.#size < Infinity;
    const kills = mask & this.#killers.mask;
    if (kills !== 0) this.#killers.add(record, group, port, kills);
  }

  /** Goes on with the row at work, until it is done or something else comes first. */
  #goOn(): void {
    if (this.#isPassing) {
      this.#pass();
      return;
    }
    if (!this.#isBegun && !this.#beginEvent()) return;
    const moves = this.#moves[this.#event]!;
    while (this.#move < moves.length) {
      const move = moves[this.#move]!;
      if (move.from === START) this.#startMatch(move);
      else if (!this.#extendAll(move)) return;
      if (!this.#isBegun) return;
      this.#move++;
      this.#enter();
      if (this.#matched.isFull) break;
    }
    this.#isBegun = this.#move < moves.length;
  }

  /** Begins with the next event that the row is; false: it is done. */
  #beginEvent(): boolean {
    const mask = this.#mask;
    if (mask === 0) {
      this.#open.holds.release(this.#port, this.#row);
      this.#row = NO_RECORD;
      this.#open.use(this.#group, -1);
      return false;
    }
    this.#event = 31 - Math.clz32(mask & -mask);
    this.#mask = mask & (mask - 1);
    this.#move = 0;
    this.#isBegun = true;
    this.#enter();
    return true;
  }

  /** Begins with the partial matches of a move. */
  #enter(): void {
    const move = this.#moves[this.#event]![this.#move];
    const isStart = move === undefined || move.from === START;
    this.#next = isStart ? NO_PARTIAL : this.#open.firstIn(this.#group, move.from);
  }

  /** Ends the windows of a field that the row at work is beyond. */
  #pass(): void {
    const partial = this.#open.firstOf(this.#group);
    if (partial === NO_PARTIAL || !this.#isBeyond(partial)) this.#isPassing = false;
    else this.#end(partial, this.#rankUs);
  }

  /** Whether the row at work lies beyond the window of a partial match. */
  #isBeyond(partial: number): boolean {
    const input = this.#open.inputs[this.#open.firstSlot(partial)]!;
    const first = this.#valueOf[input]!(this.#words[partial + Word.FIRST]!);
    return this.#valueOf[this.#port]!(this.#row) - first > this.#size;
  }

  /** The row at work begins a match, or is one by itself. */
  #startMatch({ to }: Move): void {
    const open = this.#open;
    if (to !== MATCHED) {
      open.add(this.#group, to, NO_PARTIAL, open.slots[this.#event]!, this.#row);
      return;
    }
    const { records, count } = this.#matched;
    for (const event of open.events) records[event]![count] = open.blanks[event]!;
    records[this.#event]![count] = this.#row;
    if (!this.#accept(this.#rankUs) || this.#config.skip === 'none') return;
    this.#skipRow();
  }

  /** Moves partial matches, until all have been moved, or there is enough; then false. */
  #extendAll(move: Move): boolean {
    while (this.#next !== NO_PARTIAL) {
      const partial = this.#next;
      this.#next = this.#words[partial + Word.NEXT]!;
      this.#extend(partial, move);
      if (!this.#isBegun) return false;
      if (--this.#steps <= 0 || this.#matched.isFull) return this.#next === NO_PARTIAL;
    }
    return true;
  }

  #extend(partial: number, { to, after }: Move): void {
    const open = this.#open;
    // A row is one event of a match.
    if (this.#words[partial + Word.LAST] === this.#row) return;
    if (!open.isBefore(partial, after, this.#rank)) return;
    if (this.#size < Infinity && this.#isBeyond(partial)) return;
    if (to !== MATCHED) {
      open.add(this.#group, to, partial, open.slots[this.#event]!, this.#row);
      this.#makeRoom();
      return;
    }
    const { records, count } = this.#matched;
    open.fill(partial, records, count);
    records[this.#event]![count] = this.#row;
    if (this.#accept(this.#rankUs)) this.#skip(partial);
  }

  /** Forgets what began first, if there is too much. */
  #makeRoom(): void {
    const open = this.#open;
    const eviction = this.#eviction;
    while (eviction?.isDue(open.bytes) === true) {
      const first = open.firstOf(0);
      if (first === NO_PARTIAL) return;
      if (first === this.#next) this.#next = this.#words[first + Word.NEXT]!;
      open.remove(first);
      this.#counters.addEvicted?.(1);
      if (this.#matched.isEmpty) open.holds.letGo();
    }
  }

  /** Adds the next match, unless it is known to be none: then false. */
  #accept(timeUs: TimeUs): boolean {
    const matched = this.#matched;
    if (this.#config.skip !== 'none') {
      const test = this.#test!;
      const { events, blanks } = this.#open;
      for (let e = 0; e < blanks.length; e++) test.records[e]![0] = blanks[e]!;
      for (const event of events) test.records[event]![0] = matched.records[event]![matched.count]!;
      if (!test.isMatch()) return false;
    }
    matched.add(timeUs);
    return true;
  }

  /** The row at work has made a match of a partial one. */
  #skip(partial: number): void {
    const { skip } = this.#config;
    if (skip === 'none') return;
    if (skip === 'past') {
      this.#skipRow();
      return;
    }
    const first = this.#words[partial + Word.FIRST]!;
    while (this.#next !== NO_PARTIAL && this.#words[this.#next + Word.FIRST] === first) {
      this.#next = this.#words[this.#next + Word.NEXT]!;
    }
    this.#open.removeBegunWith(partial);
  }

  /** The row at work is no part of another match. */
  #skipRow(): void {
    if (this.#config.skip === 'past') this.#open.removeBegunBy(this.#group, this.#rank);
    this.#mask = 0;
    this.#isBegun = false;
  }
}
