/** Minutes of it; `MILLRACE_STRESS_SECONDS` says how long each case runs. */
import { env } from 'node:process';
import { expect, test } from 'vitest';
import { complaints, stressRing } from './ringbuf-stress.ts';

const SECONDS = Number(env['MILLRACE_STRESS_SECONDS'] ?? 30);

test.each([
  { slots: 1, producer: 'park', consumers: ['park'] },
  { slots: 2, producer: 'spin, then park', consumers: ['park', 'event loop'] },
  { slots: 8, producer: 'park', consumers: ['spin, then park', 'park', 'event loop'] },
  { slots: 64, producer: 'event loop', consumers: ['park'] },
] as const)('$slots slots to $consumers', async (layout) => {
  const seed = Math.floor(Math.random() * 2 ** 30);
  const reports = await stressRing({ ...layout, seconds: SECONDS, seed, firstCount: -1000 });
  console.log(`seed ${seed}`, reports);
  expect(complaints(reports), `seed ${seed}`).toEqual([]);
});
