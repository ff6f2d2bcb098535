/** Operators that make rows of single rows, and boxes that drop rows, pass the conformance suite. */

import type { OperatorPlan } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import { INT32, INT64, JSON_TYPE, STRING, TIMESTAMP } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { encodeJson } from '../../src/rows/values/json.ts';
import { documentPlan, type TestInput } from '../support/kernel/operator-nodes.ts';
import type { Cell } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { describeKernel } from './kernel.ts';

const SCHEMA: Schema = [
  { name: 'id', type: INT32 },
  { name: 'n', type: INT64 },
  { name: 'items', type: JSON_TYPE },
  { name: 'text', type: STRING },
  { name: 'window_start', type: TIMESTAMP },
];
const TIMED: TestInput = { name: 'in', schema: SCHEMA, hasTime: true };
const TIMELESS: TestInput = { name: 'in', schema: SCHEMA, hasTime: false };

const json = (value: unknown): Uint8Array => encodeJson(value)!.slice();

/** Lists of 0 to 4 objects, an element that is none, a value that is no list, a null. */
function items(i: number): Cell {
  if (i % 11 === 3) return null;
  if (i % 13 === 5) return json(`no list, row ${i}`);
  const list = Array.from({ length: i % 5 }, (_, k) =>
    i % 17 === 4 && k === 1 ? 'bare' : { sku: `article number ${i}/${k}`, count: k, key: `k${k}` },
  );
  return json(list);
}

function script(hasTime: boolean): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < 200; i++) {
    const timeUs = 7 * i - ((i * 31) % 40);
    const values: Cell[] = [
      i % 10,
      i % 9 === 2 ? null : BigInt((i * 7) % 23),
      items(i),
      i % 8 === 1 ? 'not { json' : `{"a":${i},"b":"a text of row ${i}"}`,
      BigInt(100 * Math.floor(i / 10)),
    ];
    const lateByUs = i % 19 === 7 ? 3 : 0;
    steps.push({ port: 0, row: hasTime ? { values, timeUs, lateByUs } : { values } });
    if (hasTime && i % 40 === 39) steps.push({ port: 0, watermarkUs: timeUs - 60 });
  }
  return steps;
}

const elements = { sku: 'string', count: 'int64' };
const SUBJECTS: Readonly<Record<string, readonly [OperatorPlan, leastRows: number]>> = {
  unnest: [
    documentPlan(
      { type: 'unnest', column: 'items', columns: elements, position: 'at', onError: 'deadLetter' },
      [TIMED],
    ),
    200,
  ],
  partition: [
    documentPlan(
      { type: 'partition', keys: ['id', 'items/sku'], partitions: 3, onError: 'deadLetter' },
      [TIMED],
    ),
    150,
  ],
  'outer unnest that keeps the list': [
    documentPlan(
      {
        type: 'unnest',
        column: 'items',
        columns: elements,
        outer: true,
        keep: true,
        onError: 'skip',
      },
      [TIMELESS],
    ),
    250,
  ],
  iterate: [
    documentPlan(
      {
        type: 'iterate',
        as: 'i',
        from: 'id',
        to: 'n',
        while: '100 / (i - 8) < 90',
        onError: 'skip',
      },
      [TIMED],
    ),
    300,
  ],
  'iterate with a limit': [
    documentPlan(
      { type: 'iterate', as: 'i', to: '-n', step: -2, limit: 8, onError: 'deadLetter' },
      [TIMELESS],
    ),
    500,
  ],
  'pivot of a list': [
    documentPlan(
      {
        type: 'pivot',
        column: 'items',
        key: 'key',
        value: 'sku',
        columns: { k0: 'string', k3: 'string' },
        onError: 'deadLetter',
      },
      [TIMED],
    ),
    150,
  ],
  'parse of json': [
    documentPlan(
      {
        type: 'parse',
        column: 'text',
        format: 'json',
        columns: { a: 'int64', b: 'string' },
        onError: 'deadLetter',
      },
      [TIMED],
    ),
    170,
  ],
  'format as csv': [
    documentPlan({ type: 'format', as: 'line', format: 'csv', columns: ['text', 'id'] }, [TIMED]),
    200,
  ],
  'format as json': [documentPlan({ type: 'format', as: 'line', format: 'json' }, [TIMELESS]), 200],
  sequence: [documentPlan({ type: 'sequence', as: 'number', start: 5, step: 3 }, [TIMED]), 200],
  random_drop: [documentPlan({ type: 'random_drop', rate: 0.4 }, [TIMED]), 80],
  'random_drop by columns': [
    documentPlan({ type: 'random_drop', rate: 0.5, groupBy: ['id', 'text'] }, [TIMELESS]),
    50,
  ],
  window_drop: [
    documentPlan(
      { type: 'window_drop', rate: 0.7, size: '100us', slide: '40us', groupBy: ['id'] },
      [TIMED],
    ),
    50,
  ],
  'window_drop of results': [
    documentPlan({ type: 'window_drop', rate: 0.5, size: '100us', of: 'results' }, [TIMED]),
    20,
  ],
  heartbeat: [
    documentPlan({ type: 'heartbeat', field: 'window_start', every: '1ms' }, [TIMELESS]),
    201,
  ],
  throttle: [documentPlan({ type: 'throttle', rate: 10, burst: 120 }, [TIMED]), 120],
  'delay that churns': [documentPlan({ type: 'delay', churn: 100 }, [TIMED]), 200],
  'delay by the clock': [documentPlan({ type: 'delay', for: '5ms' }, [TIMED]), 200],
};

const RULES = [
  { when: { id: '< 3', text: "like '%a%'" }, then: { label: 'a label that fits into no view' } },
  { when: { n: '5..15, 20' }, then: { label: '=text', share: '= 100 / (n - 7)' } },
  { when: { id: 'not 9' }, then: { label: 'rest', share: 0.5 } },
];
const TABLE = {
  type: 'decision_table',
  rules: RULES,
  results: { label: 'string', share: 'decimal(9,2)' },
  onError: 'deadLetter',
};

describeKernel('decision_table', {
  create: createKernel,
  plan: documentPlan({ ...TABLE, rule: 'rule', unmatched: 'port' }, [TIMED]),
  script: script(true),
  keepsOrder: true,
  leastRows: 150,
});
describeKernel('decision_table of all hits', {
  create: createKernel,
  plan: documentPlan({ ...TABLE, hit: 'all', rule: 'rule' }, [TIMED]),
  script: script(true),
  keepsOrder: false,
  leastRows: 250,
});

for (const [name, [plan, leastRows]] of Object.entries(SUBJECTS)) {
  describeKernel(name, {
    create: createKernel,
    plan,
    script: script(plan.inputs[0]!.hasTime),
    keepsOrder: true,
    leastRows,
  });
}
