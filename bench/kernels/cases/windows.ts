/**
 * Question: what does a row cost in a join over a window, and in the top 10 of groups, the closing
 * of the window included?
 *
 * Each pass is a window of its own: event times are moved on between passes, outside the time. The
 * answer is the number of result rows and the sums of their columns.
 *
 * @module
 */

import type { Batch } from '../../../src/core/batch.ts';
import { tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { Kernel, OperatorPlan } from '../../../src/core/operator.ts';
import { FLOAT64, INT32 } from '../../../src/core/types.ts';
import { batchesOf } from '../batches.ts';
import type { KernelCase, PreparedCase } from '../case.ts';
import { CountingOutbox, makeKernel, planOperators, workerMemory } from '../millrace.ts';
import { randomNumbers } from '../random.ts';
import { type Answer, type KernelSubject, loopSubject } from '../subject.ts';
import { BATCH_ROWS, type Workshop } from '../workshop.ts';
import { complete, threadCpuNs } from '../../shared/one-kernel.ts';

const WINDOW_US = 10_000_000;
const WINDOW = { type: 'tumbling', size: `${WINDOW_US}us` } as const;
const BEST = 10;
const TOP_KEYS = 1000;

/** Moves the rows to a window; in order, evenly. */
function stamp(batches: readonly Batch[], window: number): void {
  const stepUs = Math.floor(WINDOW_US / (batches.length * BATCH_ROWS + 1));
  for (const [b, batch] of batches.entries()) {
    batch.minTimeUs = Infinity;
    batch.maxTimeUs = -Infinity;
    const startUs = window * WINDOW_US + b * BATCH_ROWS * stepUs;
    for (let row = 0; row < BATCH_ROWS; row++) batch.setTimeUs(row, startUs + row * stepUs);
  }
}

/** A kernel that gets the batches of a window, on ports in turns, then the watermark behind it. */
function windowSubject(
  kernel: Kernel,
  out: CountingOutbox,
  batches: readonly Batch[],
  ports: number,
  sumsOf: (batch: Batch, sums: number[]) => void,
): KernelSubject {
  let window = 1;
  const pass = (): void => {
    for (let b = 0; b < batches.length; b++) {
      complete(kernel, out, kernel.onBatch(b % ports, batches[b]!, out));
    }
    for (let port = 0; port < ports; port++) {
      complete(kernel, out, tellWatermark(kernel, port, (window + 1) * WINDOW_US, out));
    }
    window++;
  };
  const run = (passes: number): number => {
    let ns = 0;
    for (let i = 0; i < passes; i++) {
      stamp(batches, window);
      const start = threadCpuNs();
      pass();
      ns += threadCpuNs() - start;
    }
    return ns;
  };
  const answer = (): Answer => {
    const sums: number[] = [];
    out.take = (batch) => sumsOf(batch, sums);
    stamp(batches, window);
    pass();
    return sums;
  };
  const rows = batches.length * BATCH_ROWS;
  return { name: 'millrace', rows, isCompiledLate: true, run, answer };
}

/** Adds a batch's rows, and its columns of a plan by name. */
function adder(plan: OperatorPlan, names: readonly string[]) {
  const { schema } = plan.outputs[0]!.stream;
  const positions = names.map((name) => schema.findIndex((field) => field.name === name));
  return ({ columns, selection, selected }: Batch, sums: number[]): void => {
    sums[0] = (sums[0] ?? 0) + selected;
    for (const [i, position] of positions.entries()) {
      const { storage, f64, words } = columns[position]!;
      for (let at = 0; at < selected; at++) {
        const row = selection[at]!;
        sums[i + 1] = (sums[i + 1] ?? 0) + (storage === 'f64' ? f64[row]! : words[row]!);
      }
    }
  };
}

interface JoinInput {
  readonly id: Int32Array;
  readonly v: Int32Array;
}

/** Which side a row is on: batches take turns. */
const isRight = (row: number): boolean => Math.floor(row / BATCH_ROWS) % 2 === 1;

/** Pairs; sums of their ids, left and right values. */
function expectedPairs({ id, v }: JoinInput): Answer {
  const left = new Map<number, number[]>();
  for (const [row, key] of id.entries()) {
    if (!isRight(row)) left.set(key, [...(left.get(key) ?? []), v[row]!]);
  }
  const sums = [0, 0, 0, 0];
  for (const [row, key] of id.entries()) {
    if (!isRight(row)) continue;
    for (const value of left.get(key) ?? []) {
      sums[0]!++;
      sums[1]! += key;
      sums[2]! += value;
      sums[3]! += v[row]!;
    }
  }
  return sums;
}

async function joinSubject({ id, v }: JoinInput): Promise<KernelSubject> {
  const memory = workerMemory();
  const typed = { id: { type: INT32, values: id }, v: { type: INT32, values: v } };
  const batches = batchesOf(memory, typed, true);
  const source = { schema: { ts: 'timestamp', id: 'int32', v: 'int32' }, time: 'ts' };
  const columns = { id: 'id', v: 'v' };
  const plan = planOperators(
    { a: source, b: source },
    {
      x: { type: 'map', input: 'a', select: columns },
      y: { type: 'map', input: 'b', select: columns },
      pairs: {
        type: 'join',
        inputs: ['x', 'y'],
        on: 'x.id = y.id',
        window: WINDOW,
        select: { id: 'x.id', v: 'x.v', w: 'y.v' },
      },
    },
  ).get('pairs')!;
  const kernel = await makeKernel('pairs', plan, memory);
  const out = new CountingOutbox(plan, memory);
  return windowSubject(kernel, out, batches, 2, adder(plan, ['id', 'v', 'w']));
}

/** Maps of arrays, thrown away with the window. */
function plainJoin({ id, v }: JoinInput): KernelSubject {
  let sums = [0, 0, 0, 0];
  const pass = (): void => {
    const sides = [new Map<number, number[]>(), new Map<number, number[]>()];
    const found = [0, 0, 0, 0];
    for (let row = 0; row < id.length; row++) {
      const right = isRight(row);
      const key = id[row]!;
      const value = v[row]!;
      const own = sides[+right]!;
      const mine = own.get(key);
      if (mine === undefined) own.set(key, [value]);
      else mine.push(value);
      for (const other of sides[+!right]!.get(key) ?? []) {
        found[0]!++;
        found[1]! += key;
        found[2]! += right ? other : value;
        found[3]! += right ? value : other;
      }
    }
    sums = found;
  };
  return loopSubject('javascript-map', id.length, pass, () => sums);
}

const joinCase: KernelCase = {
  name: 'join window',
  program: 'windows',
  prepare: async (workshop: Workshop): Promise<PreparedCase> => {
    const { rows } = workshop;
    const random = randomNumbers(3);
    // Two rows a side and key, so four pairs a key.
    const keys = Math.max(1, rows / 4);
    const id = Int32Array.from({ length: rows }, () => Math.floor(random() * keys));
    const v = Int32Array.from({ length: rows }, () => Math.floor(random() * 1000));
    const input = { id, v };
    const side = Int32Array.from({ length: rows }, (_, row) => +isRight(row));
    return {
      expected: expectedPairs(input),
      subjects: [
        await joinSubject(input),
        ...(await workshop.cpp('windows', ['join', workshop.writeColumns({ ...input })], rows)),
        plainJoin(input),
        ...(await workshop.duckdbOnce(
          {
            id: { type: 'INTEGER', values: id },
            v: { type: 'INTEGER', values: v },
            side: { type: 'INTEGER', values: side },
          },
          `SELECT count(*), sum(a.id), sum(a.v), sum(b.v) FROM $table a JOIN $table b
           ON a.id = b.id AND a.side = 0 AND b.side = 1`,
        )),
      ],
    };
  },
};

interface TopInput {
  readonly k: Int32Array;
  readonly x: Float64Array;
}

/** Rows; sums of keys and values. */
function expectedBest({ k, x }: TopInput): Answer {
  const groups = Map.groupBy(k.keys(), (row) => k[row]!);
  const sums = [0, 0, 0];
  for (const [key, rows] of groups) {
    const best = rows.map((row) => x[row]!).sort((a, b) => b - a);
    for (const value of best.slice(0, BEST)) {
      sums[0]!++;
      sums[1]! += key;
      sums[2]! += value;
    }
  }
  return sums;
}

async function topSubject({ k, x }: TopInput): Promise<KernelSubject> {
  const memory = workerMemory();
  const typed = { k: { type: INT32, values: k }, x: { type: FLOAT64, values: x } };
  const batches = batchesOf(memory, typed, true);
  const plan = planOperators(
    { all: { schema: { ts: 'timestamp', k: 'int32', x: 'float64' }, time: 'ts' } },
    {
      in: { type: 'map', input: 'all', select: { k: 'k', x: 'x' } },
      best: { type: 'top', input: 'in', n: BEST, orderBy: ['-x'], groupBy: ['k'], window: WINDOW },
    },
  ).get('best')!;
  const kernel = await makeKernel('best', plan, memory);
  const out = new CountingOutbox(plan, memory);
  return windowSubject(kernel, out, batches, 1, adder(plan, ['k', 'x']));
}

/** By key a sorted array of the best. */
function plainTop({ k, x }: TopInput): KernelSubject {
  let sums = [0, 0, 0];
  const pass = (): void => {
    const groups = new Map<number, number[]>();
    for (let row = 0; row < k.length; row++) {
      const value = x[row]!;
      let best = groups.get(k[row]!);
      if (best === undefined) groups.set(k[row]!, (best = []));
      if (best.length === BEST) {
        if (value <= best[BEST - 1]!) continue;
        best.pop();
      }
      let at = best.length;
      while (at > 0 && best[at - 1]! < value) at--;
      best.splice(at, 0, value);
    }
    const found = [0, 0, 0];
    for (const [key, best] of groups) {
      for (const value of best) {
        found[0]!++;
        found[1]! += key;
        found[2]! += value;
      }
    }
    sums = found;
  };
  return loopSubject('javascript-map', k.length, pass, () => sums);
}

const topCase: KernelCase = {
  name: `top ${BEST} of ${TOP_KEYS} keys`,
  program: 'windows',
  prepare: async (workshop: Workshop): Promise<PreparedCase> => {
    const { rows } = workshop;
    const random = randomNumbers(31);
    const k = Int32Array.from({ length: rows }, () => Math.floor(random() * TOP_KEYS));
    const x = Float64Array.from({ length: rows }, () => random());
    const input = { k, x };
    return {
      expected: expectedBest(input),
      subjects: [
        await topSubject(input),
        ...(await workshop.cpp('windows', ['top', workshop.writeColumns({ ...input })], rows)),
        plainTop(input),
        ...(await workshop.duckdbOnce(
          { k: { type: 'INTEGER', values: k }, x: { type: 'DOUBLE', values: x } },
          `SELECT count(*), sum(k), sum(x) FROM (
             SELECT k, x, row_number() OVER (PARTITION BY k ORDER BY x DESC) place FROM $table
           ) WHERE place <= ${BEST}`,
        )),
      ],
    };
  },
};

/** What keeps rows until a window closes. */
export const windowCases: readonly KernelCase[] = [joinCase, topCase];
