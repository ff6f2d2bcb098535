/**
 * Shedding among several nodes, each of which knows its own load and what the next ones can take.
 *
 * Two methods of Borealis: one linear program for all nodes, and tables of feasible inputs. With the
 * tables each node, from the outputs up, says which rates of its inputs it and all behind it can
 * take, and what to drop for each that they cannot. The tables are small and are made in advance.
 *
 * @module
 */

import { solveLinearProgram } from './linear-program.ts';

/** The share of its time that a node may be busy. */
export const NODE_CAPACITY = 0.95;

/** Streams that pass through nodes: a row of stream `i` takes `loads[n][i]` seconds of node `n`. */
export interface NodeLoads {
  readonly loads: readonly (readonly number[])[];
  /** Rows a second offered of each stream. */
  readonly rates: readonly number[];
  /** What a row of each stream is worth; left out: 1, so throughput counts. */
  readonly scores?: readonly number[];
}

/**
 * The fractions of streams to keep that bring most, by one linear program for all nodes.
 *
 * @returns a fraction for each stream
 */
export function keepByLinearProgram({ loads, rates, scores }: NodeLoads): number[] {
  const { x } = solveLinearProgram({
    objective: rates.map((rate, i) => rate * (scores?.[i] ?? 1)),
    rows: loads.map((row) => row.map((load, i) => load * rates[i]!)),
    bounds: loads.map(() => NODE_CAPACITY),
  });
  return [...x];
}

/** A combination of rates that a node and all behind it can take. */
export interface FeasiblePoint {
  readonly rates: readonly number[];
  readonly score: number;
}

/** What one node of a chain can take, with all that are behind it. */
export class FeasibleInputs {
  /** Feasible combinations of rates, on a grid. */
  readonly points: readonly FeasiblePoint[];
  readonly #maxima: readonly number[];
  readonly #loads: readonly number[];
  readonly #next: FeasibleInputs | undefined;
  readonly #scores: readonly number[] | undefined;

  /**
   * @param loads - seconds of this node that a row of each stream takes
   * @param next - what is behind it, which gets the same streams; left out: outputs
   * @param spread - points of the grid for each stream
   */
  constructor(
    loads: readonly number[],
    next: FeasibleInputs | undefined,
    { spread = 10, scores }: { spread?: number; scores?: readonly number[] } = {},
  ) {
    this.#loads = loads;
    this.#next = next;
    this.#scores = scores;
    this.#maxima = loads.map((load, i) =>
      Math.min(
        load > 0 ? NODE_CAPACITY / load : Infinity,
        next === undefined ? Infinity : next.#maxima[i]!,
      ),
    );
    this.points = gridOf(this.#maxima, spread)
      .filter((rates) => this.canTake(rates))
      .map((rates) => ({ rates, score: this.#score(rates) }));
  }

  /** Whether this node and all behind it can take some rates. */
  canTake(rates: readonly number[]): boolean {
    const busy = rates.reduce((sum, rate, i) => sum + rate * this.#loads[i]!, 0);
    return busy <= NODE_CAPACITY + 1e-9 && (this.#next === undefined || this.#next.canTake(rates));
  }

  /**
   * The fractions of streams to keep at some rates: those of a point that is nowhere above them,
   * drawn out towards them as far as all nodes can take it; of all such points the best.
   */
  keep(offered: readonly number[]): number[] {
    if (this.canTake(offered)) return offered.map(() => 1);
    const streams = [...offered.keys()];
    let best: readonly number[] = offered.map(() => 0);
    let most = -Infinity;
    for (const { rates } of this.points) {
      if (rates.some((rate, i) => rate > offered[i]! + 1e-9)) continue;
      for (const order of [streams, streams.toReversed()]) {
        const drawn = this.#drawnOut(rates, offered, order);
        const score = this.#score(drawn);
        if (score > most) {
          most = score;
          best = drawn;
        }
      }
    }
    return best.map((rate, i) => (offered[i]! > 0 ? Math.min(1, rate / offered[i]!) : 1));
  }

  /** From a point of the grid towards what is offered, stream by stream, up to the border. */
  #drawnOut(
    from: readonly number[],
    offered: readonly number[],
    order: readonly number[],
  ): number[] {
    const rates = [...from];
    for (const i of order) {
      let low = rates[i]!;
      let high = offered[i]!;
      for (let step = 0; step < 30; step++) {
        rates[i] = (low + high) / 2;
        if (this.canTake(rates)) low = rates[i]!;
        else high = rates[i]!;
      }
      rates[i] = low;
    }
    return rates;
  }

  #score(rates: readonly number[]): number {
    return rates.reduce((sum, rate, i) => sum + rate * (this.#scores?.[i] ?? 1), 0);
  }
}

/** All combinations of evenly spaced rates from 0 to the maxima; a stream without one has 0 only. */
function gridOf(maxima: readonly number[], spread: number): number[][] {
  let points: number[][] = [[]];
  for (const maximum of maxima) {
    const rates = Number.isFinite(maximum)
      ? Array.from({ length: spread + 1 }, (_, step) => (maximum * step) / spread)
      : [0];
    points = points.flatMap((point) => rates.map((rate) => [...point, rate]));
  }
  return points;
}
