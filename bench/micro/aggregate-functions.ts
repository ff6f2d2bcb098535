/**
 * What does a row cost in each aggregate function, beside plain JavaScript that does the same with a
 * Map, and what does a group cost when its result is read?
 *
 * Each case computes COUNT(*) and one function of a float64 (or a string) by an int32 key, through the
 * kernel, from 64 different batches of 4,096 rows, whose end then gives the results. Times are medians
 * of the rounds, in processor time of the one thread; the two sides take turns. Numbers that
 * both give are compared.
 *
 *     node bench/micro/aggregate-functions.ts [--quick] [--keys 1000]
 *
 * @module
 */

import { parseArgs } from 'node:util';
import { tellEnd } from '../../src/core/kernel-calls.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import { Batch } from '../../src/core/batch.ts';
import type { Column } from '../../src/core/column.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import type { OperatorPlan, Outbox } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import { FLOAT64, INT32, STRING } from '../../src/core/types.ts';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { randomIntegers } from '../kernels/random.ts';
import { median } from '../shared/bench-line.ts';
import { complete, kernelContext, planAggregate, threadCpuMs } from '../shared/one-kernel.ts';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, keys: { type: 'string' } },
});
const ROWS = 4096;
const BATCHES = 64;
const ROUNDS = options.quick === true ? 3 : 9;
const KEYS = Number(options.keys ?? 1000);
const KERNEL_BYTES = 64 * 1024 * 1024;
const SCHEMA: Schema = [
  { name: 'k', type: INT32 },
  { name: 'x', type: FLOAT64 },
  { name: 'w', type: FLOAT64 },
  { name: 'i', type: INT32 },
  { name: 's', type: STRING },
];

const random = randomIntegers(0x2545_f491);

const encoder = new TextEncoder();
const TEXTS = Array.from({ length: 500 }, (_, i) => `customer-${i}`);
const BYTES = TEXTS.map((text) => encoder.encode(text));

/** A batch, and its values as JavaScript has them. */
interface Rows {
  readonly batch: Batch;
  readonly keys: Int32Array;
  readonly x: Float64Array;
  readonly w: Float64Array;
  readonly i: Int32Array;
  readonly s: readonly string[];
}

const layout = layoutBatch({ schema: SCHEMA, hasTime: true }, ROWS, ROWS * 32);
const memory = KernelMemory.create(BATCHES * (layout.slotBytes + 128) + 24 * KERNEL_BYTES);
const input = Array.from({ length: BATCHES }, (_, b): Rows => {
  const batch = Batch.allocate(layout, memory);
  batch.reset();
  const [k, x, w, i, s] = batch.columns;
  const texts: string[] = [];
  for (let row = 0; row < ROWS; row++) {
    k!.words[row] = random(KEYS);
    x!.f64[row] = 1000 + random(1 << 20) / 1024;
    w!.f64[row] = 1 + random(8);
    i!.words[row] = random(1 << 30);
    const text = random(TEXTS.length);
    s!.setView(row, BYTES[text]!, 0, BYTES[text]!.length);
    texts.push(TEXTS[text]!);
    batch.setTimeUs(row, b * ROWS + row);
  }
  batch.setRowCount(ROWS);
  const copy = <T extends Int32Array | Float64Array>(array: T): T => array.slice(0, ROWS) as T;
  return {
    batch,
    keys: copy(k!.words),
    x: copy(x!.f64),
    w: copy(w!.f64),
    i: copy(i!.words),
    s: texts,
  };
});

/** The same in JavaScript. */
interface Plain<State> {
  readonly init: () => State;
  readonly add: (state: State, rows: Rows, row: number) => void;
  readonly result: (state: State) => unknown;
}

interface Case {
  readonly text: string;
  run(): Map<number, unknown>;
}

/** @param plain - how a programmer would write it */
function make<State>(text: string, { init, add, result }: Plain<State>): Case {
  return {
    text,
    run: () => {
      const groups = new Map<number, State>();
      for (const rows of input) {
        for (let row = 0; row < ROWS; row++) {
          const key = rows.keys[row]!;
          let group = groups.get(key);
          if (group === undefined) groups.set(key, (group = init()));
          add(group, rows, row);
        }
      }
      return new Map([...groups].map(([key, group]) => [key, result(group)]));
    },
  };
}

const moments = {
  init: () => ({ n: 0, mean: 0, m2: 0 }),
  add: (s: { n: number; mean: number; m2: number }, rows: Rows, row: number) => {
    const x = rows.x[row]!;
    const d = x - s.mean;
    s.mean += d / ++s.n;
    s.m2 += d * (x - s.mean);
  },
};
const numbers = {
  init: (): number[] => [],
  add: (s: number[], rows: Rows, row: number) => void s.push(rows.x[row]!),
};
const sortedAt = (s: number[], at: number): number => s.sort((a, b) => a - b)[Math.floor(at)]!;
const counts = {
  init: () => new Map<string, number>(),
  add: (s: Map<string, number>, rows: Rows, row: number) => {
    const text = rows.s[row]!;
    s.set(text, (s.get(text) ?? 0) + 1);
  },
};

const CASES: readonly Case[] = [
  make('SUM(x)', {
    init: () => ({ sum: 0 }),
    add: (s, rows, row) => void (s.sum += rows.x[row]!),
    result: (s) => s.sum,
  }),
  make('STDDEV(x)', { ...moments, result: (s) => Math.sqrt(s.m2 / (s.n - 1)) }),
  make('COVAR_POP(x, w)', {
    init: () => ({ n: 0, x: 0, w: 0, xw: 0 }),
    add: (s, rows, row) => {
      s.n++;
      s.x += rows.x[row]!;
      s.w += rows.w[row]!;
      s.xw += rows.x[row]! * rows.w[row]!;
    },
    result: (s) => (s.xw - (s.x * s.w) / s.n) / s.n,
  }),
  make('WEIGHTED_AVG(x, w)', {
    init: () => ({ w: 0, xw: 0 }),
    add: (s, rows, row) => {
      s.w += rows.w[row]!;
      s.xw += rows.x[row]! * rows.w[row]!;
    },
    result: (s) => s.xw / s.w,
  }),
  make('BIT_XOR(i)', {
    init: () => ({ bits: 0 }),
    add: (s, rows, row) => void (s.bits ^= rows.i[row]!),
    result: (s) => s.bits,
  }),
  make('PRODUCT(w)', {
    init: () => ({ product: 1 }),
    add: (s, rows, row) => void (s.product *= rows.w[row]!),
    result: (s) => s.product,
  }),
  make('LAST(x)', {
    init: () => ({ x: 0, at: -1 }),
    add: (s, rows, row) => {
      const at = rows.batch.timeUs(row);
      if (at < s.at) return;
      s.at = at;
      s.x = rows.x[row]!;
    },
    result: (s) => s.x,
  }),
  make('ARG_MIN(s, x)', {
    init: () => ({ s: '', x: Infinity }),
    add: (s, rows, row) => {
      if (rows.x[row]! >= s.x) return;
      s.x = rows.x[row]!;
      s.s = rows.s[row]!;
    },
    result: (s) => s.s,
  }),
  make('MEDIAN(x)', { ...numbers, result: (s) => sortedAt(s, s.length / 2) }),
  make('PERCENTILE_DISC(x, 0.9)', {
    ...numbers,
    result: (s) => sortedAt(s, Math.ceil(0.9 * s.length) - 1),
  }),
  make('APPROX_PERCENTILE(x, 0.9)', {
    ...numbers,
    result: (s) => sortedAt(s, 0.9 * (s.length - 1)),
  }),
  make('TOP_K(x, 10)', { ...numbers, result: (s) => s.sort((a, b) => b - a).slice(0, 10) }),
  make('ARRAY_AGG(x)', { ...numbers, result: (s) => s }),
  make('MODE(s)', {
    ...counts,
    result: (s) => [...s].reduce((a, b) => (b[1] > a[1] ? b : a))[0],
  }),
  make("STRING_AGG(DISTINCT s, ',')", {
    ...counts,
    result: (s) => [...s.keys()].sort().join(','),
  }),
  make('COUNT(DISTINCT i)', {
    init: () => new Set<number>(),
    add: (s, rows, row) => void s.add(rows.i[row]!),
    result: (s) => s.size,
  }),
  make('APPROX_COUNT_DISTINCT(i)', {
    init: () => new Set<number>(),
    add: (s, rows, row) => void s.add(rows.i[row]!),
    result: (s) => s.size,
  }),
];

const planOf = (text: string): OperatorPlan =>
  planAggregate({ schema: SCHEMA, hasTime: true }, { n: 'COUNT(*)', v: text });

/** Takes results: how many there are, and those that are numbers, by key. */
class Results implements Outbox {
  rows = 0;
  readonly numbers = new Map<number, number>();
  readonly #slot: Batch;

  constructor(plan: OperatorPlan) {
    const { stream } = plan.outputs[0]!;
    this.#slot = Batch.allocate(layoutBatch(stream, ROWS, 2 ** 24));
    this.#slot.reset();
  }

  offer(): void {}
  watermark(): void {}
  claim(): Batch {
    return this.#slot;
  }
  commit(): void {
    this.rows += this.#slot.rowCount;
    const [keys, , values] = this.#slot.columns;
    for (let row = 0; row < this.#slot.rowCount; row++) {
      const number = numberOf(values!, row);
      if (number !== undefined) this.numbers.set(keys!.words[row]!, number);
    }
    this.#slot.reset();
  }
}

function numberOf(column: Column, row: number): number | undefined {
  switch (column.storage) {
    case 'f64':
      return column.f64[row]!;
    case 'i32':
      return column.words[row]!;
    case 'i64':
      return column.getI64AsNumber(row);
    default:
      return undefined;
  }
}

/** Numbers agree to the errors of sketches. */
function check(text: string, found: Results, groups: ReadonlyMap<number, unknown>): void {
  for (const [key, number] of found.numbers) {
    const expected = Number(groups.get(key));
    const isNear = Math.abs(number - expected) <= 0.02 * Math.abs(expected) + 1e-6;
    if (!isNear) throw new Error(`${text}: ${number} for key ${key}, not ${expected}`);
  }
}

function measure({ text, run }: Case): void {
  const plan = planOf(text);
  const kernel = createAggregateKernel(plan, kernelContext(memory, ROWS));
  const out = new Results(plan);
  const [adds, reads, plains]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round <= ROUNDS; round++) {
    const begin = threadCpuMs();
    for (const { batch } of input) complete(kernel, out, kernel.onBatch(0, batch, out));
    const added = threadCpuMs();
    complete(kernel, out, tellEnd(kernel, 0, out));
    const read = threadCpuMs();
    const groups = run();
    const done = threadCpuMs();
    if (groups.size * (round + 1) !== out.rows) throw new Error(`${text}: ${out.rows} groups`);
    if (round === 0) {
      check(text, out, groups);
      continue;
    }
    adds.push(((added - begin) * 1e6) / (BATCHES * ROWS));
    reads.push(((read - added) * 1e6) / groups.size);
    plains.push(((done - read) * 1e6) / (BATCHES * ROWS));
  }
  const all = adds.map((add, i) => add + (reads[i]! * KEYS) / (BATCHES * ROWS));
  const columns = [median(adds), median(reads), median(all), median(plains)];
  console.log(text.padEnd(30) + columns.map((ns) => ns.toFixed(1).padStart(12)).join(''));
}

console.log(`${BATCHES * ROWS} rows, ${KEYS} keys; ns`);
console.log(
  ''.padEnd(30) +
    ['add / row', 'read / group', 'all / row', 'plain / row'].map((t) => t.padStart(12)).join(''),
);
for (const one of CASES) measure(one);
