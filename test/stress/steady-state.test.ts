/** What a row costs does not depend on how many came before it, and the collector is not noticed. */

import { execFile } from 'node:child_process';
import { env as ourEnv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type Collection, collectionsOf } from '../../bench/shared/gc-trace.ts';
import type { SteadyRun } from './steady-run.ts';

const SCRIPT = fileURLToPath(new URL('./steady-run.ts', import.meta.url));
const ROWS = Number(ourEnv['MILLRACE_STEADY_ROWS'] ?? 1e8);
const MIB = 2 ** 20;
/** A machine with other work measures CPU time as unevenly as that. */
const EVENNESS = 1.5;

async function runSteadily(workers: number): Promise<{ run: SteadyRun; trace: Collection[] }> {
  const { DEBUG: _, NODE_OPTIONS: __, ...env } = ourEnv;
  const args = ['--trace-gc', SCRIPT, String(ROWS), String(workers)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env,
    maxBuffer: 64 * MIB,
  });
  const answer = stdout.split('\n').find((line) => line.startsWith('{'))!;
  return { run: JSON.parse(answer) as SteadyRun, trace: collectionsOf(stdout) };
}

/**
 * A pause is time passed, which other work on the machine only lengthens: the shortest of several runs counts. And
 * a pause may be as long as that work kept another thread waiting, one that never collects, in the same run.
 */
const TRIES = 5;
const LONGEST_PAUSE_MS = 5;

test.each([1, 2])('from 10^5 to 10^8 rows, on %i workers', async (workers) => {
  let excessMs = Infinity;
  for (let i = 0; i < TRIES && excessMs >= 0; i++) {
    const { run, trace } = await runSteadily(workers);
    expect(run.rowsOut).toBe(ROWS / 10);

    const costs = run.decades.map(({ nsPerRow }) => nsPerRow);
    const steady = trace.filter(({ atMs }) => atMs > run.steadyFromMs);
    const pauseMs = Math.max(0, ...steady.map((one) => one.pauseMs));
    excessMs = Math.min(excessMs, pauseMs - Math.max(LONGEST_PAUSE_MS, run.interruptedMs));
    console.info(
      `${workers} workers: ${costs.map((ns) => ns.toFixed(1)).join(', ')} ns a row; ` +
        `${trace.length} collections, ${steady.length} of them steady, longest pause ${pauseMs} ms, ` +
        `other work keeps a thread waiting for up to ${run.interruptedMs.toFixed(1)} ms`,
    );
    expect(costs.at(-1)! / costs.at(-2)!, 'growth of the cost of a row').toBeLessThan(EVENNESS);
    expect(steady.length, 'collections in the trace').toBeGreaterThan(0);
    for (const thread of new Set(steady.map((one) => one.thread))) {
      const left = steady.filter((one) => one.thread === thread).map(({ leftMiB }) => leftMiB);
      expect(Math.max(...left) - left[0]!, 'MiB left after collections').toBeLessThan(4);
    }
    expect(run.rssBytes[1] - run.rssBytes[0]).toBeLessThan(48 * MIB);
  }
  expect(excessMs, 'ms of a pause that are too long').toBeLessThan(0);
});
