/**
 * Question: what if there are more operators than cores?
 *
 * Twelve operators, each one multiply-add on tuples of 16 bytes, in batches of 1,024 rows:
 *
 * - `threads`: each on a thread of its own, eleven rings between; they park as they find nothing.
 * - `millrace`, co-operative: six on each of two threads, each taking turns at its operators.
 * - `fused`: one thread, one function per operator, on the same batch in place.
 * - `hand-fused`: one thread, one loop that does all twelve to a row.
 *
 * @module
 */

import {
  allocateControl,
  allocateRing,
  Arena,
  chooseWaitPolicy,
  type ControlAddress,
  NO_SLOT,
  type RingAddress,
  RingConsumer,
  RingProducer,
  ThreadControl,
  threadBell,
} from '../../src/ringbuf/index.ts';
import { type BenchLine, type BenchOptions } from '../shared/bench-line.ts';
import { compare, type Sample, type Subject } from './rounds.ts';
import { allocateMeeting, meet, type Meeting, resetMeeting } from './meeting.ts';
import { Team } from './team.ts';

const OPERATORS = 12;
const ROWS = 1024;
const COLUMN_BYTES = ROWS * 8;
/** Deep enough to work in parallel, shallow enough to stay in the cache. */
const SLOTS_BETWEEN_THREADS = 8;
const SLOTS_WITHIN_THREAD = 2;
const FOREVER_MS = 60_000;
/** The same for everybody, whatever the machine: the case is threads beyond cores. */
const CORES = 2;

const FACTORS = Array.from({ length: OPERATORS }, (_, operator) => 1 + operator / 1024);
const OFFSETS = Array.from({ length: OPERATORS }, (_, operator) => operator / 8);

/** What each thread of a layout is given: it runs operators `first` to `last`. */
export interface Share {
  readonly memory: { readonly buffer: ArrayBufferLike };
  readonly control: ControlAddress;
  readonly thread: number;
  /** Thread of each operator. */
  readonly threadOf: readonly number[];
  /** Ring i leads from operator i to operator i + 1. */
  readonly rings: readonly RingAddress[];
  readonly meeting: Meeting;
  readonly batches: number;
}

/** Runs the four layouts against each other. */
export async function benchOversubscription(options: BenchOptions): Promise<BenchLine[]> {
  const batches = options.quick ? 1500 : 8000;
  const subjects = [
    layoutSubject('millrace', 2, batches),
    layoutSubject('threads', OPERATORS, batches),
    fusedSubject('fused', batches),
    fusedSubject('hand-fused', batches),
  ];
  return compare('12 operators on 2 cores', subjects, options);
}

/** The values of the second column of batch `batch` before the first operator. */
function fillValues(values: Float64Array, batch: number): void {
  for (let row = 0; row < ROWS; row++) values[row] = (batch + row) & 1023;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < ROWS; row++) sum += values[row]!;
  return sum;
}

/** The answer, row by row, with the operations in the order in which everybody does them. */
function expectedChecksum(batches: number): number {
  const known = knownChecksums.get(batches);
  if (known !== undefined) return known;
  let checksum = 0;
  for (let batch = 0; batch < batches; batch++) {
    let sum = 0;
    for (let row = 0; row < ROWS; row++) {
      let value = (batch + row) & 1023;
      for (let operator = 0; operator < OPERATORS; operator++) {
        value = value * FACTORS[operator]! + OFFSETS[operator]!;
      }
      sum += value;
    }
    checksum += sum;
  }
  knownChecksums.set(batches, checksum);
  return checksum;
}

const knownChecksums = new Map<number, number>();

function check(name: string, sample: Sample, batches: number): Sample {
  const expected = expectedChecksum(batches);
  if (sample.checksum === expected) return sample;
  throw new Error(`${name}: checksum ${sample.checksum}, expected ${expected}`);
}

function layoutSubject(name: string, threads: number, batches: number): Subject {
  const team = new Team(threads);
  const arena = Arena.create(4 * 1024 * 1024);
  const threadOf = Array.from({ length: OPERATORS }, (_, operator) =>
    Math.floor((operator * threads) / OPERATORS),
  );
  const rings = threadOf.slice(1).map((thread, index) => {
    const slots = thread === threadOf[index] ? SLOTS_WITHIN_THREAD : SLOTS_BETWEEN_THREADS;
    return allocateRing(arena, { slots, slotBytes: 2 * COLUMN_BYTES, consumers: 1 });
  });
  const control = allocateControl(arena, threads);
  const meeting = allocateMeeting(arena, threads);
  const round = async (share: number): Promise<Sample> => {
    resetMeeting(arena.buffer, meeting);
    const part = Math.ceil(batches * share);
    const { memory } = arena;
    const samples = await Promise.all(
      Array.from({ length: threads }, (_, thread) => {
        const own = { memory, control, thread, threadOf, rings, meeting, batches: part };
        return team.ask<Sample>(thread, import.meta.url, 'runShare', [own satisfies Share]);
      }),
    );
    return check(name, samples.at(-1)!, part);
  };
  return { name, workers: threads, round, close: () => team.close() };
}

/** A thread's operators, taking turns until each has done all batches. */
export function runShare(share: Share): Sample {
  const { buffer } = Arena.attach(share.memory);
  const control = new ThreadControl(buffer, share.control, share.thread);
  const threads = share.threadOf.at(-1)! + 1;
  const policy = chooseWaitPolicy({ threads, cores: CORES, latency: 'normal' });
  const stages = share.threadOf.flatMap((thread, operator) =>
    thread === share.thread ? [new Stage(buffer, share, operator)] : [],
  );
  const hasWork = (): boolean => {
    for (let index = 0; index < stages.length; index++) if (stages[index]!.canStep()) return true;
    return false;
  };
  const last = stages.at(-1)!;
  meet(buffer, share.meeting);
  const startMs = performance.now();
  while (last.done < share.batches) {
    let isIdle = true;
    for (let index = 0; index < stages.length; index++) if (stages[index]!.step()) isIdle = false;
    if (isIdle) policy.wait(control.bell, hasWork, FOREVER_MS);
  }
  const seconds = (performance.now() - startMs) / 1000;
  return { seconds, events: share.batches * ROWS, checksum: last.checksum };
}

/** One operator: from its ring, or its own counter, to the next, or into a sum. */
class Stage {
  readonly #consumer: RingConsumer | undefined;
  readonly #producer: RingProducer | undefined;
  readonly #inputs: readonly Float64Array[];
  readonly #outputs: readonly Float64Array[];
  readonly #factor: number;
  readonly #offset: number;
  readonly #batches: number;
  readonly #scratch: Float64Array = new Float64Array(2 * ROWS);
  done = 0;
  checksum = 0;

  constructor(buffer: SharedArrayBuffer, share: Share, operator: number) {
    const input = share.rings[operator - 1];
    const output = share.rings[operator];
    const bellOf = (other: number) => threadBell(buffer, share.control, share.threadOf[other]!);
    const takeOver = { takeOver: true };
    const isOwn = (other: number): boolean => share.threadOf[other] === share.thread;
    this.#consumer =
      input === undefined
        ? undefined
        : new RingConsumer(
            buffer,
            input,
            0,
            isOwn(operator - 1) ? undefined : bellOf(operator - 1),
            takeOver,
          );
    this.#producer =
      output === undefined
        ? undefined
        : new RingProducer(
            buffer,
            output,
            isOwn(operator + 1) ? [] : [bellOf(operator + 1)],
            takeOver,
          );
    this.#inputs = slotsOf(buffer, input);
    this.#outputs = slotsOf(buffer, output);
    this.#factor = FACTORS[operator]!;
    this.#offset = OFFSETS[operator]!;
    this.#batches = share.batches;
  }

  canStep(): boolean {
    if (this.done === this.#batches) return false;
    if (this.#consumer !== undefined && this.#consumer.peek() === NO_SLOT) return false;
    return this.#producer === undefined || this.#producer.claim() !== NO_SLOT;
  }

  /** One batch, if there is one and room for it. */
  step(): boolean {
    if (!this.canStep()) return false;
    let input = this.#scratch;
    if (this.#consumer !== undefined) input = this.#inputs[this.#consumer.peek()]!;
    else fillSource(input, this.done);
    const output =
      this.#producer === undefined ? this.#scratch : this.#outputs[this.#producer.claim()]!;
    multiplyAdd(input, output, this.#factor, this.#offset);
    if (this.#producer === undefined) this.checksum += sumOf(output.subarray(ROWS));
    else this.#producer.publish();
    if (this.#consumer !== undefined) {
      this.#consumer.advance();
      this.#consumer.release();
    }
    this.done++;
    return true;
  }
}

function slotsOf(buffer: SharedArrayBuffer, ring: RingAddress | undefined): Float64Array[] {
  if (ring === undefined) return [];
  return Array.from(
    { length: ring.slots },
    (_, slot) => new Float64Array(buffer, ring.slotsOffset + slot * ring.slotBytes, 2 * ROWS),
  );
}

function fillSource(batch: Float64Array, number: number): void {
  for (let row = 0; row < ROWS; row++) batch[row] = number;
  fillValues(batch.subarray(ROWS), number);
}

/** Copies the first column and maps the second. @hot */
function multiplyAdd(
  input: Float64Array,
  output: Float64Array,
  factor: number,
  offset: number,
): void {
  for (let row = 0; row < ROWS; row++) {
    output[row] = input[row]!;
    output[ROWS + row] = input[ROWS + row]! * factor + offset;
  }
}

function fusedSubject(name: 'fused' | 'hand-fused', batches: number): Subject {
  const team = new Team(1);
  const run = name === 'fused' ? 'runFused' : 'runHandFused';
  const round = async (share: number): Promise<Sample> => {
    const part = Math.ceil(batches * share);
    return check(name, await team.ask<Sample>(0, import.meta.url, run, [part]), part);
  };
  return { name, workers: 1, round, close: () => team.close() };
}

/** One function call per operator and batch, in place. */
export function runFused(batches: number): Sample {
  const batch = new Float64Array(new SharedArrayBuffer(2 * COLUMN_BYTES));
  const values = batch.subarray(ROWS);
  let checksum = 0;
  const startMs = performance.now();
  for (let number = 0; number < batches; number++) {
    fillSource(batch, number);
    for (let operator = 0; operator < OPERATORS; operator++) {
      multiplyAddInPlace(values, FACTORS[operator]!, OFFSETS[operator]!);
    }
    checksum += sumOf(values);
  }
  return { seconds: (performance.now() - startMs) / 1000, events: batches * ROWS, checksum };
}

/** @hot */
function multiplyAddInPlace(values: Float64Array, factor: number, offset: number): void {
  for (let row = 0; row < ROWS; row++) values[row] = values[row]! * factor + offset;
}

/** What a person would write for exactly these twelve operators. */
export function runHandFused(batches: number): Sample {
  const batch = new Float64Array(new SharedArrayBuffer(2 * COLUMN_BYTES));
  const values = batch.subarray(ROWS);
  let checksum = 0;
  const startMs = performance.now();
  for (let number = 0; number < batches; number++) {
    fillSource(batch, number);
    mapAll(values);
    checksum += sumOf(values);
  }
  return { seconds: (performance.now() - startMs) / 1000, events: batches * ROWS, checksum };
}

/** The twelve factors and offsets of above, written out. @hot */
function mapAll(values: Float64Array): void {
  for (let row = 0; row < ROWS; row++) {
    let value = values[row]!;
    value = value * 1 + 0;
    value = value * (1 + 1 / 1024) + 1 / 8;
    value = value * (1 + 2 / 1024) + 2 / 8;
    value = value * (1 + 3 / 1024) + 3 / 8;
    value = value * (1 + 4 / 1024) + 4 / 8;
    value = value * (1 + 5 / 1024) + 5 / 8;
    value = value * (1 + 6 / 1024) + 6 / 8;
    value = value * (1 + 7 / 1024) + 7 / 8;
    value = value * (1 + 8 / 1024) + 8 / 8;
    value = value * (1 + 9 / 1024) + 9 / 8;
    value = value * (1 + 10 / 1024) + 10 / 8;
    value = value * (1 + 11 / 1024) + 11 / 8;
    values[row] = value;
  }
}
