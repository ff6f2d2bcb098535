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

  /** The last place that has utility 1, or the first of all: the goal that a latency graph sets. */
  get goal(): number {
    const last = this.#ys.lastIndexOf(1);
    return this.#xs[Math.max(0, last)]!;
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

  /** By how much the function falls for each unit to the right of a place; 0 outside. */
  fallAt(x: number): number {
    const xs = this.#xs;
    for (let right = 1; right < xs.length; right++) {
      if (x < xs[right]!) {
        const width = xs[right]! - xs[right - 1]!;
        return (this.#ys[right - 1]! - this.#ys[right]!) / width;
      }
    }
    return 0;
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

/** The graphs that a class of rows is judged by. */
export interface ClassGraphs {
  /** Utility by delay in milliseconds. */
  readonly latency?: GraphPoints | undefined;
  /** Utility by the fraction that is lost. */
  readonly loss?: GraphPoints | undefined;
}

/** Utility changes by this factor at most from one look to the next. */
const LARGEST_STEP = 1.1;
/** What is worth nothing is worth so much, so that it is not given up for good. */
const LEAST = 1e-3;

/**
 * Utility of a unit of value of one class: how much its loss graph falls where it stands, times what
 * its latency graph says of the delay.
 *
 * Without graphs it is 1, as with a loss graph that is a straight line from 1 to 0.
 */
export class ClassUtility {
  /** Utility of a unit of value. */
  utility = 1;
  readonly #latency: QosGraph | undefined;
  readonly #loss: QosGraph | undefined;

  constructor({ latency, loss }: ClassGraphs) {
    this.#latency = latency === undefined ? undefined : new QosGraph(latency);
    this.#loss = loss === undefined ? undefined : new QosGraph(loss).concaveHull();
    this.utility = this.#wanted(0, 0);
  }

  /**
   * Looks at the class anew, every 100 ms or so; the utility follows in small steps.
   *
   * @param lost - the fraction of its value that was lost lately
   * @param delayMs - the delay its rows have lately
   */
  update(lost: number, delayMs: number): number {
    const wanted = this.#wanted(lost, delayMs);
    const most = this.utility * LARGEST_STEP;
    this.utility = Math.min(most, Math.max(this.utility / LARGEST_STEP, wanted));
    return this.utility;
  }

  #wanted(lost: number, delayMs: number): number {
    const fall = this.#loss === undefined ? 1 : this.#loss.fallAt(lost);
    const worth = this.#latency === undefined ? 1 : this.#latency.at(delayMs);
    return Math.max(LEAST, fall * worth);
  }
}
