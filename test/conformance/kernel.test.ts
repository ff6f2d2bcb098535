/** Every stateless operator, the join, and those that keep rows in order pass the conformance suite, and a broken one does not. */

import { describe, expect, test } from 'vitest';
import { goOn, tellEnd, tellWatermark } from '../../src/core/kernel-calls.ts';
import type { Kernel, KernelFactory } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import { BOOL, FLOAT64, INT32, INT64, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import type { OperatorText } from '../support/kernel/documents.ts';
import { soundPlan } from '../support/kernel/documents.ts';
import { soundJoin } from '../support/kernel/join-model.ts';
import {
  mapNode,
  routesNode,
  soundNode,
  unionNode,
  whereNode,
} from '../support/kernel/operator-nodes.ts';
import type { TestInput } from '../support/kernel/operator-nodes.ts';
import type { Cell } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import type { KernelUnderTest } from './kernel.ts';
import { describeKernel, kernelChecks } from './kernel.ts';

const SCHEMA: Schema = [
  { name: 'id', type: INT32 },
  { name: 'amount', type: INT64 },
  { name: 'price', type: FLOAT64 },
  { name: 'name', type: STRING },
  { name: 'flag', type: BOOL },
];

const orNull = <T extends Cell>(isNull: boolean, cell: T): Cell => (isNull ? null : cell);

/** Row `i` of an input: nulls in every column, short and long texts, zeros to divide by. */
function rowCells(i: number): Cell[] {
  const text = i % 4 === 0 ? `short ${i}` : `a text that does not fit into a view, number ${i}`;
  return [
    orNull(i % 17 === 5, i % 10),
    orNull(i % 13 === 4, BigInt(i) << 30n),
    orNull(i % 7 === 3, i / 4),
    orNull(i % 11 === 6, text),
    orNull(i % 5 === 2, i % 3 === 0),
  ];
}

/** Disordered rows on `ports` inputs in turns, some of them late, with watermarks between. */
function script(ports: number, hasTime = true): Step[] {
  const steps: Step[] = [];
  const largest = Array.from({ length: ports }, () => -Infinity);
  for (let i = 0; i < 300; i++) {
    // Runs of one port, so that batches can be large.
    const port = Math.floor(i / 40) % ports;
    const timeUs = 5 * i - ((i * 37) % 60);
    const lateByUs = Math.max(0, largest[port]! - 40 - timeUs);
    largest[port] = Math.max(largest[port]!, timeUs);
    const time = hasTime ? { timeUs, lateByUs } : {};
    steps.push({ port, row: { values: rowCells(i), ...time } });
    if (hasTime && i % 25 === 24) steps.push({ port, watermarkUs: largest[port] - 40 });
  }
  return steps;
}

const TIMED: TestInput = { name: 'in', schema: SCHEMA, hasTime: true };
const OTHER: TestInput = { name: 'other', schema: SCHEMA, hasTime: true };
const TIMELESS: TestInput = { name: 'in', schema: SCHEMA, hasTime: false };

const SELECT = { name: 'name', twice: 'amount * 2', half: 'price / 2', upper: 'UPPER(name)' };
const FAILING = { id: 'id', ratio: '100 / id', name: 'name' };

const ORDERED: readonly [string, OperatorText, number][] = [
  ['bsort', { type: 'bsort', orderBy: ['id', '-name'], slack: 20 }, 1],
  ['bsort with a ttl', { type: 'bsort', groupBy: ['id'], slack: 3, ttl: '40us' }, 1],
  ['bsort by groups and a range', { type: 'bsort', groupBy: ['id'], range: '90us' }, 1],
  ['wsort', { type: 'wsort', orderBy: ['name'] }, 1],
  ['wsort with a timeout', { type: 'wsort', timeout: '50us' }, 1],
  ['lock without an unlock', { type: 'lock', key: ['name'], lockset: 'own' }, 1],
  ['merge', { type: 'merge' }, 2],
  ['dedup of first rows', { type: 'dedup', key: ['name'], within: '200us' }, 1],
  ['dedup of last rows', { type: 'dedup', key: ['name'], keep: 'last', within: '30us' }, 1],
  ['dedup as changes', { type: 'dedup', key: ['id'], keep: 'last', emit: 'onChange' }, 1],
  ['merge of groups', { type: 'merge', orderBy: '-price', groupBy: ['id'] }, 2],
];

const NARROW: TestInput = {
  name: 'narrow',
  schema: SCHEMA.filter(({ name }) => name !== 'amount'),
  hasTime: true,
};
const WIDE: TestInput = {
  name: 'wide',
  schema: [
    { name: 'id', type: INT64 },
    { name: 'more', type: STRING },
  ],
  hasTime: true,
};

/** The script of whole rows, with other columns on the second input. */
function unlike(cells: (row: readonly Cell[]) => readonly Cell[]): Step[] {
  return script(2).map((step): Step => {
    if (!('row' in step) || step.port === 0) return step;
    return { port: 1, row: { ...step.row, values: cells(step.row.values) } };
  });
}

const NAMED: TestInput = {
  name: 'named',
  schema: [
    { name: 'more', type: STRING },
    { name: 'id', type: INT32 },
  ],
  hasTime: true,
};

const HOLDING: readonly (readonly [string, OperatorText])[] = [
  ['gather with dead letters', { type: 'gather', duplicates: 'error', onError: 'deadLetter' }],
  ['gather with a timeout', { type: 'gather', duplicates: 'last', timeout: '100us' }],
  ['waitfor', { type: 'waitfor', where: "more NOT LIKE '%3'", timeout: '300us' }],
  ['waitfor that fails', { type: 'waitfor', where: '30 / id > 5', onError: 'deadLetter' }],
];

const QUOTES: TestInput = {
  name: 'quotes',
  schema: [
    { name: 'id', type: INT32 },
    { name: 'value', type: FLOAT64 },
  ],
  hasTime: true,
};

const PASSED: readonly (readonly [string, OperatorText, TestInput[], Step[]])[] = [
  [
    'union of columns by name',
    { type: 'union', columns: 'loose' },
    [TIMED, NARROW],
    unlike(([id, , ...others]) => [id!, ...others]),
  ],
  [
    'union that converts',
    { type: 'union', columns: 'cast', onError: 'skip' },
    [TIMED, WIDE],
    unlike(([, amount, , name]) => [amount!, name!]),
  ],
  ['split', { type: 'split', outputs: ['a', 'b', 'c'] }, [TIMED], script(1)],
  ['unlock', { type: 'unlock', key: ['name'], lockset: 'own' }, [TIMED], script(1)],
  ['split by rows', { type: 'split', outputs: ['a', 'b'], each: 'row' }, [TIMED], script(1)],
];

const SUBJECTS: Readonly<
  Record<string, Omit<KernelUnderTest, 'create' | 'script'> & { ports: number }>
> = {
  filter: {
    plan: soundNode(whereNode([TIMED], 'price > 20 AND flag'), [TIMED]),
    ports: 1,
    keepsOrder: true,
  },
  'filter without event time': {
    plan: soundNode(whereNode([TIMELESS], 'name IS NOT NULL'), [TIMELESS]),
    ports: 1,
    keepsOrder: true,
  },
  'filter with routes and dead letters': {
    plan: soundNode(
      routesNode([TIMED], { big: 'price > 50', even: '100 / id > 30', rest: true }, 'deadLetter'),
      [TIMED],
    ),
    ports: 1,
    keepsOrder: true,
  },
  map: {
    plan: soundNode(mapNode([TIMED], { '*': true, ...SELECT }), [TIMED]),
    ports: 1,
    keepsOrder: true,
    leastRows: 300,
  },
  'map with dead letters': {
    plan: soundNode(mapNode([TIMED], FAILING, 'deadLetter'), [TIMED]),
    ports: 1,
    keepsOrder: true,
    leastRows: 300,
  },
  'map that skips': {
    plan: soundNode(mapNode([TIMELESS], FAILING, 'skip'), [TIMELESS]),
    ports: 1,
    keepsOrder: true,
  },
  union: {
    plan: soundNode(unionNode([TIMED, OTHER]), [TIMED, OTHER]),
    ports: 2,
    keepsOrder: true,
    leastRows: 300,
  },
  'inner join': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.id = r.id AND l.price < r.price + 10',
      afterUs: 300,
      beforeUs: 200,
      select: { id: 'l.id', ln: 'l.name', rn: 'r.name', sum: 'l.amount + r.amount' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 300,
  },
  'left join over windows': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.id = r.id AND 10 / r.id > l.price - r.price',
      kind: 'left',
      reach: { kind: 'window', window: { kind: 'hopping', sizeUs: 300, slideUs: 80, offsetUs: 7 } },
      onError: 'deadLetter',
      select: { name: 'l.name', flag: 'r.flag', ratio: '30 / (l.id - 3)' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 300,
  },
  'full join over windows': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.id = r.id AND l.price < r.price + 10',
      kind: 'full',
      reach: { kind: 'window', window: { kind: 'hopping', sizeUs: 300, slideUs: 80, offsetUs: 7 } },
      select: { ln: 'l.name', rn: 'r.name', sum: 'l.amount + r.amount' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 300,
  },
  'right join': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.id = r.id',
      kind: 'right',
      afterUs: 300,
      select: { ln: 'l.name', rn: 'r.name' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 300,
  },
  'semi join': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.id = r.id',
      kind: 'semi',
      afterUs: 300,
      select: { name: 'l.name', price: 'l.price' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 50,
  },
  'anti join': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.id = r.id AND l.price < r.price',
      kind: 'anti',
      afterUs: 300,
      select: { name: 'l.name', price: 'l.price + 1' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 30,
  },
  'join without a bound': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.id = r.id AND l.price < r.price + 10',
      reach: { kind: 'unbounded' },
      select: { id: 'l.id', ln: 'l.name', rn: 'r.name', sum: 'l.amount + r.amount' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 300,
  },
  'join of the last rows': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.price < r.price',
      reach: { kind: 'unbounded' },
      buffer: { left: 3, right: 2 },
      select: { ln: 'l.name', rn: 'r.name' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 100,
  },
  'left join as of': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.id = r.id',
      kind: 'left',
      reach: { kind: 'asOf', beforeUs: 400 },
      select: { ln: 'l.name', rn: 'r.name', sum: 'l.amount + r.amount' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 100,
  },
  'full join without a bound': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.id = r.id AND l.price < r.price + 10',
      kind: 'full',
      reach: { kind: 'unbounded', ttlUs: 400 },
      select: { ln: 'l.name', rn: 'r.name', sum: 'l.amount + r.amount' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 300,
  },
  'left join with dead letters': {
    plan: soundJoin({
      left: SCHEMA,
      right: SCHEMA,
      on: 'l.id = r.id AND 10 / r.id > l.price - r.price',
      kind: 'left',
      time: 'right',
      afterUs: 300,
      onError: 'deadLetter',
      select: { name: 'l.name', flag: 'r.flag', ratio: '30 / (l.id - 3)' },
    }),
    ports: 2,
    keepsOrder: false,
    leastRows: 300,
  },
};

for (const [name, { ports, ...subject }] of Object.entries(SUBJECTS)) {
  const hasTime = subject.plan.inputs[0]!.hasTime;
  describeKernel(name, { ...subject, create: createKernel, script: script(ports, hasTime) });
}

for (const [name, text, ports] of ORDERED) {
  describeKernel(name, {
    create: createKernel,
    plan: soundPlan(text, ports === 1 ? [TIMED] : [TIMED, OTHER]),
    script: script(ports),
    // Between groups there is no order.
    keepsOrder: name !== 'merge of groups',
    leastRows: 90,
  });
}

for (const [name, text, inputs, steps] of PASSED) {
  const plan = soundPlan(text, inputs);
  describeKernel(name, {
    create: createKernel,
    plan,
    script: steps,
    keepsOrder: true,
    leastRows: 300,
  });
}

for (const method of ['linear', 'previous', 'nearest']) {
  const text = { type: 'resample', method, key: ['id'], values: ['value'], within: '150us' };
  describeKernel(`resample: ${method}`, {
    create: createKernel,
    plan: soundPlan(text, [TIMED, QUOTES]),
    script: unlike(([id, , price]) => [id!, price!]),
    // Rows of one time leave as they came, whichever call they came in.
    keepsOrder: true,
  });
}

for (const [name, text] of HOLDING) {
  const plan = soundPlan({ key: ['id'], ...text }, [TIMED, NAMED]);
  const steps = unlike(([id, , , more]) => [more!, id!]);
  describeKernel(name, { create: createKernel, plan, script: steps, keepsOrder: true });
}

describe('the conformance suite', () => {
  /** A filter that is wrong in one way; how many checks notice? */
  const failures = async (breakKernel: (kernel: Kernel) => Kernel): Promise<number> => {
    const create: KernelFactory = async (plan, context) =>
      breakKernel(await createKernel(plan, context));
    const plan = soundNode(whereNode([TIMED], 'id < 5', 'deadLetter'), [TIMED]);
    const checks = kernelChecks({ create, plan, script: script(1), keepsOrder: true });
    const outcomes = await Promise.allSettled(checks.map((check) => check.run()));
    return outcomes.filter((outcome) => outcome.status === 'rejected').length;
  };
  const changed = (kernel: Kernel, change: Partial<Kernel>): Kernel => ({
    onBatch: (port, batch, out) => kernel.onBatch(port, batch, out),
    onWatermark: (port, watermarkUs, out) => tellWatermark(kernel, port, watermarkUs, out),
    onEnd: (port, out) => tellEnd(kernel, port, out),
    resume: (out) => goOn(kernel, out),
    ...change,
  });

  test('lets a sound kernel pass', async () => {
    expect(await failures((kernel) => changed(kernel, {}))).toBe(0);
  });

  test('notices that the selection is not looked at', async () => {
    const broken = await failures((kernel) =>
      changed(kernel, {
        onBatch(port, batch, out) {
          batch.selection = Uint32Array.from({ length: batch.rowCount }, (_, i) => i);
          batch.selected = batch.rowCount;
          return kernel.onBatch(port, batch, out);
        },
      }),
    );
    expect(broken).toBeGreaterThan(0);
  });

  test('notices that the last row of a batch is lost', async () => {
    const broken = await failures((kernel) =>
      changed(kernel, {
        onBatch(port, batch, out) {
          if (batch.selected > 1) batch.selected--;
          return kernel.onBatch(port, batch, out);
        },
      }),
    );
    expect(broken).toBeGreaterThan(0);
  });

  test('notices that a batch is used after its call', async () => {
    const broken = await failures((kernel) => {
      let kept: Parameters<Kernel['onBatch']> | undefined;
      return changed(kernel, {
        onBatch(...args) {
          const before = kept;
          kept = args;
          return before === undefined ? 'done' : kernel.onBatch(before[0], before[1], args[2]);
        },
      });
    });
    expect(broken).toBeGreaterThan(0);
  });

  test('notices that a watermark is ahead of the rows', async () => {
    const broken = await failures((kernel) =>
      changed(kernel, {
        onWatermark: (port, watermarkUs, out) => tellWatermark(kernel, port, watermarkUs + 30, out),
      }),
    );
    expect(broken).toBeGreaterThan(0);
  });

  test('notices that a kernel waits for nothing', async () => {
    const broken = await failures((kernel) =>
      changed(kernel, {
        onBatch(port, batch, out) {
          kernel.onBatch(port, batch, out);
          return 'blocked';
        },
      }),
    );
    expect(broken).toBeGreaterThan(0);
  });
});
