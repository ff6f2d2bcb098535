/**
 * Sessions whose results may be revised: those that are open, and those that have closed of late.
 *
 * Rows of a key that are on time and count at the same multiple of the interval are put together in
 * *fragments*, which become parts of sessions when that time has come, or when they end by themselves. A late
 * row is a fragment of its own, which finds its session as of where its source stood. So which rows a result
 * has depends on the rows and on where their sources stood, not on when watermarks come.
 *
 * @module
 */

import type { Column } from '../../../core/column.ts';
import type { KernelContext } from '../../../core/operator.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import { stateOfList } from '../../../core/state-io.ts';
import type { DataType } from '../../../core/types.ts';
import type { DurationUs, TimeUs } from '../../../core/units.ts';
import type { Arena } from '../../../state/index.ts';
import { KeyedRecords } from '../../../state/index.ts';
import type { RevisionConfig } from '../config.ts';
import { RevisionTimes } from '../changes/revision-times.ts';
import { KEY_TEMPLATE, List, NO_ITEM, SessionItems } from './session-items.ts';
import type { SessionRecords } from './session-records.ts';
import { TimeHeap } from './time-heap.ts';

/** What a fragment or a session counts for beside its record, whatever it really takes. */
const ITEM_BYTES = 256;

/** What happens, in the order in which it does at one time. */
const Rank = { FRAGMENT: 0, SESSION: 1, LATE: 2, FORGET: 3 } as const;

/** What sessions need of their kernel. */
export interface SessionHost {
  /** Adds the aggregates of a record to another's, on the same shelf or not; the source may go. */
  merge(shelf: number, target: number, source: number): void;
  /** @throws MillraceError `ERR_LIMIT_EXCEEDED` */
  full(): never;
}

/** The sessions of one task. Keys, fragments and sessions are numbers: the record of a key, and an item. */
export class RevisedSessions {
  readonly items: SessionItems;
  readonly #gapUs: DurationUs;
  readonly #latenessUs: DurationUs;
  readonly #times: RevisionTimes;
  readonly #records: SessionRecords;
  readonly #host: SessionHost;
  readonly #arena: Arena;
  readonly #limitBytes: number;
  readonly #table: KeyedRecords;
  readonly #events = new TimeHeap();

  constructor(
    context: KernelContext,
    arena: Arena,
    keys: readonly DataType[],
    gapUs: DurationUs,
    revision: RevisionConfig,
    records: SessionRecords,
    host: SessionHost,
  ) {
    const { memory, rowCapacity, stateLimitBytes } = context;
    this.#gapUs = gapUs;
    this.#latenessUs = revision.latenessUs;
    this.#times = new RevisionTimes(revision);
    this.#records = records;
    this.#host = host;
    this.#arena = arena;
    this.#limitBytes = Math.min(stateLimitBytes, arena.limitBytes);
    this.#table = new KeyedRecords(memory, arena, keys, KEY_TEMPLATE, rowCapacity);
    const most = Math.ceil(this.#limitBytes / ITEM_BYTES);
    this.items = new SessionItems(arena, this.#table.ownCell, most, () => host.full());
  }

  /** Sessions, and parts of such to be. */
  get count(): number {
    return this.items.count;
  }

  /** The records of the keys of `rows[0 .. count)`, by position; valid until the next call. */
  find(columns: readonly Column[], rows: Uint32Array, count: number): Int32Array {
    return this.#table.assign(columns, rows, count);
  }

  /** A fragment of a row by itself, which waits for nothing. */
  single(key: number, timeUs: TimeUs, markUs: TimeUs): number {
    const { items } = this;
    const bytes = this.#arena.usedBytes + items.count * ITEM_BYTES;
    if (bytes > this.#limitBytes) this.#host.full();
    const fragment = items.take(key);
    items.shelf[fragment] = this.#records.current;
    items.record[fragment] = this.#records.take(key);
    items.startUs[fragment] = timeUs;
    items.lastUs[fragment] = timeUs;
    items.tickUs[fragment] = markUs > timeUs ? Infinity : this.#times.earlyUs(timeUs);
    items.markUs[fragment] = markUs;
    return fragment;
  }

  /** The fragment that a row which is on time counts in. */
  onTime(key: number, timeUs: TimeUs): number {
    const { items } = this;
    const tickUs = this.#times.earlyUs(timeUs);
    let found = NO_ITEM;
    let older = NO_ITEM;
    for (let of = items.first(key, List.FRAGMENTS); of !== NO_ITEM; of = older) {
      older = items.older(of);
      if (items.tickUs[of] !== tickUs || !this.#areNear(of, timeUs, timeUs)) continue;
      if (found === NO_ITEM) found = of;
      else {
        this.#mergeAway(found, items.shelf[of]!, items.record[of]!);
        items.extend(found, items.startUs[of]!, items.lastUs[of]!);
        items.remove(of, List.FRAGMENTS);
        items.give(of);
      }
    }
    if (found === NO_ITEM) {
      found = this.single(key, timeUs, -Infinity);
      items.add(found, List.FRAGMENTS);
      this.#push(Math.min(tickUs, timeUs + this.#gapUs), Rank.FRAGMENT, found);
    } else items.extend(found, timeUs, timeUs);
    return found;
  }

  /** A row that was late, or whose time has passed; it finds its session when all before it have. */
  late(key: number, timeUs: TimeUs, markUs: TimeUs): number {
    const fragment = this.single(key, timeUs, markUs);
    this.items.add(fragment, List.LATE);
    this.#push(markUs, Rank.LATE, fragment);
    return fragment;
  }

  #push(timeUs: TimeUs, rank: number, item: number): void {
    this.#events.push(timeUs, rank, item, this.items.generation[item]!);
  }

  /** Nothing happens before; `Infinity`: nothing will. */
  get dueUs(): TimeUs {
    return this.#events.timeUs;
  }

  /**
   * Does what comes next, if it comes at a watermark and does not wait for a result that is to be written.
   *
   * @param due - gets a session whose result is due, and the time at which it is
   * @returns `end`: nothing comes; `wait`: a result has to be written first
   */
  step(
    watermarkUs: TimeUs,
    due: (session: number, timeUs: TimeUs) => void,
  ): 'done' | 'end' | 'wait' {
    const events = this.#events;
    if (events.isEmpty) return 'end';
    const { timeUs, rank, item } = events;
    if (rank === Rank.LATE ? timeUs >= watermarkUs : timeUs > watermarkUs) return 'end';
    const isGone = this.items.generation[item] !== events.generation;
    if (!isGone && this.items.isGathered(this.items.key[item]!)) return 'wait';
    events.pop();
    if (isGone) return 'done';
    if (rank === Rank.FRAGMENT) {
      const session = this.#fragmentDue(item, timeUs);
      if (session !== NO_ITEM) due(session, timeUs);
    } else if (rank === Rank.LATE) this.#lateDue(item);
    else if (rank === Rank.FORGET) this.#forgetDue(item, timeUs);
    else if (this.#isDue(item, timeUs)) due(item, timeUs);
    return 'done';
  }

  /** The session of a fragment that is due, if that is due too; {@link NO_ITEM}: it is not. */
  #fragmentDue(fragment: number, timeUs: TimeUs): number {
    const { items } = this;
    const dueUs = Math.min(items.tickUs[fragment]!, items.lastUs[fragment]! + this.#gapUs);
    if (dueUs > timeUs) {
      this.#push(dueUs, Rank.FRAGMENT, fragment);
      return NO_ITEM;
    }
    items.remove(fragment, List.FRAGMENTS);
    this.#joinBefore(items.key[fragment]!, timeUs);
    const session = this.#join(fragment);
    if (this.#dueOf(session) > timeUs) {
      this.#queue(session);
      return NO_ITEM;
    }
    items.queuedUs[session] = Infinity;
    return session;
  }

  #lateDue(fragment: number): void {
    const { items } = this;
    this.#joinBefore(items.key[fragment]!, items.markUs[fragment]!);
    items.remove(fragment, List.LATE);
    this.#queue(this.#join(fragment));
  }

  #isDue(session: number, timeUs: TimeUs): boolean {
    const { items } = this;
    if (items.queuedUs[session] !== timeUs) return false;
    items.queuedUs[session] = Infinity;
    const isByTick = Math.min(items.tickUs[session]!, items.lateTickUs[session]!) <= timeUs;
    const grown = isByTick ? NO_ITEM : this.#growing(session, timeUs);
    if (grown !== NO_ITEM) {
      // It has not ended: what makes it longer joins it when that is due.
      const endUs = items.lastUs[grown]! + this.#gapUs;
      const queuedUs = Math.min(items.tickUs[grown]!, items.tickUs[session]!, endUs);
      items.queuedUs[session] = queuedUs;
      this.#push(queuedUs, Rank.SESSION, session);
      return false;
    }
    const generation = items.generation[session];
    this.#joinBefore(items.key[session]!, timeUs);
    if (items.generation[session] !== generation) return false;
    if (this.#dueOf(session) <= timeUs) return true;
    this.#queue(session);
    return false;
  }

  /** The oldest fragment that makes a session longer than until a time; {@link NO_ITEM}: there is none. */
  #growing(session: number, timeUs: TimeUs): number {
    const { items } = this;
    const { startUs, lastUs } = items;
    let found = NO_ITEM;
    let of = items.first(items.key[session]!, List.FRAGMENTS);
    for (; of !== NO_ITEM; of = items.older(of)) {
      const isOpen = startUs[of]! < timeUs && lastUs[of]! + this.#gapUs > timeUs;
      if (isOpen && this.#areNear(session, startUs[of]!, lastUs[of]!)) found = of;
    }
    return found;
  }

  #forgetDue(session: number, timeUs: TimeUs): void {
    const { items } = this;
    const grown = this.#growing(session, timeUs);
    if (grown !== NO_ITEM) {
      this.#push(this.#forgottenUs(items.lastUs[grown]!), Rank.FORGET, session);
      return;
    }
    const generation = items.generation[session];
    this.#joinBefore(items.key[session]!, timeUs);
    if (items.generation[session] !== generation) return;
    const lastUs = this.#forgottenUs(items.lastUs[session]!);
    const isPending = items.hasPending(session);
    const forgottenUs = isPending ? Math.max(lastUs, this.#dueOf(session)) : lastUs;
    // What is due at this very time has been given.
    if (forgottenUs > timeUs) this.#push(forgottenUs, Rank.FORGET, session);
    else this.#forget(session);
  }

  #forgottenUs(lastUs: TimeUs): TimeUs {
    return lastUs + this.#gapUs + this.#latenessUs;
  }

  #forget(session: number): void {
    const { items } = this;
    const key = items.key[session]!;
    if (items.hasShown(session)) {
      this.#records.release(items.shownShelf(session), items.shownRecord(session));
      for (const { shelf, record } of items.moreShown(session))
        this.#records.release(shelf, record);
    }
    items.remove(session, List.SESSIONS);
    items.give(session);
    if (this.#table.canForget && items.isFree(key)) this.#table.remove(key);
  }

  /** Has the rows of a key that are on time and came before a time find their sessions. */
  #joinBefore(key: number, timeUs: TimeUs): void {
    const { items } = this;
    let older = NO_ITEM;
    for (let of = items.first(key, List.FRAGMENTS); of !== NO_ITEM; of = older) {
      older = items.older(of);
      if (items.startUs[of]! >= timeUs) continue;
      items.remove(of, List.FRAGMENTS);
      this.#queue(this.#join(of));
    }
  }

  /** A fragment becomes part of a session, and the sessions that it is near to become one. */
  #join(fragment: number): number {
    const { items } = this;
    const markUs = items.markUs[fragment]!;
    const fragmentTickUs = items.tickUs[fragment]!;
    const session = this.join(fragment);
    const isLate = markUs > -Infinity;
    const endUs = items.lastUs[session]! + this.#gapUs;
    if (isLate && markUs >= endUs) {
      const tickUs = this.#times.lateUs(markUs);
      items.lateTickUs[session] = Math.min(items.lateTickUs[session]!, tickUs);
    } else {
      const tickUs = isLate ? this.#times.earlyUs(markUs) : fragmentTickUs;
      items.tickUs[session] = Math.min(items.tickUs[session]!, tickUs);
      items.endsDue[session] = 1;
      items.lateTickUs[session] = Infinity;
    }
    return session;
  }

  /** The same at once: the caller writes the result. The fragment is no more, and in no list. */
  join(fragment: number): number {
    const { items } = this;
    const key = items.key[fragment]!;
    const startUs = items.startUs[fragment]!;
    const lastUs = items.lastUs[fragment]!;
    const markUs = items.markUs[fragment]!;
    let found = NO_ITEM;
    let older = NO_ITEM;
    for (let of = items.first(key, List.SESSIONS); of !== NO_ITEM; of = older) {
      older = items.older(of);
      const isClosed = this.#forgottenUs(items.lastUs[of]!) <= markUs;
      if (isClosed || !this.#areNear(of, startUs, lastUs)) continue;
      if (found === NO_ITEM) found = of;
      else this.#unite(found, of);
    }
    if (found === NO_ITEM) {
      found = items.takeSession(key);
      items.add(found, List.SESSIONS);
      this.#push(this.#forgottenUs(lastUs), Rank.FORGET, found);
    }
    items.extend(found, startUs, lastUs);
    this.#addPending(found, items.shelf[fragment]!, items.record[fragment]!);
    items.give(fragment);
    return found;
  }

  /** One session becomes part of another. */
  #unite(target: number, source: number): void {
    const { items } = this;
    const { tickUs, lateTickUs, endsDue } = items;
    items.extend(target, items.startUs[source]!, items.lastUs[source]!);
    items.joinShown(target, source);
    tickUs[target] = Math.min(tickUs[target]!, tickUs[source]!);
    endsDue[target] = endsDue[target]! | endsDue[source]!;
    lateTickUs[target] = Math.min(lateTickUs[target]!, lateTickUs[source]!);
    if (items.hasPending(source)) {
      this.#addPending(target, items.shelf[source]!, items.record[source]!);
    }
    items.remove(source, List.SESSIONS);
    items.give(source);
  }

  /** A session gets a record with rows that no result has. */
  #addPending(session: number, shelf: number, record: number): void {
    if (this.items.hasPending(session)) this.#mergeAway(session, shelf, record);
    else this.items.setPending(session, shelf, record);
  }

  /** An item's record gets the aggregates of another, which goes. */
  #mergeAway(target: number, shelf: number, record: number): void {
    const { items } = this;
    this.#host.merge(items.shelf[target]!, items.record[target]!, record);
    this.#records.release(shelf, record);
  }

  #areNear(of: number, startUs: TimeUs, lastUs: TimeUs): boolean {
    const { items } = this;
    return startUs - items.lastUs[of]! < this.#gapUs && items.startUs[of]! - lastUs < this.#gapUs;
  }

  #dueOf(session: number): TimeUs {
    const { tickUs, lateTickUs, endsDue, lastUs } = this.items;
    const endUs = endsDue[session] === 1 ? lastUs[session]! + this.#gapUs : Infinity;
    return Math.min(tickUs[session]!, lateTickUs[session]!, endUs);
  }

  #queue(session: number): void {
    const dueUs = this.#dueOf(session);
    if (dueUs >= this.items.queuedUs[session]!) return;
    this.items.queuedUs[session] = dueUs;
    this.#push(dueUs, Rank.SESSION, session);
  }

  *state(io: StateIo): Steps {
    yield* this.#table.state(io);
    const { items } = this;
    const known = io.isReading ? [] : items.keys();
    const keys = yield* stateOfList(io, known, (key) => items.stateOfKey(io, key));
    if (io.isReading) for (const key of keys) this.#queueAll(key);
  }

  /** Queues all of a key that was read. */
  #queueAll(key: number): void {
    const { items } = this;
    const { lastUs } = items;
    let of = items.first(key, List.FRAGMENTS);
    for (; of !== NO_ITEM; of = items.older(of)) {
      this.#push(Math.min(items.tickUs[of]!, lastUs[of]! + this.#gapUs), Rank.FRAGMENT, of);
    }
    for (of = items.first(key, List.LATE); of !== NO_ITEM; of = items.older(of)) {
      this.#push(items.markUs[of]!, Rank.LATE, of);
    }
    for (of = items.first(key, List.SESSIONS); of !== NO_ITEM; of = items.older(of)) {
      this.#queue(of);
      this.#push(this.#forgottenUs(lastUs[of]!), Rank.FORGET, of);
    }
  }
}
