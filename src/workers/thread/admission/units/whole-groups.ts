/** Which groups of a window are whole, for the aggregate behind gates that shed groups. @module */

import { isWholeUnit } from '../../../../admission/unit-gate.ts';
import type { UnitOrder } from '../../../../admission/unit-ranks.ts';
import type { WholeUnits } from '../../../../core/subsets.ts';
import type { TimeUs } from '../../../../core/units.ts';
import { SlidingWindows } from '../../../../operators/kernels.ts';
import type { UnitsPlan } from '../../../protocol-admission.ts';
import type { LevelsReader } from './shared-levels.ts';

/** Reads what was shed at all places that rows of the aggregate come by. */
export class WholeGroups implements WholeUnits {
  readonly #levels: readonly LevelsReader[];
  readonly #strata: number;
  readonly #order: UnitOrder;
  readonly #scheme: SlidingWindows | undefined;
  #window = 0;

  constructor(levels: readonly LevelsReader[], { strata, windows }: UnitsPlan, order: UnitOrder) {
    this.#levels = levels;
    this.#strata = strata;
    this.#order = order;
    this.#scheme = windows && new SlidingWindows(windows);
  }

  begin(startUs: TimeUs): void {
    for (const levels of this.#levels) levels.renew();
    this.#window = this.#scheme === undefined ? 0 : this.#scheme.lastWindowAt(startUs);
  }

  isWhole(unit: number): boolean {
    if (Number.isNaN(unit)) return this.#isUntouched();
    return isWholeUnit(this.#levels, unit, this.#window, this.#order);
  }

  /** Whether nothing of the window was shed. */
  #isUntouched(): boolean {
    for (const levels of this.#levels) {
      for (let s = 0; s < this.#strata; s++) if (levels.level(this.#window, s) > 0) return false;
    }
    return true;
  }
}
