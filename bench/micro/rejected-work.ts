/** An operator that does a number of rows a second and takes hardly any CPU time: it sleeps. @module */

import type { ModuleBatch, ModuleOutput } from '../../src/index.ts';

/** Rows that are done in a millisecond. */
export const ROWS_PER_MS = 500;
/** Naps are no shorter: the system makes them longer by a part of that. */
const NAP_MS = 0.25;

const nobody = new Int32Array(new SharedArrayBuffer(4));
let doneMs = 0;

/** Lets rows through, in their time. */
export function work(input: ModuleBatch, output: ModuleOutput): void {
  output.show('bid', input.column('bid'));
  const nowMs = performance.now();
  // When these would be done by somebody who is never late.
  doneMs = Math.max(doneMs, nowMs - 5) + input.selected / ROWS_PER_MS;
  if (doneMs - nowMs > NAP_MS) Atomics.wait(nobody, 0, 0, doneMs - nowMs);
}
