/**
 * Question: what does a row cost in a keyed aggregate, by number of keys and their distribution?
 *
 * COUNT(*), SUM, MIN and MAX of a float64 by an int32 key, in one window that takes all rows. The
 * table is warm: the groups are there before the first round. DuckDB and Arquero make theirs anew
 * in each query. Keys are the numbers from 0 on; sparse ones are 2,039 from each other.
 *
 * @module
 */

import { op } from 'arquero';
import type { Batch } from '../../../src/core/batch.ts';
import { tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { FLOAT64, INT32 } from '../../../src/core/types.ts';
import { arqueroSubject } from '../arquero-peer.ts';
import { batchesOf } from '../batches.ts';
import type { KernelCase, PreparedCase } from '../case.ts';
import { CountingOutbox, makeKernel, planOperators, workerMemory } from '../millrace.ts';
import { randomNumbers, uniformKeys, zipfKeys } from '../random.ts';
import { type Answer, type KernelSubject, loopSubject, warmLoop } from '../subject.ts';
import { BATCH_ROWS, type Workshop } from '../workshop.ts';
import { complete } from '../../shared/one-kernel.ts';

const SHAPES = { uniform: uniformKeys, Zipf: zipfKeys };
type ShapeName = keyof typeof SHAPES;

interface Input {
  readonly k: Int32Array;
  readonly x: Float64Array;
}

/** What sparse keys are from each other. */
const SPARSE_STRIDE = 2039;

/** Values are multiples of 1/8, so that their sums are exact in any order. */
function makeInput(rows: number, keys: number, shape: ShapeName, stride: number): Input {
  const random = randomNumbers(12_345);
  const nextKey = SHAPES[shape](keys, random);
  const k = new Int32Array(rows);
  const x = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    k[row] = nextKey() * stride;
    x[row] = Math.floor(random() * 1000) / 8;
  }
  return { k, x };
}

/** Groups; rows; sum; then rows, minima and maxima weighted by key. */
class AnswerOfGroups {
  readonly numbers = [0, 0, 0, 0, 0, 0];

  add(key: number, rows: number, sum: number, low: number, high: number): void {
    const weight = (key % 1000) + 1;
    const { numbers } = this;
    numbers[0]!++;
    numbers[1]! += rows;
    numbers[2]! += sum;
    numbers[3]! += rows * weight;
    numbers[4]! += low * weight;
    numbers[5]! += high * weight;
  }
}

function expectedOf({ k, x }: Input): Answer {
  const order = Uint32Array.from(k.keys()).sort((a, b) => k[a]! - k[b]!);
  const answer = new AnswerOfGroups();
  for (let from = 0; from < order.length;) {
    const key = k[order[from]!]!;
    let to = from;
    let sum = 0;
    let low = Infinity;
    let high = -Infinity;
    for (; to < order.length && k[order[to]!] === key; to++) {
      const value = x[order[to]!]!;
      sum += value;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    answer.add(key, to - from, sum, low, high);
    from = to;
  }
  return answer.numbers;
}

async function millraceSubject({ k, x }: Input): Promise<KernelSubject> {
  const memory = workerMemory();
  const batches = batchesOf(
    memory,
    { k: { type: INT32, values: k }, x: { type: FLOAT64, values: x } },
    true,
  );
  for (const [b, batch] of batches.entries()) {
    for (let row = 0; row < BATCH_ROWS; row++) batch.setTimeUs(row, b * BATCH_ROWS + row);
  }
  const plan = planOperators(
    { in: { schema: { ts: 'timestamp', k: 'int32', x: 'float64' }, time: 'ts' } },
    {
      columns: { type: 'map', input: 'in', select: { k: 'k', x: 'x' } },
      groups: {
        type: 'aggregate',
        input: 'columns',
        groupBy: ['k'],
        window: { type: 'tumbling', size: '36500d' },
        select: { n: 'COUNT(*)', s: 'SUM(x)', lo: 'MIN(x)', hi: 'MAX(x)' },
      },
    },
  ).get('groups')!;
  const kernel = await makeKernel('groups', plan, memory);
  const out = new CountingOutbox(plan, memory);
  let passes = 0;
  const pass = (): void => {
    for (let b = 0; b < batches.length; b++) kernel.onBatch(0, batches[b]!, out);
    passes++;
  };
  const answer = (): Answer => {
    const groups = new AnswerOfGroups();
    out.take = (batch) => addGroups(batch, plan.outputs[0]!.stream.schema, groups, passes);
    complete(kernel, out, tellWatermark(kernel, 0, Infinity, out));
    return groups.numbers;
  };
  return loopSubject('millrace', k.length, pass, answer);
}

function addGroups(batch: Batch, schema: Schema, into: AnswerOfGroups, passes: number): void {
  const [key, n, s, lo, hi] = ['k', 'n', 's', 'lo', 'hi'].map(
    (name) => batch.columns[schema.findIndex((field) => field.name === name)]!,
  );
  for (let i = 0; i < batch.selected; i++) {
    const row = batch.selection[i]!;
    const rows = n!.getI64AsNumber(row) / passes;
    into.add(key!.words[row]!, rows, s!.f64[row]! / passes, lo!.f64[row]!, hi!.f64[row]!);
  }
}

/** The same table by hand: open addressing in typed arrays. */
class PlainTable {
  keys = new Int32Array(1024);
  counts = new Int32Array(1024);
  sums = new Float64Array(1024);
  lows = new Float64Array(1024);
  highs = new Float64Array(1024);
  used = 0;

  addRows(k: Int32Array, x: Float64Array, from: number, to: number): void {
    let { keys, counts, sums, lows, highs } = this;
    let mask = keys.length - 1;
    for (let row = from; row < to; row++) {
      const key = k[row]!;
      const value = x[row]!;
      let at = hashOf(key) & mask;
      while (counts[at] !== 0 && keys[at] !== key) at = (at + 1) & mask;
      if (counts[at] === 0) {
        keys[at] = key;
        counts[at] = 1;
        sums[at] = value;
        lows[at] = value;
        highs[at] = value;
        if (++this.used > (mask + 1) / 2) {
          this.#grow();
          ({ keys, counts, sums, lows, highs } = this);
          mask = keys.length - 1;
        }
        continue;
      }
      counts[at]!++;
      sums[at]! += value;
      if (value < lows[at]!) lows[at] = value;
      if (value > highs[at]!) highs[at] = value;
    }
  }

  #grow(): void {
    const { keys, counts, sums, lows, highs } = this;
    const capacity = keys.length * 2;
    const mask = capacity - 1;
    this.keys = new Int32Array(capacity);
    this.counts = new Int32Array(capacity);
    this.sums = new Float64Array(capacity);
    this.lows = new Float64Array(capacity);
    this.highs = new Float64Array(capacity);
    for (let i = 0; i < keys.length; i++) {
      if (counts[i] === 0) continue;
      let at = hashOf(keys[i]!) & mask;
      while (this.counts[at] !== 0) at = (at + 1) & mask;
      this.keys[at] = keys[i]!;
      this.counts[at] = counts[i]!;
      this.sums[at] = sums[i]!;
      this.lows[at] = lows[i]!;
      this.highs[at] = highs[i]!;
    }
  }
}

function hashOf(key: number): number {
  let hash = Math.imul(key ^ (key >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

function plainSubject({ k, x }: Input): KernelSubject {
  let table = new PlainTable();
  warmLoop(() => table.addRows(k, x, 0, 16));
  table = new PlainTable();
  let passes = 0;
  const pass = (): void => {
    for (let from = 0; from < k.length; from += BATCH_ROWS) {
      table.addRows(k, x, from, from + BATCH_ROWS);
    }
    passes++;
  };
  const answer = (): Answer => {
    const groups = new AnswerOfGroups();
    const { keys, counts, sums, lows, highs } = table;
    for (let i = 0; i < keys.length; i++) {
      if (counts[i] === 0) continue;
      groups.add(keys[i]!, counts[i]! / passes, sums[i]! / passes, lows[i]!, highs[i]!);
    }
    return groups.numbers;
  };
  return loopSubject('javascript', k.length, pass, answer);
}

/** What most programs do: a Map of objects. */
function mapSubject({ k, x }: Input): KernelSubject {
  const table = new Map<number, { n: number; s: number; lo: number; hi: number }>();
  let passes = 0;
  const pass = (): void => {
    for (let row = 0; row < k.length; row++) {
      const value = x[row]!;
      const group = table.get(k[row]!);
      if (group === undefined) {
        table.set(k[row]!, { n: 1, s: value, lo: value, hi: value });
        continue;
      }
      group.n++;
      group.s += value;
      if (value < group.lo) group.lo = value;
      if (value > group.hi) group.hi = value;
    }
    passes++;
  };
  const answer = (): Answer => {
    const groups = new AnswerOfGroups();
    for (const [key, { n, s, lo, hi }] of table) groups.add(key, n / passes, s / passes, lo, hi);
    return groups.numbers;
  };
  return loopSubject('javascript-map', k.length, pass, answer);
}

const GROUPS = '(SELECT k, count(*) n, sum(x) s, min(x) lo, max(x) hi FROM $table GROUP BY k)';
const WEIGHT = '(k % 1000 + 1)';

function duckSubject(workshop: Workshop, { k, x }: Input): Promise<KernelSubject[]> {
  return workshop.duckdb(
    { k: { type: 'INTEGER', values: k }, x: { type: 'DOUBLE', values: x } },
    `SELECT count(*), sum(n), sum(s), sum(lo), sum(hi) FROM ${GROUPS}`,
    `SELECT count(*), sum(n), sum(s), sum(n * ${WEIGHT}), sum(lo * ${WEIGHT}), sum(hi * ${WEIGHT})
     FROM ${GROUPS}`,
    ([groups, rows, sum, weighted, low, high], repeats) => [
      groups!,
      rows! / repeats,
      sum! / repeats,
      weighted! / repeats,
      low!,
      high!,
    ],
  );
}

function arqueroGroups({ k, x }: Input): KernelSubject {
  return arqueroSubject(
    { k, x },
    (table) =>
      table
        .groupby('k')
        .rollup({ n: op.count(), s: op.sum('x'), lo: op.min('x'), hi: op.max('x') }),
    (result) => {
      const groups = new AnswerOfGroups();
      for (const { k, n, s, lo, hi } of result.objects() as Record<string, number>[]) {
        groups.add(k!, n!, s!, lo!, hi!);
      }
      return groups.numbers;
    },
  );
}

function keysCase(label: string, keys: number, shape: ShapeName, stride = 1): KernelCase {
  const isSmall = keys <= 10_000;
  const prepare = async (workshop: Workshop): Promise<PreparedCase> => {
    const rows = isSmall ? workshop.rows : workshop.rowsFor(keys);
    const input = makeInput(rows, keys, shape, stride);
    return {
      expected: expectedOf(input),
      subjects: [
        await millraceSubject(input),
        ...(await workshop.cpp('aggregate', [workshop.writeColumns({ ...input })], rows)),
        plainSubject(input),
        // A Map of many millions keeps the collector busy for minutes.
        ...(keys <= 1_000_000 && stride === 1 ? [mapSubject(input)] : []),
        ...(await duckSubject(workshop, input)),
        ...(isSmall && stride === 1 ? [arqueroGroups(input)] : []),
      ],
    };
  };
  return {
    name: `aggregate ${label} ${stride === 1 ? '' : 'sparse '}keys ${shape}`,
    program: 'aggregate',
    isLong: keys > 1_000_000,
    prepare,
  };
}

/** Every number of keys, in both distributions. */
export const aggregateCases: readonly KernelCase[] = (['uniform', 'Zipf'] as const).flatMap(
  (shape) => [
    keysCase('100', 100, shape),
    keysCase('10k', 10_000, shape),
    keysCase('1M', 1_000_000, shape),
    keysCase('10M', 10_000_000, shape),
    keysCase('100', 100, shape, SPARSE_STRIDE),
    keysCase('10k', 10_000, shape, SPARSE_STRIDE),
    keysCase('1M', 1_000_000, shape, SPARSE_STRIDE),
  ],
);
