/** From sessions whose results are due to changes that are written. @module */

import type { TimeUs } from '../../../core/units.ts';
import type { GroupState, GroupStates } from '../../../state/index.ts';
import type { GroupChanges } from '../changes/change-writer.ts';
import type { RevisedSession, Shown } from './revised-session.ts';
import type { SessionRecords } from './session-records.ts';

/** A session that gives a result, and when. */
export interface DueSession {
  readonly session: RevisedSession;
  /** The watermark that it is due at; its row's own mark where results come with each row. */
  readonly timeUs: TimeUs;
}

/** Results of sessions: those that a row has come between have several that are taken back. */
export class SessionChanges {
  readonly #states: GroupStates;
  readonly #records: SessionRecords;
  readonly #isPlain: boolean;
  readonly #gapUs: TimeUs;
  readonly #startsUs: Float64Array;
  readonly #endsUs: Float64Array;
  readonly #oldStartsUs: Float64Array;
  readonly #oldEndsUs: Float64Array;

  /** @param capacity - most sessions of a lot */
  constructor(states: GroupStates, records: SessionRecords, gapUs: TimeUs, capacity: number) {
    this.#states = states;
    this.#records = records;
    this.#isPlain = states.scripted.length === 0;
    this.#gapUs = gapUs;
    this.#startsUs = new Float64Array(capacity);
    this.#endsUs = new Float64Array(capacity);
    this.#oldStartsUs = new Float64Array(capacity);
    this.#oldEndsUs = new Float64Array(capacity);
  }

  /**
   * The changes of some sessions, to be made one after the other: each lot is of one state, and of one kind.
   * First what sessions that have become one had shown, but for the first of them.
   */
  *changesOf(due: readonly DueSession[], lastIngestUs: TimeUs): Generator<GroupChanges> {
    const gone = due.flatMap(({ session, timeUs }) =>
      session.shown.slice(1).map((shown) => ({ shown, timeUs })),
    );
    const fresh = due.filter(({ session }) => session.shown.length === 0);
    const known = due.filter(({ session }) => session.shown.length > 0);
    const capacity = this.#startsUs.length;
    for (const lot of this.#byShelf(gone, ({ shown }) => shown.shelf)) {
      for (let from = 0; from < lot.length; from += capacity) {
        yield this.#goneOf(lot.slice(from, from + capacity), lastIngestUs);
      }
    }
    for (const lot of this.#byShelf(fresh, ({ session }) => session.pending!.shelf)) {
      yield this.#changesOfLot(lot, true, lastIngestUs);
    }
    for (const lot of this.#byShelf(known, ({ session }) => session.shown[0]!.shelf)) {
      yield this.#changesOfLot(lot, false, lastIngestUs);
    }
  }

  #byShelf<Item>(items: readonly Item[], shelfOf: (item: Item) => number): readonly Item[][] {
    if (items.length === 0) return [];
    return this.#isPlain ? [[...items]] : [...Map.groupBy(items, shelfOf).values()];
  }

  #goneOf(
    gone: readonly { readonly shown: Shown; readonly timeUs: TimeUs }[],
    lastIngestUs: TimeUs,
  ): GroupChanges {
    gone.forEach(({ shown }, i) => {
      this.#oldStartsUs[i] = shown.startUs;
      this.#oldEndsUs[i] = shown.endUs;
    });
    const old = { startsUs: this.#oldStartsUs, endsUs: this.#oldEndsUs };
    return {
      state: this.#records.stateOf(gone[0]!.shown.shelf),
      count: gone.length,
      startUs: 0,
      endUs: 0,
      lastIngestUs,
      areNew: false,
      areGone: true,
      windows: { old, now: old },
      find: (_from, records) => listed(gone, ({ shown }) => shown.record, records),
      apply: () => {},
      timeUs: (i) => old.endsUs[i]! - 1,
      lateByUs: (i) => Math.max(0, gone[i]!.timeUs - old.endsUs[i]!),
    };
  }

  #changesOfLot(due: readonly DueSession[], areNew: boolean, lastIngestUs: TimeUs): GroupChanges {
    const [old, now] = [
      { startsUs: this.#oldStartsUs, endsUs: this.#oldEndsUs },
      { startsUs: this.#startsUs, endsUs: this.#endsUs },
    ];
    due.forEach(({ session }, i) => {
      now.startsUs[i] = session.startUs;
      now.endsUs[i] = session.lastUs + this.#gapUs;
      old.startsUs[i] = session.shown[0]?.startUs ?? 0;
      old.endsUs[i] = session.shown[0]?.endUs ?? 0;
    });
    const endOf = (i: number, isOld: boolean): TimeUs => (isOld ? old : now).endsUs[i]!;
    const targetOf = ({ session }: DueSession): number =>
      (session.shown[0] ?? session.pending!).record;
    const [first] = due;
    const { shelf } = first!.session.shown[0] ?? first!.session.pending!;
    const state = this.#records.stateOf(shelf);
    return {
      state,
      count: due.length,
      startUs: 0,
      endUs: 0,
      lastIngestUs,
      areNew,
      windows: { old, now },
      find: (_from, records) => listed(due, targetOf, records),
      apply: () => due.forEach(({ session }, i) => this.#apply(state, session, endOf(i, false))),
      timeUs: (i, isOld) => endOf(i, isOld) - 1,
      lateByUs: (i, isOld) => Math.max(0, due[i]!.timeUs - endOf(i, isOld)),
    };
  }

  /** What a session has shown and what it has not becomes one result, which is shown. */
  #apply(state: GroupState, session: RevisedSession, endUs: TimeUs): void {
    const pending = session.pending!;
    const [target = pending, ...rest] = session.shown;
    if (target !== pending) rest.push({ ...pending, startUs: 0, endUs: 0 });
    for (const { shelf, record } of rest) {
      this.#states.mergeRecord(state, target.record, record);
      this.#records.release(shelf, record);
    }
    const { shelf, record } = target;
    session.shown.splice(0, Infinity, { shelf, record, startUs: session.startUs, endUs });
    session.pending = undefined;
  }
}

function listed<Item>(
  items: readonly Item[],
  recordOf: (item: Item) => number,
  records: Int32Array,
): number {
  items.forEach((item, i) => void (records[i] = recordOf(item)));
  return items.length;
}
