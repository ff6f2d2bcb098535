/** Patterns pass the conformance suite. */

import type { Schema } from '../../src/core/schema.ts';
import { FLOAT64, INT32, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { documentPlan, type TestInput } from '../support/kernel/operator-nodes.ts';
import type { Cell } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { describeKernel } from './kernel.ts';

const SCHEMA: Schema = [
  { name: 'id', type: INT32 },
  { name: 'price', type: FLOAT64 },
  { name: 'name', type: STRING },
];
const INPUTS: readonly TestInput[] = ['a', 'b'].map((name) => ({
  name,
  schema: SCHEMA,
  hasTime: true,
}));

/** Disordered rows on `ports` inputs in turns, some of them late, with watermarks between. */
function script(ports: number): Step[] {
  const latest = Array.from({ length: ports }, () => -Infinity);
  return Array.from({ length: 160 }, (_, i): Step[] => {
    const port = Math.floor(i / 20) % ports;
    const timeUs = 5 * i - ((i * 37) % 60);
    const lateByUs = Math.max(0, latest[port]! - 40 - timeUs);
    latest[port] = Math.max(latest[port]!, timeUs);
    const values: Cell[] = [
      i % 17 === 5 ? null : i % 4,
      i % 7 === 3 ? null : i / 4,
      i % 3 === 0 ? `short ${i}` : `a text that does not fit into a view, number ${i}`,
    ];
    const row: Step = { port, row: { values, timeUs, lateByUs } };
    return i % 25 === 24 ? [row, { port, watermarkUs: latest[port] - 40 }] : [row];
  }).flat();
}

const pattern = { type: 'pattern', key: ['id'], within: '150us' };

describeKernel('pattern', {
  create: createKernel,
  plan: documentPlan(
    {
      ...pattern,
      events: { x: 'a', y: 'b', z: { input: 'a', where: '100 / id > 40' } },
      pattern: 'x THEN NOT z THEN y',
      where: 'y.price / x.price > 1',
      select: { x: 'x.name', y: 'y.name', ratio: '30 / (x.id - 3)' },
      onError: 'deadLetter',
    },
    INPUTS,
  ),
  script: script(2),
  keepsOrder: false,
  leastRows: 60,
});

describeKernel('pattern of one input that waits and skips', {
  create: createKernel,
  plan: documentPlan(
    {
      ...pattern,
      events: { x: { input: 'a', where: 'price < 20' }, y: 'a', z: 'a' },
      pattern: '(x AND y) THEN NOT z',
      where: 'z.price > x.price + 3 AND y.price > 2',
      skip: 'next',
    },
    INPUTS.slice(0, 1),
  ),
  script: script(1),
  keepsOrder: false,
  leastRows: 30,
});

describeKernel('pattern with repetition', {
  create: createKernel,
  plan: documentPlan(
    {
      ...pattern,
      events: { x: { input: 'a', where: 'id < 3' }, y: 'b' },
      pattern: 'x{2,3} THEN y',
      within: '90us',
      where: 'SUM(x.price) > 30',
      select: { from: 'FIRST(x.name)', n: 'COUNT(x.id)', mean: 'AVG(x.price)', y: 'y.name' },
    },
    INPUTS,
  ),
  script: script(2),
  keepsOrder: false,
});
