/** What is said of parameters that make no sense; and boxes that read them otherwise than in expressions. */

import { describe, expect, test } from 'vitest';
import { validateTopology } from '../../../src/index.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { planIssues, soundPlan } from '../../support/kernel/documents.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import { schemaOf } from './aggregate-nodes.ts';

const IN = { name: 'in', schema: schemaOf({ k: 'int32', x: 'float64' }), hasTime: true };
const LIMITS = { name: 'limits', schema: schemaOf({ limit: 'float64' }), hasTime: true };
const parameters = { limit: { type: 'float64', initial: 5 } };
const filter = { type: 'filter', where: 'x < $limit', parameters };

describe('refused', () => {
  const control = 'limits';
  test.each([
    [
      'a name that is no parameter',
      { ...filter, where: 'x < $limt' },
      [IN],
      /unknown column '\$limt'.*\$limit/s,
    ],
    [
      'a column that the control stream lacks',
      { ...filter, control, parameters: { limit: { type: 'float64', column: 'limits' } } },
      [IN, LIMITS],
      /^parameters\/limit: 'limits' has no column 'limits' \(limit\)$/,
    ],
    [
      'a column of another type',
      { ...filter, control, parameters: { limit: { type: 'int32' } } },
      [IN, LIMITS],
      /^parameters\/limit: column 'limit' of 'limits' is float64; expected int32$/,
    ],
    [
      'changes by event time without event time',
      { ...filter, control },
      [IN, { ...LIMITS, hasTime: false }],
      /^control: 'limits' has no event time, by which changes would take effect; .*"arrival"$/,
    ],
    [
      'a parameter among the columns of a group',
      { type: 'aggregate', select: { n: 'SUM(x) * $limit' }, parameters },
      [IN],
      /parameter '\$limit' has a value for each row: aggregate it as in MAX\(\$limit\)/,
    ],
    [
      'a rate that is no number',
      { type: 'random_drop', rate: '$p', parameters: { p: { type: 'string', initial: '1' } } },
      [IN],
      /^rate: parameter '\$p' is no float64$/,
    ],
    [
      'a rate that is no parameter',
      { type: 'random_drop', rate: '$p' },
      [IN],
      /^rate: there is no parameter '\$p'$/,
    ],
  ] as const)('%s', (_, text, inputs, message) => {
    const issues = planIssues(text, inputs);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(message);
  });

  const SOURCE = { connector: 'embedded', schema: { x: 'float64' } };
  const issuesOf = (operator: object, source: object = SOURCE): string[] => {
    const document = {
      version: 1,
      name: 'refused',
      sources: { in: source },
      operators: { o: { input: 'in', ...operator } },
      sinks: { out: { connector: 'discard', input: 'o' } },
    };
    return validateTopology(document, { workers: 1 }).issues.map(
      ({ pointer, message }) => `${pointer}: ${message}`,
    );
  };

  test.each([
    [
      'an initial value of another type',
      { ...filter, parameters: { limit: { type: 'int32', initial: 1.5 } } },
      '/operators/o/parameters/limit/initial: expected a value of int32, found 1.5',
    ],
    [
      'a type that expressions do not compare',
      { ...filter, parameters: { limit: { type: 'json' } } },
      '/operators/o/parameters/limit/type: a parameter cannot be json; expected another type',
    ],
    [
      'a name that cannot be written',
      { ...filter, where: 'x < 1', parameters: { 'a b': { type: 'int32' } } },
      `/operators/o/parameters/a b: expected a name of letters, digits and '_', found "a b"`,
    ],
    [
      'a control stream without parameters',
      { type: 'filter', where: 'x < 1', control: 'in' },
      "/operators/o/control: a control stream changes parameters: 'parameters' is missing",
    ],
    [
      'a control stream that is not there',
      { ...filter, control: { input: 'inn' } },
      `/operators/o/control/input: unknown stream 'inn'; expected in; did you mean 'in'?`,
    ],
  ])('%s', (_, operator, issue) => {
    expect(issuesOf(operator)).toEqual([issue]);
  });

  test('an operator without expressions', () => {
    const [issue, ...others] = issuesOf({ type: 'dedup', key: ['x'], parameters });
    expect(others).toEqual([]);
    expect(issue).toMatch(/^\/operators\/o\/parameters: unknown property 'parameters'/);
  });

  test('a stream of changes, of which rows could be taken back by another value', () => {
    const schema = { x: 'float64', op: 'string' };
    const source = { connector: 'embedded', schema, changes: 'op' };
    const message =
      'the input is a stream of changes: a row could be taken back by another value of a parameter ' +
      'than it was given by';
    expect(issuesOf(filter, source)).toEqual([`/operators/o/parameters: ${message}`]);
  });
});

const LONG = 'a text that does not fit its view';

test('late changes are counted, and change nothing', async () => {
  const script: Step[] = [
    { port: 1, row: { values: [7], timeUs: 50, lateByUs: 10 } },
    { port: 0, row: { values: [1, 6], timeUs: 60 } },
  ];
  const plan = soundPlan({ ...filter, control: 'limits' }, [IN, LIMITS]);
  const { out, late } = await runKernel(createKernel, plan, script, { rowCapacity: 64 });
  expect([out.rows(), late]).toEqual([[], 1]);
});

test.each([
  ['waits', [0, 1]],
  ['has not come yet', [1, 0]],
])('a change of the time of the watermark holds for a row that %s', async (_, order) => {
  const row: Step = { port: 0, row: { values: [1, 6], timeUs: 60 } };
  const watermark: Step = { port: 1, watermarkUs: 60 };
  const change: Step = { port: 1, row: { values: [7], timeUs: 60 } };
  const before = order.map((i) => [row, watermark][i]!);
  const plan = soundPlan({ ...filter, control: 'limits' }, [IN, LIMITS]);
  const { out } = await runKernel(createKernel, plan, [...before, change], { rowCapacity: 64 });
  expect(out.rows()).toHaveLength(1);
});

test('rows that wait for changes have a bound', async () => {
  const schema = schemaOf({ s: 'string' });
  const row = (i: number): Step => ({ port: 0, row: { values: [LONG], timeUs: i } });
  const script = Array.from({ length: 300 }, (_, i) => row(i));
  const plan = soundPlan(
    { type: 'filter', where: 's <> $s', parameters: { s: { type: 'string' } }, control: 'c' },
    [
      { name: 'in', schema, hasTime: true },
      { name: 'c', schema, hasTime: true },
    ],
  );
  const run = runKernel(createKernel, plan, script, {
    rowCapacity: 64,
    slotHeapBytes: 4096,
    stateLimitBytes: 16384,
  });
  await expect(run).rejects.toThrow(/rows that wait for the control stream take more than 16384/);
});

describe('a random drop by a rate that is a parameter', () => {
  const rows = Array.from({ length: 400 }, (_, i): Step => {
    return { port: 0, row: { values: [i % 20, i], timeUs: i } };
  });

  test.each([[[]], [['k']]])('drops what one with that rate drops, by %j', async (groupBy) => {
    const box = { type: 'random_drop', seed: 3, groupBy };
    const kept = async (text: object): Promise<unknown[]> => {
      const plan = soundPlan({ ...box, ...text }, [IN]);
      const { out } = await runKernel(createKernel, plan, rows, { rowCapacity: 64 });
      return out.rows();
    };
    const rate = (initial: number | null): object => ({
      rate: '$rate',
      parameters: { rate: { type: 'float64', initial } },
    });
    const half = await kept({ rate: 0.5 });
    expect(half.length).toBeGreaterThan(100);
    expect(half.length).toBeLessThan(300);
    expect(await kept(rate(0.5))).toEqual(half);
    expect(await kept(rate(1))).toEqual([]);
    expect(await kept(rate(null))).toHaveLength(400);
  });
});
