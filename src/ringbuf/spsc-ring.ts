/**
 * A bounded ring of fixed-size slots with one producer and one or more consumers.
 *
 * The ring sequences slots; it never touches what is in them. Slot bytes are written and read in
 * place by whoever holds the slot, so passing a batch to another thread copies nothing.
 *
 * Several consumers are a broadcast: each has a cursor of its own and sees every slot; a slot is
 * free again when all of them have released it. Fan-in is not here: it is several rings.
 *
 * ## Ownership
 *
 * A free slot belongs to the producer; a published slot may be read, and only read, by every
 * consumer that has not released it. `publish` and `release` hand it over. A consumer may *advance*
 * past a slot and *release* it much later: until then it can `rewind` to it, so a ring is also the
 * backup of what its consumer has not made safe.
 *
 * ## Why this is correct
 *
 * `tail` counts slots ever published, `head[c]` slots ever released by cursor c, both modulo 2^32.
 * Each word has one writer. The two hand-overs are the only synchronisation:
 *
 * - (P) `publish` stores `tail`; (C) `peek` loads it. What was written to a slot before (P) is
 *   therefore visible after a (C) that saw it.
 * - (R) `release` stores `head[c]`; (F) `claim` loads it. The reads that cursor c made before (R) are
 *   therefore over before the producer, after an (F) that saw it from *every* cursor, overwrites.
 *
 * `Atomics` operations are sequentially consistent; a load that sees a store synchronises with it.
 * So each pair is a happens-before edge, no two conflicting accesses to slot bytes are unordered,
 * and plain typed-array access to them is enough. One publication per batch is all a batch needs.
 *
 * Both sides remember the other's word as last seen. A remembered value is never ahead of the truth,
 * so it can only under-report: free slots to the producer, filled slots to a consumer. Counts are
 * compared by `(a - b) | 0`, which is right as long as they are less than 2^31 apart, and they
 * are never more than the number of slots apart.
 *
 * The end: (Z) `close` stores `end` after every (P), in the same thread; (E) `isEnded` loads `end` before
 * (C). A consumer that sees the end therefore sees everything before it. (O) counts the holders of a
 * role by an atomic addition, so that of two that come at once one is refused.
 *
 * Sleeping: (P), (R) and (Z) are each followed by a look at the other side's bell; `bell.ts` has the
 * argument that no wake-up is lost.
 *
 * `test/model/spsc-ring.model.test.ts` runs every interleaving of (P), (C), (R) and (F) for small
 * rings; `test/mutation/` shows that the tests would notice a mistake.
 *
 * @module
 */

import { invariant } from '../core/invariant.ts';
import type { Bell } from './bell.ts';
import { NO_SLOT, RingEnd, Word } from './layout.ts';
import { headWord, openRing, ownerWord, type RingAddress } from './ring-memory.ts';

/** How an end of a ring is opened. */
export interface RingEndOptions {
  /**
   * Continue where a lost thread stopped. Without it, a second producer, or a second consumer
   * for one cursor, is refused. The former holder must be dead: two at a time corrupt the ring.
   */
  readonly takeOver?: boolean;
}

/** The writing end. One per ring, made and used in the producer's thread. */
export class RingProducer {
  readonly address: RingAddress;
  readonly #control: Int32Array;
  readonly #consumerBells: readonly Bell[];
  readonly #consumers: number;
  readonly #slots: number;
  readonly #mask: number;
  /** Our own count, kept as a plain field: nobody else writes the word. */
  #tail: number;
  /** The least `head` as last seen. Never ahead of the truth: it may under-report free slots. */
  #headSeen = 0;
  #isClaimed = false;

  /**
   * `consumerBells[c]` is the bell of cursor c's thread; a thread with several cursors may be named
   * once, and a consumer in the producer's own thread needs none.
   */
  constructor(
    buffer: SharedArrayBuffer,
    address: RingAddress,
    consumerBells: readonly Bell[],
    options: RingEndOptions = {},
  ) {
    this.address = address;
    this.#control = openRing(buffer, address);
    this.#consumerBells = consumerBells;
    this.#consumers = address.consumers;
    this.#slots = address.slots;
    this.#mask = address.slots - 1;
    own(this.#control, Word.PRODUCER, options.takeOver === true, 'producer');
    // (C) After a take-over, what the lost producer had published.
    this.#tail = Atomics.load(this.#control, Word.TAIL);
    this.#headSeen = this.#oldestHead();
  }

  /**
   * Index of a free slot to fill, or {@link NO_SLOT} if the ring is full.
   *
   * The same slot again until it is published. Between `claim` and `publish` the slot's bytes are
   * the producer's alone.
   *
   * @hot
   */
  claim(): number {
    if (((this.#tail - this.#headSeen) | 0) >= this.#slots) {
      // Looks full: only now pay for reading the consumers' lines.
      this.#headSeen = this.#oldestHead();
      if (((this.#tail - this.#headSeen) | 0) >= this.#slots) return NO_SLOT;
    }
    this.#isClaimed = true;
    return this.#tail & this.#mask;
  }

  /**
   * Hands the claimed slot to the consumers, and wakes those that sleep.
   *
   * @hot
   */
  publish(): void {
    invariant(this.#isClaimed, 'publish without claim: claim a slot and fill it first');
    this.#isClaimed = false;
    this.#tail = (this.#tail + 1) | 0;
    // (P) The last store of the hand-over: every byte of the slot is written by now.
    Atomics.store(this.#control, Word.TAIL, this.#tail);
    // After (P), never before: a consumer that is about to sleep looks at `tail` once more.
    for (let bell = 0; bell < this.#consumerBells.length; bell++) this.#consumerBells[bell]!.ring();
  }

  /** Slots that can be claimed and published before the ring is full. Reads the consumers' lines. */
  freeSlots(): number {
    this.#headSeen = this.#oldestHead();
    return (this.#slots - (this.#tail - this.#headSeen)) | 0;
  }

  /** Whether every consumer has released everything that was published. */
  isDrained(): boolean {
    return this.freeSlots() === this.#slots;
  }

  /** Byte offset of slot `index` in the shared buffer. */
  slotOffset(index: number): number {
    return this.address.slotsOffset + index * this.address.slotBytes;
  }

  /** Says that nothing more will be published. Consumers still read what was. */
  close(): void {
    raiseEnd(this.#control, RingEnd.CLOSED);
    for (const bell of this.#consumerBells) bell.ring();
  }

  /** Whether somebody gave the ring up with {@link abortRing}: there is no use in waiting for room. */
  isAborted(): boolean {
    // (E)
    return Atomics.load(this.#control, Word.END) === RingEnd.ABORTED;
  }

  /** The smallest `head`: the slot that the slowest consumer holds. */
  #oldestHead(): number {
    // (F)
    let oldest = Atomics.load(this.#control, Word.HEAD);
    for (let cursor = 1; cursor < this.#consumers; cursor++) {
      // (F)
      const head = Atomics.load(this.#control, headWord(cursor));
      if (((head - oldest) | 0) < 0) oldest = head;
    }
    return oldest;
  }
}

/** A reading end: one cursor. One per cursor, made and used in the consumer's thread. */
export class RingConsumer {
  readonly address: RingAddress;
  readonly cursor: number;
  readonly #control: Int32Array;
  readonly #producerBell: Bell | undefined;
  readonly #headWord: number;
  readonly #mask: number;
  /** Slots released: our own word, kept as a plain field. */
  #head: number;
  /** Slots advanced past. `head` ≤ `read` ≤ `tailSeen`, in wrapping order. */
  #read: number;
  /** `tail` as last seen. Never ahead of the truth: it may under-report filled slots. */
  #tailSeen: number;

  /** `producerBell` wakes a producer that waits for room; none if it is in this thread. */
  constructor(
    buffer: SharedArrayBuffer,
    address: RingAddress,
    cursor: number,
    producerBell?: Bell,
    options: RingEndOptions = {},
  ) {
    invariant(
      Number.isInteger(cursor) && cursor >= 0 && cursor < address.consumers,
      `no such cursor: cursor=${cursor}, consumers=${address.consumers}`,
    );
    this.address = address;
    this.cursor = cursor;
    this.#control = openRing(buffer, address);
    this.#producerBell = producerBell;
    this.#headWord = headWord(cursor);
    this.#mask = address.slots - 1;
    own(
      this.#control,
      ownerWord(cursor),
      options.takeOver === true,
      `consumer at cursor ${cursor}`,
    );
    // (F) After a take-over, what the lost consumer had not released.
    this.#head = Atomics.load(this.#control, this.#headWord);
    this.#read = this.#head;
    this.#tailSeen = this.#head;
  }

  /**
   * Index of the oldest slot not advanced past, or {@link NO_SLOT} if there is none yet.
   *
   * The slot's bytes may be read, not written, until it is released.
   *
   * @hot
   */
  peek(): number {
    if (this.#read === this.#tailSeen) {
      // (C) Looks empty: only now pay for reading the producer's line.
      this.#tailSeen = Atomics.load(this.#control, Word.TAIL);
      if (this.#read === this.#tailSeen) return NO_SLOT;
    }
    return this.#read & this.#mask;
  }

  /**
   * Goes on to the next slot. The one left behind stays readable, and replayable, until released.
   *
   * @hot
   */
  advance(): void {
    invariant(this.#read !== this.#tailSeen, 'advance past the end: peek for a slot first');
    this.#read = (this.#read + 1) | 0;
  }

  /**
   * Gives back the `count` oldest advanced slots, all of them by default, and wakes the
   * producer if it sleeps for want of room.
   *
   * @hot
   */
  release(count: number = this.unreleasedSlots()): void {
    invariant(
      count >= 0 && count <= this.unreleasedSlots(),
      'release of slots that were not advanced past',
    );
    if (count === 0) return;
    this.#head = (this.#head + count) | 0;
    // (R) Every read of the released slots is done by now.
    Atomics.store(this.#control, this.#headWord, this.#head);
    // After (R), never before: a producer that is about to sleep looks at `head` once more.
    if (this.#producerBell !== undefined) this.#producerBell.ring();
  }

  /** Back to the oldest unreleased slot: everything not released is seen again, in order. */
  rewind(): void {
    this.#read = this.#head;
  }

  /** Slots advanced past and not released: what `rewind` would replay. */
  unreleasedSlots(): number {
    return (this.#read - this.#head) | 0;
  }

  /** Slots published and not advanced past. Reads the producer's line. */
  queuedSlots(): number {
    // (C)
    this.#tailSeen = Atomics.load(this.#control, Word.TAIL);
    return (this.#tailSeen - this.#read) | 0;
  }

  /** Byte offset of slot `index` in the shared buffer. */
  slotOffset(index: number): number {
    return this.address.slotsOffset + index * this.address.slotBytes;
  }

  /** Whether the producer has closed the ring and every slot has been advanced past. */
  isEnded(): boolean {
    // (E) Before (C), which is in `queuedSlots`.
    const end = Atomics.load(this.#control, Word.END);
    return end !== RingEnd.OPEN && this.queuedSlots() === 0;
  }

  /** Whether somebody gave the ring up with {@link abortRing}: nothing more may come. */
  isAborted(): boolean {
    // (E)
    return Atomics.load(this.#control, Word.END) === RingEnd.ABORTED;
  }
}

/**
 * Gives a ring up because one of its ends is lost, so that nobody waits for it. Any thread may
 * call it, and must then ring the bells of the ends that live.
 */
export function abortRing(buffer: SharedArrayBuffer, address: RingAddress): void {
  raiseEnd(openRing(buffer, address), RingEnd.ABORTED);
}

/** How full a ring is, seen from a thread that holds neither end. For display: it lags. */
export function heldSlots(buffer: SharedArrayBuffer, address: RingAddress): number {
  const control = openRing(buffer, address);
  let held = 0;
  for (let cursor = 0; cursor < address.consumers; cursor++) {
    // (F), then (C): `head` never passes `tail`, so the difference is never negative.
    const head = Atomics.load(control, headWord(cursor));
    held = Math.max(held, (Atomics.load(control, Word.TAIL) - head) | 0);
  }
  return Math.min(held, address.slots);
}

/** `end` only grows: an abort is not undone by a late close. */
function raiseEnd(control: Int32Array, end: number): void {
  // (E)
  const was = Atomics.load(control, Word.END);
  if (was >= end) return;
  // (Z) If somebody was quicker, look again.
  if (Atomics.compareExchange(control, Word.END, was, end) !== was) raiseEnd(control, end);
}

/** Registers the one holder of a role; a second one is a defect, unless it takes over. */
function own(control: Int32Array, word: number, takeOver: boolean, role: string): void {
  // (O)
  const holders = Atomics.add(control, word, 1);
  if (holders === 0 || takeOver) return;
  // (O) The refused one does not count.
  Atomics.sub(control, word, 1);
  invariant(
    false,
    `the ring already has a ${role}: two would overwrite each other's word. ` +
      'To replace one whose thread has ended, pass { takeOver: true }',
  );
}
