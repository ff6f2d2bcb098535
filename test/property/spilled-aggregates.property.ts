/** Aggregates with more groups than room against maps of windows and groups. @module */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Window } from '../../src/core/topology/model.ts';
import { openAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { MemorySpill } from '../support/kernel/memory-spill.ts';
import type { RunResult, Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import {
  cumulating,
  hopping,
  schemaOf,
  soundPlan,
  tumbling,
} from '../unit/operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'string', f: 'float64', unused: 'string', v: 'int64' });
const SELECT = {
  n: 'COUNT(*)',
  some: 'COUNT(*) FILTER (WHERE v > 0)',
  sum: 'SUM(v)',
  least: 'MIN(k)',
  first: 'MIN(v)',
};

const CASE = fc.record({
  seed: fc.nat(),
  rows: fc.integer({ min: 300, max: 900 }),
  keys: fc.integer({ min: 40, max: 2000 }),
  window: fc.oneof(
    fc.constant(undefined),
    fc.integer({ min: 100, max: 900 }).map((sizeUs) => tumbling(sizeUs)),
    fc
      .tuple(fc.integer({ min: 100, max: 500 }), fc.integer({ min: 50, max: 500 }))
      .map(([slideUs, moreUs]) => hopping(slideUs + moreUs, slideUs)),
    fc
      .tuple(fc.integer({ min: 50, max: 200 }), fc.integer({ min: 2, max: 4 }))
      .map(([stepUs, steps]) => cumulating(stepUs * steps, stepUs)),
  ),
  limitKib: fc.integer({ min: 128, max: 200 }),
  run: fc.record({ refuses: fc.boolean(), gaps: fc.boolean(), inMemory: fc.boolean() }),
  renews: fc.boolean(),
  batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 6 }),
});
type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

/** What is known of a row. */
interface Row {
  readonly timeUs: number;
  readonly values: readonly [string | null, number, string, bigint | null];
}

function rowsOf({ seed, rows, keys }: Case): Row[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: rows }, (_, i): Row => {
    const key = random(keys);
    const text = key % 7 === 0 ? null : `${'long '.repeat(key % 4)}key ${key}`;
    const value = random(12) === 0 ? null : BigInt(random(9) - 4);
    return { timeUs: 2 * i + random(40), values: [text, key % 3, 'x', value] };
  });
}

/** Watermarks are so far behind that no row is late. */
function scriptOf(rows: readonly Row[]): Step[] {
  return rows.flatMap(({ timeUs, values }, i): Step[] => {
    const row: Step = { port: 0, row: { values, timeUs } };
    return i % 100 === 99 ? [row, { port: 0, watermarkUs: 2 * i - 1 }] : [row];
  });
}

/** Starts and ends of the windows of a time. */
function windowsAt(window: Window | undefined, timeUs: number): [number, number][] {
  if (window === undefined) return [[0, 0]];
  const { sizeUs } = window;
  const found: [number, number][] = [];
  if (window.kind === 'cumulating') {
    const start = Math.floor(timeUs / sizeUs) * sizeUs;
    for (let end = start + window.stepUs; end <= start + sizeUs; end += window.stepUs) {
      if (end > timeUs) found.push([start, end]);
    }
    return found;
  }
  const slideUs = window.kind === 'hopping' ? window.slideUs : sizeUs;
  let start = Math.floor(timeUs / slideUs) * slideUs;
  for (; start + sizeUs > timeUs; start -= slideUs) found.push([start, start + sizeUs]);
  return found;
}

/** Results as texts, by an obvious way. */
function expectedOf({ window }: Case, rows: readonly Row[]): string[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    for (const place of windowsAt(window, row.timeUs)) {
      const key = JSON.stringify([
        ...(window === undefined ? [] : place),
        ...row.values.slice(0, 2),
      ]);
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
  }
  return [...groups]
    .map(([key, members]) => {
      const values = members.flatMap(({ values: [, , , v] }) => (v === null ? [] : [v]));
      const sorted = values.toSorted((a, b) => Number(a - b));
      const sum = values.length === 0 ? null : values.reduce((a, b) => a + b);
      const first = sorted[0] ?? null;
      const least = members[0]!.values[0];
      const some = values.filter((v) => v > 0n).length;
      return `${key} ${members.length} ${some} ${sum} ${least} ${first}`;
    })
    .toSorted();
}

function resultsOf({ window }: Case, { out }: RunResult): string[] {
  const edges = window === undefined ? 0 : 2;
  return out
    .rows(0)
    .map(({ values }) => {
      const bounds = values.slice(0, edges).map(Number);
      const [k, f, ...rest] = values.slice(edges);
      return `${JSON.stringify([...bounds, k, f])} ${rest.map(String).join(' ')}`;
    })
    .toSorted();
}

/** Runs cases; how many rows went to disk. */
export async function checkSpilledAggregates(runs: number): Promise<number> {
  let spilledRows = 0;
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const rows = rowsOf(drawn);
      const { window, limitKib, batchRows, run, renews } = drawn;
      const windowed = window === undefined ? {} : { window };
      const text = { groupBy: ['k', 'f'], select: SELECT, onLimit: 'spill', ...windowed } as const;
      let turn = 0;
      const spills: MemorySpill[] = [];
      const result = await runKernel(openAggregateKernel, soundPlan(SCHEMA, text), scriptOf(rows), {
        ...run,
        rowCapacity: 64,
        stateLimitBytes: limitKib * 1024,
        batchRows: () => batchRows[turn++ % batchRows.length]!,
        renews: nowAndThen(renews),
        spills,
      });
      expect(resultsOf(drawn, result)).toEqual(expectedOf(drawn, rows));
      expect(spills.at(-1)!.pieces).toBe(0);
      spilledRows += result.spilled;
    }),
    { numRuns: runs },
  );
  return spilledRows;
}
