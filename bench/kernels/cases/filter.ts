/**
 * Question: what does a row cost in a filter, by type and by how many rows pass?
 *
 * `x > c AND y < d` on two columns, which lie in the nearer caches; `x8` is on eight times as many rows,
 * 4 MiB a column of 64 bits. `s = 'Google'` on one. The answer is the number of rows and the
 * sum of their positions in their batches.
 *
 * @module
 */

import { type ColumnTable, op } from 'arquero';
import type { Batch } from '../../../src/core/batch.ts';
import { tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { KernelMemory } from '../../../src/core/memory.ts';
import { type DataType, FLOAT64, INT32, INT64 } from '../../../src/core/types.ts';
import { arqueroSubject } from '../arquero-peer.ts';
import { batchesOf, joinBytes, type Values, viewBatchesOf } from '../batches.ts';
import type { KernelCase, PreparedCase } from '../case.ts';
import { CountingOutbox, makeChain, makeKernel, planOperators, workerMemory } from '../millrace.ts';
import { randomNumbers } from '../random.ts';
import { type Answer, type KernelSubject, loopSubject, warmLoop } from '../subject.ts';
import { BATCH_ROWS, type Workshop } from '../workshop.ts';
import { complete } from '../../shared/one-kernel.ts';

/** A numeric type, everywhere it is named. */
interface NumericType {
  readonly name: 'f64' | 'i32' | 'i64';
  readonly type: DataType;
  readonly sql: 'DOUBLE' | 'INTEGER' | 'BIGINT';
  readonly make: (rows: number) => Values;
  /** Values lie in [0, bound). */
  readonly bound: number;
}

const TYPES: readonly NumericType[] = [
  { name: 'f64', type: FLOAT64, sql: 'DOUBLE', make: (n) => new Float64Array(n), bound: 1 },
  { name: 'i32', type: INT32, sql: 'INTEGER', make: (n) => new Int32Array(n), bound: 1e6 },
  { name: 'i64', type: INT64, sql: 'BIGINT', make: (n) => new BigInt64Array(n), bound: 1e12 },
];

const SHARES = [0.01, 0.25, 0.9];
const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Two columns, and bounds such that a share of the rows passes. */
interface Input {
  readonly x: Values;
  readonly y: Values;
  readonly c: number;
  readonly d: number;
}

function makeInput({ make, bound }: NumericType, rows: number, share: number): Input {
  const random = randomNumbers(42);
  const x = make(rows);
  const y = make(rows);
  const isFloat = x instanceof Float64Array;
  const isBig = x instanceof BigInt64Array;
  for (const values of [x, y]) {
    for (let row = 0; row < rows; row++) {
      const value = isFloat ? random() * bound : Math.floor(random() * bound);
      values[row] = isBig ? BigInt(value) : value;
    }
  }
  // In thousandths, so that every subject reads the same number.
  const half = Math.round(Math.sqrt(share) * 1000);
  return { x, y, c: ((1000 - half) * bound) / 1000, d: (half * bound) / 1000 };
}

/** Rows that pass, and the sum of their positions; whatever the type, slowly. */
function expectedOf({ x, y, c, d }: Input): Answer {
  let rows = 0;
  let positions = 0;
  for (let row = 0; row < x.length; row++) {
    if (!(Number(x[row]) > c && Number(y[row]) < d)) continue;
    rows++;
    positions += row % BATCH_ROWS;
  }
  return [rows, positions];
}

/** Counts rows and positions of what a kernel offers. */
function countSelected(batch: Batch, into: [number, number]): void {
  into[0] += batch.selected;
  for (let i = 0; i < batch.selected; i++) into[1] += batch.selection[i]!;
}

/** Runs a `filter` over the batches. */
async function filterSubject(
  memory: KernelMemory,
  batches: readonly Batch[],
  schema: Readonly<Record<string, string>>,
  where: string,
): Promise<KernelSubject> {
  const plan = planOperators(
    { in: { schema } },
    { kept: { type: 'filter', input: 'in', where } },
  ).get('kept')!;
  const kernel = await makeKernel('kept', plan, memory);
  const out = new CountingOutbox(plan, memory);
  const pass = (): void => {
    for (let b = 0; b < batches.length; b++) kernel.onBatch(0, batches[b]!, out);
  };
  const answer = (): Answer => {
    const found: [number, number] = [0, 0];
    out.take = (batch) => countSelected(batch, found);
    pass();
    out.take = undefined;
    return found;
  };
  return loopSubject('millrace', batches.length * BATCH_ROWS, pass, answer);
}

/**
 * What a program does by hand: a loop for each type, so that V8 sees one array type in each;
 * no branches, so that a row costs the same however many pass.
 */
const PLAIN_LOOPS = {
  f64: (
    x: Float64Array,
    y: Float64Array,
    c: number,
    d: number,
    from: number,
    rows: number,
    selection: Uint32Array,
  ): number => {
    let count = 0;
    for (let row = 0; row < rows; row++) {
      selection[count] = row;
      count += +(x[from + row]! > c) & +(y[from + row]! < d);
    }
    return count;
  },
  i32: (
    x: Int32Array,
    y: Int32Array,
    c: number,
    d: number,
    from: number,
    rows: number,
    selection: Uint32Array,
  ): number => {
    let count = 0;
    for (let row = 0; row < rows; row++) {
      selection[count] = row;
      count += +(x[from + row]! > c) & +(y[from + row]! < d);
    }
    return count;
  },
  i64: (
    x: BigInt64Array,
    y: BigInt64Array,
    c: bigint,
    d: bigint,
    from: number,
    rows: number,
    selection: Uint32Array,
  ): number => {
    let count = 0;
    for (let row = 0; row < rows; row++) {
      selection[count] = row;
      count += +(x[from + row]! > c) & +(y[from + row]! < d);
    }
    return count;
  },
};

function plainSubject({ x, y, c, d }: Input): KernelSubject {
  const selection = new Uint32Array(BATCH_ROWS + 1);
  let select: Select;
  if (x instanceof Float64Array && y instanceof Float64Array) {
    select = (from, n) => PLAIN_LOOPS.f64(x, y, c, d, from, n, selection);
  } else if (x instanceof Int32Array && y instanceof Int32Array) {
    select = (from, n) => PLAIN_LOOPS.i32(x, y, c, d, from, n, selection);
  } else {
    const [low, high] = [BigInt(c), BigInt(d)];
    select = (from, n) =>
      PLAIN_LOOPS.i64(x as BigInt64Array, y as BigInt64Array, low, high, from, n, selection);
  }
  return selectingSubject('javascript', x.length, select, selection);
}

/** Fills a selection for rows `from` to `from + rows`, counted from `from`; how many it has. */
type Select = (from: number, rows: number) => number;

/** A subject that selects batch by batch. */
function selectingSubject(
  name: string,
  rows: number,
  select: Select,
  selection: Uint32Array,
): KernelSubject {
  warmLoop(() => select(0, 16));
  const pass = (): void => {
    for (let from = 0; from < rows; from += BATCH_ROWS) select(from, BATCH_ROWS);
  };
  const answer = (): Answer => {
    const found: [number, number] = [0, 0];
    for (let from = 0; from < rows; from += BATCH_ROWS) {
      const count = select(from, BATCH_ROWS);
      found[0] += count;
      for (let i = 0; i < count; i++) found[1] += selection[i]!;
    }
    return found;
  };
  return loopSubject(name, rows, pass, answer);
}

const POSITIONS = `sum(rowid % ${BATCH_ROWS})`;

/** @param times - how often as many rows as other cases have */
function numericCase(type: NumericType, share: number, times = 1): KernelCase {
  const prepare = async (workshop: Workshop): Promise<PreparedCase> => {
    const rows = workshop.rows * times;
    const memory = workerMemory();
    const input = makeInput(type, rows, share);
    const { x, y, c, d } = input;
    const schema = { x: type.type.kind, y: type.type.kind };
    const where = `x > ${c} AND y < ${d}`;
    const batches = batchesOf(memory, {
      x: { type: type.type, values: x },
      y: { type: type.type, values: y },
    });
    const duck = { x: { type: type.sql, values: x }, y: { type: type.sql, values: y } };
    return {
      expected: expectedOf(input),
      subjects: [
        await filterSubject(memory, batches, schema, where),
        ...(await workshop.cpp('filter', [type.name, workshop.writeColumns({ x, y }), c, d], rows)),
        plainSubject(input),
        ...(await workshop.duckdb(
          duck,
          `SELECT count(*) FROM $table WHERE ${where}`,
          `SELECT count(*), ${POSITIONS} FROM $table WHERE ${where}`,
        )),
        arqueroFilter({ x: Array.from(x, Number), y: Array.from(y, Number) }, (t) =>
          t.params({ c, d }).filter('(row, p) => row.x > p.c && row.y < p.d'),
        ),
      ],
    };
  };
  const size = times === 1 ? '' : ` x${times}`;
  return { name: `filter ${type.name} ${percent(share)}${size}`, program: 'filter', prepare };
}

function arqueroFilter(
  columns: Readonly<Record<string, ArrayLike<unknown>>>,
  filter: (table: ColumnTable) => ColumnTable,
): KernelSubject {
  return arqueroSubject(columns, filter, (kept) => {
    const found: [number, number] = [0, 0];
    kept.scan((row) => {
      found[0]++;
      found[1] += row! % BATCH_ROWS;
    });
    return found;
  });
}

const WANTED = 'Google';
const CHANNELS = ['Apple', 'Baidu', 'Facebook', 'Yahoo', 'channel-17', 'channel-4711'];

function textCase(share: number): KernelCase {
  const prepare = async (workshop: Workshop): Promise<PreparedCase> => {
    const { rows } = workshop;
    const memory = workerMemory();
    const random = randomNumbers(7);
    const texts = Array.from({ length: rows }, () =>
      random() < share ? WANTED : CHANNELS[Math.floor(random() * CHANNELS.length)]!,
    );
    const batches = viewBatchesOf(memory, texts);
    const selected = texts.flatMap((text, row) => (text === WANTED ? [row % BATCH_ROWS] : []));
    const where = `s = '${WANTED}'`;
    const views = joinBytes(batches.map((batch) => batch.columns[0]!.bytes));
    const selection = new Uint32Array(BATCH_ROWS + 1);
    return {
      expected: [selected.length, selected.reduce((sum, position) => sum + position, 0)],
      subjects: [
        await filterSubject(memory, batches, { s: 'string' }, where),
        ...(await workshop.cpp(
          'filter',
          ['view', workshop.writeColumns({ s: views }), WANTED],
          rows,
        )),
        selectingSubject('javascript', rows, textLoop(texts, selection), selection),
        ...(await workshop.duckdb(
          { s: { type: 'VARCHAR', values: texts } },
          `SELECT count(*) FROM $table WHERE ${where}`,
          `SELECT count(*), ${POSITIONS} FROM $table WHERE ${where}`,
        )),
        arqueroFilter({ s: texts }, (t) => t.filter(`row => row.s === '${WANTED}'`)),
      ],
    };
  };
  return { name: `filter string ${percent(share)}`, program: 'filter', prepare };
}

/** On an array of strings, which is how a program has them. */
function textLoop(texts: readonly string[], selection: Uint32Array): Select {
  return (from, rows) => {
    let count = 0;
    for (let row = 0; row < rows; row++) {
      selection[count] = row;
      count += +(texts[from + row] === WANTED);
    }
    return count;
  };
}

/** A filter whose rows go to an aggregate without keys, which sums them: one kernel. */
async function filterSumSubject({ x, y, c, d }: Input): Promise<KernelSubject> {
  const memory = workerMemory();
  const type = FLOAT64;
  const batches = batchesOf(memory, { x: { type, values: x }, y: { type, values: y } }, true);
  for (const [b, batch] of batches.entries()) {
    for (let row = 0; row < BATCH_ROWS; row++) batch.setTimeUs(row, b * BATCH_ROWS + row);
  }
  const plans = planOperators(
    { all: { schema: { ts: 'timestamp', x: 'float64', y: 'float64' }, time: 'ts' } },
    {
      in: { type: 'map', input: 'all', select: { x: 'x', y: 'y' } },
      kept: { type: 'filter', input: 'in', where: `x > ${c} AND y < ${d}` },
      sum: {
        type: 'aggregate',
        input: 'kept',
        window: { type: 'tumbling', size: '36500d' },
        select: { s: 'SUM(x)' },
      },
    },
  );
  plans.delete('in');
  const out = new CountingOutbox(plans.get('sum')!, memory);
  const kernel = await makeChain(plans, memory);
  let passes = 0;
  const pass = (): void => {
    for (let b = 0; b < batches.length; b++) kernel.onBatch(0, batches[b]!, out);
    passes++;
  };
  const answer = (): Answer => {
    let found = 0;
    out.take = (batch) => (found += batch.columns.at(-1)!.f64[0]! / passes);
    complete(kernel, out, tellWatermark(kernel, 0, Infinity, out));
    return [found];
  };
  return loopSubject('millrace', x.length, pass, answer);
}

/** Without a branch, as far as V8 allows. */
function sumLoop(
  x: Float64Array,
  y: Float64Array,
  c: number,
  d: number,
  from: number,
  rows: number,
): number {
  let sum = 0;
  for (let row = from; row < from + rows; row++) {
    const value = x[row]!;
    sum += value * (+(value > c) & +(y[row]! < d));
  }
  return sum;
}

function plainSumSubject({ x, y, c, d }: Input): KernelSubject {
  const [a, b] = [x as Float64Array, y as Float64Array];
  warmLoop(() => sumLoop(a, b, c, d, 0, 16));
  let sum = 0;
  const pass = (): void => {
    sum = 0;
    for (let from = 0; from < a.length; from += BATCH_ROWS) {
      sum += sumLoop(a, b, c, d, from, BATCH_ROWS);
    }
  };
  return loopSubject('javascript', a.length, pass, () => [sum]);
}

function sumCase(share: number): KernelCase {
  const prepare = async (workshop: Workshop): Promise<PreparedCase> => {
    const { rows } = workshop;
    const input = makeInput(TYPES[0]!, rows, share);
    const { x, y, c, d } = input;
    let expected = 0;
    for (let row = 0; row < rows; row++) {
      if (Number(x[row]) > c && Number(y[row]) < d) expected += Number(x[row]);
    }
    const folder = workshop.writeColumns({ x, y });
    return {
      expected: [expected],
      subjects: [
        await filterSumSubject(input),
        ...(await workshop.cpp('filter', ['sum', folder, c, d], rows)),
        plainSumSubject(input),
        ...(await workshop.duckdb(
          { x: { type: 'DOUBLE', values: x }, y: { type: 'DOUBLE', values: y } },
          `SELECT sum(x) FROM $table WHERE x > ${c} AND y < ${d}`,
        )),
        arqueroSubject(
          { x, y },
          (table) =>
            table
              .params({ c, d })
              .filter('(row, p) => row.x > p.c && row.y < p.d')
              .rollup({ s: op.sum('x') }),
          (result) => [result.get('s', 0) as number],
        ),
      ],
    };
  };
  return { name: `filter-sum f64 ${percent(share)}`, program: 'filter', prepare };
}

/** Every filter. */
export const filterCases: readonly KernelCase[] = [
  ...TYPES.flatMap((type) => SHARES.map((share) => numericCase(type, share))),
  ...TYPES.map((type) => numericCase(type, 0.25, 8)),
  ...SHARES.map(textCase),
  ...SHARES.map(sumCase),
];
