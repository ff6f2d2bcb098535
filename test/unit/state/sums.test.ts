import { describe, expect, test } from 'vitest';
import { identitySelection } from '../../../src/core/batch.ts';
import { Column } from '../../../src/core/column.ts';
import { MillraceError } from '../../../src/core/errors.ts';
import type { DataType } from '../../../src/core/types.ts';
import { DURATION, FLOAT64, INT32, INT64 } from '../../../src/core/types.ts';
import type { AggregateKind, AggregateSpec, GroupState } from '../../../src/state/index.ts';
import { Arena, GroupStates, MIN_PAGE_CELLS, recordCells } from '../../../src/state/index.ts';
import { testMemory } from '../../support/memory.ts';
import type { Cell } from '../../support/kernel/rows.ts';
import { readCell, writeCell } from '../../support/kernel/rows.ts';

const ROWS = 1024;
const ALL = identitySelection(ROWS);
const OVERFLOW = 'overflow';

const newArena = (): Arena =>
  Arena.allocate(2 ** 20, MIN_PAGE_CELLS, () => new MillraceError('ERR_INTERNAL', ''));

function newStates(kind: AggregateKind, argument: DataType): GroupStates {
  const spec = { kind, argument, isDistinct: false, input: 0, isFiltered: false };
  return new GroupStates(testMemory(), newArena(), [], [spec], ROWS);
}

/** A state of one group with these values. */
function fill(states: GroupStates, argument: DataType, values: readonly Cell[]): GroupState {
  const state = states.acquire();
  const column = Column.allocate(argument, ROWS);
  states.onlyRecord(state);
  for (let from = 0; from < values.length; from += ROWS) {
    const rows = values.slice(from, from + ROWS);
    rows.forEach((value, row) => writeCell(column, row, value));
    states.bind([], [{ column, filter: undefined }], ALL, rows.length);
    states.add(state, 0, rows.length);
  }
  return state;
}

/** Merges a state of one group. */
function merge(states: GroupStates, target: GroupState, source: GroupState): void {
  expect(states.mergeSome(target, source, 0, false)).toBe(1);
}

function readResult(
  states: GroupStates,
  state: GroupState,
  result: DataType,
): Cell | typeof OVERFLOW {
  const target = Column.allocate(result, 64);
  const records = Int32Array.of(states.onlyRecord(state));
  const failures = states.accumulators[0]!.read(records, 1, target, new Uint8Array(64));
  return failures > 0 ? OVERFLOW : readCell(target, 0);
}

/** The aggregate of values in one group; `parts` are aggregated apart and merged. */
function aggregate(
  kind: AggregateKind,
  argument: DataType,
  result: DataType,
  ...parts: readonly (readonly Cell[])[]
): Cell | typeof OVERFLOW {
  const states = newStates(kind, argument);
  const filled = parts.map((values) => fill(states, argument, values));
  if (filled.length === 1) return readResult(states, filled[0]!, result);
  const state = states.acquire();
  for (const part of filled) merge(states, state, part);
  return readResult(states, state, result);
}

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);
const many = (count: number, value: bigint): bigint[] => Array.from({ length: count }, () => value);

describe('sums of integers', () => {
  test('may leave the range on the way', () => {
    expect(aggregate('sum', INT64, INT64, [MAX, MAX, MIN, MIN, 2n])).toBe(0n);
    expect(aggregate('sum', INT64, INT64, [MAX, 1n])).toBe(OVERFLOW);
    expect(aggregate('sum', INT64, INT64, [MIN, -1n])).toBe(OVERFLOW);
    expect(aggregate('sum', INT64, INT64, [MAX, MIN, MAX])).toBe(MAX - 1n);
    expect(aggregate('sum', INT64, INT64, [MIN])).toBe(MIN);
  });

  test('carry through all limbs', () => {
    const up = many(40_000, MAX);
    const down = many(40_000, -MAX);
    expect(aggregate('sum', INT64, INT64, [...up, ...down, 5n])).toBe(5n);
    expect(aggregate('sum', INT64, INT64, up, down, [5n])).toBe(5n);
    expect(aggregate('sum', INT64, INT64, many(100_000, -1n))).toBe(-100_000n);
    expect(aggregate('sum', INT64, INT64, many(2 ** 21 + 5, 0xffff_ffffn))).toBe(
      0xffff_ffffn * BigInt(2 ** 21 + 5),
    );
  });

  test('are exact beyond 2^84', () => {
    const states = newStates('sum', INT64);
    const [sum, up, down] = [[3n], [MAX], [MIN]].map((values) => fill(states, INT64, values));
    // Doubling: each merge into itself counts the record twice.
    for (let i = 0; i < 40; i++) merge(states, up!, up!);
    for (let i = 0; i < 40; i++) merge(states, down!, down!);
    merge(states, sum!, up!);
    merge(states, sum!, down!);
    expect(readResult(states, up!, INT64)).toBe(OVERFLOW);
    expect(readResult(states, sum!, INT64)).toBe(3n - 2n ** 40n);
  });

  test('of int32 are int64', () => {
    const values = Array.from({ length: 5000 }, () => 2 ** 31 - 1);
    expect(aggregate('sum', INT32, INT64, values)).toBe(5000n * (2n ** 31n - 1n));
    expect(aggregate('avg', INT32, FLOAT64, values)).toBe(2 ** 31 - 1);
  });

  test('of decimals are bounded by their digits', () => {
    const decimal: DataType = { kind: 'decimal', precision: 18, scale: 2 };
    const nines = 10n ** 18n - 1n;
    expect(aggregate('sum', decimal, decimal, [nines])).toBe(nines);
    expect(aggregate('sum', decimal, decimal, [nines, 1n])).toBe(OVERFLOW);
    expect(aggregate('sum', decimal, decimal, [-nines, -1n])).toBe(OVERFLOW);
    expect(aggregate('sum', decimal, decimal, [nines, nines, -nines])).toBe(nines);
  });

  test('and means of decimals are rounded half away from zero', () => {
    const cents: DataType = { kind: 'decimal', precision: 10, scale: 2 };
    const mean: DataType = { kind: 'decimal', precision: 12, scale: 4 };
    expect(aggregate('avg', cents, mean, [100n, 101n])).toBe(10_050n);
    expect(aggregate('avg', cents, mean, [1n, 1n, 0n])).toBe(67n);
    expect(aggregate('avg', cents, mean, [-1n, -1n, 0n])).toBe(-67n);
    const eight = [1n, 0n, 0n, 0n, 0n, 0n, 0n, 0n];
    expect(aggregate('avg', cents, cents, [1n, 0n])).toBe(1n);
    expect(aggregate('avg', cents, cents, [-1n, 0n])).toBe(-1n);
    expect(aggregate('avg', cents, mean, eight)).toBe(13n);
    const large: DataType = { kind: 'decimal', precision: 18, scale: 2 };
    const most = 10n ** 18n - 1n;
    expect(aggregate('avg', large, large, [most, most, most - 1n])).toBe(most);
    expect(aggregate('avg', large, large, [-most, -most, 1n - most])).toBe(-most);
  });

  test('of durations have a mean that is a duration', () => {
    expect(aggregate('avg', DURATION, DURATION, [10n, 11n])).toBe(11n);
    expect(aggregate('avg', DURATION, DURATION, [-10n, -11n])).toBe(-11n);
    expect(aggregate('avg', DURATION, DURATION, [MAX, MAX])).toBe(MAX);
  });
});

describe('sums of floats', () => {
  const sum = (...parts: readonly (readonly number[])[]): Cell | string =>
    aggregate('sum', FLOAT64, FLOAT64, ...parts);

  test('do not lose small values beside large ones', () => {
    expect(sum([1, 1e100, 1, -1e100])).toBe(2);
    expect(sum([1e100, 1], [-1e100, 1])).toBe(2);
    expect(sum(Array.from({ length: 100_000 }, () => 0.1))).toBe(10_000);
  });

  test('have infinities and NaN as IEEE 754 has', () => {
    expect(sum([1, Infinity, 2])).toBe(Infinity);
    expect(sum([-Infinity, 2], [3])).toBe(-Infinity);
    expect(sum([Infinity], [-Infinity])).toBe(NaN);
    expect(sum([1, NaN, 2])).toBe(NaN);
  });

  test('of nothing are null', () => {
    expect(sum([])).toBe(null);
    expect(aggregate('avg', FLOAT64, FLOAT64, [])).toBe(null);
    expect(aggregate('min', FLOAT64, FLOAT64, [])).toBe(null);
    expect(aggregate('max', INT64, INT64, [], [])).toBe(null);
    expect(aggregate('count', INT64, INT64, [])).toBe(0n);
  });
});

describe('extremes of floats', () => {
  const min = (...values: readonly number[]): Cell | string =>
    aggregate('min', FLOAT64, FLOAT64, values, []);
  const max = (...values: readonly number[]): Cell | string =>
    aggregate('max', FLOAT64, FLOAT64, [], values);

  test('have NaN above all numbers', () => {
    expect(max(1, NaN, Infinity)).toBe(NaN);
    expect(min(NaN, Infinity)).toBe(Infinity);
    expect(min(NaN, NaN)).toBe(NaN);
    expect(max(-Infinity)).toBe(-Infinity);
  });

  test('have one zero', () => {
    expect(min(0, -0)).toBe(0);
    expect(max(-0)).toBe(0);
  });
});

test('aggregates of one input share cells', () => {
  const spec = (kind: AggregateKind, input: number): AggregateSpec => ({
    kind,
    argument: INT64,
    isDistinct: false,
    input,
    isFiltered: false,
  });
  const sum = recordCells([INT32], [spec('sum', 0)]);
  expect(recordCells([INT32], [spec('sum', 0), spec('avg', 0), spec('count', 0)])).toBe(sum);
  expect(recordCells([INT32], [spec('sum', 0), spec('sum', 1)])).toBe(sum + 3);
});
