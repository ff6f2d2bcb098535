/** Who does the work of a case. @module */

import { threadCpuNs } from '../shared/one-kernel.ts';

/** Numbers that all subjects of a case must agree on. */
export type Answer = readonly number[];

/** Somebody who does the work of a case. */
export interface KernelSubject {
  readonly name: string;
  /** Rows of one pass. */
  readonly rows: number;
  /** Compiled while it runs, and better the longer it has run: JavaScript. */
  readonly isCompiledLate?: boolean;
  /** Makes passes over all rows; the CPU time in nanoseconds. */
  run(passes: number): number | Promise<number>;
  /** The answer of one pass; asked for after all rounds. */
  answer(): Answer | Promise<Answer>;
  close?(): void | Promise<void>;
}

/** Whether two answers agree; sums of floats may differ in the order of their terms. */
export function agree(found: Answer, expected: Answer): boolean {
  return (
    found.length === expected.length &&
    expected.every((value, i) => Math.abs(found[i]! - value) <= 1e-9 * Math.max(1, Math.abs(value)))
  );
}

/** A subject that runs on this thread. */
export function loopSubject(
  name: string,
  rows: number,
  pass: () => void,
  answer: () => Answer,
): KernelSubject {
  const run = (passes: number): number => {
    const start = threadCpuNs();
    for (let i = 0; i < passes; i++) pass();
    return threadCpuNs() - start;
  };
  return { name, rows, isCompiledLate: true, run, answer };
}

/**
 * Calls a loop with few rows until V8 has compiled it as for a loop that has run for long. Called
 * with many rows at first it gets code for the middle of the loop, which is slower, for seconds.
 */
export function warmLoop(call: () => unknown): void {
  for (let i = 0; i < 20_000; i++) call();
}
