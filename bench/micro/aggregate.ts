/**
 * What does a row cost in an aggregate, by type and number of keys; what does a group cost when its
 * window fires; and do slices pay for hopping windows?
 *
 * Every case computes COUNT(*) and SUM of a float64 by one key, through the kernel, from 256
 * different batches of 4,096 rows. Answers are compared with a Map's. Times are the least and the
 * median of the rounds, in processor time of the one thread; the longest batch is in elapsed time.
 *
 *     node bench/micro/aggregate.ts [--quick]
 *
 * @module
 */

import { goOn, tellWatermark } from '../../src/core/kernel-calls.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import { Batch } from '../../src/core/batch.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import type { Kernel, Outbox, Progress } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import type { Window } from '../../src/core/topology/model.ts';
import { FLOAT64, INT32, INT64, STRING } from '../../src/core/types.ts';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { randomIntegers } from '../kernels/random.ts';
import { median } from '../shared/bench-line.ts';
import { kernelContext, planAggregate, threadCpuMs } from '../shared/one-kernel.ts';

const ROWS = 4096;
const isQuick = process.argv.includes('--quick');
const BATCHES = 256;
/** Room for the scratch columns of a few dozen kernels. */
const KERNEL_BYTES = 64 * 1024 * 1024;
const ROUNDS = isQuick ? 2 : 7;

type KeyType = 'int32' | 'int64' | 'string';
const TYPES = { int32: INT32, int64: INT64, string: STRING } as const;

const random = randomIntegers(0x2545_f491);

const schemaOf = (type: KeyType): Schema => [
  { name: 'k', type: TYPES[type] },
  { name: 'x', type: FLOAT64 },
];

const encoder = new TextEncoder();

interface Input {
  /** What the batches lie in, with room for kernels. */
  readonly memory: KernelMemory;
  readonly batches: readonly Batch[];
  /** By key number: rows, sum. */
  readonly expected: ReadonlyMap<number, readonly [number, number]>;
}

/** Batches whose times rise by `stepUs` a row. */
function makeInput(type: KeyType, keys: number, stepUs: number): Input {
  const layout = layoutBatch({ schema: schemaOf(type), hasTime: true }, ROWS, ROWS * 32);
  const expected = new Map<number, [number, number]>();
  const memory = KernelMemory.create(BATCHES * (layout.slotBytes + 128) + KERNEL_BYTES);
  const batches = Array.from({ length: BATCHES }, (_, b) => {
    const batch = Batch.allocate(layout, memory);
    batch.reset();
    for (let row = 0; row < ROWS; row++) {
      const key = random(keys);
      const x = random(1000) / 8;
      writeKey(batch, row, type, key);
      batch.columns[1]!.f64[row] = x;
      batch.setTimeUs(row, (b * ROWS + row) * stepUs);
      const [count, sum] = expected.get(key) ?? [0, 0];
      expected.set(key, [count + 1, sum + x]);
    }
    batch.setRowCount(ROWS);
    return batch;
  });
  return { memory, batches, expected };
}

function writeKey(batch: Batch, row: number, type: KeyType, key: number): void {
  const column = batch.columns[0]!;
  if (type === 'int32') column.words[row] = key;
  else if (type === 'int64') column.setI64FromNumber(row, key * 4_294_967_311);
  else {
    const bytes = encoder.encode(`customer-${key}`);
    column.setView(row, bytes, 0, bytes.length);
  }
}

function makeKernel(type: KeyType, window: Window, memory: KernelMemory): Kernel {
  const stream = { schema: schemaOf(type), hasTime: true };
  const plan = planAggregate(stream, { n: 'COUNT(*)', s: 'SUM(x)' }, { window });
  return createAggregateKernel(plan, kernelContext(memory, ROWS));
}

/** Takes results and counts them. */
class Results implements Outbox {
  rows = 0;
  counted = 0;
  sum = 0;
  readonly #slot: Batch;

  constructor(type: KeyType) {
    const [key] = schemaOf(type);
    const schema: Schema = [
      { name: 'window_start', type: { kind: 'timestamp' } },
      { name: 'window_end', type: { kind: 'timestamp' } },
      key!,
      { name: 'n', type: INT64 },
      { name: 's', type: FLOAT64 },
    ];
    this.#slot = Batch.allocate(layoutBatch({ schema, hasTime: true }, ROWS, ROWS * 32));
    this.#slot.reset();
  }

  offer(): void {}
  watermark(): void {}
  claim(): Batch {
    return this.#slot;
  }
  commit(): void {
    const slot = this.#slot;
    this.rows += slot.rowCount;
    for (let row = 0; row < slot.rowCount; row++) {
      this.counted += slot.columns[3]!.words[2 * row]!;
      this.sum += slot.columns[4]!.f64[row]!;
    }
    slot.reset();
  }
}

/** Calls a kernel until it has done what a call asked for; the longest call. */
function complete(kernel: Kernel, begun: Progress, out: Results): number {
  let progress = begun;
  let longestMs = 0;
  while (progress !== 'done') {
    const start = performance.now();
    progress = goOn(kernel, out);
    longestMs = Math.max(longestMs, performance.now() - start);
  }
  return longestMs;
}

const WIDE: Window = { kind: 'tumbling', sizeUs: 2 ** 50, offsetUs: 0 };

/** Calls with few rows, so that V8 compiles the loops as for a kernel that has run for long. */
function warmUp(kernel: Kernel, { batches }: Input, out: Results): void {
  for (let call = 0; call < 6000; call++) {
    const batch = batches[call % batches.length]!;
    batch.selected = 16;
    kernel.onBatch(0, batch, out);
    batch.selected = ROWS;
  }
}

const nsPerRow = (ms: number): number => (ms * 1e6) / (BATCHES * ROWS);

function print(name: string, values: readonly number[], unit: string, more = ''): void {
  const least = Math.min(...values)
    .toFixed(1)
    .padStart(7);
  console.log(
    `${name.padEnd(34)}${least} ${median(values).toFixed(1).padStart(7)}  ${unit}${more}`,
  );
}

/** Rounds over all batches into one window, then its firing. */
function measureKeys(type: KeyType, keys: number): void {
  const input = makeInput(type, keys, 1);
  const out = new Results(type);
  const kernel = makeKernel(type, WIDE, input.memory);
  warmUp(kernel, input, new Results(type));
  const rounds: number[] = [];
  let longestMs = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const begin = threadCpuMs();
    for (const batch of input.batches) {
      const start = performance.now();
      kernel.onBatch(0, batch, out);
      longestMs = Math.max(longestMs, performance.now() - start);
    }
    if (round > 0) rounds.push(nsPerRow(threadCpuMs() - begin));
  }
  const start = threadCpuMs();
  const longestFireMs = complete(kernel, tellWatermark(kernel, 0, Infinity, out), out);
  const firedMs = threadCpuMs() - start;
  checkAnswer(type, keys, input, out);
  print(`${type} × ${keys}`, rounds, 'ns/row', `, longest batch ${longestMs.toFixed(2)} ms`);
  // Processor time comes in steps of some milliseconds: few groups would show nothing.
  if (keys < 1_000_000) return;
  print(
    `${type} × ${keys}, fire`,
    [(firedMs * 1e6) / out.rows],
    'ns/group',
    `, longest call ${longestFireMs.toFixed(2)} ms`,
  );
}

/** A fresh kernel over the same batches gives what the Map gives. */
function checkAnswer(
  type: KeyType,
  keys: number,
  { memory, batches, expected }: Input,
  fired: Results,
): void {
  const kernel = makeKernel(type, WIDE, memory);
  const out = new Results(type);
  for (const batch of batches) kernel.onBatch(0, batch, out);
  complete(kernel, tellWatermark(kernel, 0, Infinity, out), out);
  let sum = 0;
  for (const [, value] of expected.values()) sum += value;
  // Multiples of 1/8: sums are exact.
  const isRight =
    out.rows === expected.size &&
    fired.rows === expected.size &&
    out.counted === BATCHES * ROWS &&
    out.sum === sum;
  if (!isRight) throw new Error(`wrong answer for ${type} × ${keys}`);
}

/** Windows of five slides: by slices, and as five tumbling aggregates would cost. */
function measureHopping(keys: number): void {
  const input = makeInput('int32', keys, 1);
  const slideUs = (BATCHES * ROWS) / 8;
  const hopping: Window = { kind: 'hopping', sizeUs: slideUs * 5, slideUs, offsetUs: 0 };
  const run = (windows: readonly Window[]): number => {
    const out = new Results('int32');
    const kernels = windows.map((window) => makeKernel('int32', window, input.memory));
    const start = threadCpuMs();
    for (const kernel of kernels) {
      for (const batch of input.batches) {
        kernel.onBatch(0, batch, out);
        complete(kernel, tellWatermark(kernel, 0, batch.maxTimeUs, out), out);
      }
      complete(kernel, tellWatermark(kernel, 0, Infinity, out), out);
    }
    const ns = nsPerRow(threadCpuMs() - start);
    if (out.counted !== 5 * BATCHES * ROWS) throw new Error(`wrong answer for hopping × ${keys}`);
    return ns;
  };
  const direct = Array.from({ length: 5 }, (_, i): Window => ({
    kind: 'tumbling',
    sizeUs: slideUs * 5,
    offsetUs: i * slideUs,
  }));
  const rounds = Array.from({ length: ROUNDS + 1 }, () => [run([hopping]), run(direct)] as const);
  print(
    `hopping 5 × ${keys}, slices`,
    rounds.slice(1).map(([slices]) => slices),
    'ns/row',
  );
  print(
    `hopping 5 × ${keys}, each window`,
    rounds.slice(1).map(([, each]) => each),
    'ns/row',
  );
}

console.log(`${''.padEnd(34)}  least  median   node ${process.version}`);
const counts = isQuick ? [100, 10_000] : [100, 10_000, 1_000_000];
for (const type of ['int32', 'int64', 'string'] as const) {
  for (const keys of counts) measureKeys(type, keys);
}
for (const keys of counts) measureHopping(keys);
