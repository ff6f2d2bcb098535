/**
 * What does a row cost in windows of rows, and does it depend on how many windows overlap?
 *
 * Every case computes COUNT(*), SUM and MAX of a float64 by an int32 key, through the kernel, from 256
 * different batches of 4,096 rows. The peer is plain JavaScript: a Map of groups, and for windows that
 * overlap a ring of the last rows of each, which is looked through for every result; for counts side
 * by side running totals. Sums of results are compared. Times are the median and the least of the
 * rounds, in processor time of the one thread.
 *
 *     node bench/micro/row-windows.ts [--quick]
 *
 * @module
 */

import { KernelMemory } from '../../src/core/memory.ts';
import { Batch } from '../../src/core/batch.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import type { Kernel, Outbox } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import type { RowDimension, RowWindow } from '../../src/core/topology/model.ts';
import { FLOAT64, INT32, INT64 } from '../../src/core/types.ts';
import { RowWindowKernel } from '../../src/operators/aggregate/rows/kernel.ts';
import { randomIntegers } from '../kernels/random.ts';
import { median } from '../shared/bench-line.ts';
import { complete, kernelContext, planAggregate, threadCpuMs } from '../shared/one-kernel.ts';

const ROWS = 4096;
const isQuick = process.argv.includes('--quick');
const BATCHES = 256;
const ROUNDS = isQuick ? 3 : 9;

const SCHEMA: Schema = [
  { name: 'k', type: INT32 },
  { name: 'x', type: FLOAT64 },
  { name: 'v', type: INT64 },
];

const random = randomIntegers(0x2545_f491);

interface Input {
  readonly memory: KernelMemory;
  readonly batches: readonly Batch[];
  readonly keys: Int32Array;
  readonly xs: Float64Array;
  readonly vs: Float64Array;
}

/** `v` is the number of the row. */
function makeInput(keys: number): Input {
  const layout = layoutBatch({ schema: SCHEMA, hasTime: false }, ROWS, 64);
  const memory = KernelMemory.create(BATCHES * (layout.slotBytes + 128) + (256 << 20));
  const all = { keys: new Int32Array(BATCHES * ROWS), xs: new Float64Array(BATCHES * ROWS) };
  const vs = new Float64Array(BATCHES * ROWS);
  const batches = Array.from({ length: BATCHES }, (_, b) => {
    const batch = Batch.allocate(layout, memory);
    batch.reset();
    for (let row = 0; row < ROWS; row++) {
      const at = b * ROWS + row;
      batch.columns[0]!.words[row] = all.keys[at] = random(keys);
      batch.columns[1]!.f64[row] = all.xs[at] = random(1000) / 8;
      vs[at] = at;
      batch.columns[2]!.setI64FromNumber(row, at);
    }
    batch.setRowCount(ROWS);
    return batch;
  });
  return { memory, batches, vs, ...all };
}

function makeKernel(rowWindow: RowWindow, memory: KernelMemory): Kernel {
  const plan = planAggregate(
    { schema: SCHEMA, hasTime: false },
    { n: 'COUNT(*)', s: 'SUM(x)', m: 'MAX(x)' },
    { rowWindow },
  );
  return new RowWindowKernel(plan, kernelContext(memory, ROWS));
}

/** Takes results and adds them up. */
class Results implements Outbox {
  rows = 0;
  total = 0;
  readonly #slot: Batch;
  readonly #first: number;

  constructor(hasEdges: boolean) {
    const edges: Schema = [
      { name: 'window_start', type: INT64 },
      { name: 'window_end', type: INT64 },
    ];
    const schema: Schema = [
      ...(hasEdges ? edges : []),
      { name: 'k', type: INT32 },
      { name: 'n', type: INT64 },
      { name: 's', type: FLOAT64 },
      { name: 'm', type: FLOAT64 },
    ];
    this.#first = hasEdges ? 3 : 1;
    this.#slot = Batch.allocate(layoutBatch({ schema, hasTime: false }, ROWS, 64));
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
    const [n, s, m] = slot.columns.slice(this.#first);
    for (let row = 0; row < slot.rowCount; row++) {
      this.total += n!.words[2 * row]! + s!.f64[row]! + m!.f64[row]!;
    }
    slot.reset();
  }
}

/** Plain JavaScript over counts: how many results there are, and their total. */
function plainCounts(input: Input, size: number, slide: number): [number, number] {
  const { keys, xs } = input;
  const groups = new Map<number, { seen: number; last: Float64Array }>();
  let results = 0;
  let total = 0;
  for (let i = 0; i < keys.length; i++) {
    let group = groups.get(keys[i]!);
    if (group === undefined)
      groups.set(keys[i]!, (group = { seen: 0, last: new Float64Array(size) }));
    group.last[group.seen++ % size] = xs[i]!;
    if (group.seen < size || (group.seen - size) % slide !== 0) continue;
    let sum = 0;
    let most = -Infinity;
    for (let j = 0; j < size; j++) {
      sum += group.last[j]!;
      if (group.last[j]! > most) most = group.last[j]!;
    }
    results++;
    total += size + sum + most;
  }
  return [results, total];
}

/** The same over values, in windows side by side. */
function plainValues(input: Input, size: number): [number, number] {
  const { keys, xs, vs } = input;
  const groups = new Map<number, { window: number; n: number; sum: number; most: number }>();
  let results = 0;
  let total = 0;
  for (let i = 0; i < keys.length; i++) {
    const window = Math.floor(vs[i]! / size);
    let group = groups.get(keys[i]!);
    if (group === undefined) {
      groups.set(keys[i]!, (group = { window, n: 0, sum: 0, most: -Infinity }));
    } else if (group.window !== window) {
      results++;
      total += group.n + group.sum + group.most;
      group.window = window;
      group.n = group.sum = 0;
      group.most = -Infinity;
    }
    group.n++;
    group.sum += xs[i]!;
    if (xs[i]! > group.most) group.most = xs[i]!;
  }
  return [results, total];
}

function measure(
  name: string,
  keys: number,
  window: RowWindow,
  plain: (input: Input) => [number, number],
): void {
  const input = makeInput(keys);
  const ours: number[] = [];
  const theirs: number[] = [];
  let results = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const kernel = makeKernel(window, input.memory);
    const out = new Results(window.kind === 'value');
    const begin = threadCpuMs();
    for (const batch of input.batches) {
      complete(kernel, out, kernel.onBatch(0, batch, out));
    }
    const middle = threadCpuMs();
    const [expected, total] = plain(input);
    const end = threadCpuMs();
    if (out.rows !== expected || Math.abs(out.total - total) > 1e-9 * Math.abs(total)) {
      throw new Error(`${name}: ${out.rows} results of ${out.total}, not ${expected} of ${total}`);
    }
    results = expected;
    // The first round is for the compiler.
    if (round === 0) continue;
    const rows = BATCHES * ROWS;
    ours.push(((middle - begin) * 1e6) / rows);
    theirs.push(((end - middle) * 1e6) / rows);
  }
  const show = (values: readonly number[]): string =>
    `${median(values).toFixed(1).padStart(7)} ${Math.min(...values)
      .toFixed(1)
      .padStart(7)}`;
  const share = (results / (BATCHES * ROWS)).toFixed(3);
  console.log(
    `${`${name}, ${keys} keys`.padEnd(44)}${show(ours)}   plain ${show(theirs)}  ns/row, ${share} results a row`,
  );
}

function windowOf(kind: RowWindow['kind'], dimension: RowDimension): RowWindow {
  const none = { timeoutUs: undefined, evict: undefined } as const;
  return { kind, dimensions: [dimension], partial: false, dropEmpty: true, time: 'event', ...none };
}

const at = ['window'];
for (const keys of [1, 100, 10_000]) {
  for (const [size, slide] of [
    [100, 100],
    [10, 1],
    [100, 1],
    [1000, 1],
    [1000, 100],
  ] as const) {
    if (keys === 10_000 && size === 1000) continue;
    const window = windowOf('count', {
      kind: 'count',
      at,
      size,
      slide,
      offset: 0,
      emit: undefined,
    });
    measure(`count ${size} slide ${slide}`, keys, window, (input) =>
      plainCounts(input, size, slide),
    );
  }
  const size = 100 * keys;
  const window = windowOf('value', {
    kind: 'value',
    at,
    on: { text: 'v', pointer: '' },
    size,
    slide: size,
    offset: undefined,
    align: 'epoch',
    emit: undefined,
    emitName: 'emit',
  });
  measure(`value ${size}`, keys, window, (input) => plainValues(input, size));
}
