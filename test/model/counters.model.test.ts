/** Reads of a count while it passes 2^31 and 2^32, in every interleaving. */
import { expect, test } from 'vitest';
import { exploreCounters } from './counters.scenario.ts';

const SOURCE = new URL('../../src/ringbuf/index.ts', import.meta.url);

test('a read is a count that there was during the read', async () => {
  const { explored, outcomes } = await exploreCounters(SOURCE);
  expect(explored).toEqual({ runs: 1435, states: 3164, interleavings: 9419 });
  expect(outcomes).toEqual(['0,0', '0,1', '0,2', '0,3', '1,1', '1,2', '1,3', '2,2', '2,3', '3,3']);
}, 120_000);
