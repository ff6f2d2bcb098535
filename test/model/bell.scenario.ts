/**
 * Sleeping and waking. A thread that waits while there is work for it, and nobody left to ring, is
 * a lost wake-up; the search ends such a run with the thread stuck.
 *
 * - `rooms`: producer and consumer on a ring of one slot; both park whenever they can't go on.
 * - `ringers`: two producers, each with a ring of its own to one consumer that parks on one bell.
 * - `timeouts`: one value; a parked consumer may also give up waiting and look again.
 *
 * @module
 */

import assert from 'node:assert/strict';
import { allocateBell, allocateRing, type RingAddress } from '../../src/ringbuf/index.ts';
import { explore } from '../support/interleave/explore.ts';
import { FlatArena } from '../support/interleave/flat-arena.ts';
import type { Script } from '../support/interleave/thread.ts';
import type { Ringbuf, ScenarioResult } from './scenario.ts';

type Variant = 'rooms' | 'ringers' | 'timeouts';

interface Layout {
  readonly variant: Variant;
  readonly rings: readonly RingAddress[];
  readonly consumerBell: number;
  readonly producerBells: readonly number[];
  readonly values: number;
  readonly log: number;
}

/** Values received, and their number. */
const Log = { RECEIVED: 4, WORDS: 5 } as const;

/** With timeouts a run need not end; so many fruitless waits are enough. */
const MAX_TIMEOUTS = 2;

export const script: Script<Ringbuf, Layout> = (subject, shared, thread, layout) => {
  const slots = new Int32Array(shared);
  const log = new Int32Array(shared, layout.log, Log.WORDS);
  const consumerBell = new subject.Bell(shared, layout.consumerBell);
  let timeouts = 0;
  const park = (bell: InstanceType<Ringbuf['Bell']>, hasWork: () => boolean): boolean =>
    bell.park(hasWork, Infinity) || ++timeouts <= MAX_TIMEOUTS;

  if (thread < layout.rings.length) {
    const bell = new subject.Bell(shared, layout.producerBells[thread]!);
    const producer = new subject.RingProducer(shared, layout.rings[thread]!, [consumerBell]);
    const hasRoom = (): boolean => producer.claim() !== subject.NO_SLOT;
    return () => {
      for (let value = 1; value <= layout.values; value++) {
        while (!hasRoom()) {
          if (!park(bell, hasRoom)) return;
        }
        slots[producer.slotOffset(producer.claim()) / 4] = value;
        producer.publish();
      }
    };
  }
  const consumers = layout.rings.map((ring, index) => {
    const producerBell = new subject.Bell(shared, layout.producerBells[index]!);
    return new subject.RingConsumer(shared, ring, 0, producerBell);
  });
  const hasWork = (): boolean => consumers.some((consumer) => consumer.peek() !== subject.NO_SLOT);
  return () => {
    while (log[Log.RECEIVED]! < layout.values * consumers.length) {
      // Without a first look: parking looks by itself, and only that look counts.
      if (!park(consumerBell, hasWork)) return;
      for (const consumer of consumers) {
        const slot = consumer.peek();
        if (slot === subject.NO_SLOT) continue;
        log[log[Log.RECEIVED]!] = slots[consumer.slotOffset(slot) / 4]!;
        log[Log.RECEIVED]!++;
        consumer.advance();
        // A producer that sends one value never waits for room.
        if (layout.values > 1) consumer.release();
      }
    }
  };
};

/** Whatever the order, everything arrives and nobody sleeps on. */
export async function exploreBell(subject: URL, variant: Variant): Promise<ScenarioResult> {
  const arena = new FlatArena(4096);
  const producers = variant === 'ringers' ? 2 : 1;
  const values = variant === 'rooms' ? 2 : 1;
  const rings = Array.from({ length: producers }, () =>
    allocateRing(arena, { slots: 1, slotBytes: 4, consumers: 1 }),
  );
  const consumerBell = allocateBell(arena);
  const producerBells = rings.map(() => allocateBell(arena));
  const log = arena.allocate(Log.WORDS * 4);
  const words = new Int32Array(arena.buffer, log, Log.WORDS);
  const outcomes = new Set<string>();
  const explored = await explore({
    script: new URL(import.meta.url),
    subject,
    data: { variant, rings, consumerBell, producerBells, values, log } satisfies Layout,
    threads: producers + 1,
    shared: arena.buffer,
    reset: arena.snapshot(),
    canTimeOut: variant === 'timeouts',
    check: (stuck) => {
      const received = words[Log.RECEIVED]!;
      assert.deepEqual(stuck, [], `lost wake-up: threads ${stuck.join()} sleep for ever`);
      outcomes.add(`received ${received}`);
      if (variant === 'timeouts') return;
      assert.equal(received, values * producers);
    },
  });
  return { explored, outcomes: [...outcomes].sort() };
}
