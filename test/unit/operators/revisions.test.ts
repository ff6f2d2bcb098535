/** Operators whose results are revised by replay. */

import { expect, test } from 'vitest';
import type { OperatorDocument } from '../../../src/core/topology/operators/index.ts';
import { normalizeOperator } from '../../../src/core/topology/operators/index.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { planOperator } from '../../../src/operators/specs.ts';
import { contentsOf, planOver, SESSIONS } from '../../property/revisions.property.ts';
import type { TestRow } from '../../support/kernel/rows.ts';
import { rowKey } from '../../support/kernel/rows.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import { schemaOf } from './aggregate-nodes.ts';

const REVISED = { ...SESSIONS, revisions: { keep: '100us' } };

const row = (timeUs: number, v: number, change: string | null, lateByUs = 0): Step => ({
  port: 0,
  row: { values: ['k', change, v, null], timeUs, lateByUs },
});
const tuples = (sevenUs: number): Step[] =>
  Array.from({ length: 12 }, (_, i) => row(i === 7 ? sevenUs : 5 * i, i, null));

test('a replacement of tuple 7: what is there equals a run with the right input', async () => {
  const script = [
    ...tuples(35),
    { port: 0, watermarkUs: 90 },
    row(35, 7, '-U', 55),
    row(200, 7, '+U'),
    row(210, 99, '+I'),
    { port: 0, watermarkUs: 205 },
  ];
  const { out } = await runKernel(createKernel, planOver(REVISED, 1, true), script, {
    rowCapacity: 64,
  });
  const right = [...tuples(200), row(210, 99, null)].flatMap((step): Step[] => {
    if (!('row' in step)) return [];
    const { timeUs } = step.row;
    return [{ port: 0, row: { values: step.row.values.toSpliced(1, 1), timeUs: timeUs! } }];
  });
  right.sort((a, b) => ('row' in a && 'row' in b ? a.row.timeUs! - b.row.timeUs! : 0));
  const plain = await runKernel(createKernel, planOver(SESSIONS, 1, false), right, {
    rowCapacity: 64,
  });
  const rows = out.rows(0);
  expect(rows.map(({ values }) => values.at(-1))).toEqual(['+I', '-D', '+I', '+I', '+I', '+I']);
  // The session that was one has been given, taken back, and given as two.
  const shown = ({ values, timeUs }: TestRow): string => rowKey({ values, timeUs: timeUs! });
  expect(contentsOf(rows)).toEqual(plain.out.rows(0).map(shown).sort());
});

test('what is later than rows are kept is counted, and can be read', async () => {
  const script = [
    row(5, 1, null),
    row(500, 2, null),
    { port: 0, watermarkUs: 500 },
    row(5, 1, '-D', 495),
    row(400, 3, '+I', 100),
    row(399, 3, '+I', 101),
    row(450, 77, '-D', 50),
  ];
  const { out, late } = await runKernel(createKernel, planOver(REVISED, 1, true), script, {
    rowCapacity: 64,
  });
  // Two are too late, and one takes back what was not there.
  expect(late).toBe(3);
  expect(out.rows(1).map(({ values }) => values[1])).toEqual(['-D', '+I']);
  expect(contentsOf(out.rows(0))).toHaveLength(3);
});

test('rows that are kept are bounded by the limit of the state', async () => {
  const script = Array.from({ length: 2000 }, (_, i) => row(i, i, null));
  const run = (stateLimitBytes: number): Promise<unknown> =>
    runKernel(
      createKernel,
      planOver({ type: 'dedup', key: ['v'], within: '5us', revisions: { keep: '1h' } }, 1, true),
      script,
      {
        rowCapacity: 64,
        stateLimitBytes,
      },
    );
  await expect(run(128 * 1024)).rejects.toThrow(/keeps rows for revisions, and more would exceed/);
  await run(4 * 1024 * 1024);
});

test('what cannot be replayed is refused', () => {
  const schema = schemaOf({ k: 'string', op: 'string', v: 'int32' });
  const issues = (document: object, hasTime = true): string[] => {
    const found: string[] = [];
    const node = normalizeOperator('tested', {
      input: 'a',
      revisions: { keep: '1m' },
      ...document,
    } as OperatorDocument);
    const inputs = [{ name: 'a', stream: { schema, hasTime, change: 1 } }];
    planOperator(node, inputs, (path, message) => void found.push(`${path.join('/')}: ${message}`));
    return found;
  };
  expect(issues({ type: 'dedup', key: ['k'], onError: 'deadLetter', by: 'roundRobin' })).toEqual([
    "revisions: it goes with no 'by': a row may be taken back elsewhere",
    'revisions: it goes with "onError": "stop" or "skip" only',
  ]);
  expect(issues({ type: 'dedup', key: ['k'] }, false)).toEqual([
    "revisions: 'a' has no event time; give its source a 'time'",
  ]);
  expect(issues({ type: 'dedup', key: ['k'], emit: 'onChange', keep: 'last' })).toEqual([
    'revisions: its results are revised already, by the rows as they come',
  ]);
  const window = { type: 'session', gap: '5s', time: 'processing' };
  expect(issues({ type: 'aggregate', window, select: { n: 'COUNT(*)' } })).toEqual([
    'revisions: what goes by processing time cannot be replayed',
  ]);
});
