/** Aggregate functions, each over all values of a group. @module */

import type { Schema } from '../../../../src/core/schema.ts';
import {
  BOOL,
  type DataType,
  FLOAT64,
  INT64,
  JSON_TYPE,
  STRING,
} from '../../../../src/core/types.ts';
import type { Value } from '../../../../src/expr/index.ts';
import { conditionOver, evaluate } from './expression.ts';
import { columnAt, compareValues, type ModelRow, textOf, Unmodelled } from './stream.ts';

/** An aggregate of a `select`: its type, and its value for the rows of a group. */
export interface ModelAggregate {
  readonly type: DataType;
  readonly of: (rows: readonly ModelRow[]) => Value;
}

interface Argument {
  readonly type: DataType;
  /** Values that are not null. */
  readonly values: readonly Value[];
  /** The same with the rows that they are of. */
  readonly pairs: readonly (readonly [Value, ModelRow])[];
  /** `undefined`: it is not promised whether, or which. */
  readonly hasTime: boolean | undefined;
}

interface Definition {
  readonly type: (argument: DataType) => DataType;
  readonly of: (argument: Argument) => Value;
}

const CALL = /^(\w+)\((DISTINCT )?("?\w*\*?"?)(?:, ([^)]*))?\)(?: FILTER \(WHERE (.*)\))?$/;

/** Reads `NAME([DISTINCT] column[, constant]) [FILTER (WHERE condition)]`, or that in `ROUND(…, 6)`. */
export function modelAggregate(
  text: string,
  schema: Schema,
  hasTime: boolean | undefined,
): ModelAggregate {
  const rounded = /^ROUND\((.*), 6\)$/.exec(text);
  if (rounded !== null) {
    const { type, of } = modelAggregate(rounded[1]!, schema, hasTime);
    return { type, of: (rows) => round(of(rows)) };
  }
  const [, name = '', distinct, column = '', extra = '', filter] = CALL.exec(text) ?? [];
  const kept = filter === undefined ? () => true : keeps(filter, schema);
  if (column === '*') return { type: INT64, of: (rows) => BigInt(rows.filter(kept).length) };
  const at = columnAt(schema, column);
  const argumentType = schema[at]!.type;
  const definition = definitionOf(name, extra, schema);
  return {
    type: definition.type(argumentType),
    of(rows) {
      let pairs = rows
        .filter(kept)
        .map((row) => [row.values[at]!, row] as const)
        .filter(([value]) => value !== null);
      if (distinct !== undefined) {
        const seen = new Map(pairs.map((pair) => [textOf(argumentType, pair[0]), pair]));
        pairs = [...seen.values()];
      }
      return definition.of({
        type: argumentType,
        values: pairs.map(([value]) => value),
        pairs,
        hasTime: distinct === undefined ? hasTime : false,
      });
    },
  };
}

function keeps(filter: string, schema: Schema): (row: ModelRow) => boolean {
  const condition = conditionOver(filter, schema);
  return ({ values }) => {
    const kept = evaluate(condition, values);
    if (kept instanceof Error) throw new Unmodelled('a filter fails');
    return kept === true;
  };
}

const round = (value: Value): Value =>
  typeof value === 'number' ? Math.sign(value) * (Math.round(Math.abs(value) * 1e6) / 1e6) : value;

function definitionOf(name: string, extra: string, schema: Schema): Definition {
  if (name === 'ARG_MIN' || name === 'ARG_MAX') {
    return extremeBy(columnAt(schema, extra), name === 'ARG_MIN' ? 1 : -1);
  }
  if (name === 'TOP_K') return topK(Number(extra));
  if (name === 'STRING_AGG') return texts(extra.slice(1, -1));
  if (name === 'PERCENTILE_DISC') return discrete(Number(extra));
  const definition = DEFINITIONS[name];
  if (definition === undefined) throw new Unmodelled(`no function ${name}`);
  return definition;
}

const same = (type: DataType): DataType => type;
const always = (type: DataType) => (): DataType => type;
const sorted = (values: readonly Value[]): Value[] => values.toSorted(compareValues);

/** Values by event time, if there is one, then by themselves. */
function inOrder({ pairs, hasTime }: Argument): Value[] {
  if (hasTime === undefined) throw new Unmodelled('an order by times that are not promised');
  return pairs
    .toSorted(
      ([a, rowA], [b, rowB]) => (hasTime ? rowA.timeUs - rowB.timeUs : 0) || compareValues(a, b),
    )
    .map(([value]) => value);
}

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  COUNT: { type: always(INT64), of: ({ values }) => BigInt(values.length) },
  APPROX_COUNT_DISTINCT: {
    type: always(INT64),
    of: ({ values, type }) => estimate(new Set(values.map((value) => textOf(type, value))).size),
  },
  SUM: { type: typeOfSum, of: sum },
  AVG: { type: typeOfMean, of: mean },
  MIN: { type: same, of: ({ values }) => sorted(values)[0] ?? null },
  MAX: { type: same, of: ({ values }) => sorted(values).at(-1) ?? null },
  STDDEV: { type: always(FLOAT64), of: deviation },
  MEDIAN: { type: always(FLOAT64), of: median },
  MODE: { type: same, of: mode },
  FIRST: { type: same, of: (argument) => timed(argument)[0] ?? null },
  LAST: { type: same, of: (argument) => timed(argument).at(-1) ?? null },
  ARRAY_AGG: {
    type: always(JSON_TYPE),
    of: (argument) => listOf(argument.type, inOrder(argument)),
  },
  BOOL_AND: {
    type: always(BOOL),
    of: ({ values }) => (values.length === 0 ? null : !values.includes(false)),
  },
  BOOL_OR: {
    type: always(BOOL),
    of: ({ values }) => (values.length === 0 ? null : values.includes(true)),
  },
  BIT_XOR: {
    type: same,
    of: ({ values, type }) =>
      values.length === 0
        ? null
        : type.kind === 'int32'
          ? (values as number[]).reduce((a, b) => a ^ b, 0)
          : (values as bigint[]).reduce((a, b) => a ^ b, 0n),
  },
};

/** Exact but for values of one hash as long as there are few. */
function estimate(count: number): Value {
  if (count > 200) throw new Unmodelled('an estimate of many values');
  return BigInt(count);
}

function timed(argument: Argument): Value[] {
  if (argument.hasTime === false) throw new Unmodelled('no order');
  return inOrder(argument);
}

function typeOfSum(type: DataType): DataType {
  switch (type.kind) {
    case 'int32':
    case 'int64':
      return INT64;
    case 'decimal':
      return { kind: 'decimal', precision: 18, scale: type.scale };
    default:
      return type;
  }
}

function typeOfMean(type: DataType): DataType {
  if (type.kind === 'duration') throw new Unmodelled('how means of durations are rounded');
  if (type.kind !== 'decimal') return FLOAT64;
  if (type.precision > 10) throw new Unmodelled('places of the mean of long decimals');
  return { kind: 'decimal', precision: 18, scale: type.scale + 4 };
}

const LARGEST_INT64 = 2n ** 63n - 1n;

function sum({ values, type }: Argument): Value {
  if (values.length === 0) return null;
  if (type.kind === 'float64') return floatSum(values as number[]);
  const total = (values as (number | bigint)[]).reduce<bigint>((a, b) => a + BigInt(b), 0n);
  const bound = type.kind === 'decimal' ? 10n ** 18n - 1n : LARGEST_INT64;
  if (total > bound || total < -bound) throw new Unmodelled('a sum that does not fit');
  return total;
}

/** Of numbers whose sum is exact in any order. */
function floatSum(values: readonly number[]): number {
  const finite = values.filter((value) => Number.isFinite(value));
  const size = finite.reduce((a, b) => a + Math.abs(b), 0);
  if (size > 2 ** 40 || finite.some((value) => !Number.isInteger(value * 1024))) {
    throw new Unmodelled('a sum that is not exact');
  }
  const special = values.filter((value) => !Number.isFinite(value));
  return special.length > 0 ? special.reduce((a, b) => a + b) : finite.reduce((a, b) => a + b, 0);
}

function mean(argument: Argument): Value {
  const { values, type } = argument;
  if (values.length === 0) return null;
  if (type.kind === 'float64') return floatSum(values as number[]) / values.length;
  const total = sum(argument) as bigint;
  const count = BigInt(values.length);
  if (type.kind !== 'decimal') {
    if (total > 2n ** 53n || total < -(2n ** 53n)) throw new Unmodelled('a mean of large numbers');
    return Number(total) / values.length;
  }
  const units = total * 10_000n;
  const size = ((units < 0n ? -units : units) * 2n + count) / (count * 2n);
  return units < 0n ? -size : size;
}

/** Of a few digits, so that all terms are exact or nearly so. */
function deviation({ values, type }: Argument): Value {
  const unit = type.kind === 'decimal' ? 10 ** type.scale : 1;
  const numbers = values.map((value) => Number(value) / unit);
  if (numbers.length < 2) return null;
  if (numbers.some((x) => !(Math.abs(x) < 1e6))) throw new Unmodelled('a spread of large numbers');
  const middle = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const squares = numbers.reduce((total, x) => total + (x - middle) ** 2, 0);
  return Math.sqrt(squares / (numbers.length - 1));
}

function median({ values, type }: Argument): Value {
  if (values.length === 0) return null;
  if (type.kind === 'decimal') throw new Unmodelled('medians of decimals');
  const numbers = sorted(values).map(Number);
  if (numbers.some((x) => !(Math.abs(x) < 2 ** 50))) throw new Unmodelled('medians of odd numbers');
  const place = (numbers.length - 1) / 2;
  return (numbers[Math.floor(place)]! + numbers[Math.ceil(place)]!) / 2;
}

function mode({ values, type }: Argument): Value {
  const counts = new Map<string, [Value, number]>();
  for (const value of sorted(values)) {
    const text = textOf(type, value);
    counts.set(text, [value, (counts.get(text)?.[1] ?? 0) + 1]);
  }
  let best: [Value, number] = [null, 0];
  for (const entry of counts.values()) if (entry[1] > best[1]) best = entry;
  return best[0];
}

/** As a list of JSON has them. */
function listOf(type: DataType, values: readonly Value[]): Value {
  if (values.length === 0) return null;
  return values.map((value) => {
    if (type.kind === 'timestamp' || type.kind === 'duration') return Number(value) / 1000;
    if (type.kind === 'decimal') return Number(`${value as bigint}e-${type.scale}`);
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Unmodelled('NaN in a list');
    if (type.kind === 'bytes' || type.kind === 'json') throw new Unmodelled('lists of these');
    return value as never;
  });
}

function extremeBy(by: number, sign: number): Definition {
  return {
    type: same,
    of({ pairs }) {
      const usable = pairs.filter(([, row]) => row.values[by] !== null);
      const best = usable.toSorted(
        ([a, rowA], [b, rowB]) =>
          sign * compareValues(rowA.values[by]!, rowB.values[by]!) || sign * compareValues(a, b),
      );
      return best[0]?.[0] ?? null;
    },
  };
}

const topK = (k: number): Definition => ({
  type: always(JSON_TYPE),
  of: ({ values, type }) => listOf(type, sorted(values).reverse().slice(0, k)),
});

const texts = (separator: string): Definition => ({
  type: always(STRING),
  of: (argument) => (argument.values.length === 0 ? null : inOrder(argument).join(separator)),
});

const discrete = (share: number): Definition => ({
  type: same,
  of: ({ values }) => sorted(values)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? null,
});
