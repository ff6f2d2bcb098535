/**
 * Question: what does the ring itself cost per batch, with nothing in it?
 *
 * Claim, publish, peek, advance, release: on one thread in turn, and pipelined over two threads that
 * both spin, against C++ with acquire and release.
 *
 * @module
 */

import {
  allocateRing,
  Arena,
  NO_SLOT,
  type RingAddress,
  RingConsumer,
  RingProducer,
  allocateBell,
  Bell,
} from '../../src/ringbuf/index.ts';
import { type BenchLine, type BenchOptions } from '../shared/bench-line.ts';
import { compare, type Sample, type Subject } from './rounds.ts';
import type { CppRing } from './cpp.ts';
import { allocateMeeting, meet, type Meeting, resetMeeting } from './meeting.ts';
import { Team } from './team.ts';

const SLOTS = 64;

/** What the threads of a round are given. */
export interface EmptyBatches {
  readonly memory: { readonly buffer: ArrayBufferLike };
  readonly ring: RingAddress;
  readonly bells: readonly [producer: number, consumer: number];
  readonly meeting: Meeting;
  readonly batches: number;
}

/** Runs both cases. */
export async function benchEmpty(
  options: BenchOptions,
  peers: readonly CppRing[],
): Promise<BenchLine[]> {
  const batches = options.quick ? 1_000_000 : 5_000_000;
  const scalar = peers.filter((peer) => peer.name === 'cpp');
  const cpp = scalar.map((peer): Subject => {
    const round = async (share: number): Promise<Sample> => {
      const part = Math.ceil(batches * share);
      const [seconds] = await peer.run('empty', part);
      return { seconds: seconds!, events: part, checksum: part };
    };
    return { name: peer.name, workers: 2, round, close: () => Promise.resolve() };
  });
  return [
    ...(await compare('empty batch on one thread', [emptySubject(batches, 1)], options)),
    ...(await compare(
      'empty batch pipelined over two threads',
      [emptySubject(batches, 2), ...cpp],
      options,
    )),
  ];
}

function emptySubject(batches: number, threads: 1 | 2): Subject {
  const team = new Team(threads);
  const arena = Arena.create(64 * 1024);
  const data: Omit<EmptyBatches, 'batches'> = {
    memory: arena.memory,
    ring: allocateRing(arena, { slots: SLOTS, slotBytes: 128, consumers: 1 }),
    bells: [allocateBell(arena), allocateBell(arena)],
    meeting: allocateMeeting(arena, 2),
  };
  const round = async (share: number): Promise<Sample> => {
    resetMeeting(arena.buffer, data.meeting);
    const part: EmptyBatches = { ...data, batches: Math.ceil(batches * share) };
    const samples = await Promise.all(
      (threads === 1 ? ['both'] : ['consume', 'produce']).map((run, thread) =>
        team.ask<Sample>(thread, import.meta.url, run, [part]),
      ),
    );
    const [sample] = samples;
    if (sample!.checksum !== part.batches) {
      throw new Error(`${sample!.checksum} of ${part.batches} batches`);
    }
    return sample!;
  };
  return { name: 'millrace', workers: threads, round, close: () => team.close() };
}

function open({ memory, ring, bells }: EmptyBatches) {
  const { buffer } = Arena.attach(memory);
  const bellOf = (thread: 0 | 1): Bell => new Bell(buffer, bells[thread]);
  const takeOver = { takeOver: true };
  return {
    buffer,
    producer: () => new RingProducer(buffer, ring, [bellOf(1)], takeOver),
    consumer: () => new RingConsumer(buffer, ring, 0, bellOf(0), takeOver),
  };
}

/** One thread: each batch is sent and received before the next. */
export function both(data: EmptyBatches): Sample {
  const ends = open(data);
  const producer = ends.producer();
  const consumer = ends.consumer();
  let received = 0;
  const startMs = performance.now();
  for (let batch = 0; batch < data.batches; batch++) {
    if (producer.claim() !== NO_SLOT) producer.publish();
    if (consumer.peek() !== NO_SLOT) {
      consumer.advance();
      consumer.release();
      received++;
    }
  }
  const seconds = (performance.now() - startMs) / 1000;
  return { seconds, events: data.batches, checksum: received };
}

/** Producer thread. */
export function produce(data: EmptyBatches): void {
  const ends = open(data);
  const producer = ends.producer();
  meet(ends.buffer, data.meeting);
  for (let batch = 0; batch < data.batches; batch++) {
    while (producer.claim() === NO_SLOT);
    producer.publish();
  }
}

/** Consumer thread. */
export function consume(data: EmptyBatches): Sample {
  const ends = open(data);
  const consumer = ends.consumer();
  let received = 0;
  meet(ends.buffer, data.meeting);
  const startMs = performance.now();
  for (let batch = 0; batch < data.batches; batch++) {
    while (consumer.peek() === NO_SLOT);
    consumer.advance();
    consumer.release();
    received++;
  }
  const seconds = (performance.now() - startMs) / 1000;
  return { seconds, events: data.batches, checksum: received };
}
