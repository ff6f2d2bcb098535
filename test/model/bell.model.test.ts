/** Sleeping and waking in every interleaving: no wake-up is lost. See `bell.scenario.ts`. */
import { expect, test } from 'vitest';
import { exploreBell } from './bell.scenario.ts';

const SOURCE = new URL('../../src/ringbuf/index.ts', import.meta.url);
const TIMEOUT_MS = 120_000;

test(
  'producer and consumer that both park pass everything on',
  async () => {
    const { explored, outcomes } = await exploreBell(SOURCE, 'rooms');
    expect(explored).toEqual({ runs: 2312, states: 3975, interleavings: 1_322_486 });
    expect(outcomes).toEqual(['received 2']);
  },
  TIMEOUT_MS,
);

test(
  'two ringers of one bell: neither is missed',
  async () => {
    const { explored, outcomes } = await exploreBell(SOURCE, 'ringers');
    expect(explored).toEqual({ runs: 6972, states: 6124, interleavings: 5_767_107 });
    expect(outcomes).toEqual(['received 2']);
  },
  TIMEOUT_MS,
);

test(
  'a wait that gives up leaves nothing behind',
  async () => {
    const { explored, outcomes } = await exploreBell(SOURCE, 'timeouts');
    expect(explored).toEqual({ runs: 148, states: 277, interleavings: 418 });
    expect(outcomes).toEqual(['received 0', 'received 1']);
  },
  TIMEOUT_MS,
);
