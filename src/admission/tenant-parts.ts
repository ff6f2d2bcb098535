/** What part of a worker's price tenants pay, so that each gets his share of the worker. @module */

import { fillShares } from './tenants.ts';
import type { LaneGroup, LaneTerms, WorkCurve } from './work-curve.ts';
import type { Fairness, PricedSource } from './priced-source.ts';

/** The lane has no tenant that is known. */
export const NO_TENANT = -1;

/** Of a budget: as exact are caps. */
const ROUNDING = 0.002;

/**
 * A tenant has a cap, the price at which he gets what his weight entitles him to of the part of the
 * work that is shared out; at a lower price he gets more. The price at which all together get
 * what there is, none of them paying more than his cap, is that of the worker, and what a tenant pays is
 * a part of it.
 */
export class TenantParts {
  /** By tenant, from 0 to 1. */
  readonly parts: Float64Array;
  /** How often they have been set. */
  looks = 0;
  readonly #fairness: Fairness;
  readonly #sources: readonly PricedSource[];
  readonly #demands: Float64Array;
  readonly #shares: Float64Array;
  readonly #caps: Float64Array;
  /** The lanes, those of the same tenant together, and where each tenant's end. */
  readonly #group: LaneGroup;
  readonly #ends: Int32Array;
  readonly #terms: LaneTerms;
  /** The same, where nobody pays less than others. */
  readonly #plain: LaneTerms;
  /** The same, where nobody pays more than his cap. */
  readonly #capped: LaneTerms & { readonly caps: Float64Array };
  #price = 0;

  /** @param terms - the parts of which are set */
  constructor(sources: readonly PricedSource[], fairness: Fairness, terms: LaneTerms) {
    const lanes = terms.parts.length;
    const tenants = fairness.weights.length;
    this.#fairness = fairness;
    this.#sources = sources;
    this.#demands = new Float64Array(tenants);
    this.#shares = new Float64Array(tenants);
    this.#caps = new Float64Array(tenants);
    this.parts = new Float64Array(tenants).fill(1);
    this.#group = { lanes: new Int32Array(lanes), from: 0, to: 0 };
    this.#ends = new Int32Array(tenants);
    this.#terms = terms;
    this.#plain = { ...terms, parts: new Float64Array(lanes).fill(1) };
    this.#capped = { ...this.#plain, caps: new Float64Array(lanes) };
  }

  /**
   * Shares out some work, and sets the parts.
   *
   * @param rows - those who bring the work
   * @returns the price at which no more than so much is kept
   * @hot
   */
  share(rows: WorkCurve, budgetMs: number): number {
    const { weights, fairness } = this.#fairness;
    const caps = this.#caps;
    let highest = 0;
    this.looks++;
    this.#groupLanes();
    for (let tenant = 0; tenant < weights.length; tenant++) {
      this.#demands[tenant] = rows.workAt(0, this.#plain, this.#lanesOf(tenant));
    }
    fillShares(this.#demands, weights, budgetMs, this.#shares);
    for (let tenant = 0; tenant < weights.length; tenant++) {
      const shareMs = fairness * this.#shares[tenant]!;
      caps[tenant] = rows.priceFor(shareMs, this.#plain, caps[tenant]!, this.#lanesOf(tenant));
      highest = Math.max(highest, caps[tenant]!);
    }
    this.#spread(caps, Infinity, this.#capped.caps);
    this.#price = this.#priceFor(rows, budgetMs, highest);
    for (let tenant = 0; tenant < weights.length; tenant++) {
      this.parts[tenant] = this.#price > 0 ? Math.min(1, caps[tenant]! / this.#price) : 1;
    }
    this.#spread(this.parts, 1, this.#terms.parts);
    return this.#price;
  }

  /** The price at which all together get what there is, none of them paying more than his cap. @hot */
  #priceFor(rows: WorkCurve, budgetMs: number, highestCap: number): number {
    // Where all is shared out, what is missing at the caps by rounding is nobody's.
    const sharedMs = rows.workAt(highestCap, this.#capped);
    if (Math.abs(sharedMs - budgetMs) < ROUNDING * budgetMs) return highestCap;
    return rows.priceFor(budgetMs, this.#capped, this.#price);
  }

  /** @hot */
  #lanesOf(tenant: number): LaneGroup {
    const group = this.#group;
    group.from = tenant === 0 ? 0 : this.#ends[tenant - 1]!;
    group.to = this.#ends[tenant]!;
    return group;
  }

  /** Puts the lanes of each tenant together: they turn up while it runs. @hot */
  #groupLanes(): void {
    const { lanes } = this.#group;
    const ends = this.#ends;
    ends.fill(0);
    for (let s = 0; s < this.#sources.length; s++) {
      const { tenants } = this.#sources[s]!;
      if (tenants === undefined) continue;
      for (let lane = 0; lane < tenants.length; lane++) {
        if (tenants[lane]! !== NO_TENANT) ends[tenants[lane]!]! += 1;
      }
    }
    let sum = 0;
    for (let tenant = 0; tenant < ends.length; tenant++) {
      sum += ends[tenant]!;
      ends[tenant] = sum - ends[tenant]!;
    }
    let first = 0;
    for (let s = 0; s < this.#sources.length; s++) {
      const { tenants, contents } = this.#sources[s]!;
      for (let lane = 0; tenants !== undefined && lane < tenants.length; lane++) {
        const tenant = tenants[lane]!;
        if (tenant === NO_TENANT) continue;
        lanes[ends[tenant]!] = first + lane;
        ends[tenant]! += 1;
      }
      first += contents.lanes;
    }
  }

  /** Tells the lanes what is said of their tenants. @hot */
  #spread(said: Float64Array, ofOthers: number, into: Float64Array): void {
    let first = 0;
    for (let s = 0; s < this.#sources.length; s++) {
      const { tenants, contents } = this.#sources[s]!;
      for (let lane = 0; lane < contents.lanes; lane++) {
        const tenant = tenants === undefined ? NO_TENANT : tenants[lane]!;
        into[first + lane] = tenant === NO_TENANT ? ofOthers : said[tenant]!;
      }
      first += contents.lanes;
    }
  }
}
