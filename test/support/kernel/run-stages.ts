/** Runs an operator in its two stages: some local kernels, then the final one. @module */

import { WatermarkMerge } from '../../../src/core/time.ts';
import type { KernelFactory, OperatorPlan } from '../../../src/core/operator.ts';
import type { TestRow } from './rows.ts';
import type { RunOptions, Step } from './run-kernel.ts';
import { runKernel } from './run-kernel.ts';
import type { OutputEvent } from './test-outbox.ts';

/** What both stages gave. */
export interface StagesResult {
  readonly rows: readonly TestRow[];
  /** Rows of the local stages' port 1. */
  readonly lateRows: readonly TestRow[];
  /** As the local stages counted them. */
  readonly late: number;
  /** Of both stages. */
  readonly errors: number;
  /** Rows that went from the local stages to the final one. */
  readonly between: number;
}

/** How rows are dealt out, and how what comes of them meets: numbers that are taken in turn. */
export interface Deal {
  readonly locals: number;
  readonly turns: readonly number[];
}

/**
 * Deals the rows of a script out to local kernels, which all get its watermarks, and gives what comes
 * of them to a final kernel in an order of its own.
 *
 * @throws when the final kernel finds late rows
 */
export async function runStages(
  create: KernelFactory,
  { stages }: OperatorPlan,
  script: readonly Step[],
  { locals, turns }: Deal,
  options: RunOptions,
): Promise<StagesResult> {
  const { local, final } = stages!;
  let turn = 0;
  const next = (): number => turns[turn++ % turns.length]!;
  const shares: Step[][] = Array.from({ length: locals }, () => []);
  for (const step of script) {
    if ('row' in step) shares[next() % locals]!.push(step);
    else for (const share of shares) share.push(step);
  }
  const logs: OutputEvent[][] = [];
  let late = 0;
  let errors = 0;
  for (const share of shares) {
    const result = await runKernel(create, local, share, options);
    logs.push(result.out.events);
    late += result.late;
    errors += result.errors;
  }
  const events = logs.flat();
  const rowsOf = (port: number): TestRow[] =>
    events.flatMap((event) => (event.kind === 'row' && event.port === port ? [event.row] : []));
  const last = await runKernel(create, final, meet(logs, next), options);
  if (last.late > 0) throw new Error(`${last.late} rows of the local stages came too late`);
  errors += last.errors;
  const between = rowsOf(0).length;
  return { rows: last.out.rows(), lateRows: rowsOf(1), late, errors, between };
}

/** Interleaves what local stages gave; the watermark is the least of theirs. */
function meet(logs: readonly (readonly OutputEvent[])[], next: () => number): Step[] {
  const script: Step[] = [];
  const merge = new WatermarkMerge(logs.length);
  const at = logs.map(() => 0);
  for (;;) {
    const open = logs.flatMap((log, i) => (at[i]! < log.length ? [i] : []));
    if (open.length === 0) return script;
    const i = open[next() % open.length]!;
    const event = logs[i]![at[i]!++]!;
    if (event.kind === 'watermark') {
      if (merge.update(i, event.watermarkUs)) script.push({ port: 0, watermarkUs: merge.mergedUs });
    } else if (event.port === 0) script.push({ port: 0, row: event.row });
  }
}
