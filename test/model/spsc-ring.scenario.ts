/**
 * One producer and one consumer on a ring of two slots: six tries at sending three values, six
 * at receiving. The counters pass 2^32 on the way.
 *
 * @module
 */

import assert from 'node:assert/strict';
import { allocateRing, type RingAddress } from '../../src/ringbuf/index.ts';
import { explore } from '../support/interleave/explore.ts';
import { FlatArena } from '../support/interleave/flat-arena.ts';
import type { Script } from '../support/interleave/thread.ts';
import type { Ringbuf, ScenarioResult } from './scenario.ts';

const SLOTS = 2;
const VALUES = [1, 2, 3];
const TRIES = 6;

interface Layout {
  readonly ring: RingAddress;
  readonly log: number;
}

/** The last two words of the log: how many values were sent and received. */
const Log = { SENT: 8, RECEIVED: 9, WORDS: 10 } as const;

export const script: Script<Ringbuf, Layout> = (subject, shared, thread, { ring, log: at }) => {
  const slots = new Int32Array(shared);
  const log = new Int32Array(shared, at, Log.WORDS);
  if (thread === 0) {
    const producer = new subject.RingProducer(shared, ring, []);
    return () => {
      for (let attempt = 0; attempt < TRIES && log[Log.SENT]! < VALUES.length; attempt++) {
        const slot = producer.claim();
        if (slot === subject.NO_SLOT) continue;
        slots[producer.slotOffset(slot) / 4] = VALUES[log[Log.SENT]!]!;
        producer.publish();
        log[Log.SENT]!++;
      }
    };
  }
  const consumer = new subject.RingConsumer(shared, ring, 0);
  return () => {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const slot = consumer.peek();
      if (slot === subject.NO_SLOT) continue;
      log[log[Log.RECEIVED]!] = slots[consumer.slotOffset(slot) / 4]!;
      log[Log.RECEIVED]!++;
      consumer.advance();
      consumer.release();
    }
  };
};

/** Whatever the order, the consumer receives a prefix of what was sent. */
export async function exploreSpscRing(subject: URL): Promise<ScenarioResult> {
  const arena = new FlatArena(2048);
  const firstCount = -2;
  const ring = allocateRing(arena, { slots: SLOTS, slotBytes: 4, consumers: 1, firstCount });
  const log = arena.allocate(Log.WORDS * 4);
  const words = new Int32Array(arena.buffer, log, Log.WORDS);
  const outcomes = new Set<string>();
  const explored = await explore({
    script: new URL(import.meta.url),
    subject,
    data: { ring, log } satisfies Layout,
    threads: 2,
    shared: arena.buffer,
    reset: arena.snapshot(),
    check: () => {
      const sent = words[Log.SENT]!;
      const received = words[Log.RECEIVED]!;
      outcomes.add(`sent ${sent}, received ${received}`);
      assert(received <= sent && sent - received <= SLOTS, `${sent} sent, ${received} received`);
      assert.deepEqual([...words.subarray(0, received)], VALUES.slice(0, received));
    },
  });
  return { explored, outcomes: [...outcomes].sort() };
}
