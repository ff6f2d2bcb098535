/** What every model scenario is given and gives back. @module */

import type { Explored } from '../support/interleave/explore.ts';

/** The module under test, as its own source or as a mutant of it. */
export type Ringbuf = typeof import('../../src/ringbuf/index.ts');

/** What a scenario found. */
export interface ScenarioResult {
  readonly explored: Explored;
  /** Every way in which a run can end, as the scenario writes it down, sorted. */
  readonly outcomes: readonly string[];
}
