/** From sessions whose results are due to changes that are written. @module */

import type { TimeUs } from '../../../core/units.ts';
import type { GroupState, GroupStates } from '../../../state/index.ts';
import type { GroupChanges } from '../changes/change-writer.ts';
import type { SessionItems, Shown } from './session-items.ts';
import type { SessionRecords } from './session-records.ts';

/** A session that gives a result, and when. */
export interface DueSession {
  /** Its item. */
  readonly session: number;
  /** The watermark that it is due at; its row's own mark where results come with each row. */
  readonly timeUs: TimeUs;
}

/** Results of sessions: those that a row has come between have several that are taken back. */
export class SessionChanges {
  readonly #states: GroupStates;
  readonly #records: SessionRecords;
  readonly #items: SessionItems;
  readonly #isPlain: boolean;
  readonly #gapUs: TimeUs;
  readonly #startsUs: Float64Array;
  readonly #endsUs: Float64Array;
  readonly #oldStartsUs: Float64Array;
  readonly #oldEndsUs: Float64Array;

  /** @param capacity - most sessions of a lot */
  constructor(
    states: GroupStates,
    records: SessionRecords,
    items: SessionItems,
    gapUs: TimeUs,
    capacity: number,
  ) {
    this.#states = states;
    this.#records = records;
    this.#items = items;
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
    const items = this.#items;
    const gone = due.flatMap(({ session, timeUs }) =>
      items.moreShown(session).map((shown) => ({ shown, timeUs })),
    );
    const fresh = due.filter(({ session }) => !items.hasShown(session));
    const known = due.filter(({ session }) => items.hasShown(session));
    const capacity = this.#startsUs.length;
    for (const lot of this.#byShelf(gone, ({ shown }) => shown.shelf)) {
      for (let from = 0; from < lot.length; from += capacity) {
        yield this.#goneOf(lot.slice(from, from + capacity), lastIngestUs);
      }
    }
    for (const lot of this.#byShelf(fresh, ({ session }) => items.shelf[session]!)) {
      yield this.#changesOfLot(lot, true, lastIngestUs);
    }
    for (const lot of this.#byShelf(known, ({ session }) => items.shownShelf(session))) {
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
    const items = this.#items;
    due.forEach(({ session }, i) => {
      now.startsUs[i] = items.startUs[session]!;
      now.endsUs[i] = items.lastUs[session]! + this.#gapUs;
      old.startsUs[i] = areNew ? 0 : items.shownStartUs(session);
      old.endsUs[i] = areNew ? 0 : items.shownEndUs(session);
    });
    const endOf = (i: number, isOld: boolean): TimeUs => (isOld ? old : now).endsUs[i]!;
    const targetOf = ({ session }: DueSession): number =>
      areNew ? items.record[session]! : items.shownRecord(session);
    const first = due[0]!.session;
    const state = this.#records.stateOf(areNew ? items.shelf[first]! : items.shownShelf(first));
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
  #apply(state: GroupState, session: number, endUs: TimeUs): void {
    const items = this.#items;
    let shelf = items.shelf[session]!;
    let record = items.record[session]!;
    if (items.hasShown(session)) {
      const target = items.shownRecord(session);
      for (const more of items.moreShown(session))
        this.#merge(state, target, more.shelf, more.record);
      this.#merge(state, target, shelf, record);
      shelf = items.shownShelf(session);
      record = target;
    }
    items.setShown(session, shelf, record, items.startUs[session]!, endUs);
    items.dropPending(session);
  }

  #merge(state: GroupState, target: number, shelf: number, record: number): void {
    this.#states.mergeRecord(state, target, record);
    this.#records.release(shelf, record);
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
