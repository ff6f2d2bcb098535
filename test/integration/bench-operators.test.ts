import { expect, test } from 'vitest';
import { typesOf } from '../../bench/operators/case.ts';
import { benchOperators, OPERATOR_CASES } from '../../bench/operators/main.ts';
import type { BenchLine } from '../../bench/shared/bench-line.ts';
import { operator } from '../../src/core/topology/operators/index.ts';

/** Enough to see that it works; the numbers mean nothing. */
const TINY = {
  extent: { batches: 2, batchRows: 256 },
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
  const lines = await linesOf([]);
  expect(lines.filter(({ checked }) => !checked)).toEqual([]);
  for (const line of lines) {
    expect(line).toMatchObject({ bench: 'operators', workers: 1 });
    expect(line.events).toBeGreaterThan(0);
    expect(line.nsPerRow).toBeGreaterThanOrEqual(0);
  }
  expect(lines.map(({ subject }) => subject)).toEqual(
    OPERATOR_CASES.flatMap(() => ['millrace', 'javascript']),
  );
  for (const { subject, ratio } of lines) {
    expect(Object.keys(ratio ?? {})).toEqual(subject === 'millrace' ? ['javascript'] : []);
  }
});

test('an unknown case is refused', async () => {
  await expect(linesOf(['sieve'])).rejects.toThrow(/no case begins so/);
});
