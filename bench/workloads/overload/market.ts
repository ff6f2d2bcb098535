/**
 * Several workers, each of which finds its own price and reads those of the others, at rows that
 * wait: no clocks, no queues, only the prices.
 *
 * @module
 */

import { QueueContents, binOf } from '../../../src/admission/index.ts';
import { WorkCurve, plainTerms } from '../../../src/admission/work-curve.ts';
import { type Uniform, drawer, uniformFrom } from './values.ts';

/** Rows of many classes, and what they cost at many workers. */
export class Market {
  readonly prices: Float64Array;
  readonly #lanes: number;
  readonly #workers: number;
  readonly #values: Float64Array[];
  readonly #workMs: Float64Array[];
  readonly #budgets: Float64Array;
  readonly #contents: QueueContents;
  readonly #curve: WorkCurve;
  readonly #random: Uniform;

  /** @param overload - work offered over what each worker can do */
  constructor(lanes: number, workers: number, overload: number, seed: number, rows = 200) {
    this.#random = uniformFrom(seed);
    const random = this.#random;
    const draw = drawer('lognormal', random);
    this.#lanes = lanes;
    this.#workers = workers;
    this.prices = new Float64Array(workers);
    this.#values = Array.from({ length: lanes }, () => {
      const scale = 4 ** (2 * random() - 1);
      return Float64Array.from({ length: rows }, () => scale * draw()).sort();
    });
    // A class passes through about half of the workers.
    this.#workMs = Array.from({ length: workers }, () =>
      Float64Array.from({ length: lanes }, () => (random() < 0.5 ? 0.2 + random() : 0)),
    );
    this.#budgets = Float64Array.from(this.#workMs, (work) => {
      const offered = work.reduce((sum, ms) => sum + ms * rows, 0);
      return offered / overload / (0.8 + 0.4 * random());
    });
    this.#contents = new QueueContents(new Int32Array(QueueContents.wordsFor(lanes)), lanes);
    this.#curve = new WorkCurve(lanes);
    this.#fill();
  }

  /** Each worker in turn sets its price by those of the others. */
  sweep(): void {
    for (let n = 0; n < this.#workers; n++) this.#setPrice(n);
  }

  /** Lets the budgets drift, as loads do. */
  drift(by: number): void {
    for (let n = 0; n < this.#workers; n++) {
      this.#budgets[n]! *= 1 + by * (2 * this.#random() - 1);
    }
  }

  /** Sweeps until nothing moves; what is kept then is worth so much. */
  settle(): number {
    for (let sweep = 0; sweep < 200; sweep++) this.sweep();
    return this.kept();
  }

  /** Value of what is kept at the prices, cut down evenly where a worker would have too much. */
  kept(): number {
    let value = 0;
    const used = new Float64Array(this.#workers);
    for (let lane = 0; lane < this.#lanes; lane++) {
      const threshold = this.#costOf(lane, -1);
      for (const each of this.#values[lane]!) {
        if (each < threshold) continue;
        value += each;
        for (let n = 0; n < this.#workers; n++) used[n]! += this.#workMs[n]![lane]!;
      }
    }
    const worst = used.reduce((most, work, n) => Math.max(most, work / this.#budgets[n]!), 1);
    return value / worst;
  }

  /** No choice of rows is worth more: the linear program's dual, at any prices. */
  bound(): number {
    let sum = 0;
    for (let n = 0; n < this.#workers; n++) sum += this.prices[n]! * this.#budgets[n]!;
    for (let lane = 0; lane < this.#lanes; lane++) {
      const threshold = this.#costOf(lane, -1);
      for (const each of this.#values[lane]!) sum += Math.max(0, each - threshold);
    }
    return sum;
  }

  #setPrice(worker: number): void {
    const terms = plainTerms(this.#lanes);
    terms.workMs.set(this.#workMs[worker]!);
    for (let lane = 0; lane < this.#lanes; lane++) terms.rest[lane] = this.#costOf(lane, worker);
    const price = this.#curve.priceFor(this.#budgets[worker]!, terms, this.prices[worker]!);
    this.prices[worker] = price;
  }

  /** What a row costs at all workers but one. */
  #costOf(lane: number, except: number): number {
    let cost = 0;
    for (let n = 0; n < this.#workers; n++) {
      if (n !== except) cost += this.prices[n]! * this.#workMs[n]![lane]!;
    }
    return cost;
  }

  #fill(): void {
    const amounts = new Float64Array(this.#contents.offered.length);
    const bins = amounts.length / this.#lanes;
    this.#values.forEach((values, lane) => {
      for (const value of values) {
        const bin = binOf(value);
        amounts[lane * bins + bin]!++;
        this.#contents.widen(lane, bin);
      }
    });
    this.#curve.loadAmounts(amounts, this.#contents, 0);
  }
}
