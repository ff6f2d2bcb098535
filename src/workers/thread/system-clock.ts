/** The clock of the host system. @module */

import { performance } from 'node:perf_hooks';
import type { Clock } from '../../core/clock.ts';

/** Reads the system's clocks; microsecond resolution. */
export const systemClock: Clock = {
  nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
  monotonicMs: () => performance.now(),
};
