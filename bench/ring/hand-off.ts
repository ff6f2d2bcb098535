/**
 * Question: how fast do batches go from a thread that fills them to one that reads them?
 *
 * Rows of 64 bytes in batches of 16 to 16,384, sixteen slots; every value is written and
 * summed. Against the same ring in C++, and ringbuf.js, which copies in and out.
 *
 * @module
 */

import { RingBuffer } from 'ringbuf.js';
import {
  allocateBell,
  allocateRing,
  Arena,
  Bell,
  NO_SLOT,
  RingConsumer,
  RingProducer,
  type RingAddress,
  ringBytes,
  SpinThenParkPolicy,
} from '../../src/ringbuf/index.ts';
import {
  baseOf,
  COLUMNS,
  expectedSum,
  fillBatch,
  ROW_BYTES,
  slotBytesFor,
  slotColumns,
  sumBatch,
} from './batch-shape.ts';
import { type BenchLine, type BenchOptions } from '../shared/bench-line.ts';
import { compare, type Sample, type Subject } from './rounds.ts';
import type { CppRing } from './cpp.ts';
import { allocateMeeting, meet, type Meeting, resetMeeting } from './meeting.ts';
import { Team } from './team.ts';

const SLOTS = 16;
const BATCH_ROWS = [16, 64, 256, 1024, 4096, 16_384];
/** Both threads have a core in this case; a rare sleep keeps a busy machine from grinding. */
const SPIN_US = 200;
const FOREVER_MS = 60_000;

/** What both threads of a round are given. */
export interface HandOff {
  readonly memory: { readonly buffer: ArrayBufferLike };
  readonly ring: RingAddress;
  readonly bells: readonly [producer: number, consumer: number];
  readonly meeting: Meeting;
  readonly rows: number;
  readonly batches: number;
}

/** Runs every batch size. */
export async function benchHandOff(
  options: BenchOptions,
  peers: readonly CppRing[],
): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  for (const rows of BATCH_ROWS) {
    const batches = Math.ceil((options.quick ? 4e6 : 16e6) / rows);
    const subjects = [
      millraceSubject(rows, batches),
      ...peers.map((peer) => cppSubject(peer, rows, batches)),
      ringbufJsSubject(rows, batches),
    ];
    lines.push(
      ...(await compare(`hand-off ${rows} rows of ${ROW_BYTES} bytes`, subjects, options)),
    );
  }
  return lines;
}

function check(sample: Sample, rows: number, batches: number): Sample {
  const expected = expectedSum(rows, batches);
  if (sample.checksum !== expected) {
    throw new Error(`hand-off of ${rows} rows: sum ${sample.checksum}, expected ${expected}`);
  }
  return sample;
}

function millraceSubject(rows: number, batches: number): Subject {
  const team = new Team(2);
  const shape = { slots: SLOTS, slotBytes: slotBytesFor(rows), consumers: 1 };
  const arena = Arena.create(ringBytes(shape) + 4096);
  const data: Omit<HandOff, 'batches'> = {
    memory: arena.memory,
    ring: allocateRing(arena, shape),
    bells: [allocateBell(arena), allocateBell(arena)],
    meeting: allocateMeeting(arena, 2),
    rows,
  };
  const round = async (share: number): Promise<Sample> => {
    resetMeeting(arena.buffer, data.meeting);
    const part: HandOff = { ...data, batches: Math.ceil(batches * share) };
    const [, sample] = await Promise.all([
      team.ask(0, import.meta.url, 'produce', [part]),
      team.ask<Sample>(1, import.meta.url, 'consume', [part]),
    ]);
    return check(sample, rows, part.batches);
  };
  return { name: 'millrace', workers: 2, round, close: () => team.close() };
}

/** Producer thread: fills `batches` batches. */
export function produce({ memory, ring, bells, meeting, rows, batches }: HandOff): void {
  const { buffer } = Arena.attach(memory);
  const takeOver = { takeOver: true };
  const producer = new RingProducer(buffer, ring, [new Bell(buffer, bells[1])], takeOver);
  const bell = new Bell(buffer, bells[0]);
  const policy = new SpinThenParkPolicy(SPIN_US);
  const slots = Array.from({ length: ring.slots }, (_, slot) =>
    slotColumns(buffer, producer.slotOffset(slot), rows),
  );
  const hasRoom = (): boolean => producer.claim() !== NO_SLOT;
  meet(buffer, meeting);
  for (let batch = 0; batch < batches; batch++) {
    let slot = producer.claim();
    while (slot === NO_SLOT) {
      policy.wait(bell, hasRoom, FOREVER_MS);
      slot = producer.claim();
    }
    fillBatch(slots[slot]!, rows, baseOf(batch, rows));
    producer.publish();
  }
}

/** Consumer thread: sums `batches` batches. */
export function consume({ memory, ring, bells, meeting, rows, batches }: HandOff): Sample {
  const { buffer } = Arena.attach(memory);
  const consumer = new RingConsumer(buffer, ring, 0, new Bell(buffer, bells[0]), {
    takeOver: true,
  });
  const bell = new Bell(buffer, bells[1]);
  const policy = new SpinThenParkPolicy(SPIN_US);
  const slots = Array.from({ length: ring.slots }, (_, slot) =>
    slotColumns(buffer, consumer.slotOffset(slot), rows),
  );
  const hasWork = (): boolean => consumer.peek() !== NO_SLOT;
  let checksum = 0;
  meet(buffer, meeting);
  const startMs = performance.now();
  for (let batch = 0; batch < batches; batch++) {
    let slot = consumer.peek();
    while (slot === NO_SLOT) {
      policy.wait(bell, hasWork, FOREVER_MS);
      slot = consumer.peek();
    }
    checksum += sumBatch(slots[slot]!, rows);
    consumer.advance();
    consumer.release();
  }
  return { seconds: (performance.now() - startMs) / 1000, events: batches * rows, checksum };
}

function cppSubject(peer: CppRing, rows: number, batches: number): Subject {
  const round = async (share: number): Promise<Sample> => {
    const part = Math.ceil(batches * share);
    const [seconds, checksum] = await peer.run('handoff', rows, SLOTS, part);
    return check({ seconds: seconds!, checksum: checksum!, events: rows * part }, rows, part);
  };
  return { name: peer.name, workers: 2, round, close: () => Promise.resolve() };
}

/** What both threads of a ringbuf.js round are given. */
export interface CopiedHandOff {
  readonly storage: SharedArrayBuffer;
  readonly memory: { readonly buffer: ArrayBufferLike };
  readonly meeting: Meeting;
  readonly rows: number;
  readonly batches: number;
}

function ringbufJsSubject(rows: number, batches: number): Subject {
  const team = new Team(2);
  const arena = Arena.create(4096);
  const data: Omit<CopiedHandOff, 'batches'> = {
    storage: RingBuffer.getStorageForCapacity(SLOTS * rows * COLUMNS, Float64Array),
    memory: arena.memory,
    meeting: allocateMeeting(arena, 2),
    rows,
  };
  const round = async (share: number): Promise<Sample> => {
    resetMeeting(arena.buffer, data.meeting);
    const part: CopiedHandOff = { ...data, batches: Math.ceil(batches * share) };
    const [, sample] = await Promise.all([
      team.ask(0, import.meta.url, 'push', [part]),
      team.ask<Sample>(1, import.meta.url, 'pop', [part]),
    ]);
    return check(sample, rows, part.batches);
  };
  return { name: 'ringbuf.js', workers: 2, round, close: () => team.close() };
}

/** A private batch of one piece, as ringbuf.js copies one array. */
function privateBatch(rows: number): { whole: Float64Array; columns: Float64Array[] } {
  const whole = new Float64Array(rows * COLUMNS);
  const columns = Array.from({ length: COLUMNS }, (_, column) =>
    whole.subarray(column * rows, (column + 1) * rows),
  );
  return { whole, columns };
}

/** Producer thread of ringbuf.js. */
export function push({ storage, memory, meeting, rows, batches }: CopiedHandOff): void {
  const ring = new RingBuffer(storage, Float64Array);
  const { whole, columns } = privateBatch(rows);
  meet(Arena.attach(memory).buffer, meeting);
  for (let batch = 0; batch < batches; batch++) {
    fillBatch(columns, rows, baseOf(batch, rows));
    while (ring.availableWrite() < whole.length);
    ring.push(whole, whole.length);
  }
}

/** Consumer thread of ringbuf.js. */
export function pop({ storage, memory, meeting, rows, batches }: CopiedHandOff): Sample {
  const ring = new RingBuffer(storage, Float64Array);
  const { whole, columns } = privateBatch(rows);
  let checksum = 0;
  meet(Arena.attach(memory).buffer, meeting);
  const startMs = performance.now();
  for (let batch = 0; batch < batches; batch++) {
    while (ring.availableRead() < whole.length);
    ring.pop(whole, whole.length, 0);
    checksum += sumBatch(columns, rows);
  }
  return { seconds: (performance.now() - startMs) / 1000, events: batches * rows, checksum };
}
