/** Plain JavaScript in the benchmark of operators. @module */

import { type Answer, type KernelSubject } from '../kernels/subject.ts';
import type { OperatorCase, PlainOperator } from './case.ts';
import { type Extent, Rows } from './feed.ts';
import { Tally } from './tally.ts';
import { threadCpuNs } from '../shared/one-kernel.ts';

/** Passes that are compared, the end of the input behind them. */
export const ANSWER_PASSES = 3;

/** One pass; `take` gets the results of each call. */
function pass(operator: PlainOperator, rows: Rows, lows: number[], take?: Take): number {
  let results = 0;
  for (let b = 0; b < rows.batches.length; b++) {
    const out: object[] = [];
    operator.batch(rows.batches[b]!, out, b % rows.ports);
    if (operator.watermark !== undefined) {
      const raised = rows.raisedPorts(b);
      for (let i = 0; i < raised.length; i++) lows[raised[i]!] = rows.watermarkUs(b);
      if (raised.length > 0) operator.watermark(Math.min(...lows), out);
    }
    results += out.length;
    take?.(out);
  }
  return results;
}

type Take = (out: readonly object[]) => void;

const lowest = ({ ports }: Rows): number[] => Array.from({ length: ports }, () => -Infinity);

/** The answer of a fresh operator. */
export function plainAnswer(given: OperatorCase, extent: Extent): Answer {
  const rows = new Rows(given, extent);
  const operator = given.plain(rows.byPort());
  const lows = lowest(rows);
  const tally = new Tally(given.isOrdered ?? false);
  const take: Take = (out) => out.forEach((row) => tally.add(row));
  for (let i = 0; i < ANSWER_PASSES; i++) {
    if (i > 0) rows.advance();
    pass(operator, rows, lows, take);
  }
  const last: object[] = [];
  operator.watermark?.(Infinity, last);
  take(last);
  return tally.answer;
}

/** Plain JavaScript that runs on and on; its answer is that of a fresh one, {@link plainAnswer}. */
export function plainSubject(given: OperatorCase, extent: Extent, known: Answer): KernelSubject {
  const rows = new Rows(given, extent);
  const operator = given.plain(rows.byPort());
  const lows = lowest(rows);
  const run = (passes: number): number => {
    let ns = 0;
    for (let i = 0; i < passes; i++) {
      const start = threadCpuNs();
      pass(operator, rows, lows);
      ns += threadCpuNs() - start;
      rows.advance();
    }
    return ns;
  };
  return {
    name: 'javascript',
    rows: extent.batches * extent.batchRows,
    isCompiledLate: true,
    run,
    answer: () => known,
  };
}
