/** What a top's plan says, what is refused, and what it keeps. */

import { describe, expect, test } from 'vitest';
import { describeSchema } from '../../../src/core/schema.ts';
import { createTopKernel } from '../../../src/operators/top/kernel.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import type { TopDescription } from '../../support/kernel/top-model.ts';
import { planTop, soundTop } from '../../support/kernel/top-model.ts';
import { schemaOf, tumbling } from './aggregate-nodes.ts';

const SCHEMA = schemaOf({ ad: 'int32', user: 'string', bid: 'float64', doc: 'json' });
const COUNTS = schemaOf({ window_start: 'timestamp', window_end: 'timestamp', num: 'int64' });

describe('the plan', () => {
  const columns = (top: TopDescription, schema = SCHEMA): string =>
    describeSchema(soundTop(schema, top).outputs[0]!.stream.schema);

  test('has the window in front, the columns of the input, and the rank behind', () => {
    const top = { n: 1, orderBy: ['bid'] };
    expect(columns(top)).toBe('ad int32, user string, bid float64, doc json');
    expect(columns({ ...top, window: tumbling(10), rank: 'place' })).toBe(
      'window_start timestamp, window_end timestamp, ad int32, user string, bid float64, ' +
        'doc json, place int64',
    );
    expect(columns({ n: 1, orderBy: ['-num'], window: 'input' }, COUNTS)).toBe(
      'window_start timestamp, window_end timestamp, num int64',
    );
  });

  test('spreads rows by group', () => {
    const { distribution } = soundTop(SCHEMA, { n: 1, orderBy: ['bid'], groupBy: ['user', 'ad'] });
    expect(distribution).toEqual({ kind: 'keys', columns: [[1, 0]] });
    expect(soundTop(SCHEMA, { n: 1, orderBy: ['bid'] }).distribution).toEqual({ kind: 'single' });
  });

  test('has event time with a window, and ports for what is late or in error', () => {
    const { outputs } = soundTop(SCHEMA, {
      n: 1,
      orderBy: ['bid'],
      window: tumbling(10),
      onError: 'deadLetter',
    });
    expect(outputs.map(({ name, stream }) => [name, stream.hasTime])).toEqual([
      ['out', true],
      ['late', true],
      ['errors', false],
    ]);
    expect(soundTop(SCHEMA, { n: 1, orderBy: ['bid'] }).outputs[0]!.stream.hasTime).toBe(false);
  });

  test('refuses what cannot be, with the nearest name', () => {
    const issues = (top: Partial<TopDescription>, schema = SCHEMA, hasTime = true) =>
      planTop(schema, { n: 1, orderBy: ['bid'], ...top }, hasTime).issues;
    expect(issues({ orderBy: ['-bidd'], groupBy: ['ad', 'usr'] })).toEqual([
      expect.stringMatching(/^orderBy\/0: unknown column 'bidd'.*\[bid\]$/),
      expect.stringMatching(/^groupBy\/1: unknown column 'usr'.*\[user\]$/),
    ]);
    expect(issues({ orderBy: ['doc'], groupBy: ['doc'] })).toHaveLength(2);
    expect(issues({ window: 'input' }, SCHEMA, false)[0]).toMatch(/^window: .*needs event time/);
    expect(issues({ rank: 'ad' })[0]).toMatch(/^rank: the output has another column 'ad'/);
    expect(issues({ orderBy: ['num'], window: tumbling(5) }, COUNTS)[0]).toMatch(
      /^window: 'in' has a column 'window_start' already.*"window": "input"/,
    );
  });
});

/** Disordered rows of many groups, some of them late, with watermarks between them. */
function script(): Step[] {
  const steps: Step[] = [];
  let greatest = -Infinity;
  for (let i = 0; i < 400; i++) {
    const timeUs = i * 3 - ((i * 37) % 90);
    const lateByUs = Math.max(0, greatest - 60 - timeUs);
    greatest = Math.max(greatest, timeUs);
    const user = i % 11 === 0 ? null : `user number ${i % 7}${i % 3 === 0 ? '' : ' of many'}`;
    steps.push({ port: 0, row: { values: [i % 4, user, (i * 13) % 50, null], timeUs, lateByUs } });
    if (i % 50 === 49) steps.push({ port: 0, watermarkUs: greatest - 60 });
  }
  return steps;
}

const SUBJECTS: Readonly<Record<string, TopDescription>> = {
  'top, tumbling': { n: 2, orderBy: ['-bid'], groupBy: ['ad'], window: tumbling(100), rank: 'r' },
  'top, hopping, with ties': {
    n: 3,
    orderBy: ['user'],
    window: { kind: 'hopping', sizeUs: 100, slideUs: 30, offsetUs: 7 },
    ties: true,
    rank: 'r',
  },
  'top, of the whole input': { n: 5, orderBy: ['bid', '-user'], groupBy: ['user'] },
  'top, with a port for errors': {
    n: 1,
    orderBy: ['bid'],
    window: 'input',
    groupBy: ['ad'],
    onError: 'deadLetter',
  },
};

for (const [name, top] of Object.entries(SUBJECTS)) {
  describeKernel(name, {
    create: createTopKernel,
    plan: soundTop(SCHEMA, top),
    script: script(),
    keepsOrder: false,
    leastRows: 3,
  });
}

describe('state', () => {
  const rising = (rows: number): Step[] =>
    Array.from({ length: rows }, (_, i) => ({
      port: 0,
      row: {
        values: [i % 10, `a text of some length, number ${i}`, i, null],
        timeUs: i,
        lateByUs: 0,
      },
    }));

  test('is that of the rows that are kept, also where each is better than all before', async () => {
    const plan = soundTop(SCHEMA, { n: 3, orderBy: ['-bid'], groupBy: ['ad'] });
    const options = { rowCapacity: 64, stateLimitBytes: 500_000 };
    const { out } = await runKernel(createTopKernel, plan, rising(30_000), options);
    const bids = out.rows().map((row) => row.values[2] as number);
    expect(bids.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => 29_970 + i),
    );
  });

  test('over its limit is an error that says what to do', async () => {
    const plan = soundTop(SCHEMA, { n: 100_000, orderBy: ['bid'] });
    const options = { rowCapacity: 64, stateLimitBytes: 500_000 };
    await expect(runKernel(createTopKernel, plan, rising(30_000), options)).rejects.toMatchObject({
      code: 'ERR_LIMIT_EXCEEDED',
      node: 'tested',
      message: expect.stringMatching(/keep fewer rows for a group/) as string,
    });
  });

  test('of closed windows is let go', async () => {
    const plan = soundTop(SCHEMA, { n: 50, orderBy: ['bid'], window: tumbling(100) });
    const steps = rising(30_000).flatMap((step, i) =>
      i % 100 === 0 ? [step, { port: 0, watermarkUs: i - 10 }] : [step],
    );
    const options = { rowCapacity: 64, stateLimitBytes: 500_000 };
    const { out } = await runKernel(createTopKernel, plan, steps, options);
    expect(out.rows()).toHaveLength(15_000);
  });
});

test('orders floats: null, then numbers, where 0 equals -0, then NaN', async () => {
  const values = [1.5, NaN, -0, null, Infinity, 0, -Infinity, -2.25];
  const steps = values.map((x, i): Step => ({
    port: 0,
    row: { values: [i, x], timeUs: i, lateByUs: 0 },
  }));
  const schema = schemaOf({ id: 'int32', x: 'float64' });
  const idsBy = async (orderBy: string): Promise<unknown[]> => {
    const plan = soundTop(schema, { n: 8, orderBy: [orderBy] });
    const { out } = await runKernel(createTopKernel, plan, steps, { rowCapacity: 64 });
    return out.rows().map((row) => row.values[0]);
  };
  expect(await idsBy('x')).toEqual([3, 6, 7, 2, 5, 0, 4, 1]);
  expect(await idsBy('-x')).toEqual([1, 4, 0, 2, 5, 7, 6, 3]);
});

test('of rows with one key, those that are less by their columns are better: -0 before 0, NaN last', async () => {
  const schema = schemaOf({ g: 'int32', x: 'float64', s: 'string' });
  const floats = [null, -0, 0, 1.5, NaN];
  const same = 'long enough to be compared eight bytes at a time';
  const texts = [null, '', 'a', 'abcdefgh', 'abcdefgha', 'abcdefghb', `${same}.`, `${same}..`];
  const inOrder = floats.flatMap((x) => texts.map((s) => [1, x, s]));
  // Strides that are prime to the number of rows: each time they come in another order.
  for (const stride of [1, 7, 13, 39]) {
    const arriving = inOrder.map((_, i) => inOrder[(i * stride) % inOrder.length]!);
    for (const n of [1, 3, 20, 64]) {
      const steps: Step[] = arriving.map((values) => ({ port: 0, row: { values } }));
      const plan = soundTop(schema, { n, orderBy: ['g'], groupBy: ['g'] }, false);
      const { out } = await runKernel(createTopKernel, plan, steps, { rowCapacity: 64 });
      expect(out.rows().map(({ values }) => values)).toEqual(inOrder.slice(0, n));
    }
  }
});
