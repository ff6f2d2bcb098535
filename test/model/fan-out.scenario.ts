/**
 * One producer, two cursors, a ring of two slots, three values: a broadcast. A slot may be
 * overwritten only when the slower cursor has released it. The counters pass 2^31 on the way.
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
const PRODUCER_TRIES = 3;
const CONSUMER_TRIES = 2;

interface Layout {
  readonly ring: RingAddress;
  readonly log: number;
}

/** Words of a thread's own part of the log: values received (or sent), and how many. */
const Log = { COUNT: 4, WORDS: 8 } as const;

export const script: Script<Ringbuf, Layout> = (subject, shared, thread, { ring, log: at }) => {
  const slots = new Int32Array(shared);
  const log = new Int32Array(shared, at + thread * Log.WORDS * 4, Log.WORDS);
  if (thread === 0) {
    const producer = new subject.RingProducer(shared, ring, []);
    return () => {
      for (
        let attempt = 0;
        attempt < PRODUCER_TRIES && log[Log.COUNT]! < VALUES.length;
        attempt++
      ) {
        const slot = producer.claim();
        if (slot === subject.NO_SLOT) continue;
        slots[producer.slotOffset(slot) / 4] = VALUES[log[Log.COUNT]!]!;
        producer.publish();
        log[Log.COUNT]!++;
      }
    };
  }
  const consumer = new subject.RingConsumer(shared, ring, thread - 1);
  return () => {
    for (let attempt = 0; attempt < CONSUMER_TRIES; attempt++) {
      const slot = consumer.peek();
      if (slot === subject.NO_SLOT) continue;
      log[log[Log.COUNT]!] = slots[consumer.slotOffset(slot) / 4]!;
      log[Log.COUNT]!++;
      consumer.advance();
      consumer.release();
    }
  };
};

/** Whatever the order, each cursor receives a prefix of what was sent. */
export async function exploreFanOut(subject: URL): Promise<ScenarioResult> {
  const arena = new FlatArena(2048);
  const firstCount = 2 ** 31 - 2;
  const ring = allocateRing(arena, { slots: SLOTS, slotBytes: 4, consumers: 2, firstCount });
  const log = arena.allocate(3 * Log.WORDS * 4);
  const logs = [0, 1, 2].map(
    (thread) => new Int32Array(arena.buffer, log + thread * Log.WORDS * 4, Log.WORDS),
  );
  const outcomes = new Set<string>();
  const explored = await explore({
    script: new URL(import.meta.url),
    subject,
    data: { ring, log } satisfies Layout,
    threads: 3,
    shared: arena.buffer,
    reset: arena.snapshot(),
    check: () => {
      const [sent, first, second] = logs.map((words) => words[Log.COUNT]!) as [
        number,
        number,
        number,
      ];
      outcomes.add(`sent ${sent}, received ${first} and ${second}`);
      for (const [cursor, received] of [first, second].entries()) {
        assert(received <= sent && sent - received <= SLOTS, `${sent} sent, ${received} received`);
        const values = logs[1 + cursor]!.subarray(0, received);
        assert.deepEqual([...values], VALUES.slice(0, received));
      }
    },
  });
  return { explored, outcomes: [...outcomes].sort() };
}
