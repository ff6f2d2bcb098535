/**
 * The price of a worker: what a millisecond of its work must bring while there is more than it can do.
 *
 * Nothing is dropped before `gateMs` of work wait, all rows counted. From then on the price is a
 * forecast kept between two walls.
 *
 * - The **forecast** is the price at which as much work is offered as the worker does, and a little
 *   more or less to bring what waits to its target.
 * - The **upper wall** is what the queue can hold: the least price at which what is kept of the rows
 *   that wait is no more than `fullMs`.
 * - The **lower wall** keeps the worker busy: the least price at which no more than `lowMs` are kept
 *   of the rows that wait. A higher price would let it run dry beside rows it could have worked on.
 *
 * Where nobody looks at rows again once they wait, the upper wall is to let nothing in.
 *
 * Between the walls a price need not change: the best choice of rows under a limit of delay has
 * one price for as long as the queue is neither empty nor full. So what the forecast does not see coming is
 * met when the queue is full, by a choice among all the rows in it.
 *
 * @module
 */

import type { AdmissionLimits } from './limits.ts';
import { OfferedRates } from './offered-rates.ts';
import type { Fairness, PricedSource } from './priced-source.ts';
import { TenantParts } from './tenant-parts.ts';
import { type LaneTerms, plainTerms, WorkCurve } from './work-curve.ts';

/** How far a forecast looks back, unless told otherwise. */
const MEMORY_MS = 30;
/** In how long a forecast would bring what waits to its target, unless told otherwise. */
const HORIZON_MS = 100;
/** The same where rows that wait cannot be dropped any more: then only those that come can bring it down. */
const SETTLED_HORIZON_MS = 15;
/** How often rates are looked at while much waits, and while little does. */
const BUSY_RATE_MS = 2;
const CALM_RATE_MS = 10;
/** How often it is looked whether a decision is due. */
const LOOK_EVERY_MS = 0.5;
/** While rows are dropped, decisions are at least so far apart, unless what is kept goes through a wall. */
const DECIDE_EVERY_MS = 2;
/** What a decision takes for each bin of a lane that occurs (`bench/micro/admission.ts`), and what of the time all may take. */
const BIN_MS = 6e-6;
const DECIDING_SHARE = 0.015;
/** While rows are dropped one decision follows another no sooner than after this part of the usual time. */
const SOONEST = 0.25;

/** How the price of a worker is found. */
export interface WorkerPriceOptions {
  readonly limits: AdmissionLimits;
  readonly sources: readonly PricedSource[];
  /** Left out: no tenant has a claim. */
  readonly fairness?: Fairness;
  /** How far the forecast looks back. */
  readonly memoryMs?: number;
  /** In how long the forecast would bring what waits to its target. */
  readonly horizonMs?: number;
  /** The walls and the forecast are computed anew after that long; left out: the longer, the more there are bins. */
  readonly periodMs?: number;
}

/** The price of one worker. It decides on the worker itself; others read what comes out. */
export class WorkerPrice {
  /** Value of a millisecond of work; 0 while everything can be done. */
  price = 0;
  /** Whether rows may be dropped. */
  isOn = false;
  /**
   * Whether the price is that at which what waits just fits. Then, and only then, rows of the bin that a
   * threshold lies in are chosen once more when they are taken.
   */
  isFull = false;
  /** Whether so much waits that rows should be counted by value. */
  isArmed = false;
  /** Work that waits, all rows counted, in milliseconds of the worker. */
  backlogMs = 0;
  /** Work that waits and is kept at the price. */
  keptMs = 0;
  /** Work offered in a millisecond, in milliseconds, as far as it is known. */
  offeredLoad = 0;
  /** Changes of the price, counted. */
  epoch = 0;
  /** Decisions: looks at all that waits, by bin. */
  decisions = 0;
  /** How often dropping began. */
  opened = 0;
  /** What part of the price tenants pay; `undefined`: no tenant has a claim. */
  readonly tenants: TenantParts | undefined;
  readonly #options: WorkerPriceOptions;
  readonly #terms: LaneTerms;
  readonly #waiting: WorkCurve;
  readonly #offered: WorkCurve;
  /** What waits and is not looked at again; `undefined`: there are no such sources. */
  readonly #settled: WorkCurve | undefined;
  #settledMs = 0;
  readonly #rates: readonly OfferedRates[];
  /** Decisions are so far apart, unless more or less waits than there should. */
  #periodMs = LOOK_EVERY_MS;
  /** Rates have changed since {@link WorkCurve.loadAmounts}. */
  #isStale = true;
  #lookedMs = -Infinity;
  #decidedMs = -Infinity;
  /** Counted rows that had gone in at the last decision, and the mean work of those that waited. */
  #entered = 0;
  #countedRowMs = 0;
  #ratedMs = Number.NaN;
  #quietSinceMs = Number.NaN;

  constructor(options: WorkerPriceOptions) {
    this.#options = options;
    const lanes = options.sources.reduce((sum, { contents }) => sum + contents.lanes, 0);
    this.#waiting = new WorkCurve(lanes);
    this.#offered = new WorkCurve(lanes);
    const hasSettled = options.sources.some(({ isSettled }) => isSettled === true);
    this.#settled = hasSettled ? new WorkCurve(lanes) : undefined;
    this.#terms = plainTerms(lanes);
    this.tenants =
      options.fairness && new TenantParts(options.sources, options.fairness, this.#terms);
    this.#rates = options.sources.map(
      ({ contents }) => new OfferedRates(contents, options.memoryMs ?? MEMORY_MS),
    );
  }

  /**
   * Looks at what waits and sets the price. Before each slice of work, at least once a millisecond.
   *
   * @param waitingRows - rows that wait in the ring of each source
   * @param behindMs - work for this worker that waits elsewhere, and can no longer be dropped
   * @param capacity - milliseconds of work that the worker does in a millisecond
   * @param sustained - the same over a longer time: nothing is dropped for a moment in which it does less
   * @param waitedMs - how long the oldest row has waited: whatever is thought of the worker, that is known
   * @hot
   */
  update(
    nowMs: number,
    waitingRows: Float64Array,
    behindMs: number,
    capacity: number,
    sustained = capacity,
    waitedMs = 0,
  ): void {
    const { limits, periodMs = this.#usualMs() } = this.#options;
    if (nowMs - this.#lookedMs < Math.min(LOOK_EVERY_MS, periodMs)) return;
    this.#lookedMs = nowMs;
    const fixedMs = this.#uncountedMs(waitingRows) + behindMs;
    const hasMoved = this.#hasMoved(nowMs, fixedMs, capacity);
    if (!hasMoved && nowMs - this.#decidedMs < periodMs) return;
    this.#decidedMs = nowMs;
    this.decisions++;
    this.#loadTerms();
    const rateMs = this.isArmed ? BUSY_RATE_MS : CALM_RATE_MS;
    this.#rate(nowMs, hasMoved ? BUSY_RATE_MS : Math.max(periodMs, rateMs));
    const counted = this.#countWaiting();
    this.backlogMs = (fixedMs + counted) / capacity;
    this.isArmed = this.isOn || this.backlogMs > limits.armMs;
    if (!this.isOn && this.#isPassed(sustained / capacity, waitedMs)) {
      this.isOn = true;
      this.opened++;
    }
    if (this.isOn) this.#decide(nowMs, fixedMs + this.#settledMs, capacity);
    else this.keptMs = this.backlogMs;
  }

  /** How far decisions are apart as a rule. @hot */
  #usualMs(): number {
    return this.isOn ? Math.max(DECIDE_EVERY_MS, this.#periodMs) : this.#periodMs;
  }

  /** Work of the rows that wait and are counted. @hot */
  #countWaiting(): number {
    const rows = this.#countedRows();
    this.#entered = this.#enteredRows();
    this.#settledMs = 0;
    // Rows may have been counted for the sake of another worker.
    if (!this.isArmed && rows === 0) return 0;
    this.#loadWaiting();
    this.#settledMs = this.#settled?.workAt(0, this.#terms) ?? 0;
    const work = this.#waiting.workAt(0, this.#terms) + this.#settledMs;
    if (rows > 0) this.#countedRowMs = work / rows;
    return work;
  }

  /**
   * Whether so much has come or gone since the last decision that one is due, by what is known without looking at bins:
   * what waits has passed a limit, or what is kept has gone through a wall, as far as it follows from the rows that
   * went in and the time that passed.
   *
   * @param fixedMs - work of what waits and was not counted
   * @hot
   */
  #hasMoved(nowMs: number, fixedMs: number, capacity: number): boolean {
    const { limits } = this.#options;
    if (!this.isOn) {
      const waitsMs = (fixedMs + this.#countedRows() * this.#countedRowMs) / capacity;
      return waitsMs > (this.isArmed ? limits.gateMs : limits.armMs);
    }
    const passedMs = nowMs - this.#decidedMs;
    if (passedMs < SOONEST * this.#usualMs()) return false;
    const cameMs = ((this.#enteredRows() - this.#entered) * this.#countedRowMs) / capacity;
    const keptMs = this.keptMs + cameMs - passedMs;
    return keptMs > limits.fullMs || keptMs < limits.lowMs;
  }

  /**
   * What more of this worker would bring: utility a millisecond, by what is offered now.
   *
   * @param extra - milliseconds of work in a millisecond: 1 for one more core like the one there is
   */
  valueOfMore(extra: number, capacity: number): number {
    const terms = this.#terms;
    this.#loadOffered();
    const now = this.#offered.priceFor(capacity, terms, this.price);
    const then = this.#offered.priceFor(capacity + extra, terms, this.price);
    return this.#offered.utilityAt(then, terms) - this.#offered.utilityAt(now, terms);
  }

  /**
   * Whether more waits than a queue has to absorb: at the better of two speeds, or at the speed of the moment if rows have
   * waited for that long. That they have is not enough: what stood still for a while may have little left to do.
   *
   * @hot
   */
  #isPassed(sustainedOverCapacity: number, waitedMs: number): boolean {
    const { gateMs } = this.#options.limits;
    if (this.backlogMs <= gateMs) return false;
    return this.backlogMs > gateMs * sustainedOverCapacity || waitedMs > gateMs;
  }

  /** Sets the price while dropping is on. @hot */
  #decide(nowMs: number, fixedMs: number, capacity: number): void {
    const { limits, horizonMs = this.#settled ? SETTLED_HORIZON_MS : HORIZON_MS } = this.#options;
    const terms = this.#terms;
    const waiting = this.#waiting;
    this.#loadOffered();
    const keptBefore = (waiting.workOfBinsAt(this.price, terms) + fixedMs) / capacity;
    const rate = capacity * (1 + (limits.targetMs - keptBefore) / horizonMs);
    const forecast = this.#priceFor(this.#offered, Math.max(0, rate), this.price);
    const price = this.#betweenWalls(forecast, fixedMs, capacity);
    if (price !== this.price) this.epoch++;
    this.price = price;
    const kept = this.isFull ? waiting.workAt(price, terms) : waiting.workOfBinsAt(price, terms);
    this.keptMs = (kept + fixedMs) / capacity;
    this.#closeIfQuiet(nowMs, capacity);
  }

  /** The forecast, or the wall that it lies behind. @hot */
  #betweenWalls(forecast: number, fixedMs: number, capacity: number): number {
    const { limits } = this.#options;
    const waiting = this.#waiting;
    const terms = this.#terms;
    const kept = waiting.workAt(forecast, terms);
    const full = limits.fullMs * capacity - fixedMs;
    if (full < 0 && this.#settled !== undefined) {
      this.isFull = true;
      return this.#priceFor(this.#offered, 0, Math.max(forecast, this.price));
    }
    this.isFull = kept > full;
    if (this.isFull) return this.#priceFor(waiting, full, Math.max(forecast, this.price));
    const low = limits.lowMs * capacity - fixedMs;
    // Of a bin that the price lies in some rows were chosen when they came, and are not chosen again.
    const isLow = kept < low && waiting.workOfBinsAt(forecast, terms) < low;
    return isLow ? this.#priceFor(waiting, low, this.price) : forecast;
  }

  /** The price at which so much is kept; what tenants pay of it is set as well. @hot */
  #priceFor(rows: WorkCurve, budgetMs: number, near: number): number {
    const { tenants } = this;
    return tenants === undefined
      ? rows.priceFor(budgetMs, this.#terms, near)
      : tenants.share(rows, budgetMs);
  }

  /** Ends dropping when little waits, and less is offered than can be done, for a while. @hot */
  #closeIfQuiet(nowMs: number, capacity: number): void {
    const { limits } = this.#options;
    const isQuiet =
      this.backlogMs < limits.lowMs && this.offeredLoad < 0.97 * capacity && this.price === 0;
    if (!isQuiet) this.#quietSinceMs = Number.NaN;
    else if (Number.isNaN(this.#quietSinceMs)) this.#quietSinceMs = nowMs;
    else if (nowMs - this.#quietSinceMs > 2) {
      this.isOn = false;
      this.#quietSinceMs = Number.NaN;
    }
  }

  /** @hot */
  #loadTerms(): void {
    const { sources } = this.#options;
    let first = 0;
    for (let s = 0; s < sources.length; s++) {
      const { workMs, rest, utility, minShare } = sources[s]!;
      this.#terms.workMs.set(workMs, first);
      if (rest !== undefined) this.#terms.rest.set(rest, first);
      if (utility !== undefined) this.#terms.utility.set(utility, first);
      if (minShare !== undefined) this.#terms.floors.set(minShare, first);
      first += workMs.length;
    }
  }

  /** @hot */
  #loadWaiting(): void {
    const { sources } = this.#options;
    let first = 0;
    for (let s = 0; s < sources.length; s++) {
      const { contents, isSettled } = sources[s]!;
      const curve = isSettled === true ? this.#settled! : this.#waiting;
      curve.loadContents(contents, first);
      first += contents.lanes;
    }
  }

  /** Brings the rates up to now, if so much time has passed. @hot */
  #rate(nowMs: number, periodMs: number): void {
    if (Number.isNaN(this.#ratedMs)) this.#ratedMs = nowMs;
    const elapsedMs = nowMs - this.#ratedMs;
    if (elapsedMs < periodMs) return;
    this.#ratedMs = nowMs;
    let bins = 0;
    for (let s = 0; s < this.#rates.length; s++) bins += this.#rates[s]!.update(elapsedMs);
    this.#periodMs = Math.max(LOOK_EVERY_MS, (bins * BIN_MS) / DECIDING_SHARE);
    this.#isStale = true;
    if (this.isArmed) this.#loadOffered();
  }

  /** @hot */
  #loadOffered(): void {
    const { sources } = this.#options;
    let first = 0;
    for (let s = 0; this.#isStale && s < sources.length; s++) {
      const { contents } = sources[s]!;
      this.#offered.loadAmounts(this.#rates[s]!.rates, contents, first);
      first += contents.lanes;
    }
    this.#isStale = false;
    this.offeredLoad = this.#offered.workAt(0, this.#terms);
  }

  /** @hot */
  #countedRows(): number {
    const { sources } = this.#options;
    let rows = 0;
    for (let s = 0; s < sources.length; s++) rows += sources[s]!.contents.countedRows;
    return rows;
  }

  /** Counted rows that have gone in so far. @hot */
  #enteredRows(): number {
    const { sources } = this.#options;
    let rows = 0;
    for (let s = 0; s < sources.length; s++) rows += sources[s]!.contents.enteredTotal[0]! >>> 0;
    return rows;
  }

  /** Work of rows that wait and were not counted. @hot */
  #uncountedMs(waitingRows: Float64Array): number {
    const { sources } = this.#options;
    let work = 0;
    for (let s = 0; s < sources.length; s++) {
      const rows = Math.max(0, waitingRows[s]! - sources[s]!.contents.countedRows);
      if (rows > 0) work += rows * this.#meanMs(s);
    }
    return work;
  }

  /** Mean work of a row of a source, by how many were offered of each lane. @hot */
  #meanMs(source: number): number {
    const { workMs } = this.#options.sources[source]!;
    const rates = this.#rates[source]!.laneRates;
    let rows = 0;
    let work = 0;
    let plain = 0;
    for (let lane = 0; lane < workMs.length; lane++) {
      rows += rates[lane]!;
      work += rates[lane]! * workMs[lane]!;
      plain += workMs[lane]!;
    }
    return rows > 0 ? work / rows : plain / workMs.length;
  }
}
