import { expect, test } from 'vitest';
import { type KernelBenchOptions, benchKernels } from '../../bench/kernels/main.ts';
import type { BenchLine } from '../../bench/shared/bench-line.ts';

/** Enough to see that it works; the numbers mean nothing. */
const TINY: Omit<KernelBenchOptions, 'cases' | 'print'> = {
  scale: {
    batches: 2,
    tableRows: 2048,
    rowsPerKey: 0.002,
    pipelineRows: 100_000,
    textBytes: 20_000,
    hasPrograms: false,
  },
  pace: { rounds: 1, roundMs: 0, warmUpMs: 0, longestWarmUpMs: 0, budgetMs: 0 },
  withLong: true,
};

async function linesOf(options: Omit<KernelBenchOptions, 'print'>): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  await benchKernels({ ...options, print: (line) => lines.push(line) });
  return lines;
}

function expectSound(lines: readonly BenchLine[]): void {
  expect(lines.filter(({ checked }) => !checked)).toEqual([]);
  for (const line of lines) {
    expect(line).toMatchObject({ bench: 'kernels', workers: 1 });
    expect(line.nsPerRow).toBeGreaterThanOrEqual(0);
    expect(line.events).toBeGreaterThan(0);
    const peers = lines.filter((other) => other.case === line.case && other !== line);
    const names = peers.map(({ subject }) => subject).toSorted();
    if (line.subject === 'millrace') expect(Object.keys(line.ratio!).toSorted()).toEqual(names);
    else expect(line.ratio).toBeUndefined();
  }
}

test('every case is right, for every subject in this process', { timeout: 60_000 }, async () => {
  const lines = await linesOf({ ...TINY, cases: [] });
  expectSound(lines);
  const kernels = new Set(lines.map((line) => line.case.split(' ')[0]));
  expect([...kernels]).toEqual([
    'filter',
    'filter-sum',
    'map',
    'aggregate',
    'decode',
    'join',
    'top',
    'copy',
    'partition',
    'pipeline',
  ]);
});

test('so are C++ and DuckDB, where they are there', { timeout: 60_000 }, async () => {
  const scale = { ...TINY.scale, hasPrograms: true };
  const lines = await linesOf({ ...TINY, scale, cases: ['filter i32 1', 'join'] });
  expectSound(lines);
  expect(new Set(lines.map((line) => line.case))).toEqual(
    new Set(['filter i32 1 %', 'join window']),
  );
});

test('an unknown case is refused', async () => {
  await expect(linesOf({ ...TINY, cases: ['sieve'] })).rejects.toThrow(/no case begins so/);
});
