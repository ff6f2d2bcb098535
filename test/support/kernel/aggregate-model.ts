/** Aggregate functions as obvious functions of a group's rows. @module */

import * as fc from 'fast-check';
import { decodeJson } from '../../../src/rows/values/json.ts';
import { schemaOf } from '../../unit/operators/aggregate-nodes.ts';
import type { Cell } from './rows.ts';

/** Columns of the rows that the functions are over; `k` is for groups. */
export const MODEL_SCHEMA = schemaOf({
  k: 'int32',
  minus: 'bool',
  b: 'bool',
  i: 'int32',
  l: 'int64',
  f: 'float64',
  g: 'float64',
  s: 'string',
});

/** Position of a column of {@link MODEL_SCHEMA}. */
export const positionOf = (name: string): number =>
  MODEL_SCHEMA.findIndex((field) => field.name === name);

/** A row of a group; `timeUs` where the stream has event time. */
export interface ModelRow {
  readonly values: readonly Cell[];
  readonly timeUs?: number;
}

const nullable = <T extends Cell>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(of, { freq: 6 });

const LONG = 'a string that does not fit its view';

/** Values of a row; floats are finite and few, so that they repeat, with a large common part. */
export const modelValues: fc.Arbitrary<Cell[]> = fc.tuple(
  fc.integer({ min: 0, max: 2 }),
  fc.constant(false),
  nullable(fc.boolean()),
  nullable(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))),
  nullable(fc.oneof(fc.bigInt(-5n, 5n), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n)))),
  nullable(fc.constantFrom(1e6, 1e6 + 0.25, 1e6 - 1.5, 1e6 + 7, 0.5, -2)),
  nullable(fc.constantFrom(0, 1, 2, 0.125, -4)),
  nullable(fc.constantFrom('', 'a', 'ab', 'abcdefghijklm', LONG, `${LONG}!`)),
);

type Rows = readonly ModelRow[];

/** One aggregate: how it is written, and what it gives of rows. */
export interface ModelFunction {
  readonly text: string;
  readonly of: (rows: Rows) => Cell;
  /** Relative error. */
  readonly error?: number;
}

const present = (rows: Rows, name: string): Cell[] =>
  rows.map(({ values }) => values[positionOf(name)]!).filter((cell) => cell !== null);
const floats = (rows: Rows, name: string): number[] => present(rows, name).map(Number);
const pairs = (rows: Rows, x: string, y: string): [number, number][] =>
  rows
    .map(({ values }) => [values[positionOf(x)]!, values[positionOf(y)]!] as const)
    .filter(([a, b]) => a !== null && b !== null)
    .map(([a, b]) => [Number(a), Number(b)]);
const where = (rows: Rows, test: (cell: Cell) => boolean, name: string): Rows =>
  rows.filter(({ values }) => test(values[positionOf(name)]!));

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Two passes: first the means. */
function covariance(given: readonly (readonly [number, number])[], less: 0 | 1): Cell {
  if (given.length <= less) return null;
  const [x, y] = [mean(given.map(([a]) => a)), mean(given.map(([, b]) => b))];
  return sum(given.map(([a, b]) => (a - x) * (b - y))) / (given.length - less);
}

const variance = (values: readonly number[], less: 0 | 1): Cell =>
  covariance(
    values.map((value) => [value, value]),
    less,
  );

const root = (cell: Cell): Cell => (cell === null ? null : Math.sqrt(cell as number));

function correlation(given: readonly (readonly [number, number])[]): Cell {
  const x = variance(
    given.map(([a]) => a),
    0,
  );
  const y = variance(
    given.map(([, b]) => b),
    0,
  );
  if (x === null || y === null || x === 0 || y === 0) return null;
  return (covariance(given, 0) as number) / Math.sqrt((x as number) * (y as number));
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

function bits<T extends number | bigint>(values: readonly T[], combine: (a: T, b: T) => T): Cell {
  return values.length === 0 ? null : values.reduce(combine);
}

const product = (values: readonly number[]): Cell =>
  values.length === 0 ? null : values.reduce((a, b) => a * b, 1);

/** Functions that are sums, products or bits. */
export const MOMENT_FUNCTIONS: readonly ModelFunction[] = [
  { text: 'COUNT(*)', of: (rows) => BigInt(rows.length) },
  { text: 'VAR_POP(f)', of: (rows) => variance(floats(rows, 'f'), 0) },
  { text: 'VARIANCE(f)', of: (rows) => variance(floats(rows, 'f'), 1) },
  { text: 'STDDEV(i)', of: (rows) => root(variance(floats(rows, 'i'), 1)) },
  { text: 'STDDEV_POP(g)', of: (rows) => root(variance(floats(rows, 'g'), 0)) },
  {
    text: 'VAR_SAMP(f) FILTER (WHERE b)',
    of: (rows) =>
      variance(
        floats(
          where(rows, (cell) => cell === true, 'b'),
          'f',
        ),
        1,
      ),
  },
  { text: 'COVAR_POP(f, g)', of: (rows) => covariance(pairs(rows, 'f', 'g'), 0) },
  { text: 'COVAR_SAMP(g, i)', of: (rows) => covariance(pairs(rows, 'g', 'i'), 1) },
  { text: 'CORR(f, g)', of: (rows) => correlation(pairs(rows, 'f', 'g')) },
  { text: 'WEIGHTED_SUM(f, g)', of: (rows) => total(pairs(rows, 'f', 'g').map(([x, w]) => x * w)) },
  {
    text: 'WEIGHTED_AVG(f, g)',
    of: (rows) => {
      const given = pairs(rows, 'f', 'g');
      const weights = sum(given.map(([, w]) => w));
      return weights === 0 ? null : sum(given.map(([x, w]) => x * w)) / weights;
    },
  },
  { text: 'BIT_XOR(i)', of: (rows) => bits(present(rows, 'i') as number[], (a, b) => a ^ b) },
  { text: 'BIT_XOR(l)', of: (rows) => bits(present(rows, 'l') as bigint[], (a, b) => a ^ b) },
  { text: 'PRODUCT(g)', of: (rows) => product(floats(rows, 'g')) },
  { text: 'PRODUCT(f) FILTER (WHERE b)', of: (rows) => product(floats(onlyTrue(rows), 'f')) },
  {
    text: 'GEOMETRIC_MEAN(f) FILTER (WHERE f > 0)',
    of: (rows) => {
      const logarithms = floats(rows, 'f')
        .filter((value) => value > 0)
        .map(Math.log);
      return logarithms.length === 0 ? null : Math.exp(mean(logarithms));
    },
  },
];

/** Functions that a value which was there before does not change, and such over distinct values. */
export const SET_FUNCTIONS: readonly ModelFunction[] = [
  { text: 'BOOL_AND(b)', of: (rows) => logic(present(rows, 'b'), false) },
  { text: 'BOOL_OR(b)', of: (rows) => logic(present(rows, 'b'), true) },
  { text: 'EVERY(i > 0)', of: (rows) => logic(positive(rows), false) },
  { text: 'BIT_AND(i)', of: (rows) => bits(present(rows, 'i') as number[], (a, b) => a & b) },
  { text: 'BIT_OR(l)', of: (rows) => bits(present(rows, 'l') as bigint[], (a, b) => a | b) },
  {
    text: 'BIT_XOR(DISTINCT l)',
    of: (rows) => bits(distinct(present(rows, 'l') as bigint[]), (a, b) => a ^ b),
  },
  {
    text: 'SUM(DISTINCT i)',
    of: (rows) => {
      const values = distinct(floats(rows, 'i'));
      return values.length === 0 ? null : BigInt(sum(values));
    },
  },
  {
    text: 'AVG(DISTINCT f) FILTER (WHERE b)',
    of: (rows) => {
      const values = distinct(floats(onlyTrue(rows), 'f'));
      return values.length === 0 ? null : mean(values);
    },
  },
  { text: 'VAR_POP(DISTINCT f)', of: (rows) => variance(distinct(floats(rows, 'f')), 0) },
  { text: 'STDDEV(DISTINCT i)', of: (rows) => root(variance(distinct(floats(rows, 'i')), 1)) },
  { text: 'PRODUCT(DISTINCT g)', of: (rows) => product(distinct(floats(rows, 'g'))) },
];

/** Bytes of a string decide; of numbers the size. */
function order(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Values of a column in order: by the event time, or by another column, then by themselves. */
function inOrder(rows: Rows, name: string, by?: string, sign = 1): Cell[] {
  const keyOf = ({ values, timeUs }: ModelRow): Cell =>
    by === undefined ? timeUs! : values[positionOf(by)]!;
  const at = positionOf(name);
  return rows
    .filter(({ values }) => values[at] !== null)
    .toSorted((a, b) => sign * order(keyOf(a), keyOf(b)) || order(a.values[at]!, b.values[at]!))
    .map(({ values }) => values[at]!);
}

const sorted = (rows: Rows, name: string): Cell[] => present(rows, name).toSorted(order);
const listOf = (values: readonly Cell[]): Cell =>
  values.length === 0 ? null : JSON.stringify(values.map(plainOf));
/** As a list in json has it: numbers where they are exact. */
const plainOf = (cell: Cell): unknown =>
  typeof cell === 'bigint' && BigInt(Number(cell)) === cell && Number.isSafeInteger(Number(cell))
    ? Number(cell)
    : typeof cell === 'bigint'
      ? `${cell}n`
      : cell;

function continuous(values: readonly Cell[], share: number): Cell {
  if (values.length === 0) return null;
  const place = share * (values.length - 1);
  const [low, high] = [Number(values[Math.floor(place)]), Number(values[Math.ceil(place)])];
  return low + (high - low) * (place - Math.floor(place));
}

const discrete = (values: readonly Cell[], share: number): Cell =>
  values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? null;

function mode(values: readonly Cell[]): Cell {
  let best: Cell = null;
  let most = 0;
  for (const value of values) {
    const times = values.filter((other) => other === value).length;
    if (times > most) [best, most] = [value, times];
  }
  return best;
}

/** Both not null. */
const both = (rows: Rows, x: string, y: string): Rows =>
  rows.filter(({ values }) => values[positionOf(x)] !== null && values[positionOf(y)] !== null);
const joined = (values: readonly Cell[], separator: string): Cell =>
  values.length === 0 ? null : values.join(separator);

/** Functions of all values, in an order. */
export const ORDER_FUNCTIONS: readonly ModelFunction[] = [
  { text: 'FIRST(s)', of: (rows) => inOrder(rows, 's')[0] ?? null },
  { text: 'LAST(s)', of: (rows) => inOrder(rows, 's').at(-1) ?? null },
  { text: 'LAST(f) FILTER (WHERE b)', of: (rows) => inOrder(onlyTrue(rows), 'f').at(-1) ?? null },
  { text: 'FIRST(b)', of: (rows) => inOrder(rows, 'b')[0] ?? null },
  { text: 'FIRST(l ORDER BY g DESC)', of: (rows) => inOrder(rows, 'l', 'g', -1)[0] ?? null },
  { text: 'LAST(i ORDER BY s)', of: (rows) => inOrder(rows, 'i', 's').at(-1) ?? null },
  { text: 'ARG_MIN(s, f)', of: (rows) => inOrder(both(rows, 's', 'f'), 's', 'f')[0] ?? null },
  { text: 'MAX_BY(l, s)', of: (rows) => inOrder(both(rows, 'l', 's'), 'l', 's').at(-1) ?? null },
  { text: 'MEDIAN(f)', of: (rows) => continuous(sorted(rows, 'f'), 0.5) },
  { text: 'PERCENTILE_CONT(i, 0.9)', of: (rows) => continuous(sorted(rows, 'i'), 0.9) },
  {
    text: 'PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY f DESC)',
    of: (rows) => continuous(sorted(rows, 'f').reverse(), 0.25),
  },
  {
    text: 'MEDIAN(DISTINCT g)',
    of: (rows) => continuous(distinct(floats(rows, 'g')).toSorted(order), 0.5),
  },
  { text: 'PERCENTILE_DISC(s, 0.3)', of: (rows) => discrete(sorted(rows, 's'), 0.3) },
  { text: 'QUANTILE_DISC(l, 1)', of: (rows) => discrete(sorted(rows, 'l'), 1) },
  { text: 'MODE(i)', of: (rows) => mode(sorted(rows, 'i')) },
  { text: 'MODE(s)', of: (rows) => mode(sorted(rows, 's')) },
  { text: 'TOP_K(f, 3)', of: (rows) => listOf(sorted(rows, 'f').reverse().slice(0, 3)) },
  {
    text: 'TOP_K(DISTINCT s, 2)',
    of: (rows) => listOf(distinct(sorted(rows, 's').reverse()).slice(0, 2)),
  },
  { text: 'ARRAY_AGG(l)', of: (rows) => listOf(inOrder(rows, 'l')) },
  { text: 'ARRAY_AGG(s ORDER BY g DESC)', of: (rows) => listOf(inOrder(rows, 's', 'g', -1)) },
  {
    text: 'ARRAY_AGG(DISTINCT i ORDER BY i DESC)',
    of: (rows) => listOf(distinct(sorted(rows, 'i').reverse())),
  },
  { text: "STRING_AGG(s, ', ')", of: (rows) => joined(inOrder(rows, 's'), ', ') },
  {
    text: "LISTAGG(DISTINCT s, '|') FILTER (WHERE b)",
    of: (rows) => joined(distinct(sorted(onlyTrue(rows), 's')), '|'),
  },
];

/** The number at a place, rounded down. */
const numberAt = (values: readonly Cell[], share: number): Cell =>
  values.length === 0 ? null : Number(values[Math.floor(share * (values.length - 1))]);

/** Functions that estimate: of few values, exactly, or within their relative error. */
export const SKETCH_FUNCTIONS: readonly ModelFunction[] = [
  {
    text: 'APPROX_COUNT_DISTINCT(s)',
    of: (rows) => BigInt(distinct(present(rows, 's')).length),
  },
  {
    text: 'APPROX_COUNT_DISTINCT(f) FILTER (WHERE b)',
    of: (rows) => BigInt(distinct(floats(onlyTrue(rows), 'f')).length),
  },
  {
    text: 'APPROX_PERCENTILE(f, 0.5)',
    of: (rows) => numberAt(sorted(rows, 'f'), 0.5),
    error: 0.010_001,
  },
  {
    text: 'APPROX_PERCENTILE(l, 0.9, 0.001)',
    of: (rows) => numberAt(sorted(rows, 'l'), 0.9),
    error: 0.001_001,
  },
];

/** Functions that only keep all values where rows are taken back. */
export const CHANGING_FUNCTIONS: readonly ModelFunction[] = [
  { text: 'MIN(s)', of: (rows) => sorted(rows, 's')[0] ?? null },
  { text: 'MAX(f)', of: (rows) => sorted(rows, 'f').at(-1) ?? null },
  { text: 'MAX(l)', of: (rows) => sorted(rows, 'l').at(-1) ?? null },
  { text: 'COUNT(DISTINCT s)', of: (rows) => BigInt(distinct(present(rows, 's')).length) },
];

const onlyTrue = (rows: Rows): Rows => where(rows, (cell) => cell === true, 'b');
const total = (values: readonly number[]): Cell => (values.length === 0 ? null : sum(values));
const positive = (rows: Rows): Cell[] => present(rows, 'i').map((cell) => (cell as number) > 0);

function logic(values: readonly Cell[], decides: boolean): Cell {
  if (values.length === 0) return null;
  return values.includes(decides) ? decides : !decides;
}

/** Whether results agree: floats to nine digits of the size of what went into them. */
export function agrees(found: Cell, expected: Cell, size = 1, error = 1e-9): boolean {
  if (found instanceof Uint8Array) return JSON.stringify(decoded(found)) === expected;
  if (typeof found !== 'number' || typeof expected !== 'number') return Object.is(found, expected);
  if (Number.isNaN(found) || Number.isNaN(expected)) return Object.is(found, expected);
  return (
    found === expected ||
    Math.abs(found - expected) <= Math.max(1e-9 * size, error * Math.abs(expected))
  );
}

function decoded(bytes: Uint8Array): unknown {
  return (decodeJson(bytes) as Cell[]).map(plainOf);
}
