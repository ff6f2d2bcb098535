/** Floors in the benchmark of operators. @module */

import type { KernelSubject } from '../kernels/subject.ts';
import { threadCpuNs } from '../shared/one-kernel.ts';
import type { OperatorCase } from './case.ts';
import { type Extent, Rows } from './feed.ts';
import { type Floor, type FloorOperator, FloorResults, type FloorRows } from './floor.ts';
import { ANSWER_PASSES } from './plain-subject.ts';
import { Tally } from './tally.ts';

/** Rows in columns. */
class FloorFeed {
  readonly rows: Rows;
  readonly batches: readonly FloorRows[];

  constructor(given: OperatorCase, extent: Extent) {
    this.rows = new Rows(given, extent);
    this.batches = this.rows.batches.map((rows) => ({
      count: rows.length,
      id: Int32Array.from(rows, ({ id }) => id),
      pair: Int32Array.from(rows, ({ pair }) => pair),
      k: Int32Array.from(rows, ({ k }) => k),
      u: Int32Array.from(rows, ({ u }) => u),
      v: Int32Array.from(rows, ({ v }) => v),
      x: Float64Array.from(rows, ({ x }) => x),
      at: Float64Array.from(rows, ({ at }) => at),
    }));
  }

  advance(): void {
    this.rows.advance();
    for (const [b, rows] of this.rows.batches.entries()) {
      const { at } = this.batches[b]!;
      for (let i = 0; i < rows.length; i++) at[i] = rows[i]!.at;
    }
  }
}

/** A floor that goes on and on. */
class FloorRun {
  readonly feed: FloorFeed;
  readonly #operator: FloorOperator;
  readonly #results: FloorResults;
  readonly #lows: number[];

  constructor(given: OperatorCase, floor: Floor, extent: Extent, take?: (row: object) => void) {
    this.feed = new FloorFeed(given, extent);
    this.#results = new FloorResults(floor.shape, take);
    this.#operator = floor.make(this.#results, this.feed.rows.byPort());
    this.#lows = Array.from({ length: this.feed.rows.ports }, () => -Infinity);
  }

  pass(): void {
    const { batches, rows } = this.feed;
    const operator = this.#operator;
    const lows = this.#lows;
    for (let b = 0; b < batches.length; b++) {
      operator.batch(batches[b]!, b % rows.ports);
      if (operator.watermark !== undefined) {
        const raised = rows.raisedPorts(b);
        for (let i = 0; i < raised.length; i++) lows[raised[i]!] = rows.watermarkUs(b);
        if (raised.length > 0) operator.watermark(Math.min(...lows));
      }
      this.#results.flush();
    }
  }

  end(): void {
    this.#operator.watermark?.(Infinity);
    this.#results.flush();
  }
}

/** A floor that runs on and on; its answer is that of a fresh one. */
export function floorSubject(given: OperatorCase, floor: Floor, extent: Extent): KernelSubject {
  const running = new FloorRun(given, floor, extent);
  const run = (passes: number): number => {
    let ns = 0;
    for (let i = 0; i < passes; i++) {
      const start = threadCpuNs();
      running.pass();
      ns += threadCpuNs() - start;
      running.feed.advance();
    }
    return ns;
  };
  const answer = (): Tally['answer'] => {
    const tally = new Tally(given.isOrdered ?? false);
    const fresh = new FloorRun(given, floor, extent, (row) => tally.add(row));
    for (let i = 0; i < ANSWER_PASSES; i++) {
      if (i > 0) fresh.feed.advance();
      fresh.pass();
    }
    fresh.end();
    return tally.answer;
  };
  return {
    name: 'floor',
    rows: extent.batches * extent.batchRows,
    isCompiledLate: true,
    run,
    answer,
  };
}
