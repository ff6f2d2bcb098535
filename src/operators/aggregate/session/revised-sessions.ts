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
import type { Fragment, Held, RevisedSession, SessionKey } from './revised-session.ts';
import { newKey, newSession, stateOfKey } from './revised-session.ts';
import type { SessionRecords } from './session-records.ts';
import { TimeHeap } from './time-heap.ts';

/** What a fragment or a session counts for beside its record, whatever it really takes. */
const ITEM_BYTES = 256;

/** What happens, in the order in which it does at one time. */
const Rank = { FRAGMENT: 0, SESSION: 1, LATE: 2, FORGET: 3 } as const;

type Event = Fragment | RevisedSession;

/** What sessions need of their kernel. */
export interface SessionHost {
  /** Adds the aggregates of a record to another's; the source may go. */
  merge(target: Held, source: Held): void;
  /** @throws MillraceError `ERR_LIMIT_EXCEEDED` */
  full(): never;
}

/** The sessions of one task. */
export class RevisedSessions {
  readonly #gapUs: DurationUs;
  readonly #latenessUs: DurationUs;
  readonly #times: RevisionTimes;
  readonly #records: SessionRecords;
  readonly #host: SessionHost;
  readonly #arena: Arena;
  readonly #limitBytes: number;
  readonly #table: KeyedRecords;
  readonly #keys = new Map<number, SessionKey>();
  readonly #events = new TimeHeap<Event>();
  /** Fragments and sessions. */
  #items = 0;

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
    this.#table = new KeyedRecords(memory, arena, keys, [0, 0], rowCapacity);
  }

  /** Sessions, and parts of such to be. */
  get count(): number {
    return this.#items;
  }

  /** The records of the keys of `rows[0 .. count)`, by position; valid until the next call. */
  find(columns: readonly Column[], rows: Uint32Array, count: number): Int32Array {
    return this.#table.assign(columns, rows, count);
  }

  /** All there is of the key with a record. */
  keyOf(record: number): SessionKey {
    let key = this.#keys.get(record);
    if (key === undefined) {
      key = newKey(record);
      this.#keys.set(record, key);
    }
    return key;
  }

  /** A fragment of a row by itself, which waits for nothing. */
  single(key: SessionKey, timeUs: TimeUs, markUs: TimeUs): Fragment {
    const bytes = this.#arena.usedBytes + this.#items * ITEM_BYTES;
    if (bytes > this.#limitBytes) this.#host.full();
    this.#items++;
    const shelf = this.#records.current;
    const record = this.#records.take(key.record);
    const tickUs = markUs > timeUs ? Infinity : this.#times.earlyUs(timeUs);
    const lastUs = timeUs;
    return { key, shelf, record, startUs: timeUs, lastUs, tickUs, markUs, isGone: false };
  }

  /** The fragment that a row which is on time counts in. */
  onTime(key: SessionKey, timeUs: TimeUs): Fragment {
    const tickUs = this.#times.earlyUs(timeUs);
    const { fragments } = key;
    let found: Fragment | undefined;
    for (let f = fragments.length - 1; f >= 0; f--) {
      const fragment = fragments[f]!;
      if (fragment.tickUs !== tickUs || !this.#areNear(fragment, timeUs, timeUs)) continue;
      if (found === undefined) found = fragment;
      else {
        this.#host.merge(found, fragment);
        extend(found, fragment.startUs, fragment.lastUs);
        this.#dropFragment(fragment);
        fragments.splice(f, 1);
      }
    }
    if (found === undefined) {
      found = this.single(key, timeUs, -Infinity);
      fragments.push(found);
      this.#events.push(Math.min(tickUs, timeUs + this.#gapUs), Rank.FRAGMENT, found);
    } else extend(found, timeUs, timeUs);
    return found;
  }

  /** A row that was late, or whose time has passed; it finds its session when all before it have. */
  late(key: SessionKey, timeUs: TimeUs, markUs: TimeUs): Fragment {
    const fragment = this.single(key, timeUs, markUs);
    key.late.push(fragment);
    this.#events.push(markUs, Rank.LATE, fragment);
    return fragment;
  }

  /** Nothing happens before; `Infinity`: nothing will. */
  get dueUs(): TimeUs {
    return this.#events.next?.timeUs ?? Infinity;
  }

  /**
   * Does what comes next, if it comes at a watermark and does not wait for a result that is to be written.
   *
   * @param due - gets a session whose result is due, and the time at which it is
   * @returns `end`: nothing comes; `wait`: a result has to be written first
   */
  step(
    watermarkUs: TimeUs,
    due: (session: RevisedSession, timeUs: TimeUs) => void,
  ): 'done' | 'end' | 'wait' {
    const { next } = this.#events;
    if (next === undefined) return 'end';
    const { timeUs, rank, item } = next;
    if (rank === Rank.LATE ? timeUs >= watermarkUs : timeUs > watermarkUs) return 'end';
    if (item.key.isGathered && !item.isGone) return 'wait';
    this.#events.pop();
    if (item.isGone) return 'done';
    if (rank === Rank.FRAGMENT) {
      const session = this.#fragmentDue(item as Fragment, timeUs);
      if (session !== undefined) due(session, timeUs);
    } else if (rank === Rank.LATE) this.#lateDue(item as Fragment, timeUs);
    else if (rank === Rank.FORGET) this.#forgetDue(item as RevisedSession, timeUs);
    else if (this.#isDue(item as RevisedSession, timeUs)) due(item as RevisedSession, timeUs);
    return 'done';
  }

  /** The session of a fragment that is due, if that is due too. */
  #fragmentDue(fragment: Fragment, timeUs: TimeUs): RevisedSession | undefined {
    const dueUs = Math.min(fragment.tickUs, fragment.lastUs + this.#gapUs);
    if (dueUs > timeUs) {
      this.#events.push(dueUs, Rank.FRAGMENT, fragment);
      return undefined;
    }
    const { key } = fragment;
    const { fragments } = key;
    fragments.splice(fragments.indexOf(fragment), 1);
    this.#joinBefore(key, timeUs);
    const session = this.#join(fragment);
    if (this.#dueOf(session) > timeUs) {
      this.#queue(session);
      return undefined;
    }
    session.queuedUs = Infinity;
    return session;
  }

  #lateDue(fragment: Fragment, timeUs: TimeUs): void {
    const { key } = fragment;
    this.#joinBefore(key, timeUs);
    key.late.splice(key.late.indexOf(fragment), 1);
    this.#queue(this.#join(fragment));
  }

  #isDue(session: RevisedSession, timeUs: TimeUs): boolean {
    if (session.queuedUs !== timeUs) return false;
    session.queuedUs = Infinity;
    const isByTick = Math.min(session.tickUs, session.lateTickUs) <= timeUs;
    const grown = isByTick ? undefined : this.#growing(session, timeUs);
    if (grown !== undefined) {
      // It has not ended: what makes it longer joins it when that is due.
      session.queuedUs = Math.min(grown.tickUs, session.tickUs, grown.lastUs + this.#gapUs);
      this.#events.push(session.queuedUs, Rank.SESSION, session);
      return false;
    }
    this.#joinBefore(session.key, timeUs);
    if (session.isGone) return false;
    if (this.#dueOf(session) <= timeUs) return true;
    this.#queue(session);
    return false;
  }

  /** A fragment that makes a session longer than until a time, if there is one. */
  #growing(session: RevisedSession, timeUs: TimeUs): Fragment | undefined {
    return session.key.fragments.find(
      (of) =>
        of.startUs < timeUs &&
        of.lastUs + this.#gapUs > timeUs &&
        this.#areNear(session, of.startUs, of.lastUs),
    );
  }

  #forgetDue(session: RevisedSession, timeUs: TimeUs): void {
    const grown = this.#growing(session, timeUs);
    if (grown !== undefined) {
      const forgottenUs = grown.lastUs + this.#gapUs + this.#latenessUs;
      this.#events.push(forgottenUs, Rank.FORGET, session);
      return;
    }
    this.#joinBefore(session.key, timeUs);
    if (session.isGone) return;
    const lastUs = session.lastUs + this.#gapUs + this.#latenessUs;
    const forgottenUs =
      session.pending === undefined ? lastUs : Math.max(lastUs, this.#dueOf(session));
    // What is due at this very time has been given.
    if (forgottenUs > timeUs) this.#events.push(forgottenUs, Rank.FORGET, session);
    else this.#forget(session);
  }

  #forget(session: RevisedSession): void {
    const { key } = session;
    for (const held of session.shown) this.#records.release(held.shelf, held.record);
    key.sessions.splice(key.sessions.indexOf(session), 1);
    this.#dropSession(session);
    if (key.sessions.length + key.fragments.length + key.late.length > 0) return;
    if (!this.#table.canForget) return;
    this.#keys.delete(key.record);
    this.#table.remove(key.record);
  }

  /** Has the rows of a key that are on time and came before a time find their sessions. */
  #joinBefore({ fragments }: SessionKey, timeUs: TimeUs): void {
    for (let f = fragments.length - 1; f >= 0; f--) {
      const fragment = fragments[f]!;
      if (fragment.startUs >= timeUs) continue;
      fragments.splice(f, 1);
      this.#queue(this.#join(fragment));
    }
  }

  /** A fragment becomes part of a session, and the sessions that it is near to become one. */
  #join(fragment: Fragment): RevisedSession {
    const session = this.join(fragment);
    const isLate = fragment.markUs > -Infinity;
    const endUs = session.lastUs + this.#gapUs;
    if (isLate && fragment.markUs >= endUs) {
      session.lateTickUs = Math.min(session.lateTickUs, this.#times.lateUs(fragment.markUs));
    } else {
      const tickUs = isLate ? this.#times.earlyUs(fragment.markUs) : fragment.tickUs;
      session.tickUs = Math.min(session.tickUs, tickUs);
      session.endsDue = true;
      session.lateTickUs = Infinity;
    }
    return session;
  }

  /** The same at once: the caller writes the result. */
  join(fragment: Fragment): RevisedSession {
    const { key, startUs, lastUs, markUs } = fragment;
    const { sessions } = key;
    let found: RevisedSession | undefined;
    for (let s = sessions.length - 1; s >= 0; s--) {
      const session = sessions[s]!;
      const isClosed = session.lastUs + this.#gapUs + this.#latenessUs <= markUs;
      if (isClosed || !this.#areNear(session, startUs, lastUs)) continue;
      if (found === undefined) found = session;
      else {
        this.#unite(found, session);
        sessions.splice(s, 1);
      }
    }
    if (found === undefined) {
      found = newSession(key);
      sessions.push(found);
      this.#items++;
      const forgottenUs = lastUs + this.#gapUs + this.#latenessUs;
      this.#events.push(forgottenUs, Rank.FORGET, found);
    }
    extend(found, startUs, lastUs);
    const { shelf, record } = fragment;
    if (found.pending === undefined) found.pending = { shelf, record };
    else this.#mergeAway(found.pending, { shelf, record });
    fragment.isGone = true;
    this.#items--;
    return found;
  }

  #unite(target: RevisedSession, source: RevisedSession): void {
    extend(target, source.startUs, source.lastUs);
    target.shown.push(...source.shown);
    target.shown.sort((a, b) => a.startUs - b.startUs || a.endUs - b.endUs);
    target.tickUs = Math.min(target.tickUs, source.tickUs);
    target.endsDue ||= source.endsDue;
    target.lateTickUs = Math.min(target.lateTickUs, source.lateTickUs);
    if (target.pending === undefined) target.pending = source.pending;
    else if (source.pending !== undefined) this.#mergeAway(target.pending, source.pending);
    this.#dropSession(source);
  }

  #mergeAway(target: Held, source: Held): void {
    this.#host.merge(target, source);
    this.#records.release(source.shelf, source.record);
  }

  #dropFragment(fragment: Fragment): void {
    fragment.isGone = true;
    this.#items--;
    this.#records.release(fragment.shelf, fragment.record);
  }

  #dropSession(session: RevisedSession): void {
    session.isGone = true;
    this.#items--;
  }

  #areNear(of: Fragment | RevisedSession, startUs: TimeUs, lastUs: TimeUs): boolean {
    return startUs - of.lastUs < this.#gapUs && of.startUs - lastUs < this.#gapUs;
  }

  #dueOf({ tickUs, endsDue, lateTickUs, lastUs }: RevisedSession): TimeUs {
    return Math.min(tickUs, lateTickUs, endsDue ? lastUs + this.#gapUs : Infinity);
  }

  #queue(session: RevisedSession): void {
    const dueUs = this.#dueOf(session);
    if (dueUs >= session.queuedUs) return;
    session.queuedUs = dueUs;
    this.#events.push(dueUs, Rank.SESSION, session);
  }

  *state(io: StateIo): Steps {
    yield* this.#table.state(io);
    const keys = yield* stateOfList(io, [...this.#keys.values()], (known) => stateOfKey(io, known));
    if (!io.isReading) return;
    for (const key of keys) {
      this.#keys.set(key.record, key);
      this.#items += key.fragments.length + key.late.length + key.sessions.length;
      for (const fragment of key.fragments) {
        const dueUs = Math.min(fragment.tickUs, fragment.lastUs + this.#gapUs);
        this.#events.push(dueUs, Rank.FRAGMENT, fragment);
      }
      for (const fragment of key.late) this.#events.push(fragment.markUs, Rank.LATE, fragment);
      for (const session of key.sessions) {
        this.#queue(session);
        const forgottenUs = session.lastUs + this.#gapUs + this.#latenessUs;
        this.#events.push(forgottenUs, Rank.FORGET, session);
      }
    }
  }
}

function extend(of: Fragment | RevisedSession, startUs: TimeUs, lastUs: TimeUs): void {
  of.startUs = Math.min(of.startUs, startUs);
  of.lastUs = Math.max(of.lastUs, lastUs);
}
