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
    let cycle = 0;
    let within = elapsedUs;
    if (this.#repeats) {
      cycle = Math.floor(elapsedUs / this.#cycleUs);
      within = elapsedUs - cycle * this.#cycleUs;
    } else if (elapsedUs >= this.#cycleUs) {
      return this.totalRows;
    }
    const stretch = this.#stretches.find(({ endUs }) => within < endUs)!;
    const rows =
      cycle * this.#cycleRows + stretch.startRows + (within - stretch.startUs) * stretch.rowsPerUs;
    return stretch.rowsPerUs > 0 ? Math.floor(rows) + 1 : Math.ceil(rows);
  }

  /** When row `index` comes, after the start; `Infinity` if it never does. */
  dueAtUs(index: number): DurationUs {
    if (index >= this.totalRows) return Infinity;
    const cycle = this.#repeats ? Math.floor(index / this.#cycleRows) : 0;
    const rest = index - cycle * this.#cycleRows;
    const stretch =
      this.#stretches.find(({ endRows }) => rest < endRows) ?? this.#stretches.at(-1)!;
    const waitedUs = (rest - stretch.startRows) / stretch.rowsPerUs;
    return cycle * this.#cycleUs + stretch.startUs + waitedUs;
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
