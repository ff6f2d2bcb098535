/** What is known of sessions whose results may be revised. Types, and how they are written down. @module */

import type { StateIo, Steps } from '../../../core/state-io.ts';
import { stateOfItems } from '../../../core/state-io.ts';
import type { TimeUs } from '../../../core/units.ts';

/** A record with the aggregates of some rows of a key. */
export interface Held {
  readonly shelf: number;
  readonly record: number;
}

/** Rows of a key that are nearer to each other than the gap, and become part of a session together. */
export interface Fragment extends Held {
  readonly key: SessionKey;
  /** Times of the first and the last row. */
  startUs: TimeUs;
  lastUs: TimeUs;
  /** The multiple at which its rows count, of such as are on time; `Infinity`: there is none. */
  readonly tickUs: TimeUs;
  /** Where the source stood, of a late row, which is a fragment of its own; `-Infinity`: rows are on time. */
  readonly markUs: TimeUs;
  /** It has become part of another. */
  isGone: boolean;
}

/** A result that was given: what it was made of, and its window. */
export interface Shown extends Held {
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
}

/** A session. */
export interface RevisedSession {
  readonly key: SessionKey;
  startUs: TimeUs;
  lastUs: TimeUs;
  /** Results that are to be taken back when the next one is given. */
  readonly shown: Shown[];
  /** Rows that none of them has. */
  pending: Held | undefined;
  /**
   * When they count at the latest: in a session that is open, and whether they do when it ends; in one that
   * had ended.
   */
  tickUs: TimeUs;
  endsDue: boolean;
  lateTickUs: TimeUs;
  /** For which time it is queued; `Infinity`: it is not. */
  queuedUs: TimeUs;
  /** It has become part of another, or was forgotten. */
  isGone: boolean;
}

/** All there is of one key. */
export interface SessionKey {
  /** The record of the key. */
  readonly record: number;
  readonly fragments: Fragment[];
  /** Late rows that have not found their sessions so far, in the order in which they came. */
  readonly late: Fragment[];
  readonly sessions: RevisedSession[];
  /** A result of one of its sessions is about to be written. */
  isGathered: boolean;
}

/** A key without sessions. */
export function newKey(record: number): SessionKey {
  return { record, fragments: [], late: [], sessions: [], isGathered: false };
}

/** A session without rows. */
export function newSession(key: SessionKey): RevisedSession {
  return {
    key,
    startUs: Infinity,
    lastUs: -Infinity,
    shown: [],
    pending: undefined,
    tickUs: Infinity,
    endsDue: false,
    lateTickUs: Infinity,
    queuedUs: Infinity,
    isGone: false,
  };
}

/** A key and all there is of it. */
export function* stateOfKey(io: StateIo, known: SessionKey | undefined): Steps<SessionKey> {
  const key = known ?? newKey(io.int(0));
  if (known !== undefined) io.int(known.record);
  const fragment = (of: Fragment | undefined): Fragment => ({
    key,
    ...stateOfHeld(io, of),
    startUs: io.float(of?.startUs ?? 0),
    lastUs: io.float(of?.lastUs ?? 0),
    tickUs: io.float(of?.tickUs ?? 0),
    markUs: io.float(of?.markUs ?? 0),
    isGone: false,
  });
  const fragments = yield* stateOfItems(io, key.fragments, fragment);
  const late = yield* stateOfItems(io, key.late, fragment);
  const sessions = yield* stateOfItems(io, key.sessions, (of) => stateOfSession(io, key, of));
  if (known === undefined) {
    key.fragments.push(...fragments);
    key.late.push(...late);
    key.sessions.push(...sessions);
  }
  return key;
}

function stateOfHeld(io: StateIo, held: Held | undefined): Held {
  return { shelf: io.int(held?.shelf ?? 0), record: io.int(held?.record ?? 0) };
}

function stateOfSession(
  io: StateIo,
  key: SessionKey,
  known: RevisedSession | undefined,
): RevisedSession {
  const session = known ?? newSession(key);
  session.startUs = io.float(session.startUs);
  session.lastUs = io.float(session.lastUs);
  session.tickUs = io.float(session.tickUs);
  session.endsDue = io.flag(session.endsDue);
  session.lateTickUs = io.float(session.lateTickUs);
  if (io.flag(session.pending !== undefined)) {
    session.pending = stateOfHeld(io, session.pending);
  }
  const count = io.int(session.shown.length);
  for (let s = 0; s < count; s++) {
    const of = session.shown[s];
    const startUs = io.float(of?.startUs ?? 0);
    const endUs = io.float(of?.endUs ?? 0);
    session.shown[s] = { ...stateOfHeld(io, of), startUs, endUs };
  }
  return session;
}
