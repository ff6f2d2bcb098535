/**
 * Operators that replay rows: what is left of their results is what the operator gives for the rows that
 * are left, as if these had come in order.
 *
 * @module
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import { BoundedDisorder } from '../../src/core/time.ts';
import type { InputStream, OperatorPlan } from '../../src/core/operator.ts';
import type { OperatorDocument } from '../../src/core/topology/operators/index.ts';
import { normalizeOperator } from '../../src/core/topology/operators/index.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { planOperator } from '../../src/operators/specs.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { schemaOf } from '../unit/operators/aggregate-nodes.ts';

/** The column of changes is the second. */
const CHANGE = 1;
const SCHEMA = schemaOf({ k: 'string', op: 'string', v: 'int32', s: 'string' });
const LONG = 'a string that does not fit its view';
const KEEP_US = 60;

type Document = Readonly<Record<string, unknown>>;

/** Operators that refuse streams of changes but for this. */
export const SESSIONS: Document = {
  type: 'aggregate',
  groupBy: ['k'],
  window: { type: 'session', gap: '7us' },
  select: { n: 'COUNT(*)', sum: 'SUM(v)' },
};
export const OPERATORS: readonly Document[] = [
  SESSIONS,
  {
    type: 'pattern',
    input: 'a',
    events: { x: { input: 'a', where: 'v < 2' }, y: { input: 'a', where: 'v >= 2' } },
    pattern: 'x THEN y',
    key: ['k'],
    within: '12us',
    select: { k: 'x.k', x: 'x.v', y: 'y.v', s: 'y.s' },
  },
  { type: 'dedup', key: ['k', 'v'], within: '9us' },
  {
    type: 'top',
    n: 2,
    groupBy: ['k'],
    orderBy: ['v', 's'],
    window: { type: 'tumbling', size: '10us' },
  },
  {
    type: 'aggregate',
    groupBy: ['k'],
    window: { type: 'count', size: 3, slide: 2 },
    select: { n: 'COUNT(*)', sum: 'SUM(v)', last: 'LAST(s)' },
  },
  { type: 'aggregate', groupBy: ['k'], select: { n: 'COUNT(*)', sum: 'SUM(v)' } },
];

/** The plan of an operator over streams `a`, `b` …, of changes or of what is left of them. */
export function planOver(document: Document, inputs: number, changes: boolean): OperatorPlan {
  const names = ['a', 'b'].slice(0, inputs);
  const reads = inputs === 1 ? { input: 'a' } : { inputs: names };
  const node = normalizeOperator('tested', { ...reads, ...document } as OperatorDocument);
  const schema = changes ? SCHEMA : SCHEMA.filter((_, c) => c !== CHANGE);
  const streams = names.map((name): InputStream => ({
    name,
    stream: { schema, hasTime: true, ...(changes ? { change: CHANGE } : {}) },
  }));
  const plan = planOperator(node, streams, (path, message) => {
    throw new Error(`${path.join('/')}: ${message}`);
  });
  return plan!;
}

const CASE = fc.record({
  operator: fc.nat(OPERATORS.length - 1),
  rows: fc.array(
    fc.record({
      stepUs: fc.integer({ min: -25, max: 9 }),
      k: fc.constantFrom(null, 'a', LONG),
      v: fc.constantFrom(null, 0, 1, 2, 3),
      /** What happens to an earlier row: nothing, it goes, or another comes in its place. */
      turn: fc.constantFrom('new', 'new', 'delete', 'replace'),
      which: fc.nat(7),
    }),
    { maxLength: 60, size: 'max' },
  ),
  watermarks: fc.array(fc.boolean(), { minLength: 3, maxLength: 8 }),
  batchRows: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
  refuses: fc.boolean(),
  renews: fc.boolean(),
});
type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

/** Rows of one source, and those that are left. */
function scriptOf({ rows, watermarks }: Case): { script: Step[]; left: TestRow[] } {
  const source = new BoundedDisorder(3);
  const left: TestRow[] = [];
  const script: Step[] = [];
  let latestUs = 0;
  const send = (row: TestRow, change: string | null): boolean => {
    const lateByUs = source.judge(row.timeUs!);
    const values = row.values.toSpliced(CHANGE, 0, change);
    script.push({ port: 0, row: { values, timeUs: row.timeUs!, lateByUs } });
    return lateByUs <= KEEP_US;
  };
  rows.forEach(({ stepUs, k, v, turn, which }, i) => {
    const taken = turn === 'new' ? undefined : left.at(-1 - which);
    // What is taken back must still be there.
    if (taken !== undefined && source.watermarkUs - taken.timeUs! <= KEEP_US) {
      left.splice(left.indexOf(taken), 1);
      send(taken, turn === 'delete' ? '-D' : '-U');
    }
    if (turn !== 'delete') {
      const timeUs = turn === 'replace' ? (taken?.timeUs ?? latestUs) : latestUs + stepUs;
      latestUs = Math.max(latestUs, timeUs);
      const row = { values: [k, v, i % 3 === 0 ? `${LONG} ${i % 4}` : 's'] as Cell[], timeUs };
      if (send(row, turn === 'replace' ? '+U' : [null, '+I'][i % 2]!)) left.push(row);
    }
    if (watermarks[i % watermarks.length]!) {
      script.push({ port: 0, watermarkUs: source.watermarkUs });
    }
  });
  return { script, left };
}

/** What a stream of changes comes to; fails when a row is taken back that is not there. */
export function contentsOf(rows: readonly TestRow[]): string[] {
  const there: string[] = [];
  for (const { values, timeUs } of rows) {
    const key = rowKey({ values: values.slice(0, -1), timeUs: timeUs ?? 0 });
    if (values.at(-1) === '+I') {
      there.push(key);
      continue;
    }
    const at = there.indexOf(key);
    expect(at).toBeGreaterThanOrEqual(0);
    there.splice(at, 1);
  }
  return there.sort();
}

/** Runs cases. */
export async function checkRevisions(numRuns: number, seed?: number): Promise<void> {
  const seen = { rows: 0, taken: 0 };
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { operator, batchRows, refuses, renews } = drawn;
      const document = OPERATORS[operator]!;
      const { script, left } = scriptOf(drawn);
      const revised = planOver({ ...document, revisions: { keep: `${KEEP_US}us` } }, 1, true);
      let turn = 0;
      const { out } = await runKernel(createKernel, revised, script, {
        rowCapacity: 64,
        refuses,
        batchRows: () => batchRows[turn++ % batchRows.length]!,
        renews: nowAndThen(renews),
      });
      const inOrder = left
        .toSorted((a, b) => a.timeUs! - b.timeUs!)
        .map((row): Step => ({ port: 0, row }));
      const plain = await runKernel(createKernel, planOver(document, 1, false), inOrder, {
        rowCapacity: 64,
      });
      const given = out.rows(0);
      const expected = plain.out
        .rows(0)
        .map(({ values, timeUs }) => rowKey({ values, timeUs: timeUs ?? 0 }));
      expect(contentsOf(given)).toEqual(expected.sort());
      if (revised.outputs[0]!.stream.hasTime) expect(out.watermarkUs).toBe(Infinity);
      seen.rows += expected.length;
      seen.taken += given.filter(({ values }) => values.at(-1) === '-D').length;
    }),
    { numRuns, ...(seed === undefined ? {} : { seed }) },
  );
  expect(seen.rows).toBeGreaterThan(3 * numRuns);
  expect(seen.taken).toBeGreaterThan(numRuns / 2);
}

/** Sessions of what is left, by sorting and cutting at gaps. */
export async function checkRevisedSessions(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { script, left } = scriptOf(drawn);
      const revised = planOver({ ...SESSIONS, revisions: { keep: `${KEEP_US}us` } }, 1, true);
      const { out } = await runKernel(createKernel, revised, script, { rowCapacity: 64 });
      const sessions: string[] = [];
      for (const [key, rows] of Map.groupBy(left, ({ values }) => values[0]!)) {
        const sorted = rows.toSorted((a, b) => a.timeUs! - b.timeUs!);
        let session: TestRow[] = [];
        sorted.forEach((row, i) => {
          session.push(row);
          const next = sorted[i + 1];
          if (next !== undefined && next.timeUs! - row.timeUs! < 7) return;
          const endUs = row.timeUs! + 7;
          const numbers = session.flatMap(({ values }) => (values[1] === null ? [] : [values[1]!]));
          const sum =
            numbers.length === 0
              ? null
              : BigInt(numbers.reduce<number>((a, b) => a + Number(b), 0));
          const edges = [BigInt(session[0]!.timeUs!), BigInt(endUs)];
          const values = [...edges, key, BigInt(session.length), sum];
          sessions.push(rowKey({ values, timeUs: endUs - 1 }));
          session = [];
        });
      }
      expect(contentsOf(out.rows(0))).toEqual(sessions.sort());
    }),
    { numRuns },
  );
}
