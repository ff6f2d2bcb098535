import { expect, test } from 'vitest';
import { type OperatorCase, typesOf } from '../../bench/operators/case.ts';
import { BURST_CASES } from '../../bench/operators/burst.ts';
import { benchOperators, OPERATOR_CASES } from '../../bench/operators/main.ts';
import type { BenchLine } from '../../bench/shared/bench-line.ts';
import { operator } from '../../src/core/topology/operators/index.ts';

/** Enough to see that it works; the numbers mean nothing. */
const TINY = {
  extent: { batches: 2, batchRows: 256 },
  burst: { sessions: 4096, rounds: 1 },
  pace: { rounds: 1, roundMs: 0, warmUpMs: 0, longestWarmUpMs: 0, budgetMs: 0 },
} as const;

async function linesOf(cases: readonly string[]): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  await benchOperators({ ...TINY, cases, print: (line) => lines.push(line) });
  return lines;
}

test('every operator has a case', () => {
  const types = operator.options
    .map(({ shape }): string => shape.type.value)
    // One is replaced by the operators of its part; the work of the other is another process's.
    .filter((type) => type !== 'include' && type !== 'exec');
  const measured = new Set(OPERATOR_CASES.flatMap(typesOf));
  expect(types.filter((type) => !measured.has(type))).toEqual([]);
});

test('a name begins with the type', () => {
  for (const given of OPERATOR_CASES) expect(given.name.split(/[ ,]/)[0]).toBe(typesOf(given)[0]);
});

test('every case gives what plain JavaScript gives', { timeout: 60_000 }, async () => {
  const lines = await linesOf(OPERATOR_CASES.map(({ name }) => name));
  expect(lines.filter(({ checked }) => !checked)).toEqual([]);
  for (const line of lines) {
    expect(line).toMatchObject({ bench: 'operators', workers: 1 });
    expect(line.events).toBeGreaterThan(0);
    expect(line.nsPerRow).toBeGreaterThanOrEqual(0);
  }
  const peersOf = (given: OperatorCase): string[] =>
    given.floor === undefined ? ['javascript'] : ['javascript', 'floor'];
  expect(lines.map(({ subject }) => subject)).toEqual(
    OPERATOR_CASES.flatMap((given) => ['millrace', ...peersOf(given)]),
  );
  const own = lines.filter(({ subject }) => subject === 'millrace');
  expect(own.map(({ ratio }) => Object.keys(ratio!))).toEqual(OPERATOR_CASES.map(peersOf));
  for (const { ratio, holds } of own) {
    const { floor } = ratio!;
    expect(holds).toBe(floor === undefined ? undefined : floor <= 2);
  }
});

test('what keeps state has a floor', () => {
  const withoutState =
    /^(decision_table|delay|filter|format|heartbeat|iterate|map|module|parse|partition|pivot|random_drop|sequence|split|throttle|union|unnest|window_drop)\b/;
  const missing = OPERATOR_CASES.filter(
    ({ name, floor }) => floor === undefined && !withoutState.test(name),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});

test('what ends at once is closed call by call', async () => {
  const lines = await linesOf(['aggregate sessions that end']);
  expect(lines).toHaveLength(BURST_CASES.length);
  for (const { checked, calls, longestCallMs } of lines) {
    expect({ checked, longestCallMs }).toEqual({
      checked: true,
      longestCallMs: expect.any(Number),
    });
    // 4,096 sessions, of which a call closes a thousand or two.
    expect(calls).toBeGreaterThan(1);
  }
});

test('an unknown case is refused', async () => {
  await expect(linesOf(['sieve'])).rejects.toThrow(/no case begins so/);
});
