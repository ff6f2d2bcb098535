/**
 * The ring against plain arrays, in one thread: any order of claims, publications, looks,
 * advances, releases and rewinds by up to three cursors, from any start of the counters.
 *
 * @module
 */

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Ringbuf } from '../model/scenario.ts';
import { FlatArena } from '../support/interleave/flat-arena.ts';

const MAX_CONSUMERS = 3;

const step = fc.oneof(
  fc.record({ act: fc.constantFrom('claim', 'send', 'send', 'fill', 'count') }),
  fc.record({
    act: fc.constantFrom('look', 'advance', 'release', 'releaseAll', 'drain', 'rewind'),
    cursor: fc.nat({ max: MAX_CONSUMERS - 1 }),
    count: fc.nat({ max: 8 }),
  }),
);

/** Starts near the places where a signed or an unsigned count wraps, and elsewhere. */
const firstCount = fc.oneof(
  fc.integer({ min: -12, max: 12 }),
  fc.integer({ min: 2 ** 31 - 12, max: 2 ** 31 - 1 }),
  fc.integer({ min: -(2 ** 31), max: -(2 ** 31) + 12 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);

/** Throws, with the smallest failing sequence, unless the ring does what the arrays do. */
export function checkRingAgainstModel(ringbuf: Ringbuf, runs: number): void {
  const property = fc.property(
    fc.constantFrom(1, 2, 4, 8),
    fc.integer({ min: 1, max: MAX_CONSUMERS }),
    firstCount,
    fc.array(step, { maxLength: 120, size: 'max' }),
    (slots, consumers, first, steps) => {
      const model = new RingModel(ringbuf, slots, consumers, first);
      for (const { act, ...rest } of steps) {
        const { cursor = 0, count = 0 } = rest as { cursor?: number; count?: number };
        model.perform(act, cursor % consumers, count);
      }
    },
  );
  fc.assert(property, { numRuns: runs });
}

/** The ring and the arrays side by side. */
class RingModel {
  readonly #noSlot: number;
  readonly #slots: number;
  readonly #bytes: Int32Array;
  readonly #producer: InstanceType<Ringbuf['RingProducer']>;
  readonly #consumers: readonly InstanceType<Ringbuf['RingConsumer']>[];
  /** Every value sent; each cursor's positions in it. */
  readonly #sent: number[] = [];
  readonly #read: number[];
  readonly #released: number[];

  constructor(ringbuf: Ringbuf, slots: number, consumers: number, first: number) {
    const arena = new FlatArena(4096);
    const shape = { slots, slotBytes: 100, consumers, firstCount: first };
    const address = ringbuf.allocateRing(arena, shape);
    this.#noSlot = ringbuf.NO_SLOT;
    this.#slots = slots;
    this.#bytes = new Int32Array(arena.buffer);
    this.#producer = new ringbuf.RingProducer(arena.buffer, address, []);
    this.#consumers = Array.from(
      { length: consumers },
      (_, cursor) => new ringbuf.RingConsumer(arena.buffer, address, cursor),
    );
    this.#read = this.#consumers.map(() => 0);
    this.#released = this.#consumers.map(() => 0);
  }

  perform(act: string, cursor: number, count: number): void {
    const acts: Readonly<Record<string, () => void>> = {
      claim: () => this.#claim(),
      send: () => this.#send(),
      fill: () => this.#fill(),
      look: () => this.#look(cursor),
      advance: () => this.#advance(cursor),
      release: () => this.#release(cursor, count),
      releaseAll: () => this.#release(cursor, undefined),
      drain: () => this.#drain(cursor),
      rewind: () => this.#rewind(cursor),
      // Only when asked: counting refreshes what the ends remember of each other.
      count: () => this.#compareCounts(),
    };
    acts[act]!();
  }

  get #oldest(): number {
    return Math.min(...this.#released);
  }

  #claim(): number {
    const slot = this.#producer.claim();
    const isFull = this.#sent.length - this.#oldest === this.#slots;
    assert.equal(slot === this.#noSlot, isFull, 'full exactly when the model is');
    assert.equal(this.#producer.claim(), slot, 'the same slot until it is published');
    return slot;
  }

  #send(): void {
    const slot = this.#claim();
    if (slot === this.#noSlot) return;
    const value = this.#sent.length + 1;
    this.#bytes[this.#producer.slotOffset(slot) / 4] = value;
    this.#producer.publish();
    this.#sent.push(value);
  }

  #fill(): void {
    while (this.#claim() !== this.#noSlot) this.#send();
  }

  #drain(cursor: number): void {
    while (this.#look(cursor) !== this.#noSlot) this.#advance(cursor);
    this.#release(cursor, undefined);
  }

  #look(cursor: number): number {
    const consumer = this.#consumers[cursor]!;
    const slot = consumer.peek();
    const expected = this.#sent[this.#read[cursor]!];
    assert.equal(slot === this.#noSlot, expected === undefined, 'empty exactly when the model is');
    if (expected === undefined) return slot;
    assert.equal(this.#bytes[consumer.slotOffset(slot) / 4], expected, 'in order, not overwritten');
    return slot;
  }

  #advance(cursor: number): void {
    if (this.#look(cursor) === this.#noSlot) return;
    this.#consumers[cursor]!.advance();
    this.#read[cursor]!++;
  }

  #release(cursor: number, count: number | undefined): void {
    const advanced = this.#read[cursor]! - this.#released[cursor]!;
    if (count === undefined) {
      this.#consumers[cursor]!.release();
      this.#released[cursor] = this.#read[cursor]!;
      return;
    }
    if (count > advanced) {
      assert.throws(() => this.#consumers[cursor]!.release(count), /not advanced/);
      return;
    }
    this.#consumers[cursor]!.release(count);
    this.#released[cursor]! += count;
  }

  #rewind(cursor: number): void {
    this.#consumers[cursor]!.rewind();
    this.#read[cursor] = this.#released[cursor]!;
  }

  #compareCounts(): void {
    const held = this.#sent.length - this.#oldest;
    assert.equal(this.#producer.freeSlots(), this.#slots - held);
    assert.equal(this.#producer.isDrained(), held === 0);
    for (const [cursor, consumer] of this.#consumers.entries()) {
      assert.equal(consumer.queuedSlots(), this.#sent.length - this.#read[cursor]!);
      assert.equal(consumer.unreleasedSlots(), this.#read[cursor]! - this.#released[cursor]!);
    }
  }
}
