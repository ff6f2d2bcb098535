/** One end of the ring under stress; see `ringbuf-stress.ts`. @module */

import { parentPort, workerData } from 'node:worker_threads';
import {
  Bell,
  BellWaiter,
  NO_SLOT,
  ParkPolicy,
  type RingAddress,
  RingConsumer,
  RingProducer,
  SpinThenParkPolicy,
  StopMode,
  ThreadControl,
  type ControlAddress,
} from '../../src/ringbuf/index.ts';

/** What a stressed thread is given. Thread 0 produces; thread 1 + c reads cursor c. */
export interface StressThreadData {
  readonly memory: { readonly buffer: ArrayBufferLike };
  readonly control: ControlAddress;
  readonly ring: RingAddress;
  readonly thread: number;
  readonly seed: number;
  readonly waits: 'park' | 'spin, then park' | 'event loop';
}

/** What it reports at the end. */
export interface StressReport {
  readonly thread: number;
  readonly slots: number;
  readonly checksum: number;
  readonly waits: number;
  readonly timeouts: number;
  readonly replays: number;
  readonly error: string | undefined;
}

/** A wait that ends by its timeout although there is work slept through it. */
const TIMEOUT_MS = 2000;
const WORDS = 16;

const data = workerData as StressThreadData;
const buffer = data.memory.buffer as SharedArrayBuffer;
const control = new ThreadControl(buffer, data.control, data.thread);
const bellOf = (thread: number): Bell => new ThreadControl(buffer, data.control, thread).bell;
const waiter = new BellWaiter(
  control.bell,
  data.waits === 'park' ? new ParkPolicy() : new SpinThenParkPolicy(20),
);
const words = new Int32Array(buffer);
let waits = 0;
let timeouts = 0;
let replays = 0;

/** A small deterministic generator (xorshift). */
let state = data.seed | 1;
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

/** Now and then: nothing, a short spin, a long spin, and rarely so long that the others go to sleep. */
function delay(): void {
  const kind = random(1000);
  if (kind < 900) return;
  const untilMs = performance.now() + (kind < 990 ? random(20) / 1000 : random(300) / 1000);
  while (performance.now() < untilMs);
}

async function wait(hasWork: () => boolean): Promise<void> {
  waits++;
  const isRung =
    data.waits === 'event loop'
      ? await waiter.waitAsync(hasWork, TIMEOUT_MS)
      : waiter.wait(hasWork, TIMEOUT_MS);
  if (!isRung && hasWork()) timeouts++;
}

/** Word `word` of the slot with sequence number `sequence`. */
function contentOf(sequence: number, word: number): number {
  return Math.imul(sequence + word * 7919, 0x9e37_79b1) | 0;
}

async function produce(): Promise<[number, number]> {
  const bells = Array.from({ length: data.ring.consumers }, (_, cursor) => bellOf(1 + cursor));
  const producer = new RingProducer(buffer, data.ring, bells);
  const hasRoom = (): boolean => producer.claim() !== NO_SLOT;
  let checksum = 0;
  let sequence = 0;
  while (control.stopMode() === StopMode.RUN) {
    while (!hasRoom()) await wait(hasRoom);
    const at = producer.slotOffset(producer.claim()) / 4;
    words[at] = sequence;
    for (let word = 1; word < WORDS; word++) words[at + word] = contentOf(sequence, word);
    checksum = (checksum + contentOf(sequence, WORDS - 1)) | 0;
    producer.publish();
    sequence++;
    delay();
  }
  producer.close();
  return [sequence, checksum];
}

async function consume(): Promise<[number, number]> {
  const cursor = data.thread - 1;
  const consumer = new RingConsumer(buffer, data.ring, cursor, bellOf(0));
  const hasWork = (): boolean => consumer.peek() !== NO_SLOT || consumer.isEnded();
  let checksum = 0;
  let sequence = 0;
  for (;;) {
    while (consumer.peek() === NO_SLOT) {
      if (consumer.isEnded()) return [sequence, checksum];
      // What is held back must not keep the producer waiting for ever.
      consumer.release();
      await wait(hasWork);
    }
    const at = consumer.slotOffset(consumer.peek()) / 4;
    if (words[at] !== sequence) throw new Error(`slot ${sequence} holds ${words[at]}`);
    for (let word = 1; word < WORDS; word++) {
      if (words[at + word] !== contentOf(sequence, word)) throw new Error(`slot ${sequence} torn`);
    }
    checksum = (checksum + contentOf(sequence, WORDS - 1)) | 0;
    consumer.advance();
    sequence++;
    delay();
    const held = consumer.unreleasedSlots();
    if (random(64) === 0) {
      // Everything unreleased comes again, unchanged.
      consumer.rewind();
      sequence -= held;
      for (let back = 0; back < held; back++) {
        checksum = (checksum - contentOf(sequence + back, WORDS - 1)) | 0;
      }
      replays++;
    } else if (random(3) === 0 || held === data.ring.slots) {
      consumer.release(1 + random(held));
    }
  }
}

let report: StressReport;
const none = { thread: data.thread, slots: 0, checksum: 0 };
try {
  const [slots, checksum] = data.thread === 0 ? await produce() : await consume();
  report = { thread: data.thread, slots, checksum, waits, timeouts, replays, error: undefined };
} catch (error) {
  report = { ...none, waits, timeouts, replays, error: String(error) };
}
parentPort!.postMessage(report);
