/**
 * The aggregate against an obvious model: arrays of rows in maps, one array for each window and
 * group, aggregates computed from the array when the window fires.
 */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedDisorder, WatermarkMerge } from '../../src/core/time.ts';
import type { Window } from '../../src/core/topology/model.ts';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';
import type { Place } from '../support/kernel/window-places.ts';
import { placesAt } from '../support/kernel/window-places.ts';
import {
  cumulating,
  hopping,
  schemaOf,
  soundPlan,
  tumbling,
} from '../unit/operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({
  b: 'bool',
  i: 'int32',
  l: 'int64',
  f: 'float64',
  d: 'decimal(10,2)',
  t: 'timestamp',
  u: 'duration',
  s: 'string',
  y: 'bytes',
});
const COLUMNS = SCHEMA.map(({ name }) => name);

const LONG = 'a string that does not fit its view';
const strings = fc.constantFrom(
  '',
  'a',
  'a\u0000',
  'ab',
  'abcd',
  'abcdé',
  'abcdefghijkl',
  'abcdefghijklm',
  LONG,
  `${LONG}!`,
  `${LONG.slice(0, -1)}V`,
  'ÿ',
);
const MAX = 2n ** 63n - 1n;
const int64s = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt(-5n, 5n) },
  { weight: 1, arbitrary: fc.constantFrom(MAX, -MAX - 1n, 2n ** 53n + 1n, -(2n ** 40n)) },
);
const nullable = <T extends Cell>(of: fc.Arbitrary<T>): fc.Arbitrary<Cell> =>
  fc.oneof<[fc.WeightedArbitrary<T>, fc.WeightedArbitrary<null>]>(
    { weight: 5, arbitrary: of },
    { weight: 1, arbitrary: fc.constant(null) },
  );

const values: fc.Arbitrary<Cell[]> = fc.tuple(
  nullable(fc.boolean()),
  nullable(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))),
  nullable(int64s),
  nullable(fc.oneof(fc.constantFrom(0, -0, NaN, 0.25, -1.5, 7), fc.integer({ min: -4, max: 4 }))),
  nullable(fc.bigInt(-999n, 999n)),
  nullable(fc.bigInt(-3n, 3n)),
  nullable(fc.bigInt(-3n, 3n)),
  nullable(strings),
  nullable(strings.map((text) => new TextEncoder().encode(text))),
);

interface Input {
  readonly source: number;
  readonly timeUs: number;
  readonly values: Cell[];
}

const inputs = fc.array(
  fc.record({
    source: fc.integer({ min: 0, max: 1 }),
    timeUs: fc.integer({ min: -60, max: 60 }),
    values,
  }),
  { maxLength: 60 },
);

const windows: fc.Arbitrary<Window | undefined> = fc.oneof(
  fc.constant(undefined),
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 7 }))
    .map(([size, offset]) => tumbling(size, offset)),
  fc
    .tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: -5, max: 5 }),
    )
    .map(([slide, more, offset]) => hopping(slide + more, slide, offset)),
  fc
    .tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: -15, max: 15 }),
    )
    .map(([step, steps, offset]) => cumulating(step * steps, step, offset)),
);

/** Flags rows late by the watermarks of their sources, and puts merged watermarks between rows. */
function scriptOf(rows: readonly Input[], latenessUs: number): Step[] {
  const sources = [new BoundedDisorder(latenessUs), new BoundedDisorder(latenessUs + 9)];
  const merge = new WatermarkMerge(2);
  const script: Step[] = [];
  rows.forEach(({ source, timeUs, values }, i) => {
    const lateByUs = sources[source]!.judge(timeUs);
    script.push({ port: 0, row: { values, timeUs, lateByUs } });
    const rose = merge.update(source, sources[source]!.watermarkUs);
    if (rose && i % 3 === 0) script.push({ port: 0, watermarkUs: merge.mergedUs });
  });
  return script;
}

const SELECT = {
  n: 'COUNT(*)',
  nf: 'COUNT(f)',
  si: 'SUM(i)',
  sl: 'SUM(l)',
  sf: 'SUM(f)',
  sd: 'SUM(d)',
  su: 'SUM(u)',
  ai: 'AVG(i)',
  al: 'AVG(l)',
  ad: 'AVG(d)',
  mini: 'MIN(i)',
  maxl: 'MAX(l)',
  minl: 'MIN(l)',
  minf: 'MIN(f)',
  maxf: 'MAX(f)',
  minb: 'MIN(b)',
  maxb: 'MAX(b)',
  mins: 'MIN(s)',
  maxs: 'MAX(s)',
  maxy: 'MAX(y)',
  mint: 'MIN(t)',
  ds: 'COUNT(DISTINCT s)',
  df: 'COUNT(DISTINCT f)',
  dl: 'SUM(DISTINCT i)',
  dst: 'COUNT(DISTINCT s) FILTER (WHERE b)',
  dsf: 'COUNT(DISTINCT s) FILTER (WHERE NOT b)',
  dft: 'COUNT(DISTINCT f) FILTER (WHERE b)',
  dit: 'SUM(DISTINCT i) FILTER (WHERE b)',
  only: 'SUM(i) FILTER (WHERE b)',
  both: 'COUNT(*) + COUNT(b)',
};

type Rows = readonly (readonly Cell[])[];

const column = (rows: Rows, name: string): Cell[] =>
  rows.map((row) => row[COLUMNS.indexOf(name)]!).filter((cell) => cell !== null);
/** Rows that a filter on column `b` lets through. */
const where = (rows: Rows, b: boolean): Rows => rows.filter((row) => row[0] === b);
const total = (cells: readonly Cell[]): bigint =>
  cells.reduce((sum: bigint, cell) => sum + BigInt(cell as number | bigint), 0n);
const bytesOf = (cell: Cell): Buffer => Buffer.from(cell as string | Uint8Array);

function compare(a: Cell, b: Cell): number {
  if (typeof a === 'string' || a instanceof Uint8Array)
    return Buffer.compare(bytesOf(a), bytesOf(b));
  const isNaNa = Number.isNaN(a);
  const isNaNb = Number.isNaN(b);
  if (isNaNa || isNaNb) return Number(isNaNa) - Number(isNaNb);
  return a! < b! ? -1 : a! > b! ? 1 : 0;
}

function extreme(cells: readonly Cell[], sign: number): Cell {
  if (cells.length === 0) return null;
  const best = cells.reduce((x, y) => (compare(y, x) * sign > 0 ? y : x));
  return Object.is(best, -0) ? 0 : best;
}

function divideHalfAway(a: bigint, b: bigint): bigint {
  const twice = a < 0n ? -2n * a : 2n * a;
  const magnitude = (twice + b) / (2n * b);
  return a < 0n ? -magnitude : magnitude;
}

/** An integer sum as int64; throws where it overflows. */
function int64(cells: readonly Cell[]): Cell {
  if (cells.length === 0) return null;
  const sum = total(cells);
  if (sum > MAX || sum < -MAX - 1n) throw new RangeError('overflow');
  return sum;
}

const floatSum = (cells: readonly Cell[]): Cell =>
  cells.length === 0 ? null : (cells as number[]).reduce((a, b) => a + b, 0);
const mean = (cells: readonly Cell[]): Cell =>
  cells.length === 0 ? null : Number(total(cells)) / cells.length;
const identityOf = (cell: Cell): string => rowKey({ values: [Object.is(cell, -0) ? 0 : cell] });
const distinct = (cells: readonly Cell[]): Cell[] => [
  ...new Map(cells.map((cell) => [identityOf(cell), cell])).values(),
];

/** The selected columns of one group. */
function aggregates(rows: Rows): Cell[] {
  const of = (name: string): Cell[] => column(rows, name);
  const decimals = of('d');
  return [
    BigInt(rows.length),
    BigInt(of('f').length),
    int64(of('i')),
    int64(of('l')),
    floatSum(of('f')),
    int64(decimals),
    int64(of('u')),
    mean(of('i')),
    mean(of('l')),
    decimals.length === 0
      ? null
      : divideHalfAway(total(decimals) * 10_000n, BigInt(decimals.length)),
    extreme(of('i'), -1),
    extreme(of('l'), 1),
    extreme(of('l'), -1),
    extreme(of('f'), -1),
    extreme(of('f'), 1),
    extreme(of('b'), -1),
    extreme(of('b'), 1),
    extreme(of('s'), -1),
    extreme(of('s'), 1),
    extreme(of('y'), 1),
    extreme(of('t'), -1),
    BigInt(distinct(of('s')).length),
    BigInt(distinct(of('f')).length),
    int64(distinct(of('i'))),
    BigInt(distinct(column(where(rows, true), 's')).length),
    BigInt(distinct(column(where(rows, false), 's')).length),
    BigInt(distinct(column(where(rows, true), 'f')).length),
    int64(distinct(column(where(rows, true), 'i'))),
    int64(column(where(rows, true), 'i')),
    BigInt(rows.length + of('b').length),
  ];
}

interface Modelled {
  readonly out: string[];
  readonly late: string[];
  readonly errors: number;
}

const NOWHERE: Place = [0, 0];

/** What must come out. */
function model(
  script: readonly Step[],
  window: Window | undefined,
  groupBy: readonly string[],
): Modelled {
  const open = new Map<string, { place: Place; keys: Cell[]; rows: Cell[][] }>();
  const late: string[] = [];
  let watermarkUs = -Infinity;
  const add = (place: Place, row: TestRow): void => {
    const keys = groupBy.map((name) => row.values[COLUMNS.indexOf(name)]!);
    const canonical = keys.map((cell) => (Object.is(cell, -0) ? 0 : cell));
    const id = `${place.join()} ${rowKey({ values: canonical })}`;
    if (!open.has(id)) open.set(id, { place, keys: canonical, rows: [] });
    open.get(id)!.rows.push([...row.values]);
  };
  for (const step of script) {
    if ('watermarkUs' in step) {
      watermarkUs = step.watermarkUs;
      continue;
    }
    const { row } = step;
    const places = window === undefined ? [NOWHERE] : openWindows(window, row, watermarkUs);
    for (const place of places) add(place, row);
    if (places.length === 0) late.push(rowKey(row));
  }
  if (window === undefined && groupBy.length === 0 && open.size === 0) {
    open.set('', { place: NOWHERE, keys: [], rows: [] });
  }
  let errors = 0;
  const out: string[] = [];
  for (const { place, keys, rows } of open.values()) {
    try {
      out.push(resultKey(window, place, keys, aggregates(rows)));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      errors++;
    }
  }
  return { out: out.sort(), late: late.sort(), errors };
}

/** The windows that a row counts in. */
function openWindows(window: Window, row: TestRow, watermarkUs: number): Place[] {
  const { timeUs = 0, lateByUs = 0 } = row;
  const closedUs = Math.max(watermarkUs, lateByUs > 0 ? timeUs + lateByUs : -Infinity);
  return placesAt(window, timeUs).filter(([, end]) => end > closedUs);
}

function resultKey(
  window: Window | undefined,
  [start, end]: Place,
  keys: readonly Cell[],
  cells: readonly Cell[],
): string {
  if (window === undefined) return rowKey({ values: [...keys, ...cells] });
  return rowKey({
    values: [BigInt(start), BigInt(end), ...keys, ...cells],
    timeUs: end - 1,
  });
}

const cases = fc.record({
  rows: inputs,
  latenessUs: fc.integer({ min: 0, max: 30 }),
  window: windows,
  groupBy: fc.subarray(COLUMNS, { maxLength: 3 }),
  batchRows: fc.integer({ min: 1, max: 64 }),
  refuses: fc.boolean(),
  gaps: fc.boolean(),
});

test('gives what the model gives', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ rows, latenessUs, window, groupBy, ...options }) => {
      const script = scriptOf(rows, latenessUs);
      const text = { groupBy, select: SELECT, onError: 'skip' as const };
      const plan = soundPlan(SCHEMA, window === undefined ? text : { ...text, window });
      const { out, late, errors } = await runKernel(createAggregateKernel, plan, script, {
        rowCapacity: 64,
        batchRows: () => options.batchRows,
        refuses: options.refuses,
        gaps: options.gaps,
      });
      const expected = model(script, window, groupBy);
      expect(out.rows(0).map(rowKey).sort()).toEqual(expected.out);
      expect(out.rows(1).map(rowKey).sort()).toEqual(expected.late);
      expect({ late, errors }).toEqual({ late: expected.late.length, errors: expected.errors });
    }),
    { numRuns: 150 },
  );
});
