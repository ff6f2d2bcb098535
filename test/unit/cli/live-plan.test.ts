import { expect, test } from 'vitest';
import { livePlanText } from '../../../src/cli/format/live-plan.ts';
import type { EngineStats } from '../../../src/index.ts';
import { task } from './support.ts';

const CLOCK_MS = Date.parse('2026-01-01T00:01:00Z');

const stats: EngineStats = {
  elapsedMs: 60_000,
  clockMs: CLOCK_MS,
  sources: {},
  tasks: [
    task({
      node: 'clicks',
      kind: 'source',
      rowsIn: 1500,
      rowsOut: 1500,
      rowsPerSecond: 25,
      watermarkMs: CLOCK_MS - 2500,
      lagMs: 2500,
    }),
    task({ node: 'sums', kind: 'operator', watermarkMs: Infinity, state: 'idle' }),
    task({ node: 'sums', kind: 'operator', instance: 1, worker: 1, state: 'ended' }),
  ],
  edges: [
    {
      from: 'clicks',
      port: 'out',
      to: 'sums#0',
      by: 'call',
      rows: 1000,
      watermarkMs: CLOCK_MS + 1000,
      lagMs: -1000,
      state: 'active',
      slots: null,
      usedSlots: null,
    },
    {
      from: 'clicks',
      port: 'late',
      to: 'sums#1',
      by: 'ring',
      rows: 500,
      watermarkMs: null,
      lagMs: null,
      state: 'idle',
      slots: 16,
      usedSlots: 3,
    },
  ],
  rings: [],
};

test('tasks and edges with rows, watermarks, lags, states and queues', () => {
  expect(livePlanText('ctr', stats).split('\n')).toEqual([
    'ctr: 1 min 00 s, clock 2026-01-01T00:01:00.000Z',
    '  task    worker     in    out  rate  watermark                    lag  state',
    '  clicks       0  1,500  1,500  25/s  2026-01-01T00:00:57.500Z  2.50 s  active',
    '  sums#0       0      0      0   0/s  no limit                          idle',
    '  sums#1       1      0      0   0/s  none                              ended',
    '  edge                    rows  watermark                     lag  state   queue',
    '  clicks -> sums#0       1,000  2026-01-01T00:01:01.000Z  -1.00 s  active',
    '  clicks late => sums#1    500  none                               idle     3/16',
    '',
    '',
  ]);
});
