/**
 * Question: how much faster is a ring than Node's own ways between threads?
 *
 * Batches of 1,000 rows of eight numbers from one worker to another, every value produced on one
 * side and summed on the other. `millrace` fills columns in a slot; a second case makes objects
 * first and spreads them over the columns, as a source of objects would. The peers post arrays of
 * objects, columns that are copied, and columns that are transferred; piscina gets columns as tasks.
 *
 * @module
 */

import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import {
  allocateBell,
  allocateRing,
  Arena,
  Bell,
  NO_SLOT,
  ParkPolicy,
  type RingAddress,
  RingConsumer,
  RingProducer,
  ringBytes,
} from '../../src/ringbuf/index.ts';
import {
  baseOf,
  COLUMNS,
  expectedSum,
  fillBatch,
  slotBytesFor,
  slotColumns,
  sumBatch,
} from './batch-shape.ts';
import { type BenchLine, type BenchOptions } from '../shared/bench-line.ts';
import { compare, type Sample, type Subject } from './rounds.ts';
import { allocateMeeting, meet, type Meeting, resetMeeting } from './meeting.ts';
import { Team } from './team.ts';

const ROWS = 1000;
const SLOTS = 16;
const FOREVER_MS = 60_000;
/** Messages, or tasks, in flight. */
const WINDOW = 16;

/** A row as people write it. */
interface Row {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
  g: number;
  h: number;
}

/** What both threads of a ring round are given. */
export interface RingBatches {
  readonly memory: { readonly buffer: ArrayBufferLike };
  readonly ring: RingAddress;
  readonly bells: readonly [producer: number, consumer: number];
  readonly meeting: Meeting;
  readonly fromObjects: boolean;
  readonly batches: number;
}

/** Ways to send a batch as a message. */
export type MessageKind = 'objects' | 'columns' | 'transfer';

/** Runs both cases. */
export async function benchMessages(options: BenchOptions): Promise<BenchLine[]> {
  const scale = options.quick ? 1 : 4;
  return [
    ...(await compare(
      'hand-off 1000 rows, columns',
      [
        ringSubject(false, 8000 * scale),
        messageSubject('postmessage', 'columns', 1000 * scale),
        messageSubject('transfer', 'transfer', 1000 * scale),
        messageSubject('postmessage objects', 'objects', 200 * scale),
        piscinaSubject(300 * scale),
      ],
      options,
    )),
    ...(await compare(
      'hand-off 1000 rows, from objects',
      [
        ringSubject(true, 2000 * scale),
        messageSubject('postmessage objects', 'objects', 200 * scale),
      ],
      options,
    )),
  ];
}

function check(name: string, sample: Sample, batches: number): Sample {
  const expected = expectedSum(ROWS, batches);
  if (sample.checksum === expected) return sample;
  throw new Error(`${name}: sum ${sample.checksum}, expected ${expected}`);
}

function objectBatch(batch: number): Row[] {
  const base = baseOf(batch, ROWS);
  const rows: Row[] = [];
  for (let row = 0; row < ROWS; row++) {
    const value = base + row;
    rows.push({
      a: value,
      b: value + 1,
      c: value + 2,
      d: value + 3,
      e: value + 4,
      f: value + 5,
      g: value + 6,
      h: value + 7,
    });
  }
  return rows;
}

function sumObjects(rows: readonly Row[]): number {
  let sum = 0;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    sum += row.a + row.b + row.c + row.d + row.e + row.f + row.g + row.h;
  }
  return sum;
}

function spread(rows: readonly Row[], columns: readonly Float64Array[]): void {
  const [a, b, c, d, e, f, g, h] = columns;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    a![index] = row.a;
    b![index] = row.b;
    c![index] = row.c;
    d![index] = row.d;
    e![index] = row.e;
    f![index] = row.f;
    g![index] = row.g;
    h![index] = row.h;
  }
}

function ringSubject(fromObjects: boolean, batches: number): Subject {
  const team = new Team(2);
  const shape = { slots: SLOTS, slotBytes: slotBytesFor(ROWS), consumers: 1 };
  const arena = Arena.create(ringBytes(shape) + 4096);
  const data: Omit<RingBatches, 'batches'> = {
    memory: arena.memory,
    ring: allocateRing(arena, shape),
    bells: [allocateBell(arena), allocateBell(arena)],
    meeting: allocateMeeting(arena, 2),
    fromObjects,
  };
  const round = async (share: number): Promise<Sample> => {
    resetMeeting(arena.buffer, data.meeting);
    const part: RingBatches = { ...data, batches: Math.ceil(batches * share) };
    const [, sample] = await Promise.all([
      team.ask(0, import.meta.url, 'produceBatches', [part]),
      team.ask<Sample>(1, import.meta.url, 'consumeBatches', [part]),
    ]);
    return check('millrace', sample, part.batches);
  };
  return { name: 'millrace', workers: 2, round, close: () => team.close() };
}

/** Producer thread of the ring. */
export function produceBatches(data: RingBatches): void {
  const { buffer } = Arena.attach(data.memory);
  const bells = [new Bell(buffer, data.bells[1])];
  const producer = new RingProducer(buffer, data.ring, bells, { takeOver: true });
  const bell = new Bell(buffer, data.bells[0]);
  const policy = new ParkPolicy();
  const slots = Array.from({ length: data.ring.slots }, (_, slot) =>
    slotColumns(buffer, producer.slotOffset(slot), ROWS),
  );
  const hasRoom = (): boolean => producer.claim() !== NO_SLOT;
  meet(buffer, data.meeting);
  for (let batch = 0; batch < data.batches; batch++) {
    while (!hasRoom()) policy.wait(bell, hasRoom, FOREVER_MS);
    const columns = slots[producer.claim()]!;
    if (data.fromObjects) spread(objectBatch(batch), columns);
    else fillBatch(columns, ROWS, baseOf(batch, ROWS));
    producer.publish();
  }
}

/** Consumer thread of the ring. */
export function consumeBatches(data: RingBatches): Sample {
  const { buffer } = Arena.attach(data.memory);
  const producerBell = new Bell(buffer, data.bells[0]);
  const consumer = new RingConsumer(buffer, data.ring, 0, producerBell, { takeOver: true });
  const bell = new Bell(buffer, data.bells[1]);
  const policy = new ParkPolicy();
  const slots = Array.from({ length: data.ring.slots }, (_, slot) =>
    slotColumns(buffer, consumer.slotOffset(slot), ROWS),
  );
  const hasWork = (): boolean => consumer.peek() !== NO_SLOT;
  let checksum = 0;
  meet(buffer, data.meeting);
  const startMs = performance.now();
  for (let batch = 0; batch < data.batches; batch++) {
    while (!hasWork()) policy.wait(bell, hasWork, FOREVER_MS);
    checksum += sumBatch(slots[consumer.peek()]!, ROWS);
    consumer.advance();
    consumer.release();
  }
  const seconds = (performance.now() - startMs) / 1000;
  return { seconds, events: data.batches * ROWS, checksum };
}

function messageSubject(name: string, kind: MessageKind, batches: number): Subject {
  const team = new Team(2);
  const round = async (share: number): Promise<Sample> => {
    const part = Math.ceil(batches * share);
    const { port1, port2 } = new MessageChannel();
    const [, sample] = await Promise.all([
      team.ask(0, import.meta.url, 'post', [port1, kind, part], [port1]),
      team.ask<Sample>(1, import.meta.url, 'receive', [port2, kind, part], [port2]),
    ]);
    return check(name, sample, part);
  };
  return { name, workers: 2, round, close: () => team.close() };
}

/** A new batch as one buffer of eight columns, which can be copied or transferred whole. */
function columnBatch(batch: number): Float64Array<ArrayBuffer> {
  const whole = new Float64Array(ROWS * COLUMNS);
  fillBatch(columnsOf(whole), ROWS, baseOf(batch, ROWS));
  return whole;
}

function columnsOf(whole: Float64Array): Float64Array[] {
  return Array.from({ length: COLUMNS }, (_, column) =>
    whole.subarray(column * ROWS, (column + 1) * ROWS),
  );
}

/** Producer thread of the messages: keeps `WINDOW` batches in flight. */
export function post(port: MessagePort, kind: MessageKind, batches: number): Promise<void> {
  let sent = 0;
  const send = (): void => {
    if (kind === 'objects') {
      port.postMessage(objectBatch(sent));
    } else {
      const whole = columnBatch(sent);
      port.postMessage(whole, kind === 'transfer' ? [whole.buffer] : []);
    }
    sent++;
  };
  return new Promise((resolve) => {
    port.on('message', () => {
      if (sent < batches) send();
    });
    port.on('close', () => resolve());
    while (sent < Math.min(WINDOW, batches)) send();
  });
}

/** Consumer thread of the messages: acknowledges each batch. */
export function receive(port: MessagePort, kind: MessageKind, batches: number): Promise<Sample> {
  let received = 0;
  let checksum = 0;
  // From the first message: the other side needs no start line.
  const startMs = performance.now();
  return new Promise((resolve) => {
    port.on('message', (batch: Row[] | Float64Array) => {
      checksum +=
        kind === 'objects'
          ? sumObjects(batch as Row[])
          : sumBatch(columnsOf(batch as Float64Array), ROWS);
      received++;
      if (received < batches) {
        port.postMessage(received);
        return;
      }
      const seconds = (performance.now() - startMs) / 1000;
      port.close();
      resolve({ seconds, events: batches * ROWS, checksum });
    });
  });
}

function piscinaSubject(batches: number): Subject {
  const pool = new Piscina<Float64Array, number>({
    filename: fileURLToPath(import.meta.url),
    name: 'sumTask',
    minThreads: 1,
    maxThreads: 1,
  });
  const round = async (share: number): Promise<Sample> => {
    const part = Math.ceil(batches * share);
    let checksum = 0;
    let next = 0;
    const startMs = performance.now();
    const lane = async (): Promise<void> => {
      while (next < part) {
        const sum = await pool.run(columnBatch(next++));
        checksum += sum;
      }
    };
    await Promise.all(Array.from({ length: WINDOW }, lane));
    const seconds = (performance.now() - startMs) / 1000;
    return check('piscina', { seconds, events: part * ROWS, checksum }, part);
  };
  return { name: 'piscina', workers: 2, round, close: () => pool.destroy() };
}

/** What piscina's thread does with a batch. */
export function sumTask(whole: Float64Array): number {
  return sumBatch(columnsOf(whole), ROWS);
}
