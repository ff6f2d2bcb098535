/**
 * When the rows of a generator come, by elapsed time: an open loop, whatever became of earlier rows.
 *
 * With C(t) the rows per second added up over t, row i comes when C passes i; so row 0 comes at once
 * unless there is a pause first.
 *
 * @module
 */

import type { Rate, RatePhase } from '../../core/topology/model.ts';
import type { DurationUs } from '../../core/units.ts';

/** A phase with what lies before it in its cycle. */
interface Stretch {
  readonly startUs: DurationUs;
  readonly endUs: DurationUs;
  /** Rows, as a fraction, before and after. */
  readonly startRows: number;
  readonly endRows: number;
  readonly rowsPerUs: number;
}

/** When rows come. Pure. */
export class Schedule {
  /** Rows in all; `Infinity` when they never end. */
  readonly totalRows: number;
  readonly #stretches: readonly Stretch[];
  readonly #cycleUs: DurationUs;
  readonly #cycleRows: number;
  readonly #repeats: boolean;

  constructor(rate: Rate) {
    const phases: readonly RatePhase[] =
      rate.kind === 'constant'
        ? [{ durationUs: Infinity, rowsPerSecond: rate.rowsPerSecond }]
        : rate.phases;
    this.#stretches = stretchesOf(phases);
    const last = this.#stretches.at(-1)!;
    this.#cycleUs = last.endUs;
    this.#cycleRows = last.endRows;
    this.#repeats = rate.kind === 'phases' && rate.repeat;
    this.totalRows = this.#repeats ? Infinity : Math.ceil(this.#cycleRows);
  }

  /** How many rows have come by `elapsedUs` after the start. */
  rowsDue(elapsedUs: DurationUs): number {
    if (!this.#repeats) return this.#rowsDueWithin(elapsedUs, 0);
    const cycle = Math.floor(elapsedUs / this.#cycleUs);
    return this.#rowsDueWithin(elapsedUs - cycle * this.#cycleUs, cycle * this.#cycleRows);
  }

  /** Rows that have come by a time of a cycle before which `earlierRows` came. */
  #rowsDueWithin(elapsedUs: DurationUs, earlierRows: number): number {
    const stretch = this.#stretches.find(({ endUs }) => elapsedUs < endUs);
    if (stretch === undefined) return Math.ceil(earlierRows + this.#cycleRows);
    const { startUs, startRows, rowsPerUs } = stretch;
    const rows = earlierRows + startRows + (elapsedUs - startUs) * rowsPerUs;
    return rowsPerUs > 0 ? Math.floor(rows) + 1 : Math.ceil(rows);
  }

  /** When row `index` comes, after the start; `Infinity` if it never does. */
  dueAtUs(index: number): DurationUs {
    if (index >= this.totalRows) return Infinity;
    if (!this.#repeats) return this.#dueAtWithin(index);
    const cycle = Math.floor(index / this.#cycleRows);
    return cycle * this.#cycleUs + this.#dueAtWithin(index - cycle * this.#cycleRows);
  }

  #dueAtWithin(rows: number): DurationUs {
    const stretch = this.#stretches.find(({ endRows }) => rows < endRows);
    if (stretch === undefined) return this.#cycleUs;
    return stretch.startUs + (rows - stretch.startRows) / stretch.rowsPerUs;
  }
}

function stretchesOf(phases: readonly RatePhase[]): Stretch[] {
  let startUs = 0;
  let startRows = 0;
  return phases.map(({ durationUs, rowsPerSecond }) => {
    const rowsPerUs = rowsPerSecond / 1e6;
    const endUs = startUs + durationUs;
    const endRows = startRows + durationUs * rowsPerUs;
    const stretch = { startUs, endUs, startRows, endRows, rowsPerUs };
    startUs = endUs;
    startRows = endRows;
    return stretch;
  });
}
