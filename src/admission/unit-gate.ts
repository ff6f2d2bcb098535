/**
 * Sheds units: a row goes only if all its windows' units go, and each of those is incomplete from then on.
 *
 * Whoever drops a row says so of its units ({@link UnitGate.drop}), whatever the reason: then no unit
 * of which a row is missing passes for a whole one, however the thresholds move. That a unit which is incomplete
 * is not worked on any more, and that units go in the order of their ranks, makes that few are begun in vain.
 *
 * @module
 */

import { type LevelSource, UnitLevels } from './unit-levels.ts';
import { binOfRank, binOfUnit, stratumOfUnit, type UnitOrder } from './unit-ranks.ts';
import { NEVER_DROPPED } from './value-bins.ts';

/** The units of the rows of a batch. */
export interface RowUnits {
  /** By row: the number of its group. */
  readonly units: Float64Array;
  /** The first of a row's windows that had not closed when it came, and the last one. */
  first(row: number): number;
  last(row: number): number;
  /** The first window of the earliest row. */
  oldest(): number;
  /** The window that all rows are in, and no other; `NaN`: there is none, or that is not known. */
  onlyWindow(): number;
}

/** Which rows of units pass a place where rows are dropped. */
export class UnitGate {
  /** What was dropped here. */
  readonly levels: UnitLevels;
  readonly #before: LevelSource | undefined;
  readonly #order: UnitOrder;

  /** @param before - what was dropped earlier on the way */
  constructor(strata: number, order: UnitOrder, before?: LevelSource) {
    this.levels = new UnitLevels(strata);
    this.#order = order;
    this.#before = before;
  }

  /** Whether nothing was shed of the windows of a batch. @hot */
  areWhole(rows: RowUnits): boolean {
    const oldest = rows.oldest();
    const before = this.#before;
    return (
      oldest > this.levels.newestWindow && (before === undefined || oldest > before.newestWindow)
    );
  }

  /**
   * Whether a row is of a unit that is whole and reaches a threshold.
   *
   * @param threshold - a rank
   * @hot
   */
  passes(rows: RowUnits, row: number, threshold: number): boolean {
    return this.rank(rows, row, threshold) >= 0;
  }

  /** The highest rank of the row's units that pass; -1: none does. @hot */
  rank(rows: RowUnits, row: number, threshold: number): number {
    const unit = rows.units[row]!;
    const stratum = stratumOfUnit(unit);
    const isKept = binOfUnit(unit) === NEVER_DROPPED;
    const first = rows.first(row);
    const last = rows.last(row);
    let highest = isKept ? this.#order.rank(unit, 0) : -1;
    // Too late for all of its windows: no result will miss it.
    if (first > last && threshold === 0) return 0;
    for (let window = first; window <= last; window++) {
      const rank = this.#order.rank(unit, window);
      if (rank <= highest || rank < threshold || rank < this.level(window, stratum)) continue;
      highest = rank;
    }
    return highest;
  }

  /** The rank of a unit. @hot */
  rankIn(unit: number, window: number): number {
    return this.#order.rank(unit, window);
  }

  /** Ranks below it are of units that are incomplete. @hot */
  level(window: number, stratum: number): number {
    const own = this.levels.level(window, stratum);
    const before = this.#before;
    return before === undefined ? own : Math.max(own, before.level(window, stratum));
  }

  /** A row is dropped: its units are incomplete. @hot */
  drop(rows: RowUnits, row: number): void {
    const unit = rows.units[row]!;
    const stratum = stratumOfUnit(unit);
    const last = rows.last(row);
    for (let window = rows.first(row); window <= last; window++) {
      this.levels.raise(window, stratum, this.#order.rank(unit, window) + 1);
    }
  }

  /** The bin in which a row counts, whether it passes or not: that of its last window. @hot */
  binOf(rows: RowUnits, row: number): number {
    return binOfRank(this.#order.rank(rows.units[row]!, rows.last(row)));
  }
}

/** Whether a unit of a window is whole by all that was shed. @hot */
export function isWholeUnit(
  sources: readonly LevelSource[],
  unit: number,
  window: number,
  order: UnitOrder,
): boolean {
  const rank = order.rank(unit, window);
  const stratum = stratumOfUnit(unit);
  for (let s = 0; s < sources.length; s++) {
    if (rank < sources[s]!.level(window, stratum)) return false;
  }
  return true;
}
