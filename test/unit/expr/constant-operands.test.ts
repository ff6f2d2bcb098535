/** Integers with constants beside them, whose code is made for the constant: exact up to the last value that fits. */

import { describe, expect, test } from 'vitest';
import { identitySelection } from '../../../src/core/batch.ts';
import { Column } from '../../../src/core/column.ts';
import type { DataType } from '../../../src/core/types.ts';
import { INT32, INT64 } from '../../../src/core/types.ts';
import {
  compileBatch,
  inferExpression,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../../src/expr/index.ts';
import { testMemory } from '../../support/memory.ts';

const SCOPE = scopeOf([
  { name: 'a', type: INT32 },
  { name: 'b', type: INT64 },
]);
const [MIN32, MAX32] = [-(2n ** 31n), 2n ** 31n - 1n];
const [MIN64, MAX64] = [-(2n ** 63n), 2n ** 63n - 1n];

function filled(type: DataType, values: readonly bigint[], memory: ReturnType<typeof testMemory>) {
  const column = Column.allocate(type, values.length, memory);
  for (const [row, value] of values.entries()) {
    if (type === INT32) column.words[row] = Number(value);
    else column.i64[row] = value;
  }
  return column;
}

/** The results for rows of one column, and the rows that failed. */
function evaluate(
  text: string,
  values: readonly bigint[],
): { results: bigint[]; failed: number[] } {
  const memory = testMemory(1 << 20);
  const rows = values.length;
  const expr = inferExpression(parseExpression(text), SCOPE);
  const compiled = compileBatch(expr, { rowCapacity: rows, memory });
  const errors = new RowErrors(rows);
  const as32 = values.map((value) => BigInt.asIntN(32, value));
  const columns = [filled(INT32, as32, memory), filled(INT64, values, memory)];
  const column = compiled.evaluate({ columns }, identitySelection(rows), rows, errors);
  const results = values.map((_, row) =>
    column.storage === 'i32' ? BigInt(column.words[row]!) : column.i64[row]!,
  );
  return { results, failed: Array.from(errors.rows.subarray(0, errors.count)) };
}

/** Numbers that do not repeat soon, of all magnitudes. */
function scattered(count: number): bigint[] {
  let state = 88_172_645_463_325_252n;
  return Array.from({ length: count }, (_, i) => {
    state ^= BigInt.asUintN(64, state << 13n);
    state ^= state >> 7n;
    state ^= BigInt.asUintN(64, state << 17n);
    return BigInt.asIntN(64, state) >> BigInt(i % 60);
  });
}

const DIVISORS = [
  2, 3, 4, 5, 6, 7, 9, 10, 11, 25, 60, 64, 100, 123, 125, 625, 641, 1000, 3600, 65_535, 65_536,
  86_400, 1_000_000, 715_827_883, 1_073_741_823, 1_073_741_824, 1_073_741_825, 2_147_483_646,
  2_147_483_647,
];

describe('int32 divided by a constant', () => {
  test.each(DIVISORS)('by %d', (divisor) => {
    const d = BigInt(divisor);
    const multiples = [-3n, -2n, -1n, 1n, 2n, 3n, MAX32 / d, -(MAX32 / d)].map((n) => n * d);
    const near = [0n, MIN32, MAX32, ...multiples].flatMap((n) => [n - 1n, n, n + 1n]);
    const values = [...near, ...scattered(200)].map((n) => BigInt.asIntN(32, n));
    expect(evaluate(`a / ${d}`, values).results).toEqual(values.map((a) => a / d));
    expect(evaluate(`a / -${d}`, values).results).toEqual(values.map((a) => a / -d));
    expect(evaluate(`a % ${d}`, values).results).toEqual(values.map((a) => a % d));
    expect(evaluate(`MOD(a, -${d})`, values).results).toEqual(values.map((a) => a % d));
    const floor = values.map((a) => ((a % d) + d) % d);
    expect(evaluate(`FLOOR_MOD(a, ${d})`, values).results).toEqual(floor);
  });

  test('by 1, -1 and the least', () => {
    const values = [0n, 1n, -1n, MAX32, MIN32 + 1n, 7n, -7n, 8n, -8n];
    for (const d of [1n, -1n]) {
      expect(evaluate(`a % ${d}`, values).results).toEqual(values.map(() => 0n));
      expect(evaluate(`a / ${d}`, values).results).toEqual(values.map((a) => a * d));
    }
    expect(evaluate(`a / ${MIN32}`, [...values, MIN32]).results).toEqual([
      ...values.map(() => 0n),
      1n,
    ]);
  });
});

const FACTORS = [
  -1n,
  2n,
  -2n,
  3n,
  -3n,
  5n,
  7n,
  10n,
  15n,
  100n,
  -100n,
  908n,
  1000n,
  1_000_000n,
  0x5555n,
  2n ** 31n,
  2n ** 62n,
  -(2n ** 62n),
  2n ** 62n - 1n,
  MAX64,
];

test.each(FACTORS)('int64 times %d', (factor) => {
  const [low, high] =
    factor > 0n ? [MIN64 / factor, MAX64 / factor] : [MAX64 / factor, MIN64 / factor];
  // The quotient of the least by -1 is one too many.
  const most = high > MAX64 ? MAX64 : high;
  const fitting = [0n, 1n, -1n, low, low + 1n, most - 1n, most, ...scattered(60)].filter(
    (b) => b >= low && b <= most,
  );
  expect(evaluate(`b * ${factor}`, fitting)).toEqual({
    results: fitting.map((b) => b * factor),
    failed: [],
  });
  const beyond = [low - 1n, most + 1n, MIN64, MAX64].filter(
    (b) => b >= MIN64 && b <= MAX64 && (b < low || b > most),
  );
  for (const b of beyond) {
    for (const row of [0, 1, 2, 3, 16, 19]) {
      const values = Array.from({ length: 20 }, (_, at) => (at === row ? b : 1n));
      expect(evaluate(`b * ${factor}`, values).failed).toEqual([row]);
    }
  }
});

test('sums and differences fail exactly where they do not fit', () => {
  for (const column of ['a', 'b']) {
    const [least, most] = column === 'a' ? [MIN32, MAX32] : [MIN64, MAX64];
    const cases: [text: string, fits: bigint, beyond: bigint][] = [
      [`${column} + 1`, most - 1n, most],
      [`${column} - 1`, least + 1n, least],
      [`-${column}`, least + 1n, least],
      [`${column} + ${column}`, most / 2n, most / 2n + 1n],
    ];
    for (const [text, fits, beyond] of cases) {
      for (const row of [0, 5, 19]) {
        const valuesWith = (value: bigint): bigint[] =>
          Array.from({ length: 20 }, (_, at) => (at === row ? value : 3n));
        expect(evaluate(text, valuesWith(fits)).failed, text).toEqual([]);
        expect(evaluate(text, valuesWith(beyond)).failed, text).toEqual([row]);
      }
    }
  }
});
