/**
 * The open sessions of one task, by key.
 *
 * ```
 *   key ──▶ record of the key: │ keys │ number, record of the first session │ its start │ its last │
 *                                        └─▶ next session of the key ─▶ …
 * ```
 *
 * A row that falls into the first session of its key, as nearly all do, needs no more than the record
 * of the key. Other sessions of the key, which the watermark has not closed, are found from there.
 *
 * Sessions of a key are a gap apart, and the first is the latest of them. But a late row, whose source
 * had closed the session it is near to, makes one of its own beside that. Then the record of the key
 * has no times, so that each row looks at all sessions of the key, until there is only one.
 *
 * @module
 */

import type { Column } from '../../../core/column.ts';
import type { KernelContext } from '../../../core/operator.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import { bytesOf } from '../../../core/state-io.ts';
import type { DataType } from '../../../core/types.ts';
import { storageOf } from '../../../core/types.ts';
import type { DurationUs, TimeUs } from '../../../core/units.ts';
import type { Arena } from '../../../state/index.ts';
import { GroupKernel, GroupTable, RecordLayout, reserveMemory } from '../../../state/index.ts';
import { NONE, SessionQueue } from './session-queue.ts';
import type { SessionRecords } from './session-records.ts';

/** Bytes of an open session beside its record and that of its key. */
const SESSION_BYTES = 5 * 4 + 3 * 8;
/** No more sessions than one for so many bytes of state. */
const LEAST_BYTES_PER_SESSION = 128;

/** What happens when two sessions become one. */
export type OnMerge = (target: number, source: number) => void;

/** Words and floats of a key's record behind its keys. */
const SESSION_CELL = 0;
const START_CELL = 1;
const LAST_CELL = 2;

/** Words that a float is. */
function wordsOf(value: number): number[] {
  return [...new Int32Array(Float64Array.of(value).buffer)];
}

/** Sessions by number, from 1 on. */
export class Sessions {
  readonly #gapUs: DurationUs;
  readonly #kernel: GroupKernel;
  readonly #keys: GroupTable;
  readonly #hasKeys: boolean;
  readonly #records: SessionRecords;
  readonly #queue: SessionQueue;
  readonly #onMerge: OnMerge;
  readonly #onFull: () => never;
  /** First cell of a key's record behind the keys. */
  readonly #cell: number;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #arena: Arena;
  readonly #limitBytes: number;
  /** By session: its record, 0 when it has become part of another; its key's record; the next one. */
  readonly #record: Int32Array;
  readonly #keyed: Int32Array;
  readonly #next: Int32Array;
  readonly #shelf: Int32Array;
  /** Times of the first and last row; those of a key's first session are in the record of the key. */
  readonly #start: Float64Array;
  readonly #last: Float64Array;
  /** The first number that was never used, and the first of those that are free again. */
  #unused = 1;
  #free: number = NONE;
  /** Open sessions. */
  count = 0;

  constructor(
    context: KernelContext,
    arena: Arena,
    keys: readonly DataType[],
    gapUs: DurationUs,
    records: SessionRecords,
    onMerge: OnMerge,
    onFull: () => never,
  ) {
    const { memory, rowCapacity, stateLimitBytes } = context;
    const layout = new RecordLayout(keys.map(storageOf));
    this.#cell = layout.reserve(3, [0, 0, ...wordsOf(Infinity), ...wordsOf(-Infinity)]);
    this.#kernel = new GroupKernel(memory, arena, layout, [], rowCapacity);
    this.#keys = new GroupTable(this.#kernel);
    this.#hasKeys = keys.length > 0;
    this.#gapUs = gapUs;
    this.#records = records;
    this.#onMerge = onMerge;
    this.#onFull = onFull;
    this.#arena = arena;
    this.#words = arena.words;
    this.#floats = arena.floats;
    this.#limitBytes = Math.min(stateLimitBytes, arena.limitBytes);
    const wanted = Math.floor(this.#limitBytes / LEAST_BYTES_PER_SESSION) + 2;
    const bytes = wanted * SESSION_BYTES;
    const { buffer } = context.stateMemory?.reserve(bytes).memory ?? reserveMemory(bytes);
    const most = Math.min(wanted, Math.floor(buffer.byteLength / SESSION_BYTES));
    const floats = (n: number): Float64Array => new Float64Array(buffer, 8 * n * most, most);
    const words = (n: number): Int32Array => new Int32Array(buffer, (24 + 4 * n) * most, most);
    this.#start = floats(0);
    this.#last = floats(1);
    this.#record = words(0);
    this.#keyed = words(1);
    this.#next = words(2);
    this.#shelf = words(3);
    context.counters.watchState?.(() => this.#unused * SESSION_BYTES);
    const endUs = (session: number): TimeUs => this.endUs(session);
    this.#queue = new SessionQueue(words(4), floats(2), endUs);
  }

  /** Nothing ends before; `Infinity`: no session is open. */
  get dueUs(): TimeUs {
    return this.#queue.leastUs;
  }

  /** Takes a session that may end at or before `watermarkUs`, as the queue does. */
  take(watermarkUs: TimeUs): number {
    for (;;) {
      const session = this.#queue.take(watermarkUs + 1);
      if (session <= NONE) return session;
      if (this.#record[session] === 0) {
        this.#giveBack(session);
        continue;
      }
      const endUs = this.endUs(session);
      if (endUs <= watermarkUs) return session;
      this.#queue.push(session, endUs);
    }
  }

  /** The record with the aggregates of a session; 0: it has become part of another. */
  recordOf(session: number): number {
    return this.#record[session]!;
  }

  /** On which shelf that is. */
  shelfOf(session: number): number {
    return this.#shelf[session]!;
  }

  startUs(session: number): TimeUs {
    if (!this.#isInKey(session)) return this.#start[session]!;
    return this.#floats[this.#keyed[session]! + this.#cell + START_CELL]!;
  }

  /** When it ends if no row comes, exclusive. */
  endUs(session: number): TimeUs {
    if (!this.#isInKey(session)) return this.#last[session]! + this.#gapUs;
    return this.#floats[this.#keyed[session]! + this.#cell + LAST_CELL]! + this.#gapUs;
  }

  /** Whether the times of a session are in the record of its key. */
  #isInKey(session: number): boolean {
    const keyed = this.#keyed[session]!;
    return this.#firstOf(keyed) === session && this.#hasTimes(keyed);
  }

  #hasTimes(keyed: number): boolean {
    return this.#floats[keyed + this.#cell + START_CELL]! < Infinity;
  }

  /** The first session of a key. */
  #firstOf(keyed: number): number {
    return this.#words[2 * (keyed + this.#cell + SESSION_CELL)]!;
  }

  /** The records of the keys of rows `rows[0 .. count)`, by position; made where there was none. */
  find(keys: readonly Column[], rows: Uint32Array, count: number): Int32Array {
    const kernel = this.#kernel;
    kernel.bindKeys(keys, rows, 0, count);
    if (this.#hasKeys) kernel.hash(0, count);
    else kernel.hashes.fill(0, 0, count);
    this.#keys.add(0, count);
    return kernel.records;
  }

  /**
   * Finds the sessions of rows that are on time and fall into the first session of their key.
   *
   * @param keyed - records of the keys, by position
   * @param timeWords - of the batch
   * @param records - gets the records of the sessions
   * @returns the position of the first row that is another matter, or `to`
   * @hot
   */
  place(
    keyed: Int32Array,
    rows: Uint32Array,
    timeWords: Int32Array,
    records: Int32Array,
    from: number,
    to: number,
  ): number {
    const words = this.#words;
    const floats = this.#floats;
    const cell = this.#cell;
    const gapUs = this.#gapUs;
    for (let i = from; i < to; i++) {
      const at = keyed[i]! + cell;
      const row = 2 * rows[i]!;
      const timeUs = timeWords[row + 1]! * 4294967296 + (timeWords[row]! >>> 0);
      const lastUs = floats[at + LAST_CELL]!;
      if (!(timeUs >= floats[at + START_CELL]! && timeUs - lastUs < gapUs)) return i;
      if (timeUs > lastUs) floats[at + LAST_CELL] = timeUs;
      records[i] = words[2 * at + 1]!;
    }
    return to;
  }

  /**
   * Lists the shelves of the first sessions of keys, by position.
   *
   * @hot
   */
  listShelves(keyed: Int32Array, shelves: Int32Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      shelves[i] = this.#shelf[this.#words[2 * (keyed[i]! + this.#cell)]!]!;
    }
  }

  /**
   * The session that any row counts in: one that it is nearer to than the gap and that its source had
   * not closed, or a new one. Several such become one.
   *
   * @param closedUs - sessions that end at or before it are closed to the row
   */
  at(keyed: number, timeUs: TimeUs, closedUs: TimeUs): number {
    let found: number = NONE;
    let isNearClosed = false;
    let next: number;
    for (let session = this.#firstOf(keyed); session !== NONE; session = next) {
      next = this.#next[session]!;
      const [startUs, endUs] = [this.startUs(session), this.endUs(session)];
      if (timeUs >= endUs || timeUs <= startUs - this.#gapUs) continue;
      if (endUs <= closedUs) isNearClosed = true;
      else if (found === NONE) {
        found = session;
        this.#extend(found, Math.min(startUs, timeUs), Math.max(endUs - this.#gapUs, timeUs));
      } else {
        this.#merge(found, session);
      }
    }
    if (found === NONE) found = this.#open(keyed, timeUs);
    if (isNearClosed) this.#takeTimes(keyed);
    return found;
  }

  #extend(session: number, startUs: TimeUs, lastUs: TimeUs): void {
    if (this.#isInKey(session)) {
      const at = this.#keyed[session]! + this.#cell;
      this.#floats[at + START_CELL] = startUs;
      this.#floats[at + LAST_CELL] = lastUs;
    } else {
      this.#start[session] = startUs;
      this.#last[session] = lastUs;
    }
  }

  #merge(target: number, source: number): void {
    const startUs = Math.min(this.startUs(target), this.startUs(source));
    const endUs = Math.max(this.endUs(target), this.endUs(source));
    this.#onMerge(target, source);
    this.#unlink(source);
    this.#release(source);
    this.#extend(target, startUs, endUs - this.#gapUs);
    // It is in the queue, which gives it back.
    this.#record[source] = 0;
  }

  #open(keyed: number, timeUs: TimeUs): number {
    const session = this.#takeNumber();
    const first = this.#firstOf(keyed);
    this.#shelf[session] = this.#records.current;
    this.#record[session] = this.#records.take(keyed);
    this.#keyed[session] = keyed;
    this.#start[session] = timeUs;
    this.#last[session] = timeUs;
    this.#next[session] = NONE;
    if (first === NONE) this.#putFirst(keyed, session, true);
    else if (timeUs >= this.endUs(first)) {
      const hasTimes = this.#hasTimes(keyed);
      this.#next[session] = first;
      this.#takeTimes(keyed);
      this.#putFirst(keyed, session, hasTimes);
    } else {
      this.#next[session] = this.#next[first]!;
      this.#next[first] = session;
    }
    this.#queue.push(session, timeUs + this.#gapUs);
    this.count++;
    return session;
  }

  /** Makes a session the first of its key, whose record may get its times. */
  #putFirst(keyed: number, session: number, hasTimes: boolean): void {
    const at = keyed + this.#cell;
    this.#words[2 * at] = session;
    this.#words[2 * at + 1] = this.#record[session]!;
    if (!hasTimes) return;
    this.#floats[at + START_CELL] = this.#start[session]!;
    this.#floats[at + LAST_CELL] = this.#last[session]!;
  }

  /** Takes the times of its first session out of the record of a key. */
  #takeTimes(keyed: number): void {
    if (!this.#hasTimes(keyed)) return;
    const at = keyed + this.#cell;
    const session = this.#firstOf(keyed);
    this.#start[session] = this.#floats[at + START_CELL]!;
    this.#last[session] = this.#floats[at + LAST_CELL]!;
    this.#floats[at + START_CELL] = Infinity;
  }

  /** Takes a session out of those of its key; the key stays. */
  #unlink(session: number): void {
    const keyed = this.#keyed[session]!;
    const next = this.#next[session]!;
    const first = this.#firstOf(keyed);
    const hasTimes = this.#hasTimes(keyed);
    if (first === session) {
      this.#takeTimes(keyed);
      if (next === NONE) this.#words[2 * (keyed + this.#cell)] = NONE;
      else this.#putFirst(keyed, next, hasTimes || this.#next[next] === NONE);
      return;
    }
    let before = first;
    while (this.#next[before] !== session) before = this.#next[before]!;
    this.#next[before] = next;
    if (!hasTimes && this.#next[first] === NONE) this.#putFirst(keyed, first, true);
  }

  /** Forgets a session that was taken, and its key if it has no other. */
  close(session: number): void {
    const keyed = this.#keyed[session]!;
    this.#unlink(session);
    this.#release(session);
    if (this.#firstOf(keyed) === NONE) this.#keys.remove(keyed);
    this.#giveBack(session);
  }

  *state(io: StateIo): Steps {
    yield* this.#kernel.headers.state(io);
    yield* this.#keys.state(io);
    this.count = io.int(this.count);
    this.#free = io.int(this.#free);
    this.#unused = io.int(this.#unused);
    const sessions = this.#unused;
    if (sessions > this.#next.length) io.fail(`${sessions} sessions, and here is room for fewer`);
    for (const words of [this.#record, this.#keyed, this.#next, this.#shelf]) {
      yield* io.memory(bytesOf(words.subarray(0, sessions)));
    }
    for (const times of [this.#start, this.#last]) {
      yield* io.memory(bytesOf(times.subarray(0, sessions)));
    }
    yield* this.#queue.state(io, sessions);
  }

  #release(session: number): void {
    this.#records.release(this.#shelf[session]!, this.#record[session]!);
    this.count--;
  }

  #takeNumber(): number {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#next[free]!;
      return free;
    }
    const bytes = this.#arena.usedBytes + this.#unused * SESSION_BYTES;
    if (this.#unused === this.#next.length || bytes > this.#limitBytes) this.#onFull();
    return this.#unused++;
  }

  #giveBack(session: number): void {
    this.#next[session] = this.#free;
    this.#free = session;
  }
}
