/**
 * What does it cost to write down what an operator remembers, and to read it back, and for how long does
 * a piece of that keep the worker?
 *
 * Groups of an aggregate (an int32 key; a count, a sum of floats), groups by string with their least
 * string, open sessions, rows that a join keeps. Bytes go to memory that is there, and are read from
 * it; beside it a plain copy of as many bytes and `v8.serialize` of a Map with as many groups. What is
 * read gives the same results as what was written. Times are medians of the rounds, in processor time
 * of the one thread; pieces by the clock, which on a busy machine counts what others do as well.
 *
 *     node bench/micro/snapshots.ts [--quick]
 *
 * @module
 */

import { serialize } from 'node:v8';
import { Batch } from '../../src/core/batch.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { goOn, tellWatermark } from '../../src/core/kernel-calls.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import type { Kernel, KernelContext, Outbox, Progress } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import type { Steps } from '../../src/core/state-io.ts';
import { FLOAT64, INT32, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { readSnapshot, writeSnapshot } from '../../src/state/index.ts';
import type { OperatorText } from '../../test/support/kernel/documents.ts';
import { soundPlan } from '../../test/support/kernel/documents.ts';

const ROWS = 4096;
const QUICK = process.argv.includes('--quick');
const ROUNDS = QUICK ? 3 : 7;
const SIZES = QUICK ? [1000, 100_000] : [1000, 100_000, 1_000_000];
const SCHEMA: Schema = [
  { name: 'k', type: INT32 },
  { name: 'x', type: FLOAT64 },
  { name: 's', type: STRING },
];
const INPUT = { name: 'in', schema: SCHEMA, hasTime: true };
const OTHER = { name: 'other', schema: SCHEMA, hasTime: true };

/** What is measured: an operator, and how its rows come. */
interface Case {
  readonly name: string;
  readonly text: OperatorText;
  readonly inputs: readonly (typeof INPUT)[];
}

const WINDOW = { type: 'tumbling', size: '1d' };
const CASES: readonly Case[] = [
  {
    name: 'aggregate, int32 key',
    text: {
      type: 'aggregate',
      groupBy: ['k'],
      window: WINDOW,
      select: { n: 'COUNT(*)', x: 'SUM(x)' },
    },
    inputs: [INPUT],
  },
  {
    name: 'aggregate, string key, MIN of string',
    text: { type: 'aggregate', groupBy: ['s'], window: WINDOW, select: { s2: 'MIN(s)' } },
    inputs: [INPUT],
  },
  {
    name: 'sessions',
    text: {
      type: 'aggregate',
      groupBy: ['k'],
      window: { type: 'session', gap: '1d' },
      select: { n: 'COUNT(*)' },
    },
    inputs: [INPUT],
  },
  {
    name: 'join, rows kept',
    text: {
      type: 'join',
      on: 'in.k = other.k',
      within: { before: '1d', after: '1d' },
      select: { k: 'in.k', x: 'in.x', s: 'other.s' },
    },
    inputs: [INPUT, OTHER],
  },
];

/** Counts what comes, and adds hashes of it up. */
class Results implements Outbox {
  rows = 0;
  readonly #slots: Map<number, Batch> = new Map();
  readonly #layouts: readonly ReturnType<typeof layoutBatch>[];

  constructor(layouts: readonly ReturnType<typeof layoutBatch>[]) {
    this.#layouts = layouts;
  }

  offer(_port: number, batch: Batch): void {
    this.rows += batch.selected;
  }
  watermark(): void {}
  claim(port: number): Batch {
    const slot = this.#slots.get(port) ?? Batch.allocate(this.#layouts[port]!);
    this.#slots.set(port, slot);
    slot.reset();
    return slot;
  }
  commit(port: number): void {
    this.rows += this.#slots.get(port)!.rowCount;
  }
}

function contextOf(): KernelContext {
  return {
    node: 'bench',
    instance: 0,
    instances: 1,
    rowCapacity: ROWS,
    counters: { addLate: () => {}, addErrors: () => {} },
    baseDirectory: '/',
    memory: KernelMemory.create(64 * 1024 * 1024),
    slotHeapBytes: 1 << 20,
    readTable: () => Promise.reject(new Error('there is no table')),
    shared: (_name, create) => create(),
    stateLimitBytes: 2 ** 30,
  };
}

function complete(kernel: Kernel, out: Outbox, progress: Progress): void {
  for (let left = progress; left !== 'done';) left = goOn(kernel, out);
}

/** Gives a kernel so many rows, each with a key of its own. */
function fill(kernel: Kernel, rows: number, out: Outbox): void {
  const batch = Batch.allocate(layoutBatch({ schema: SCHEMA, hasTime: true }, ROWS, 1 << 20));
  const encoder = new TextEncoder();
  for (let from = 0; from < rows; from += ROWS) {
    batch.reset();
    const count = Math.min(ROWS, rows - from);
    const [k, x, s] = batch.columns;
    for (let row = 0; row < count; row++) {
      const text = encoder.encode(`a key of some length, ${from + row}`);
      k!.words[row] = from + row;
      x!.f64[row] = (from + row) / 3;
      s!.setView(row, text, 0, text.length);
      batch.setTimeUs(row, from + row);
    }
    batch.setRowCount(count);
    complete(kernel, out, kernel.onBatch(0, batch, out));
  }
}

/** Ends the input; how many rows come of what is remembered. */
function end(kernel: Kernel, ports: number, out: Results): number {
  const before = out.rows;
  for (let port = 0; port < ports; port++) {
    complete(kernel, out, tellWatermark(kernel, port, Infinity, out));
  }
  return out.rows - before;
}

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

interface Run {
  readonly ms: number;
  /** How long each piece took, by the clock. */
  readonly piecesMs: readonly number[];
}

function drive(steps: Steps<unknown>): Run {
  const begin = cpuMs();
  const piecesMs: number[] = [];
  for (;;) {
    const start = performance.now();
    const { done } = steps.next();
    piecesMs.push(performance.now() - start);
    if (done === true) return { ms: cpuMs() - begin, piecesMs };
  }
}

/** The value that so large a share of all is below. */
const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]!;

function print(name: string, rows: number, bytes: number, runs: readonly Run[]): void {
  const ms = quantile(
    runs.map((run) => run.ms),
    0.5,
  );
  const pieces = runs.flatMap(({ piecesMs }) => piecesMs);
  const times = [0.5, 0.9].map((share) => quantile(pieces, share)?.toFixed(2));
  const speed = bytes / 1e6 / (ms / 1e3);
  console.log(
    `${name.padEnd(44)}${ms.toFixed(2).padStart(9)} ms ${((ms * 1e6) / rows).toFixed(1).padStart(7)} ns a row ` +
      `${speed.toFixed(0).padStart(6)} MB/s` +
      (pieces.length === 0 ? '' : `  pieces of ${times[0]} ms, 90 % below ${times[1]} ms`),
  );
}

async function measure({ name, text, inputs }: Case, rows: number): Promise<void> {
  const plan = soundPlan(text, inputs);
  const layouts = plan.outputs.map(({ stream }) => layoutBatch(stream, ROWS, 1 << 20));
  const make = async (): Promise<Kernel> => createKernel(plan, contextOf());
  const out = new Results(layouts);
  const kernel = await make();
  fill(kernel, rows, out);
  let room = new Uint8Array(1 << 20);
  let used = 0;
  const sink = (bytes: Uint8Array): void => {
    if (used + bytes.length > room.length) {
      const larger = new Uint8Array(2 * room.length + bytes.length);
      larger.set(room.subarray(0, used));
      room = larger;
    }
    room.set(bytes, used);
    used += bytes.length;
  };
  const written: Run[] = [];
  const read: Run[] = [];
  const copied: Run[] = [];
  let other: Kernel | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    used = 0;
    const run = drive(writeSnapshot(kernel, 'bench', sink));
    // The first one makes the room.
    if (round > 0) written.push(run);
    let at = 0;
    other = await make();
    read.push(
      drive(
        readSnapshot(other, 'bench', (target) => {
          const part = room.subarray(at, Math.min(used, at + target.length));
          target.set(part);
          at += part.length;
          return part.length;
        }),
      ),
    );
    const target = new Uint8Array(used);
    const begin = cpuMs();
    target.set(room.subarray(0, used));
    copied.push({ ms: cpuMs() - begin, piecesMs: [] });
  }
  console.log(`\n${name}: ${rows} rows, ${used} bytes, ${(used / rows).toFixed(1)} a row`);
  print('  write', rows, used, written);
  print('  read', rows, used, read);
  print('  copy as many bytes', rows, used, copied);
  const [mine, its] = [end(kernel, inputs.length, out), end(other!, inputs.length, out)];
  if (mine !== its) throw new Error(`${mine} rows, and ${its} after reading`);
}

for (const one of CASES) for (const rows of SIZES) await measure(one, rows);

const groups = SIZES.at(-1)!;
const map = new Map(Array.from({ length: groups }, (_, k) => [k, { n: 1, x: k / 3 }]));
const runs = Array.from({ length: ROUNDS }, (): Run => {
  const begin = cpuMs();
  serialize(map);
  return { ms: cpuMs() - begin, piecesMs: [] };
});
console.log(`\nv8.serialize of a Map: ${groups} groups, ${serialize(map).length} bytes`);
print('  write', groups, serialize(map).length, runs);
