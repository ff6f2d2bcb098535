/** A reader that stands still, while rows go past the ring between a gate and its reader. */
import { expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { until } from '../support/until.ts';

const ROWS = 20_000;
const READ_FIRST = 5000;

const TOPOLOGY = {
  version: 1,
  name: 'stuck',
  sources: {
    numbers: {
      connector: 'generator',
      count: ROWS,
      rate: 40_000,
      schema: { id: 'int32', text: 'string' },
      fields: {
        id: { sequence: {} },
        text: { template: 'the text of row {0}', of: [{ sequence: {} }] },
      },
      admission: { onOverload: 'shed' },
    },
  },
  // Columns of the source itself: nothing is copied before the way out.
  operators: { same: { type: 'filter', input: 'numbers', where: 'id >= 0' } },
  sinks: { out: { connector: 'embedded', input: 'same' } },
  engine: { ring: { slots: 2, rows: 64 } },
};

test('rows that nobody takes stay as they are, while the source goes on', async () => {
  await using engine = await Millrace.start(TOPOLOGY, { workers: 1 });
  const found: number[] = [];
  let isWaiting = true;
  for await (const batch of engine.output('out')) {
    for (const { id, text } of batch) {
      expect(text).toBe(`the text of row ${String(id)}`);
      found.push(id as number);
    }
    if (!isWaiting || found.length < READ_FIRST) continue;
    isWaiting = false;
    await until(() => engine.stats().sources['numbers']!.offered === ROWS, 'all rows have come');
  }
  const { offered, admitted, shed } = engine.stats().sources['numbers']!;
  expect([offered, admitted + shed]).toEqual([ROWS, ROWS]);
  expect(shed).toBeGreaterThan(0);
  expect(found).toHaveLength(admitted);
  expect(found).toEqual([...new Set(found)].toSorted((a, b) => a - b));
});
