/**
 * What does a row cost in the operators that keep rows: merge, bsort, wsort, gather, waitfor, dedup and
 * resample?
 *
 * Each case sends rows of four columns (int32, int64, float64 and a string of 8 bytes) through a kernel,
 * in batches of 1,024 with a watermark behind each, and does the same in plain JavaScript, with objects
 * in arrays, a binary heap and a Map. Rows out are counted and must be as many. Times are the medians of the
 * rounds, in processor time of the one thread, for a row of the input; subjects take turns.
 *
 *     node bench/micro/order.ts [--quick]
 *
 * @module
 */

import { Batch } from '../../src/core/batch.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { tellEnd, tellWatermark } from '../../src/core/kernel-calls.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import type { Kernel, OperatorPlan, Outbox } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import type { OperatorDocument } from '../../src/core/topology/operators/index.ts';
import { normalizeOperator } from '../../src/core/topology/operators/index.ts';
import { FLOAT64, INT32, INT64, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { planOperator } from '../../src/operators/specs.ts';
import { randomIntegers } from '../kernels/random.ts';
import { complete, kernelContext, refuse, threadCpuMs } from '../shared/one-kernel.ts';

const ROWS = 1024;
const BATCHES = 128;
const ROUNDS = process.argv.includes('--quick') ? 3 : 9;
const DISORDER_US = 1000;

/** A row as plain JavaScript has it. */
interface Row {
  readonly k: number;
  readonly t: number;
  readonly v: number;
  readonly s: string;
}

const random = randomIntegers(0x2545_f491);

/** Rows of one input. */
interface Input {
  readonly schema: Schema;
  readonly rows: readonly Row[];
}

const schemaOf = (suffix: string): Schema => [
  { name: 'k', type: INT32 },
  { name: `t${suffix}`, type: INT64 },
  { name: `v${suffix}`, type: FLOAT64 },
  { name: `s${suffix}`, type: STRING },
];

function makeInput(suffix: string, disorderUs: number, keyAt: (i: number) => number): Input {
  const rows = Array.from({ length: ROWS * BATCHES }, (_, i): Row => ({
    k: keyAt(i),
    t: i + (disorderUs === 0 ? 0 : random(disorderUs)),
    v: random(1e6),
    s: `text${i % 8192}`,
  }));
  return { schema: schemaOf(suffix), rows };
}

function batchesOf({ schema, rows }: Input, memory: KernelMemory): Batch[] {
  const layout = layoutBatch({ schema, hasTime: true }, ROWS, 4096);
  const encoder = new TextEncoder();
  return Array.from({ length: BATCHES }, (_, b) => {
    const batch = Batch.allocate(layout, memory);
    batch.reset();
    for (let i = 0; i < ROWS; i++) {
      const row = rows[b * ROWS + i]!;
      const [k, t, v, s] = batch.columns;
      k!.words[i] = row.k;
      t!.setI64FromNumber(i, row.t);
      v!.f64[i] = row.v;
      const bytes = encoder.encode(row.s);
      s!.setView(i, bytes, 0, bytes.length);
      batch.setTimeUs(i, row.t);
    }
    batch.setRowCount(ROWS);
    return batch;
  });
}

/** Takes results and counts them. */
class Results implements Outbox {
  rows = 0;
  readonly #slots: readonly Batch[];

  constructor(plan: OperatorPlan, memory: KernelMemory) {
    this.#slots = plan.outputs.map(({ stream }) => {
      const slot = Batch.allocate(layoutBatch(stream, ROWS, 65536), memory);
      slot.reset();
      return slot;
    });
  }

  offer(_port: number, batch: Batch): void {
    this.rows += batch.selected;
  }
  watermark(): void {}
  claim(port: number): Batch {
    return this.#slots[port]!;
  }
  commit(port: number): void {
    this.rows += this.#slots[port]!.rowCount;
    this.#slots[port]!.reset();
  }
}

/** The least on top. */
class Heap {
  readonly #rows: Row[] = [];
  get size(): number {
    return this.#rows.length;
  }
  get least(): Row | undefined {
    return this.#rows[0];
  }
  push(row: Row): void {
    const rows = this.#rows;
    let at = rows.push(row) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (rows[parent]!.t <= row.t) break;
      rows[at] = rows[parent]!;
      at = parent;
    }
    rows[at] = row;
  }
  pop(): Row {
    const rows = this.#rows;
    const least = rows[0]!;
    const last = rows.pop()!;
    if (rows.length === 0) return least;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= rows.length) break;
      if (child + 1 < rows.length && rows[child + 1]!.t < rows[child]!.t) child++;
      if (rows[child]!.t >= last.t) break;
      rows[at] = rows[child]!;
      at = child;
    }
    rows[at] = last;
    return least;
  }
}

/** Collects rows, so that they are made and not left out. */
class Sink {
  rows = 0;
  last: unknown;
  take(row: unknown): void {
    this.rows++;
    this.last = row;
  }
}

interface Case {
  readonly name: string;
  readonly operator: object;
  readonly inputs: readonly Input[];
  /** The same by plain JavaScript: rows of all inputs, a batch of each in turns. */
  readonly plain: (inputs: readonly (readonly Row[])[], sink: Sink) => void;
}

const watermarkOf = (batch: number): number => (batch + 1) * ROWS - DISORDER_US;

/** Calls back for each batch of each input in turns. */
function inTurns(
  inputs: readonly (readonly Row[])[],
  take: (rows: readonly Row[], input: number, batch: number) => void,
): void {
  for (let b = 0; b < BATCHES; b++) {
    inputs.forEach((rows, i) => take(rows.slice(b * ROWS, (b + 1) * ROWS), i, b));
  }
}

const merge: Case['plain'] = (inputs, sink) => {
  const queues = inputs.map(() => ({ rows: [] as Row[], at: 0 }));
  const [a, b] = queues as [(typeof queues)[0], (typeof queues)[0]];
  inTurns(inputs, (rows, i) => {
    queues[i]!.rows.push(...rows);
    while (a.at < a.rows.length && b.at < b.rows.length) {
      const least = a.rows[a.at]!.t <= b.rows[b.at]!.t ? a : b;
      sink.take(least.rows[least.at++]);
    }
    for (const queue of queues) {
      queue.rows.splice(0, queue.at);
      queue.at = 0;
    }
  });
  for (const { rows, at } of queues) for (const row of rows.slice(at)) sink.take(row);
};

const bsort: Case['plain'] = (inputs, sink) => {
  const heap = new Heap();
  inTurns(inputs, (rows) => {
    for (const row of rows) {
      heap.push(row);
      if (heap.size > 1000) sink.take(heap.pop());
    }
  });
  while (heap.size > 0) sink.take(heap.pop());
};

const wsort: Case['plain'] = (inputs, sink) => {
  const heap = new Heap();
  inTurns(inputs, (rows, _i, batch) => {
    for (const row of rows) heap.push(row);
    while (heap.size > 0 && heap.least!.t < watermarkOf(batch)) sink.take(heap.pop());
  });
  while (heap.size > 0) sink.take(heap.pop());
};

const gather: Case['plain'] = (inputs, sink) => {
  const pending = new Map<number, Row[]>();
  inTurns(inputs, (rows, i) => {
    for (const row of rows) {
      const found = pending.get(row.k);
      if (found === undefined) pending.set(row.k, i === 0 ? [row] : [row, row]);
      else {
        pending.delete(row.k);
        const [a, b] = i === 0 ? [row, found[0]!] : [found[0]!, row];
        sink.take({ k: a.k, ta: a.t, va: a.v, sa: a.s, tb: b.t, vb: b.v, sb: b.s });
      }
    }
  });
};

const waitfor: Case['plain'] = (inputs, sink) => {
  const waiting = new Map<number, Row[]>();
  inTurns(inputs, (rows, i) => {
    for (const row of rows) {
      const found = waiting.get(row.k);
      if (i === 1) {
        if (found === undefined) continue;
        for (const other of found) sink.take(other);
        waiting.delete(row.k);
      } else if (found === undefined) waiting.set(row.k, [row]);
      else found.push(row);
    }
  });
  for (const rows of waiting.values()) for (const row of rows) sink.take(row);
};

const first: Case['plain'] = (inputs, sink) => {
  const seen = new Set<number>();
  inTurns(inputs, (rows) => {
    for (const row of rows) {
      if (seen.has(row.k)) continue;
      seen.add(row.k);
      sink.take(row);
    }
  });
};

const last: Case['plain'] = (inputs, sink) => {
  const newest = new Map<number, Row>();
  inTurns(inputs, (rows) => {
    for (const row of rows) {
      const before = newest.get(row.k);
      if (before === undefined || row.t >= before.t) newest.set(row.k, row);
    }
  });
  for (const row of newest.values()) sink.take(row);
};

const resample: Case['plain'] = (inputs, sink) => {
  const points: Row[] = [];
  const waiting: Row[] = [];
  let at = 0;
  let next = 0;
  const release = (boundUs: number): void => {
    for (; next < waiting.length && waiting[next]!.t < boundUs; next++) {
      const row = waiting[next]!;
      while (at + 1 < points.length && points[at + 1]!.t <= row.t) at++;
      const [a, b] = [points[at]!, points[at + 1]];
      const share = b === undefined ? 0 : (row.t - a.t) / (b.t - a.t);
      sink.take({ ...row, vb: a.v + ((b?.v ?? a.v) - a.v) * share });
    }
  };
  inTurns(inputs, (rows, i, batch) => {
    (i === 0 ? waiting : points).push(...rows);
    if (i === 1) release((batch + 1) * ROWS - 100);
  });
  release(Infinity);
};

const many = ROWS * BATCHES;
const IN_ORDER = (suffix: string): Input => makeInput(suffix, 0, (i) => i);
const DISORDERED = makeInput('', DISORDER_US, (i) => i % 1000);

const CASES: readonly Case[] = [
  {
    name: 'merge of two inputs',
    operator: { type: 'merge' },
    inputs: [IN_ORDER(''), IN_ORDER('')],
    plain: merge,
  },
  {
    name: 'bsort, 1,000 rows',
    operator: { type: 'bsort', orderBy: ['t'], slack: 1000 },
    inputs: [DISORDERED],
    plain: bsort,
  },
  {
    name: 'wsort, 1,000 rows of disorder',
    operator: { type: 'wsort' },
    inputs: [DISORDERED],
    plain: wsort,
  },
  {
    name: 'gather of two inputs',
    operator: { type: 'gather', key: ['k'] },
    inputs: [makeInput('a', 0, (i) => i), makeInput('b', 0, (i) => i)],
    plain: gather,
  },
  {
    name: 'waitfor, 10,000 keys',
    operator: { type: 'waitfor', key: ['k'] },
    inputs: [makeInput('', 0, () => random(10_000)), makeInput('', 0, () => random(10_000))],
    plain: waitfor,
  },
  {
    name: 'dedup, first of 100,000 keys',
    operator: { type: 'dedup', key: ['k'] },
    inputs: [makeInput('', 0, () => random(100_000))],
    plain: first,
  },
  {
    name: 'dedup, last of 10,000 keys',
    operator: { type: 'dedup', key: ['k'], keep: 'last' },
    inputs: [makeInput('', 0, () => random(10_000))],
    plain: last,
  },
  {
    name: 'resample, linear',
    operator: { type: 'resample', values: ['vb'], within: '100us' },
    inputs: [IN_ORDER('a'), IN_ORDER('b')],
    plain: resample,
  },
];

function planOf({ operator, inputs }: Case): OperatorPlan {
  const names = inputs.map((_, i) => `in${i}`);
  const document = { ...operator, inputs: names } as unknown as OperatorDocument;
  const streams = inputs.map(({ schema }, i) => ({
    name: names[i]!,
    stream: { schema, hasTime: true },
  }));
  return planOperator(normalizeOperator('bench', document), streams, refuse)!;
}

/** One round through a fresh kernel, in milliseconds. */
function runKernel(kernel: Kernel, batches: readonly (readonly Batch[])[], out: Results): number {
  const begin = threadCpuMs();
  for (let b = 0; b < BATCHES; b++) {
    for (let port = 0; port < batches.length; port++) {
      complete(kernel, out, kernel.onBatch(port, batches[port]![b]!, out));
      complete(kernel, out, tellWatermark(kernel, port, watermarkOf(b), out));
    }
  }
  for (let port = 0; port < batches.length; port++) {
    complete(kernel, out, tellWatermark(kernel, port, Infinity, out));
    complete(kernel, out, tellEnd(kernel, port, out));
  }
  return threadCpuMs() - begin;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

console.log(`${''.padEnd(32)} millrace    plain   ratio   ns for a row in`);
for (const subject of CASES) {
  const plan = planOf(subject);
  const memory = KernelMemory.create(512 * 1024 * 1024);
  const batches = subject.inputs.map((input) => batchesOf(input, memory));
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = -1; round < ROUNDS; round++) {
    const roundMemory = new KernelMemory(memory.memory, 384 * 1024 * 1024, 64 * 1024 * 1024);
    const out = new Results(plan, roundMemory);
    const kernel = await createKernel(
      plan,
      kernelContext(roundMemory, ROWS, { slotHeapBytes: 65_536 }),
    );
    const took = runKernel(kernel, batches, out);
    const sink = new Sink();
    const begin = threadCpuMs();
    subject.plain(
      subject.inputs.map(({ rows }) => rows),
      sink,
    );
    const plainTook = threadCpuMs() - begin;
    if (sink.rows !== out.rows) {
      throw new Error(`${subject.name}: ${out.rows} rows, plain JavaScript has ${sink.rows}`);
    }
    // The first round warms up.
    if (round < 0) continue;
    ours.push(took);
    theirs.push(plainTook);
  }
  const ns = (ms: number): string => ((ms * 1e6) / (many * batches.length)).toFixed(1).padStart(8);
  const ratio = median(ours.map((took, i) => took / theirs[i]!)).toFixed(2);
  console.log(`${subject.name.padEnd(32)} ${ns(median(ours))} ${ns(median(theirs))}   ${ratio}`);
}
