/**
 * What rows of each class cost, from how long slices of mixed rows took.
 *
 * Slices of a hundred rows have about the same mix of classes, so what tells these apart is by how much a slice's mix and
 * its time are off the mean: least squares over that. A cost is drawn to the mean as far as noise leaves it open, and further where a
 * class hardly comes: what is known of a class that does not come any more is forgotten, and it costs what others do.
 * Else a class that was once thought dear would be shed for ever, and nobody would find out.
 *
 * @module
 */

/** What was learnt so many slices ago weighs a third. */
const MEMORY_SLICES = 1000;
/** Costs of a class lie about so far from the mean, over the mean, as far as is known beforehand. */
const SPREAD = 1;
/** A class has to bring this part of all that is known of classes to be worth looking at. */
const PRIOR_SHARE = 0.003;
/** Times that are so many usual errors off what was expected count for that many. */
const MOST_ERRORS = 3;
/** No class costs less than this part of the mean. */
const LEAST_SHARE = 0.02;
/** Costs follow what has been learnt after so many slices, or as many as there are classes: that takes their square. */
const SOLVE_EVERY = 4;
const GROWTH = 1 + 1 / MEMORY_SLICES;
/** Of so many first slices any time is believed. */
const FEW_SLICES = 20;
/** Weights grow instead of sums being made smaller each time; at this one they all are. */
const MOST_WEIGHT = 1e100;

/** Milliseconds of a row, by class. */
export class ClassCosts {
  readonly #classes: number;
  readonly #rows: Float64Array;
  /** By two classes, the second no smaller: products of what slices had of them beyond the mean mix. */
  readonly #products: Float64Array;
  /** By class: the same by the time beyond the mean. */
  readonly #times: Float64Array;
  /** By class: what it costs beyond the mean, and a constant. */
  readonly #offsets: Float64Array;
  /** By class: rows of the slice that is looked at beyond the mean mix, over the root of its rows. */
  readonly #beyond: Float64Array;
  #allRows = 0;
  #allMs = 0;
  /** By how much times are off what was expected, as a rule. */
  #error = 0;
  /** Of a slice that is learnt now. */
  #weight = 1;
  #slices = 0;
  /** The mean of all offsets. */
  #middle = 0;

  /** @param classes - how many there can be */
  constructor(classes: number) {
    this.#classes = classes;
    this.#rows = new Float64Array(classes);
    this.#products = new Float64Array(classes * classes);
    this.#times = new Float64Array(classes);
    this.#offsets = new Float64Array(classes);
    this.#beyond = new Float64Array(classes);
  }

  /** Milliseconds of a row of a class; of a class of which little is known nearly the mean. @hot */
  rowMs(classNumber: number): number {
    if (this.#allRows === 0) return 0;
    const mean = this.#allMs / this.#allRows;
    return Math.max(LEAST_SHARE * mean, mean + this.#offsets[classNumber]! - this.#middle);
  }

  /**
   * Learns from a slice.
   *
   * @param counts - rows of each of the first `classes` classes in it
   * @hot
   */
  learn(counts: Float64Array, classes: number, tookMs: number): void {
    let rows = 0;
    for (let c = 0; c < classes; c++) rows += counts[c]!;
    if (rows === 0) return;
    if (this.#allRows > 0) this.#compare(counts, classes, rows, tookMs);
    const weight = this.#weight;
    for (let c = 0; c < classes; c++) this.#rows[c]! += weight * counts[c]!;
    this.#allRows += weight * rows;
    this.#allMs += weight * tookMs;
    this.#slices++;
    if (this.#slices % Math.max(SOLVE_EVERY, classes) === 0) this.#solve(classes);
    this.#weight = weight * GROWTH;
    if (this.#weight > MOST_WEIGHT) this.#scaleDown();
  }

  /** Takes down by how much a slice is off the mean; the noise of its time grows with its rows. @hot */
  #compare(counts: Float64Array, classes: number, rows: number, tookMs: number): void {
    const beyond = this.#beyond;
    const scale = 1 / Math.sqrt(rows);
    let expected = 0;
    for (let c = 0; c < classes; c++) {
      const usual = (this.#rows[c]! * rows) / this.#allRows;
      beyond[c] = (counts[c]! - usual) * scale;
      expected += beyond[c]! * this.#offsets[c]!;
    }
    const off = (tookMs - (rows * this.#allMs) / this.#allRows) * scale - expected;
    const most = MOST_ERRORS * this.#error;
    const error = this.#slices < FEW_SLICES ? off : Math.max(-most, Math.min(most, off));
    this.#error += (Math.abs(error) - this.#error) / Math.min(this.#slices + 1, MEMORY_SLICES);
    const time = expected + error;
    for (let c = 0; c < classes; c++) {
      const weighted = this.#weight * beyond[c]!;
      this.#times[c]! += weighted * time;
      const from = c * this.#classes;
      for (let other = c; other < classes; other++) {
        this.#products[from + other]! += weighted * beyond[other]!;
      }
    }
  }

  /** Brings each cost to where it fits best beside the others. @hot */
  #solve(classes: number): void {
    const offsets = this.#offsets;
    const mean = this.#allMs / this.#allRows;
    let known = 0;
    for (let c = 0; c < classes; c++) known += this.#products[c * this.#classes + c]!;
    const noise = (1.25 * this.#error) / (SPREAD * mean);
    const prior = this.#weight * noise * noise + PRIOR_SHARE * known;
    if (!(prior > 0)) return;
    let middle = 0;
    for (let c = 0; c < classes; c++) {
      let time = this.#times[c]!;
      for (let other = 0; other < classes; other++) {
        if (other !== c) time -= this.#productOf(c, other) * offsets[other]!;
      }
      offsets[c] = time / (this.#productOf(c, c) + prior);
      middle += (this.#rows[c]! / this.#allRows) * offsets[c]!;
    }
    this.#middle = middle;
  }

  /** @hot */
  #productOf(a: number, b: number): number {
    return this.#products[a < b ? a * this.#classes + b : b * this.#classes + a]!;
  }

  #scaleDown(): void {
    for (const sums of [this.#rows, this.#products, this.#times]) {
      for (let i = 0; i < sums.length; i++) sums[i]! /= MOST_WEIGHT;
    }
    this.#allRows /= MOST_WEIGHT;
    this.#allMs /= MOST_WEIGHT;
    this.#weight /= MOST_WEIGHT;
  }
}
