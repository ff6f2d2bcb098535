/**
 * What does a row cost that extends a session, as in NEXMark's query 11, and how long does a worker
 * stand still when a million sessions end at once? And what does it cost that results of windows may
 * be revised?
 *
 * Every case counts rows by an int32 key, in sessions with a gap of 10 s, through the kernel: 256
 * batches of 4,096 rows a round, with a watermark behind each. Beside it the same by a JavaScript Map
 * of objects, which is swept every tenth of a gap, and a tumbling window of 10 s. Answers are
 * compared. Times are the least and the median of the rounds, in processor time of the one thread.
 *
 *     node bench/micro/sessions.ts [--quick]
 *
 * @module
 */

import { Batch } from '../../src/core/batch.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { goOn, tellWatermark } from '../../src/core/kernel-calls.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import type { Kernel, Outbox, Progress } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import type { AggregateWindow, Emit } from '../../src/core/topology/model.ts';
import { INT32, INT64, STRING, TIMESTAMP } from '../../src/core/types.ts';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { randomIntegers } from '../kernels/random.ts';
import { kernelContext, planAggregate, threadCpuMs } from '../shared/one-kernel.ts';

const ROWS = 4096;
const BATCHES = 256;
const KERNEL_BYTES = 64 * 1024 * 1024;
const ROUNDS = process.argv.includes('--quick') ? 3 : 9;
const GAP_US = 10_000_000;
/** As many rows a second as NEXMark's generator makes of event time. */
const STEP_US = 100;
const SCHEMA: Schema = [{ name: 'k', type: INT32 }];

const random = randomIntegers(0x2545_f491);

/** A round's rows; times are set for each round. */
class Input {
  readonly memory: KernelMemory;
  readonly batches: readonly Batch[];
  #round = 0;

  constructor(keyAt: (row: number) => number) {
    const layout = layoutBatch({ schema: SCHEMA, hasTime: true }, ROWS, 0);
    this.memory = KernelMemory.create(BATCHES * (layout.slotBytes + 128) + KERNEL_BYTES);
    this.batches = Array.from({ length: BATCHES }, (_, b) => {
      const batch = Batch.allocate(layout, this.memory);
      batch.reset();
      for (let row = 0; row < ROWS; row++) batch.columns[0]!.words[row] = keyAt(b * ROWS + row);
      batch.setRowCount(ROWS);
      return batch;
    });
  }

  /** Times of the next round, behind those of the last. */
  advance(stepUs: number, roundUs = BATCHES * ROWS * stepUs): void {
    const fromUs = this.#round++ * roundUs;
    this.batches.forEach((batch, b) => {
      batch.minTimeUs = Infinity;
      batch.maxTimeUs = -Infinity;
      for (let row = 0; row < ROWS; row++) batch.setTimeUs(row, fromUs + (b * ROWS + row) * stepUs);
    });
  }
}

/** Takes results and counts them. */
class Results implements Outbox {
  rows = 0;
  counted = 0;
  readonly #slot: Batch;

  constructor() {
    const schema: Schema = [
      { name: 'window_start', type: TIMESTAMP },
      { name: 'window_end', type: TIMESTAMP },
      ...SCHEMA,
      { name: 'n', type: INT64 },
      // Not all results have it.
      { name: 'change', type: STRING },
    ];
    this.#slot = Batch.allocate(layoutBatch({ schema, hasTime: true }, ROWS, 0));
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
    }
    slot.reset();
  }
}

function makeKernel(
  window: AggregateWindow,
  memory: KernelMemory,
  emit: Emit = { kind: 'end' },
): Kernel {
  const stream = { schema: SCHEMA, hasTime: true };
  const plan = planAggregate(stream, { n: 'COUNT(*)' }, { window, emit });
  return createAggregateKernel(plan, kernelContext(memory, ROWS));
}

/** Calls a kernel until it has done what a call asked for; `calls` gets how long each took, in ms. */
function complete(kernel: Kernel, call: () => Progress, out: Results, calls: number[] = []): void {
  let start = performance.now();
  let progress = call();
  calls.push(performance.now() - start);
  while (progress !== 'done') {
    start = performance.now();
    progress = goOn(kernel, out);
    calls.push(performance.now() - start);
  }
}

const nsPerRow = (ms: number): number => (ms * 1e6) / (BATCHES * ROWS);

function print(name: string, values: readonly number[], unit: string, more = ''): void {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, median] = [sorted[0]!, sorted[sorted.length >> 1]!];
  const text = `${least.toFixed(1).padStart(7)} ${median.toFixed(1).padStart(7)}`;
  console.log(`${name.padEnd(34)}${text}  ${unit}${more}`);
}

/** Adds a round to an aggregate; what it has taken, in milliseconds. */
function runKernel(kernel: Kernel, { batches }: Input, out: Results): number {
  const begin = threadCpuMs();
  for (const batch of batches) {
    complete(kernel, () => kernel.onBatch(0, batch, out), out);
    complete(kernel, () => tellWatermark(kernel, 0, batch.maxTimeUs, out), out);
  }
  return threadCpuMs() - begin;
}

/** The same in plain JavaScript. */
class PlainSessions {
  closed = 0;
  counted = 0;
  readonly #open = new Map<number, { startUs: number; lastUs: number; rows: number }>();
  #sweepUs = 0;

  run({ batches }: Input): number {
    const begin = threadCpuMs();
    for (const batch of batches) {
      const keys = batch.columns[0]!.words;
      for (let row = 0; row < batch.rowCount; row++) this.#add(keys[row]!, batch.timeUs(row));
      if (batch.maxTimeUs < this.#sweepUs) continue;
      this.#sweepUs = batch.maxTimeUs + GAP_US / 10;
      this.close(batch.maxTimeUs);
    }
    return threadCpuMs() - begin;
  }

  #add(key: number, timeUs: number): void {
    const session = this.#open.get(key);
    if (session !== undefined && timeUs - session.lastUs < GAP_US) {
      session.lastUs = timeUs;
      session.rows++;
      return;
    }
    if (session !== undefined) this.#end(session);
    this.#open.set(key, { startUs: timeUs, lastUs: timeUs, rows: 1 });
  }

  #end({ rows }: { rows: number }): void {
    this.closed++;
    this.counted += rows;
  }

  close(watermarkUs: number): void {
    for (const [key, session] of this.#open) {
      if (session.lastUs + GAP_US > watermarkUs) continue;
      this.#end(session);
      this.#open.delete(key);
    }
  }
}

function measureRows(keys: number): void {
  const input = new Input(() => random(keys));
  const [out, tumbled] = [new Results(), new Results()];
  const kernel = makeKernel({ kind: 'session', gapUs: GAP_US }, input.memory);
  const tumbling = { kind: 'tumbling', sizeUs: GAP_US, offsetUs: 0 } as const;
  const other = makeKernel(tumbling, input.memory);
  const plain = new PlainSessions();
  const [ours, tumblings, plains]: number[][] = [[], [], []];
  for (let round = 0; round <= ROUNDS; round++) {
    input.advance(STEP_US);
    const times = [
      runKernel(kernel, input, out),
      runKernel(other, input, tumbled),
      plain.run(input),
    ];
    if (round === 0) continue;
    [ours, tumblings, plains].forEach((list, i) => list!.push(nsPerRow(times[i]!)));
  }
  complete(kernel, () => tellWatermark(kernel, 0, Infinity, out), out);
  plain.close(Infinity);
  if (out.rows !== plain.closed || out.counted !== plain.counted) throw new Error('wrong answer');
  print(`sessions × ${keys}`, ours!, 'ns/row', `, ${out.rows} sessions`);
  print(`  tumbling × ${keys}`, tumblings!, 'ns/row');
  print(`  Map × ${keys}`, plains!, 'ns/row');
}

/** As many keys as rows, all of whose sessions end at one watermark. */
function measureBurst(stepUs: number): void {
  const input = new Input((row) => row);
  const out = new Results();
  const kernel = makeKernel({ kind: 'session', gapUs: GAP_US }, input.memory);
  const opened: number[] = [];
  const closed: number[] = [];
  const least: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const calls: number[] = [];
    input.advance(stepUs, BATCHES * ROWS * stepUs + 2 * GAP_US);
    const begin = threadCpuMs();
    for (const batch of input.batches) kernel.onBatch(0, batch, out);
    opened.push(nsPerRow(threadCpuMs() - begin));
    const start = threadCpuMs();
    const endUs = input.batches.at(-1)!.maxTimeUs + GAP_US;
    complete(kernel, () => tellWatermark(kernel, 0, endUs, out), out, calls);
    closed.push(nsPerRow(threadCpuMs() - start));
    if (out.rows !== (round + 1) * BATCHES * ROWS) throw new Error('wrong answer');
    // A round's calls are those of every other: what one takes longer is other work of the machine.
    calls.forEach((ms, i) => (least[i] = Math.min(ms, least[i] ?? Infinity)));
  }
  print(`open ${BATCHES * ROWS} sessions`, opened, 'ns/session');
  const sorted = least.toSorted((a, b) => a - b);
  const [middle, nearly, longest] = [0.5, 0.99, 1].map((share) =>
    sorted[Math.ceil(share * sorted.length) - 1]!.toFixed(2),
  );
  const more = `, ${least.length} calls: p50 ${middle}, p99 ${nearly}, longest ${longest} ms`;
  print(`close them at once`, closed, 'ns/session', more);
}

/** Windows whose results come once, and such as may be revised: rows are in order. */
function measureRevised(keys: number): void {
  const input = new Input(() => random(keys));
  const slideUs = GAP_US / 5;
  const tumbling = { kind: 'tumbling', sizeUs: GAP_US, offsetUs: 0 } as const;
  const hopping = { kind: 'hopping', sizeUs: GAP_US, slideUs, offsetUs: 0 } as const;
  const latenessUs = GAP_US / 2;
  const cases: readonly (readonly [string, AggregateWindow, Emit?])[] = [
    ['tumbling', tumbling],
    ['  allowedLateness', { ...tumbling, latenessUs }],
    ['  every second', tumbling, { kind: 'every', everyUs: 1e6 }],
    ['  onChange', tumbling, { kind: 'change' }],
    ['hopping 5', hopping],
    ['  allowedLateness', { ...hopping, latenessUs }],
    ['cumulating 5', { kind: 'cumulating', sizeUs: GAP_US, stepUs: slideUs, offsetUs: 0 }],
  ];
  const subjects = cases.map(([name, window, emit]) => {
    const kernel = makeKernel(window, input.memory, emit);
    return { name, kernel, out: new Results(), times: [] as number[] };
  });
  for (let round = 0; round <= ROUNDS; round++) {
    input.advance(STEP_US);
    for (const { kernel, out, times } of subjects) {
      const ms = runKernel(kernel, input, out);
      if (round > 0) times.push(nsPerRow(ms));
    }
  }
  for (const { name, out, times } of subjects) {
    print(`${name} × ${keys}`, times, 'ns/row', `, ${out.rows} rows out`);
  }
}

console.log(`${''.padEnd(34)}  least  median   node ${process.version}`);
for (const keys of [100, 10_000, 100_000]) measureRows(keys);
measureBurst(1);
measureBurst(0);
for (const keys of [1000, 10_000]) measureRevised(keys);
