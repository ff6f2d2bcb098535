/** As-of joins: when rows leave, what is kept, and what is refused. */

import { expect, test } from 'vitest';
import type { Schema } from '../../../../src/core/schema.ts';
import { INT32 } from '../../../../src/core/types.ts';
import { createJoinKernel } from '../../../../src/operators/join/kernel.ts';
import type { JoinDescription } from '../../../support/kernel/join-model.ts';
import { planJoin, soundJoin } from '../../../support/kernel/join-model.ts';
import type { Step } from '../../../support/kernel/run-kernel.ts';
import { runKernel } from '../../../support/kernel/run-kernel.ts';

const SIDE: Schema = [
  { name: 'k', type: INT32 },
  { name: 'v', type: INT32 },
];
const BASE: JoinDescription = {
  left: SIDE,
  right: SIDE,
  on: 'l.k = r.k',
  reach: { kind: 'asOf' },
  select: { lv: 'l.v', rv: 'r.v' },
};
const step = (port: number, timeUs: number, k: number, v: number): Step => ({
  port,
  row: { values: [k, v], timeUs },
});
const watermark = (port: number, watermarkUs: number): Step => ({ port, watermarkUs });

test('a row leaves when no right row can come that it would have, and the watermark waits for it', async () => {
  const script = [
    watermark(0, 0),
    step(1, 5, 1, 50),
    step(0, 10, 1, 1),
    watermark(0, 20),
    watermark(1, 10),
    step(1, 10, 1, 51),
    watermark(1, 11),
  ];
  const { out } = await runKernel(createJoinKernel, soundJoin(BASE), script, { rowCapacity: 64 });
  const events = out.events.map((event) =>
    event.kind === 'row' ? event.row.values.join() : `W ${event.watermarkUs}`,
  );
  expect(events.slice(0, 3)).toEqual(['W 10', '1,51', 'W 11']);
});

test('versions whose place others have taken are not kept, of few keys and of many', async () => {
  for (const keys of [1, 1000]) {
    const script: Step[] = [];
    for (let i = 0; i < 30_000; i++) {
      script.push(step(1, i, i % keys, i));
      if (i % 100 === 99) script.push(step(0, i, i % keys, i), watermark(0, i), watermark(1, i));
    }
    const { out } = await runKernel(createJoinKernel, soundJoin(BASE), script, {
      rowCapacity: 64,
      stateLimitBytes: 300_000,
    });
    expect(out.rows()).toHaveLength(300);
    expect(out.rows().every(({ values: [left, right] }) => left === right)).toBe(true);
  }
});

test('conditions are equalities', () => {
  const { issues } = planJoin({ ...BASE, on: 'l.k = r.k AND l.v > r.v' });
  expect(issues).toEqual([expect.stringMatching(/^on: an as-of join pairs a row with the latest/)]);
});
