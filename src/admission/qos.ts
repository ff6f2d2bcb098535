/** Graphs of quality of service: utility by latency, by loss and by value, piecewise linear. @module */

/** A graph as pairs of x and y, x rising. */
export type GraphPoints = readonly (readonly [number, number])[];

/** A piecewise linear function, flat before its first and behind its last point. */
export class QosGraph {
  readonly #xs: Float64Array;
  readonly #ys: Float64Array;

  constructor(points: GraphPoints) {
    this.#xs = Float64Array.from(points, ([x]) => x);
    this.#ys = Float64Array.from(points, ([, y]) => y);
  }

  /** The utility at a place. @hot */
  at(x: number): number {
    const xs = this.#xs;
    const ys = this.#ys;
    const last = xs.length - 1;
    // Not a number is worth what the smallest is.
    if (!(x > xs[0]!)) return ys[0]!;
    if (x >= xs[last]!) return ys[last]!;
    let right = 1;
    while (xs[right]! < x) right++;
    const x0 = xs[right - 1]!;
    const y0 = ys[right - 1]!;
    return y0 + ((ys[right]! - y0) * (x - x0)) / (xs[right]! - x0);
  }

  /** The last point's place. */
  get end(): number {
    return this.#xs.at(-1)!;
  }

  /** The least concave function that is nowhere below this one. */
  concaveHull(): QosGraph {
    const hull: [number, number][] = [];
    for (let i = 0; i < this.#xs.length; i++) {
      const next: [number, number] = [this.#xs[i]!, this.#ys[i]!];
      while (hull.length > 1 && !isBend(hull.at(-2)!, hull.at(-1)!, next)) hull.pop();
      hull.push(next);
    }
    return new QosGraph(hull);
  }

  /** By how much the function falls for each unit, on average over the way from one place to another. */
  fallBetween(from: number, to: number): number {
    return (this.at(from) - this.at(to)) / (to - from);
  }
}

/** Whether the way over a point turns right there. */
function isBend(
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
): boolean {
  return (y1 - y0) * (x2 - x1) > (y2 - y1) * (x1 - x0);
}

/** Looks at a class are so far apart. */
export const LOOK_MS = 50;
/** What was offered and lost so long ago weighs a third. */
const MEMORY_MS = 150;
/** Utility changes by this factor at most from one look to the next. */
const LARGEST_STEP = 1.2;
/** What is worth nothing is worth so much, so that it is not given up for good. */
const LEAST = 1e-3;
/** The slope of a graph is looked at so far to both sides, so that it turns gradually at a bend. */
const SIGHT = 0.05;

/**
 * Utility of a unit of value of one class: how much the hull of its loss graph falls where it stands. A unit less that
 * is lost brings so much.
 *
 * It is 1 if the graph is a straight line from 1 to 0, as it is taken to be where there is none.
 */
export class ClassUtility {
  /** Utility of a unit of value. */
  utility: number;
  readonly #loss: QosGraph;
  #offeredBefore = 0;
  #lostBefore = 0;
  #offered = 0;
  #lost = 0;

  /** @param loss - utility by the part that is lost, from 0 to 1 */
  constructor(loss: GraphPoints) {
    this.#loss = new QosGraph(loss).concaveHull();
    this.utility = this.#wanted(0);
  }

  /**
   * Looks at the class anew, once in {@link LOOK_MS}; the utility follows in small steps.
   *
   * @param offered - value that has come so far, ever
   * @param lost - that of rows that were dropped
   */
  update(offered: number, lost: number): number {
    const keep = Math.exp(-LOOK_MS / MEMORY_MS);
    this.#offered = this.#offered * keep + offered - this.#offeredBefore;
    this.#lost = this.#lost * keep + lost - this.#lostBefore;
    this.#offeredBefore = offered;
    this.#lostBefore = lost;
    if (!(this.#offered > 0)) return this.utility;
    const wanted = this.#wanted(this.#lost / this.#offered);
    const most = this.utility * LARGEST_STEP;
    this.utility = Math.min(most, Math.max(this.utility / LARGEST_STEP, wanted));
    return this.utility;
  }

  #wanted(part: number): number {
    const end = Math.min(1, this.#loss.end);
    // Nothing more can be lost: what has got there is best left to others.
    if (part >= end && end < 1) return LEAST;
    const from = Math.max(0, Math.min(part, end) - SIGHT);
    const to = Math.min(end, part + SIGHT);
    return Math.max(LEAST, this.#loss.fallBetween(from, to));
  }
}
