/**
 * The ring in every interleaving of small scenarios, on real threads. The numbers are exact: if
 * one changes, the search has changed, and the change needs a reason.
 */
import { expect, test } from 'vitest';
import { exploreFanOut } from './fan-out.scenario.ts';
import { exploreReplay } from './replay.scenario.ts';
import { exploreSpscRing } from './spsc-ring.scenario.ts';

const SOURCE = new URL('../../src/ringbuf/index.ts', import.meta.url);
const TIMEOUT_MS = 120_000;

test(
  'one consumer receives a prefix of what was sent',
  async () => {
    const { explored, outcomes } = await exploreSpscRing(SOURCE);
    expect(explored).toEqual({ runs: 1803, states: 3741, interleavings: 4936 });
    expect(outcomes).toEqual([
      'sent 2, received 0',
      'sent 2, received 1',
      'sent 2, received 2',
      'sent 3, received 1',
      'sent 3, received 2',
      'sent 3, received 3',
    ]);
  },
  TIMEOUT_MS,
);

test(
  'two cursors receive a prefix each; a slot waits for the slower one',
  async () => {
    const { explored, outcomes } = await exploreFanOut(SOURCE);
    expect(explored).toEqual({ runs: 4703, states: 4437, interleavings: 253_208 });
    const pairs = ['0 and 0', '0 and 1', '0 and 2', '1 and 0', '1 and 1', '1 and 2'];
    expect(outcomes).toEqual([
      ...[...pairs, '2 and 0', '2 and 1', '2 and 2'].map((pair) => `sent 2, received ${pair}`),
      // The third value needs a slot that both have released.
      ...['1 and 1', '1 and 2', '2 and 1', '2 and 2'].map((pair) => `sent 3, received ${pair}`),
    ]);
  },
  TIMEOUT_MS,
);

test(
  'a slot that was not released is seen again, unchanged',
  async () => {
    const { explored, outcomes } = await exploreReplay(SOURCE);
    expect(explored).toEqual({ runs: 910, states: 1855, interleavings: 4065 });
    expect(outcomes).toEqual([
      'sent 2, saw   ',
      'sent 2, saw 1  ',
      'sent 2, saw 12 12 2',
      'sent 3, saw 12 12 2',
      'sent 3, saw 12 12 23',
      'sent 4, saw 12 12 2',
      'sent 4, saw 12 12 23',
    ]);
  },
  TIMEOUT_MS,
);
