/**
 * Up to which rank units of a window have lost rows.
 *
 * The only thing that may be forgotten is a window for another one that lies later: then all its units count
 * as incomplete.
 *
 * @module
 */

/** Levels by window and stratum: units of lower ranks may have lost rows. */
export interface LevelSource {
  /** Nothing was shed of later windows. */
  readonly newestWindow: number;
  /** 0: nothing was shed; infinity: nobody knows any more. */
  level(window: number, stratum: number): number;
}

/** Windows of which levels are known at a time. */
export const LEVEL_SLOTS = 256;

/** The slot of a window. @hot */
export function slotOfWindow(window: number): number {
  return window - Math.floor(window / LEVEL_SLOTS) * LEVEL_SLOTS;
}

/** Levels, kept by who sheds. */
export class UnitLevels implements LevelSource {
  newestWindow = -Infinity;
  /** Windows of which something was shed. */
  windows = 0;
  readonly strata: number;
  /** By slot: the window whose levels it has; `-Infinity`: none. */
  readonly owners = new Float64Array(LEVEL_SLOTS).fill(-Infinity);
  /** By slot and stratum. */
  readonly levels: Float64Array;
  /** Slots that have changed since {@link settle}: `changed[0 .. changes)`. */
  readonly changed = new Int32Array(LEVEL_SLOTS);
  changes = 0;
  readonly #isChanged = new Uint8Array(LEVEL_SLOTS);

  constructor(strata: number) {
    this.strata = strata;
    this.levels = new Float64Array(LEVEL_SLOTS * strata);
  }

  /** @hot */
  level(window: number, stratum: number): number {
    const slot = slotOfWindow(window);
    const owner = this.owners[slot]!;
    if (owner === window) return this.levels[slot * this.strata + stratum]!;
    return owner < window ? 0 : Infinity;
  }

  /** Units of the window with a rank below the level are incomplete from now on. @hot */
  raise(window: number, stratum: number, level: number): void {
    const slot = slotOfWindow(window);
    const owner = this.owners[slot]!;
    if (owner > window) return;
    const first = slot * this.strata;
    if (owner < window) {
      this.owners[slot] = window;
      this.levels.fill(0, first, first + this.strata);
      this.windows++;
      if (window > this.newestWindow) this.newestWindow = window;
    } else if (this.levels[first + stratum]! >= level) return;
    this.levels[first + stratum] = level;
    if (this.#isChanged[slot] === 1) return;
    this.#isChanged[slot] = 1;
    this.changed[this.changes++] = slot;
  }

  /** What has changed is known to all. @hot */
  settle(): void {
    for (let i = 0; i < this.changes; i++) this.#isChanged[this.changed[i]!] = 0;
    this.changes = 0;
  }
}
