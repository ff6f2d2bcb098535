/**
 * A consumer that releases late and goes back: it reads two slots, rewinds, reads them again,
 * releases one, rewinds to the other and goes on. Until a slot is released the producer, which
 * wants to send four values through two slots, must leave it alone.
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
const VALUES = [1, 2, 3, 4];
const PRODUCER_TRIES = 6;
const CONSUMER_TRIES = 3;

interface Layout {
  readonly ring: RingAddress;
  readonly log: number;
}

/** What the consumer saw in its three passes, four words each, and how many values were sent. */
const Log = { PASS_WORDS: 4, SENT: 12, WORDS: 13 } as const;

export const script: Script<Ringbuf, Layout> = (subject, shared, thread, { ring, log: at }) => {
  const slots = new Int32Array(shared);
  const log = new Int32Array(shared, at, Log.WORDS);
  if (thread === 0) {
    const producer = new subject.RingProducer(shared, ring, []);
    return () => {
      for (let attempt = 0; attempt < PRODUCER_TRIES && log[Log.SENT]! < VALUES.length; attempt++) {
        const slot = producer.claim();
        if (slot === subject.NO_SLOT) continue;
        slots[producer.slotOffset(slot) / 4] = VALUES[log[Log.SENT]!]!;
        producer.publish();
        log[Log.SENT]!++;
      }
    };
  }
  const consumer = new subject.RingConsumer(shared, ring, 0);
  /** Advances past what there is, two slots at most; writes the values down as pass `pass`. */
  const read = (pass: number): number => {
    let count = 0;
    for (let attempt = 0; attempt < CONSUMER_TRIES && count < SLOTS; attempt++) {
      const slot = consumer.peek();
      if (slot === subject.NO_SLOT) continue;
      log[pass * Log.PASS_WORDS + count] = slots[consumer.slotOffset(slot) / 4]!;
      count++;
      consumer.advance();
    }
    return count;
  };
  return () => {
    if (read(0) < SLOTS) return;
    consumer.rewind();
    read(1);
    consumer.release(1);
    consumer.rewind();
    read(2);
    consumer.release();
  };
};

/** Whatever the order, a replay shows the same values, and release moves on by exactly its count. */
export async function exploreReplay(subject: URL): Promise<ScenarioResult> {
  const arena = new FlatArena(2048);
  const ring = allocateRing(arena, { slots: SLOTS, slotBytes: 4, consumers: 1, firstCount: -3 });
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
      const seen = [0, 1, 2].map((pass) => {
        const at = pass * Log.PASS_WORDS;
        return [...words.subarray(at, at + Log.PASS_WORDS)].filter((value) => value !== 0);
      });
      const sent = words[Log.SENT]!;
      outcomes.add(`sent ${sent}, saw ${seen.map((values) => values.join('')).join(' ')}`);
      const [first, again, rest] = seen as [number[], number[], number[]];
      assert.deepEqual(first, VALUES.slice(0, first.length));
      if (first.length < SLOTS) return;
      assert.deepEqual(again, first);
      assert(rest.length > 0, 'the unreleased slot must be seen again');
      assert.deepEqual(rest, VALUES.slice(1, 1 + rest.length));
    },
  });
  return { explored, outcomes: [...outcomes].sort() };
}
