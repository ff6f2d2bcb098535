/** Reads of a snapshot while it is written, in every interleaving. */
import { expect, test } from 'vitest';
import { exploreSeqlock } from './seqlock.scenario.ts';

const SOURCE = new URL('../../src/ringbuf/index.ts', import.meta.url);

test('a snapshot is of one write, and no older than the last one done', async () => {
  const { explored, outcomes } = await exploreSeqlock(SOURCE);
  expect(explored).toEqual({ runs: 755, states: 1559, interleavings: 83_016 });
  expect(outcomes).toEqual(['0,0', '0,1', '0,2', '1,1', '1,2', '2,2']);
}, 120_000);
