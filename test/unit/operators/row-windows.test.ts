/** Windows that rows open and close, as documents have them: what they give, refuse and hold. */

import { describe, expect, test } from 'vitest';
import { goOn, tellEnd, tellWatermark } from '../../../src/core/kernel-calls.ts';
import type {
  Kernel,
  KernelContext,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../../src/core/operator.ts';
import { checkTopology } from '../../../src/core/topology/parse.ts';
import type { AggregateOperator } from '../../../src/core/topology/model.ts';
import { openAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import {
  firstOpenAt,
  gridFloor,
  nextMultiple,
} from '../../../src/operators/aggregate/rows/grid.ts';
import { aggregateSpec } from '../../../src/operators/aggregate/spec.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import type { Cell } from '../../support/kernel/rows.ts';
import type { RunOptions, Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import type { TestOutbox } from '../../support/kernel/test-outbox.ts';
import { Random } from '../../support/oracle/random.ts';
import { schemaOf } from './aggregate-nodes.ts';

const TYPES = {
  k: 'string',
  v: 'int64',
  at: 'timestamp',
  x: 'float64',
  flag: 'bool',
  d: 'decimal(9,2)',
};
const SCHEMA = schemaOf(TYPES);

interface Written {
  readonly window: object;
  readonly groupBy?: readonly string[] | Readonly<Record<string, string>>;
  readonly select?: Readonly<Record<string, string>>;
  readonly onError?: 'stop' | 'skip' | 'deadLetter';
}

/** Reads an aggregate over a stream without event time, or with; problems as `pointer: message`. */
function planOf(written: Written, hasTime = false): { plan?: OperatorPlan; issues: string[] } {
  const { select = { n: 'COUNT(*)' } } = written;
  const source = { connector: 'embedded', schema: TYPES };
  const document = {
    version: 1,
    name: 'tested',
    sources: { in: hasTime ? { ...source, time: { field: 'at' } } : source },
    operators: { a: { type: 'aggregate', input: 'in', ...written, select } },
    sinks:
      written.onError === 'deadLetter'
        ? { errors: { connector: 'discard', input: 'a.errors' } }
        : {},
  };
  const { topology, issues } = checkTopology(document, { env: {} });
  if (topology === undefined) {
    return { issues: issues.map(({ pointer, message }) => `${pointer}: ${message}`) };
  }
  const node = topology.operators.find(({ name }) => name === 'a') as AggregateOperator;
  const found: string[] = [];
  const input = { name: 'in', stream: { schema: SCHEMA, hasTime } };
  const plan = aggregateSpec.plan(node, [input], (path, message) => {
    found.push(`${path.join('/')}: ${message.split('\n')[0]}`);
  });
  return { ...(plan === undefined ? {} : { plan }), issues: found };
}

function soundOf(written: Written, hasTime = false): OperatorPlan {
  const { plan, issues } = planOf(written, hasTime);
  if (plan === undefined) throw new Error(issues.join('\n'));
  return plan;
}

const row = (v: number | null, more: Partial<Record<keyof typeof TYPES, Cell>> = {}): Step => {
  const cells = { k: 'a', at: 0n, x: 0.5, flag: null, d: 0n, ...more };
  const { k, at, x, flag, d } = cells;
  return { port: 0, row: { values: [k, v === null ? null : BigInt(v), at, x, flag, d] } };
};

async function valuesOf(
  written: Written,
  steps: readonly Step[],
  options: Partial<RunOptions> = {},
): Promise<(readonly Cell[])[]> {
  const plan = soundOf(written);
  const { out } = await runKernel(openAggregateKernel, plan, steps, {
    rowCapacity: 64,
    ...options,
  });
  return out.rows().map(({ values }) => values);
}

const FACTS = {
  first: 'window_first',
  last: 'window_last',
  n: 'COUNT(*)',
  closed: 'window_closed',
};

test('a row that closes a window over a value is in the next one', async () => {
  const window = { type: 'value', on: 'v', size: 10, partial: true };
  const rows = [3, 9, 10, 31].map((v) => row(v));
  expect(await valuesOf({ window, select: { n: 'COUNT(*)' } }, rows)).toEqual([
    [0n, 10n, 2n],
    [10n, 20n, 1n],
    [30n, 40n, 1n],
  ]);
});

test('windows of a group begin at its first value', async () => {
  const window = { type: 'value', on: 'v', size: 10, align: 'group', dropEmpty: false };
  const rows = [3, 12, 13, 40].map((v) => row(v));
  expect(await valuesOf({ window, select: { n: 'COUNT(*)' } }, rows)).toEqual([
    [3n, 13n, 2n],
    [13n, 23n, 1n],
    [23n, 33n, 0n],
  ]);
});

test('a gap of many windows without rows is given a part at a time', async () => {
  const window = { type: 'value', on: 'v', size: 1, dropEmpty: false };
  const found = await valuesOf({ window }, [row(0), row(1000)], { refuses: true });
  expect(found).toEqual(
    Array.from({ length: 1000 }, (_, i) => [BigInt(i), BigInt(i + 1), i === 0 ? 1n : 0n]),
  );
});

test('results of the end come before the end of time is passed on', async () => {
  const plan = soundOf({ window: { type: 'count', size: 3, partial: true } }, true);
  const values = ['a', 1n, 0n, 0.5, null, 0n];
  const steps: Step[] = [
    { port: 0, row: { values, timeUs: 10, lateByUs: 0 } },
    { port: 0, watermarkUs: 15 },
  ];
  const { out } = await runKernel(openAggregateKernel, plan, steps, { rowCapacity: 64 });
  expect(out.events).toEqual([
    { kind: 'watermark', watermarkUs: 15 },
    { kind: 'row', port: 0, row: { values: [1n], timeUs: 10, lateByUs: 5 } },
    { kind: 'watermark', watermarkUs: Infinity },
  ]);
});

test('beginnings of windows are those of floats, without gaps', () => {
  const random = new Random(3);
  for (let i = 0; i < 20_000; i++) {
    const [slide, origin] = [random.between(1, 40) / 10, random.between(-9, 9) / 10];
    const size = random.between(1, 90) / 10;
    const begin = (k: number): number => origin + k * slide;
    // Mostly a beginning or an end, which rounding may put on either side.
    const near = begin(random.between(-50, 50)) + (random.chance(0.5) ? size : 0);
    const value = random.chance(0.1) ? near + 0.01 : near;
    const k = gridFloor(value, origin, slide);
    expect(begin(k) <= value && begin(k + 1) > value, `${value} ${origin} ${slide}`).toBe(true);
    const first = firstOpenAt(value, origin, slide, size);
    const isRight = begin(first) + size > value && begin(first - 1) + size <= value;
    expect(isRight, `${value} ${origin} ${slide} ${size}`).toBe(true);
    expect(nextMultiple(value, origin, slide)).toBe(begin(k + 1));
  }
});

test('a landmark never closes', async () => {
  const window = { type: 'landmark', rows: 2, on: 'v', every: 10, when: 'flag', partial: true };
  const rows = [row(1), row(2), row(3, { flag: true }), row(11), row(12)];
  expect(await valuesOf({ window, select: FACTS }, rows)).toEqual([
    [1n, 2n, 2n, false],
    [1n, 3n, 3n, false],
    [1n, 3n, 3n, false],
    [1n, 4n, 4n, false],
    [1n, 5n, 5n, true],
  ]);
});

test('conditions open and close windows; null is false', async () => {
  const window = { type: 'predicate', open: 'flag', close: 'v >= 5' };
  const rows = [row(9), row(1, { flag: true }), row(2), row(3, { flag: true }), row(5), row(6)];
  expect(await valuesOf({ window, select: FACTS }, rows)).toEqual([
    [2n, 5n, 4n, true],
    [4n, 5n, 2n, true],
  ]);
});

test('a header opens a window after it has closed the one before', async () => {
  const window = { type: 'predicate', open: 'flag', close: 'flag', closing: 'exclude' };
  const head = { flag: true };
  const rows = [row(1, head), row(2), row(3), row(4, head), row(5), row(6, head)];
  expect(await valuesOf({ window, select: FACTS }, rows)).toEqual([
    [1n, 3n, 3n, true],
    [4n, 5n, 2n, true],
  ]);
});

describe('a row out of order', () => {
  const window = { type: 'value', on: 'v', size: 10, partial: true };
  const rows = [row(3), row(2), row(null), row(4), row(2 ** 53)];

  test('is an error that says so', async () => {
    await expect(valuesOf({ window }, rows)).rejects.toThrow(
      /'tested' failed on a row: v: out of order: the value is 2, and 3 was there before/,
    );
  });

  test('is left out, and a dead letter', async () => {
    const written = { window, onError: 'deadLetter' as const };
    const plan = soundOf(written);
    const options = { rowCapacity: 64 };
    const { out, errors } = await runKernel(openAggregateKernel, plan, rows, options);
    expect(out.rows().map(({ values }) => values)).toEqual([[0n, 10n, 2n]]);
    expect(errors).toBe(3);
    expect(out.rows(1).map(({ values }) => values[5])).toEqual(['v', 'v', 'v']);
  });
});

describe('mistakes have their places', () => {
  const at = '/operators/a/window';
  test.each<[object, string]>([
    [{ type: 'count' }, `${at}: missing property 'size'`],
    [{ type: 'count', size: 0 }, `${at}/size: expected a whole number of rows, 1 or more`],
    [{ type: 'count', size: 2, slid: 1 }, `${at}/slid: unknown property`],
    [{ type: 'value', on: 'v' }, `${at}: missing property 'size'`],
    [{ type: 'value', on: 'v', size: '10s' }, 'window/size: expected a number, found a duration'],
    [{ type: 'value', on: 'at', size: 10 }, 'window/size: expected a duration such as "30s"'],
    [{ type: 'value', on: 'v', size: 1.5 }, 'window/size: expected a whole number, found 1.5'],
    [{ type: 'value', on: 'd', size: 1 }, 'window/on: expected a number, timestamp or duration'],
    [{ type: 'value', on: 'w', size: 1 }, `window/on: unknown column 'w'`],
    [{ type: 'landmark' }, `${at}: nothing gives results`],
    [{ type: 'landmark', on: 'v' }, `${at}: missing property 'every'`],
    [{ type: 'landmark', rows: 1, every: 2 }, `${at}: missing property 'on'`],
    [{ type: 'predicate', open: 'flag' }, `${at}: missing property 'close'`],
    [{ type: 'predicate', close: 'v + 1' }, 'window/close: '],
    [{ type: 'dimensions', dimensions: [] }, `${at}/dimensions: expected a list of dimensions`],
    [{ type: 'dimensions', dimensions: [{ type: 'count' }] }, `${at}/dimensions: no dimension`],
    [
      {
        type: 'dimensions',
        dimensions: [
          { type: 'count', size: 1 },
          { type: 'value', on: '1 +' },
        ],
      },
      'window/dimensions/1/on: ',
    ],
    [{ type: 'count', size: 2, timeout: '1s' }, 'window/timeout: a timeout needs event time'],
    [{ type: 'count', size: 2, evict: {} }, `${at}/evict: expected 'rows', 'age' or both`],
  ])('%j', (window, problem) => {
    const { issues } = planOf({ window });
    expect(issues.filter((text) => text.startsWith(problem))).toHaveLength(1);
  });

  test('keys may not be called like columns of the window', () => {
    const { issues } = planOf({
      window: { type: 'count', size: 2 },
      groupBy: { window_first: 'k' },
    });
    expect(issues).toEqual([
      "groupBy: 'window_first' is what 'select' reads of the window; rename the key",
    ]);
  });
});

test('the state has a limit', async () => {
  const window = { type: 'count', size: 1_000_000, slide: 1 };
  const rows = Array.from({ length: 4000 }, () => row(1));
  await expect(valuesOf({ window }, rows, { stateLimitBytes: 128 << 10 })).rejects.toThrow(
    /'tested' holds 1 groups and \d+ parts of open windows, and more would exceed the limit/,
  );
});

test('windows of very many groups close a part at a time', async () => {
  const perCall: number[] = [];
  const counting = async (plan: OperatorPlan, context: KernelContext): Promise<Kernel> => {
    const kernel = await openAggregateKernel(plan, context);
    const count = (out: Outbox, call: () => Progress): Progress => {
      const { events } = out as TestOutbox;
      const before = events.length;
      const progress = call();
      perCall.push(events.length - before);
      return progress;
    };
    return {
      onBatch: (port, batch, out) => count(out, () => kernel.onBatch(port, batch, out)),
      onWatermark: (port, us, out) => count(out, () => tellWatermark(kernel, port, us, out)),
      onEnd: (port, out) => count(out, () => tellEnd(kernel, port, out)),
      resume: (out) => count(out, () => goOn(kernel, out)),
      state: (io) => kernel.state?.(io),
    };
  };
  const groups = 12_000;
  const steps = Array.from({ length: groups }, (_, i): Step => {
    const values = [String(i), 1n, 0n, 0.5, null, 0n];
    return { port: 0, row: { values, timeUs: i, lateByUs: 0 } };
  });
  for (const more of [{ timeout: '1s' }, { partial: true }]) {
    perCall.length = 0;
    const written = { window: { type: 'count', size: 9, ...more }, groupBy: ['k'] };
    const { out } = await runKernel(counting, soundOf(written, true), steps, { rowCapacity: 1024 });
    expect(out.rows()).toHaveLength(groups);
    expect(Math.max(...perCall)).toBeLessThan(groups);
    expect(Math.max(...perCall)).toBeGreaterThan(1024);
  }
});

/** Rows of several groups in order, some of them in error, with watermarks between them. */
function script(): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < 160; i++) {
    const flag = i % 5 === 2 ? null : i % 7 === 3;
    const values = [
      `group ${i % 3} of three groups`,
      BigInt(i % 17 === 16 ? 0 : i),
      null,
      i / 4,
      flag,
      1n,
    ];
    steps.push({ port: 0, row: { values, timeUs: 5 * i - ((i * 37) % 60), lateByUs: 0 } });
    if (i % 50 === 49) steps.push({ port: 0, watermarkUs: 5 * i - 60 });
  }
  return steps;
}

const SELECT = { n: 'COUNT(*)', s: 'SUM(x)', least: 'MIN(v)', share: '10 / (SUM(v) - 30)' };
const subjects: Readonly<Record<string, Written>> = {
  'sliding counts': { window: { type: 'count', size: 7, slide: 2, emit: 3 }, select: SELECT },
  'counts of groups': {
    window: { type: 'count', size: 4, slide: 9, partial: true, evict: { rows: 3 } },
    groupBy: ['k'],
  },
  'values in order': {
    window: { type: 'value', on: 'v', size: 30, slide: 7, dropEmpty: false, emit: 5 },
    groupBy: ['k'],
    onError: 'deadLetter',
  },
  'several dimensions': {
    window: {
      type: 'dimensions',
      dimensions: [
        { type: 'count', size: 9, emit: 4 },
        { type: 'time', size: '100us', slide: '30us' },
        { type: 'predicate', open: 'flag', close: 'v % 20 = 7' },
      ],
      timeout: '90us',
    },
    groupBy: ['k'],
    select: SELECT,
    onError: 'skip',
  },
  'rows that are kept': {
    window: { type: 'count', size: 11, slide: 4, partial: true, evict: { rows: 8 } },
    groupBy: ['flag'],
    select: {
      open: 'FIRST(x)',
      close: 'LAST(x)',
      keys: `STRING_AGG(k, ',')`,
      least: 'MIN(k)',
      d: 'COUNT(DISTINCT k) FILTER (WHERE v % 3 > 0)',
      median: 'MEDIAN(x)',
      n: 'COUNT(*)',
    },
  },
  'a landmark': { window: { type: 'landmark', rows: 3, when: 'flag' }, select: SELECT },
};

for (const [name, written] of Object.entries(subjects)) {
  describeKernel(`windows of rows, ${name}`, {
    create: openAggregateKernel,
    plan: soundOf(written, true),
    script: script(),
    keepsOrder: true,
    leastRows: 8,
  });
}
