/** The most that tenants pay at a worker, so that each gets his share of it. @module */

import { fillShares } from './tenants.ts';
import type { LaneTerms, WorkCurve } from './work-curve.ts';
import type { Fairness, PricedSource } from './priced-source.ts';

/**
 * Caps on what tenants pay: at his cap a tenant gets what his weight entitles him to, of the part of
 * the capacity that is shared out. Where the price is lower, he gets more by paying it.
 */
export class TenantCaps {
  readonly #fairness: Fairness;
  /** The tenant of each lane of all sources; -1 without. */
  readonly #tenants: Int32Array;
  readonly #demands: Float64Array;
  readonly #shares: Float64Array;
  readonly #caps: Float64Array;
  /** The lanes of each tenant. */
  readonly #lanes: readonly Int32Array[];
  readonly #terms: LaneTerms;
  /** The same, as they are for one tenant alone. */
  readonly #alone: LaneTerms;

  /** @param terms - the caps of which are set */
  constructor(sources: readonly PricedSource[], fairness: Fairness, terms: LaneTerms) {
    const tenants = sources.flatMap(({ contents, tenants }) =>
      tenants === undefined ? Array<number>(contents.lanes).fill(-1) : [...tenants],
    );
    this.#fairness = fairness;
    this.#tenants = Int32Array.from(tenants);
    this.#demands = new Float64Array(fairness.weights.length);
    this.#shares = new Float64Array(fairness.weights.length);
    this.#caps = new Float64Array(fairness.weights.length);
    this.#lanes = Array.from(fairness.weights, (_, tenant) =>
      Int32Array.from(tenants.keys()).filter((lane) => tenants[lane] === tenant),
    );
    this.#terms = terms;
    this.#alone = { ...terms, caps: new Float64Array(tenants.length).fill(Infinity) };
  }

  /**
   * Sets the caps.
   *
   * @param offered - what is offered in a millisecond
   * @hot
   */
  update(offered: WorkCurve, capacity: number): void {
    const { weights, fairness } = this.#fairness;
    const { caps, workMs } = this.#terms;
    const tenants = this.#tenants;
    this.#demands.fill(0);
    for (let lane = 0; lane < tenants.length; lane++) {
      const tenant = tenants[lane]!;
      if (tenant < 0) continue;
      this.#demands[tenant] = this.#demands[tenant]! + workMs[lane]! * offered.rows(lane);
    }
    fillShares(this.#demands, weights, capacity, this.#shares);
    for (let tenant = 0; tenant < weights.length; tenant++) {
      const budgetMs = fairness * this.#shares[tenant]!;
      const near = this.#caps[tenant]!;
      const lanes = this.#lanes[tenant]!;
      this.#caps[tenant] = offered.priceFor(budgetMs, this.#alone, near, lanes);
    }
    for (let lane = 0; lane < tenants.length; lane++) {
      const tenant = tenants[lane]!;
      caps[lane] = tenant < 0 || fairness === 0 ? Infinity : this.#caps[tenant]!;
    }
  }
}
