/** A chain on a thread, whose rows need what the thread has not loaded. @module */

import { expect, test } from 'vitest';
import type * as api from '../../src/index.ts';

type Row = { readonly n: number | null };

/** Some that are null, some that fail, and none of either; few or all that pass. */
const BATCHES: readonly (readonly Row[])[] = [
  Array.from({ length: 1000 }, (_, n) => ({ n: n + 1 })),
  Array.from({ length: 1000 }, (_, n) => ({ n: n % 7 === 0 ? null : n })),
  Array.from({ length: 1000 }, (_, n) => ({ n: n % 500 === 9 ? 1 : 2000 + n })),
  Array.from({ length: 1000 }, (_, n) => ({ n: n % 3 })),
];

/** As SQL has it: null where something is null, no row where it cannot be computed. */
const WANTED = BATCHES.flat().flatMap(({ n }) =>
  n === null || n % 2 !== 0 || n === 0 ? [] : [{ n, share: Math.trunc(1000 / n) }],
);

test.each(['src/index.ts', 'dist/index.js'])('%s', async (file) => {
  const { Millrace } = (await import(new URL(`../../${file}`, import.meta.url).href)) as typeof api;
  await using engine = await Millrace.start(
    {
      version: 1,
      name: 'deferred',
      sources: { s: { connector: 'embedded', schema: { n: 'int32' } } },
      operators: {
        shares: { type: 'map', input: 's', select: { n: 'n', share: '1000 / n' }, onError: 'skip' },
        even: { type: 'filter', input: 'shares', where: 'n % 2 = 0' },
      },
      sinks: { out: { input: 'even', connector: 'embedded' } },
    },
    { workers: 1 },
  );
  const found: unknown[] = [];
  const reading = (async (): Promise<void> => {
    for await (const batch of engine.output('out')) found.push(...batch);
  })();
  for (const batch of BATCHES) await engine.input('s').push(batch);
  const summary = await engine.drain();
  await reading;
  expect(found).toEqual(WANTED);
  expect(summary.operators['shares']).toMatchObject({ errors: 334 });
});
