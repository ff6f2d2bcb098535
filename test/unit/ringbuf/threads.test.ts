/** Two seconds of what `test/stress/ringbuf.test.ts` does for minutes. */
import { expect, test } from 'vitest';
import { complaints, stressRing } from '../../stress/ringbuf-stress.ts';

test('every slot reaches every cursor whole and in order, and nobody sleeps through work', async () => {
  const reports = await stressRing({
    seconds: 1.5,
    slots: 4,
    producer: 'park',
    consumers: ['park', 'spin, then park', 'event loop'],
    seed: 1,
    firstCount: -1000,
  });
  expect(complaints(reports)).toEqual([]);
  // Each of the ways to meet trouble was met.
  expect(reports[0]!.slots).toBeGreaterThan(1000);
  for (const { waits } of reports) expect(waits).toBeGreaterThan(0);
  for (const { replays } of reports.slice(1)) expect(replays).toBeGreaterThan(0);
});
