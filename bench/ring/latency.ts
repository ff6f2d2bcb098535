/**
 * Question: how long does a batch take to another thread and back?
 *
 * Two rings of two slots between two threads that spin, or that park until they are rung; the
 * batch carries its number, and the answer must carry it too. Against C++: a cache line bounced
 * between two threads, and a futex; and against messages between two workers.
 *
 * @module
 */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
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
  SpinPolicy,
} from '../../src/ringbuf/index.ts';
import {
  type BenchLine,
  type BenchOptions,
  median,
  type Percentiles,
  percentilesOf,
} from '../shared/bench-line.ts';
import { type Contender, takeTurns } from './rounds.ts';
import type { CppRing } from './cpp.ts';
import { allocateMeeting, meet, type Meeting, resetMeeting } from './meeting.ts';
import { Team } from './team.ts';

/** What both threads are given. Thread t writes ring t and reads the other. */
export interface RoundTrips {
  readonly memory: { readonly buffer: ArrayBufferLike };
  readonly rings: readonly [there: RingAddress, back: RingAddress];
  readonly bells: readonly [number, number];
  readonly meeting: Meeting;
  readonly waits: 'spin' | 'park';
  readonly trips: number;
}

interface Subject extends Contender<Percentiles> {
  readonly name: string;
}

const FOREVER_MS = 60_000;

/** Runs the spinning and the parked case. */
export async function benchLatency(
  options: BenchOptions,
  peers: readonly CppRing[],
): Promise<BenchLine[]> {
  const cpp = peers.filter((peer) => peer.name === 'cpp');
  const spinTrips = options.quick ? 200_000 : 1_000_000;
  const parkTrips = options.quick ? 3000 : 20_000;
  const spinning = [
    ringSubject('spin', spinTrips),
    ...cpp.map((peer) => cppSubject(peer, 'pingpong', spinTrips)),
  ];
  const parked = [
    ringSubject('park', parkTrips),
    ...cpp.map((peer) => cppSubject(peer, 'futex', parkTrips)),
    messageSubject(parkTrips),
  ];
  return [
    ...(await run('round trip, spinning', spinning, options, spinTrips)),
    ...(await run('round trip, parked', parked, options, parkTrips)),
  ];
}

async function run(
  name: string,
  subjects: readonly Subject[],
  options: BenchOptions,
  trips: number,
): Promise<BenchLine[]> {
  const found = await takeTurns(subjects, options);
  const middle = (list: readonly Percentiles[], of: keyof Percentiles): number =>
    median(list.map((percentiles) => percentiles[of]));
  const ratio = Object.fromEntries(
    subjects
      .slice(1)
      .map((subject, index): [string, number] => [
        subject.name,
        median(found[0]!.map(({ p50 }, round) => p50 / found[index + 1]![round]!.p50)),
      ]),
  );
  return subjects.map((subject, index): BenchLine => {
    const list = found[index]!;
    const latencyUs: Percentiles = {
      p50: middle(list, 'p50'),
      p99: middle(list, 'p99'),
      p999: middle(list, 'p999'),
      p9999: middle(list, 'p9999'),
      max: middle(list, 'max'),
    };
    const line = { bench: 'ring', case: name, subject: subject.name, latencyUs } as const;
    const seconds = (latencyUs.p50 * trips) / 1e6;
    const plain = { ...line, events: trips, seconds, workers: 2, checked: true };
    return index === 0 ? { ...plain, ratio } : plain;
  });
}

function ringSubject(waits: RoundTrips['waits'], trips: number): Subject {
  const team = new Team(2);
  const arena = Arena.create(64 * 1024);
  const shape = { slots: 2, slotBytes: 128, consumers: 1 };
  const data: Omit<RoundTrips, 'trips'> = {
    memory: arena.memory,
    rings: [allocateRing(arena, shape), allocateRing(arena, shape)],
    bells: [allocateBell(arena), allocateBell(arena)],
    meeting: allocateMeeting(arena, 2),
    waits,
  };
  const round = async (share: number): Promise<Percentiles> => {
    resetMeeting(arena.buffer, data.meeting);
    const part: RoundTrips = { ...data, trips: Math.ceil(trips * share) };
    const [us] = await Promise.all([
      team.ask<Float64Array>(0, import.meta.url, 'ask', [part]),
      team.ask(1, import.meta.url, 'answer', [part]),
    ]);
    return percentilesOf(us);
  };
  return { name: 'millrace', round, close: () => team.close() };
}

function open({ memory, rings, bells, waits }: RoundTrips, thread: 0 | 1) {
  const { buffer } = Arena.attach(memory);
  const other = (1 - thread) as 0 | 1;
  const takeOver = { takeOver: true };
  const otherBell = new Bell(buffer, bells[other]);
  const producer = new RingProducer(buffer, rings[thread], [otherBell], takeOver);
  // Nobody ever waits for room here, so nobody needs a producer's bell.
  const consumer = new RingConsumer(buffer, rings[other], 0, undefined, takeOver);
  const bell = new Bell(buffer, bells[thread]);
  const policy = waits === 'spin' ? new SpinPolicy() : new ParkPolicy();
  const words = new Int32Array(buffer);
  const hasWork = (): boolean => consumer.peek() !== NO_SLOT;
  return {
    buffer,
    send: (value: number): void => {
      words[producer.slotOffset(producer.claim()) >> 2] = value;
      producer.publish();
    },
    receive: (): number => {
      while (consumer.peek() === NO_SLOT) policy.wait(bell, hasWork, FOREVER_MS);
      const value = words[consumer.slotOffset(consumer.peek()) >> 2]!;
      consumer.advance();
      consumer.release();
      return value;
    },
  };
}

/** The thread that measures. */
export function ask(data: RoundTrips): Float64Array {
  const { buffer, send, receive } = open(data, 0);
  const us = new Float64Array(data.trips);
  meet(buffer, data.meeting);
  for (let trip = 0; trip < data.trips; trip++) {
    const startMs = performance.now();
    send(trip);
    const answer = receive();
    us[trip] = (performance.now() - startMs) * 1000;
    if (answer !== trip + 1) throw new Error(`asked with ${trip}, answered with ${answer}`);
  }
  return us;
}

/** The thread that answers. */
export function answer(data: RoundTrips): void {
  const { buffer, send, receive } = open(data, 1);
  meet(buffer, data.meeting);
  for (let trip = 0; trip < data.trips; trip++) send(receive() + 1);
}

function cppSubject(peer: CppRing, mode: 'pingpong' | 'futex', trips: number): Subject {
  const round = async (share: number): Promise<Percentiles> => {
    const ns = await peer.run(mode, Math.ceil(trips * share));
    const [p50, p99, p999, p9999, max] = ns.map((value) => value / 1000);
    return { p50: p50!, p99: p99!, p999: p999!, p9999: p9999!, max: max! };
  };
  return { name: peer.name, round, close: () => Promise.resolve() };
}

function messageSubject(trips: number): Subject {
  const team = new Team(2);
  const round = async (share: number): Promise<Percentiles> => {
    const part = Math.ceil(trips * share);
    const { port1, port2 } = new MessageChannel();
    const [us] = await Promise.all([
      team.ask<Float64Array>(0, import.meta.url, 'askByMessage', [port1, part], [port1]),
      team.ask(1, import.meta.url, 'answerByMessage', [port2], [port2]),
    ]);
    return percentilesOf(us);
  };
  return { name: 'postmessage', round, close: () => team.close() };
}

/** {@link ask} by messages between two workers. */
export function askByMessage(port: MessagePort, trips: number): Promise<Float64Array> {
  const us = new Float64Array(trips);
  return new Promise((resolve, reject) => {
    let trip = 0;
    let startMs = performance.now();
    port.on('message', (answer: number) => {
      us[trip] = (performance.now() - startMs) * 1000;
      if (answer !== trip + 1) reject(new Error(`asked with ${trip}, answered with ${answer}`));
      trip++;
      if (trip === trips) {
        port.close();
        resolve(us);
        return;
      }
      startMs = performance.now();
      port.postMessage(trip);
    });
    port.postMessage(0);
  });
}

/** {@link answer} by messages. */
export function answerByMessage(port: MessagePort): Promise<void> {
  return new Promise((resolve) => {
    port.on('message', (value: number) => port.postMessage(value + 1));
    port.on('close', () => resolve());
  });
}
