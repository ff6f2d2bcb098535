/**
 * Reserving a ring in shared memory, and finding it again in another thread.
 *
 * @module
 */

import { invariant } from '../core/invariant.ts';
import { type Allocator, wordsAt } from './arena.ts';
import { LINE_BYTES, LINE_WORDS, RING_MAGIC, Word, wholeLines } from './layout.ts';

/** What to build. */
export interface RingShape {
  /** A power of two. */
  readonly slots: number;
  /** Rounded up to whole lines of 128 bytes, so that neighbouring slots share none. */
  readonly slotBytes: number;
  /** Cursors: 1 for an edge, k for a broadcast to k. */
  readonly consumers: number;
  /** Where the counters start. For tests of what happens when they pass 2^31 and 2^32. */
  readonly firstCount?: number;
}

/** Where a ring lies: plain data, the same in every thread, fit for posting. */
export interface RingAddress {
  /** Byte offset of the control block. */
  readonly byteOffset: number;
  /** Byte offset of slot 0. */
  readonly slotsOffset: number;
  readonly slots: number;
  /** Distance of two slots: the size asked for, rounded up to whole lines. */
  readonly slotBytes: number;
  readonly consumers: number;
}

/** More slots than this are no ring but a log; the counters stay far from half their range. */
const MAX_SLOTS = 2 ** 24;

/** Bytes that {@link allocateRing} takes. */
export function ringBytes(shape: RingShape): number {
  return controlLines(shape.consumers) * LINE_BYTES + shape.slots * wholeLines(shape.slotBytes);
}

/** Reserves and initialises a ring. Called by the thread that lays memory out, before any end opens. */
export function allocateRing(arena: Allocator, shape: RingShape): RingAddress {
  const { slots, consumers, firstCount = 0 } = shape;
  invariant(
    Number.isInteger(Math.log2(slots)) && slots >= 1 && slots <= MAX_SLOTS,
    `a ring needs a power of two of slots, at most ${MAX_SLOTS}: slots=${slots}`,
  );
  invariant(
    Number.isSafeInteger(shape.slotBytes) && shape.slotBytes > 0,
    `not a size: slotBytes=${shape.slotBytes}`,
  );
  invariant(
    Number.isInteger(consumers) && consumers >= 1,
    `a ring needs a consumer: consumers=${consumers}`,
  );
  const slotBytes = wholeLines(shape.slotBytes);
  const byteOffset = arena.allocate(ringBytes(shape));
  const slotsOffset = byteOffset + controlLines(consumers) * LINE_BYTES;
  const control = wordsAt(arena.buffer, byteOffset, slotsOffset - byteOffset);
  // Plain stores: no other thread knows the address yet, and posting it is what synchronises.
  control[Word.SLOTS] = slots;
  control[Word.SLOT_BYTES] = slotBytes;
  control[Word.CONSUMERS] = consumers;
  control[Word.TAIL] = firstCount;
  for (let cursor = 0; cursor < consumers; cursor++) control[headWord(cursor)] = firstCount;
  control[Word.MAGIC] = RING_MAGIC;
  return { byteOffset, slotsOffset, slots, slotBytes, consumers };
}

/** The control block of a ring, checked against the address by which it was found. */
export function openRing(buffer: SharedArrayBuffer, address: RingAddress): Int32Array {
  const control = wordsAt(buffer, address.byteOffset, controlLines(address.consumers) * LINE_BYTES);
  const isRing =
    control[Word.MAGIC] === RING_MAGIC &&
    control[Word.SLOTS] === address.slots &&
    control[Word.SLOT_BYTES] === address.slotBytes &&
    control[Word.CONSUMERS] === address.consumers;
  invariant(isRing, `no ring of that shape: byteOffset=${address.byteOffset}`);
  return control;
}

/** Word index of the released count of `cursor`. */
export function headWord(cursor: number): number {
  return Word.HEAD + cursor * LINE_WORDS;
}

/** Word index of the number of consumers that have held `cursor`. */
export function ownerWord(cursor: number): number {
  return Word.OWNER + cursor * LINE_WORDS;
}

function controlLines(consumers: number): number {
  return 2 + consumers;
}
