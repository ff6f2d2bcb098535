/** An update queue takes rows though nobody reads what comes out; then the newest are there. */

import { expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { within } from '../support/until.ts';

test.each([1, 2])('a slow reader gets the newest of each key, with %i workers', async (workers) => {
  const document = {
    version: 1,
    name: 'newest',
    sources: { prices: { connector: 'embedded', schema: { k: 'int32', n: 'int32' } } },
    operators: {
      newest: { type: 'update_queue', input: 'prices', key: ['k'] },
      shown: { type: 'map', input: 'newest', select: { '*': true, m: 'n * 2' } },
    },
    sinks: { out: { connector: 'embedded', input: 'shown' } },
    engine: { ring: { rows: 64, slots: 2 } },
  };
  const engine = await Millrace.start(document, { workers });
  try {
    const rows = Array.from({ length: 20_000 }, (_, n) => ({ k: n % 10, n }));
    // Nobody reads: without the queue this would wait for ever.
    await within(engine.input('prices').push(rows), 'pushing');
    const draining = engine.drain();
    const last = new Map<number, number>();
    let taken = 0;
    for await (const batch of engine.output('out')) {
      for (const row of batch) {
        const { k, n, m } = row as { k: number; n: number; m: number };
        expect([n > (last.get(k) ?? -1), m]).toEqual([true, 2 * n]);
        last.set(k, n);
        taken++;
      }
    }
    const { operators } = await draining;
    expect([...last].toSorted(([a], [b]) => a - b)).toEqual(
      Array.from({ length: 10 }, (_, k) => [k, 19_990 + k]),
    );
    const { rowsIn, rowsOut, evicted } = operators['newest']!;
    expect([rowsIn, rowsOut + (evicted ?? 0)]).toEqual([20_000, 20_000]);
    expect(taken).toBe(rowsOut);
    expect(taken).toBeLessThan(5000);
  } finally {
    await engine.stop();
  }
});
