/** Operators with parts of their state on disk against the same ones with room for all of it. @module */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { OperatorPlan } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import { INT32, INT64, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { MemorySpill } from '../support/kernel/memory-spill.ts';
import { documentPlan } from '../support/kernel/operator-nodes.ts';
import type { TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { RunOptions, RunResult, Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'k', type: STRING },
  { name: 'id', type: INT32 },
  { name: 'v', type: INT64 },
];
const GROWING = {
  n: 'COUNT(*)',
  different: 'COUNT(DISTINCT v)',
  all: 'ARRAY_AGG(id)',
  middle: 'PERCENTILE_DISC(v, 0.5)',
  texts: "STRING_AGG(k, ',')",
};
const STEADY = { n: 'COUNT(*)', sum: 'SUM(v)', last: 'LAST(id)' };
const PAIRS = { l: 'l.id', r: 'r.id' };
const tumbling = { type: 'tumbling', size: '300us' };

type Document = Readonly<Record<string, unknown>>;
const aggregate = (window: Document | undefined, select: Document, more: Document = {}) => ({
  type: 'aggregate',
  groupBy: ['k'],
  ...(window === undefined ? {} : { window }),
  select,
  ...more,
});
const join = (kind: string, more: Document) => ({
  type: 'join',
  kind,
  on: 'l.k = r.k',
  select: kind === 'semi' || kind === 'anti' ? { l: 'l.id' } : PAIRS,
  ...more,
});

/** What is tested, by a name. */
export const SUBJECTS: Readonly<Record<string, Document>> = {
  'growing groups': aggregate(undefined, GROWING),
  'growing groups of windows': aggregate(tumbling, GROWING),
  'growing groups of hopping windows': aggregate(
    { type: 'hopping', size: '300us', slide: '100us' },
    GROWING,
  ),
  'results with each row': aggregate(undefined, STEADY, { emit: 'each' }),
  sessions: aggregate({ type: 'session', gap: '120us' }, STEADY),
  'sessions of growing groups': aggregate({ type: 'session', gap: '200us' }, GROWING),
  'row windows': aggregate({ type: 'count', size: 7, slide: 3 }, STEADY),
  'row windows of growing groups': aggregate({ type: 'count', size: 9 }, GROWING),
  'dedup of first rows': { type: 'dedup', key: ['k'] },
  'dedup of first rows within a time': { type: 'dedup', key: ['k'], within: '90us' },
  'dedup of last rows': { type: 'dedup', key: ['k'], keep: 'last' },
  'dedup of last rows within a time': { type: 'dedup', key: ['k'], keep: 'last', within: '90us' },
  top: { type: 'top', n: 3, groupBy: ['k'], orderBy: ['-v', 'id'], rank: 'rank' },
  'top of windows': { type: 'top', n: 2, groupBy: ['k'], orderBy: ['v', 'id'], window: tumbling },
  'inner join of windows': join('inner', { window: tumbling }),
  'left join of windows': join('left', { window: tumbling }),
  'full join of windows': join('full', { window: tumbling }),
  'semi join of windows': join('semi', { window: tumbling }),
  'left join within a time': join('left', { within: '80us' }),
  'anti join within a time': join('anti', { within: '80us' }),
  'inner join for a while': join('inner', { ttl: '200us' }),
  'left join without a bound': join('left', {}),
  'anti join without a bound': join('anti', {}),
  'left join for a while': join('left', { ttl: '200us' }),
  'join as of': join('left', { asOf: true }),
};

const CASE = fc.record({
  seed: fc.nat(),
  rows: fc.integer({ min: 300, max: 900 }),
  keys: fc.integer({ min: 40, max: 500 }),
  limitKib: fc.integer({ min: 350, max: 800 }),
  late: fc.boolean(),
  run: fc.record({ refuses: fc.boolean(), gaps: fc.boolean(), inMemory: fc.boolean() }),
  renews: fc.boolean(),
  batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 6 }),
});
type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

/** The plan of a subject, with or without room on disk. */
export function planOf(node: Document, onLimit: 'error' | 'spill'): OperatorPlan {
  const input = (name: string) => ({ name, schema: SCHEMA, hasTime: true });
  const inputs = node['type'] === 'join' ? ['l', 'r'] : ['l'];
  return documentPlan({ ...node, onLimit }, inputs.map(input));
}

/** Rows of some keys, of which few are frequent; each input has watermarks behind them, and late rows. */
function scriptOf({ seed, rows, keys, late }: Case, inputs: number): Step[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const watermarks = Array.from({ length: inputs }, () => -Infinity);
  return Array.from({ length: rows }, (_, id): Step[] => {
    const port = random(inputs);
    const key = random(6) === 0 ? random(3) : random(keys);
    const k = key % 29 === 7 ? null : `${'long '.repeat(key % 5)}key ${key}`;
    const v = random(12) === 0 ? null : BigInt(random(40) - 9);
    const behindUs = late && random(20) === 0 ? random(200) : random(40);
    const timeUs = 2 * id + 40 - behindUs;
    const lateByUs = Math.max(0, watermarks[port]! - timeUs);
    const row: Step = { port, row: { values: [k, id, v], timeUs, lateByUs } };
    if (id % 60 !== 59) return [row];
    const next = (Math.floor(id / 60) * 7) % inputs;
    watermarks[next] = 2 * id;
    return [row, { port: next, watermarkUs: 2 * id }];
  }).flat();
}

/** All rows by port, whatever their order; of a stream of changes, those that are left. */
function rowsOf({ out }: RunResult, plan: OperatorPlan): string[][] {
  return plan.outputs.map(({ stream: { change } }, port) =>
    change === undefined ? out.rows(port).map(rowKey).sort() : leftOf(out.rows(port), change),
  );
}

function leftOf(rows: readonly TestRow[], change: number): string[] {
  const counts = new Map<string, number>();
  for (const { values } of rows) {
    const key = rowKey({ values: values.toSpliced(change, 1) });
    const isBack = String(values[change]).startsWith('-');
    counts.set(key, (counts.get(key) ?? 0) + (isBack ? -1 : 1));
  }
  return [...counts]
    .filter(([, count]) => count !== 0)
    .map(([key, count]) => `${count} ${key}`)
    .sort();
}

/** No row on time comes behind a watermark that has passed it. */
function overtaken({ out }: RunResult): number {
  let greatestUs = -Infinity;
  let count = 0;
  for (const event of out.events) {
    if (event.kind === 'watermark') greatestUs = Math.max(greatestUs, event.watermarkUs);
    else if (event.port === 0 && event.row.lateByUs === 0 && event.row.timeUs! < greatestUs)
      count++;
  }
  return count;
}

/** Runs cases of one subject; how many rows went to disk, and how often parts did. */
export async function checkSpilledParts(node: Document, runs: number): Promise<number> {
  let spilledRows = 0;
  const [whole, parts] = [planOf(node, 'error'), planOf(node, 'spill')];
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const script = scriptOf(drawn, whole.inputs.length);
      const { limitKib, batchRows, run, renews } = drawn;
      const expected = await runKernel(createKernel, whole, script, { rowCapacity: 64 });
      let turn = 0;
      const spills: MemorySpill[] = [];
      const options: RunOptions = {
        ...run,
        rowCapacity: 64,
        stateLimitBytes: limitKib * 1024,
        batchRows: () => batchRows[turn++ % batchRows.length]!,
        renews: nowAndThen(renews),
        spills,
      };
      const found = await runKernel(createKernel, parts, script, options);
      expect(rowsOf(found, parts)).toEqual(rowsOf(expected, whole));
      expect([found.late, found.errors]).toEqual([expected.late, expected.errors]);
      expect(found.out.watermarkUs).toBe(expected.out.watermarkUs);
      expect(overtaken(found)).toBe(overtaken(expected));
      expect(spills.at(-1)!.pieces).toBe(0);
      spilledRows += found.spilled;
    }),
    { numRuns: runs },
  );
  return spilledRows;
}
