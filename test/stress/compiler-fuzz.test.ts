/**
 * A million texts for the compiler, in a process in which no text can become code: each is understood or
 * refused, soon, and nothing of it stays in memory. `MILLRACE_FUZZ_TEXTS` sets their number.
 */
import { env, stdout } from 'node:process';
import { expect, test } from 'vitest';
import { runFuzz } from '../support/fuzz/run.ts';

const TEXTS = Number(env['MILLRACE_FUZZ_TEXTS'] ?? 1_000_000);
const SEED = Number(env['MILLRACE_FUZZ_SEED'] ?? Math.floor(Date.now() / 1000));

test(`${TEXTS} texts of seed ${SEED}`, { timeout: 7_200_000 }, async () => {
  const { reports, failure } = await runFuzz(SEED, TEXTS);
  const last = reports.at(-1)!;
  stdout.write(`${JSON.stringify(last)}\n`);
  expect(failure).toBeUndefined();
  expect(last.texts).toBe(TEXTS);
  // The largest texts have 60 000 characters; a busy machine may be slow.
  expect(last.slowestMs, last.slowest).toBeLessThan(10_000);
  const used = reports.map(({ usedBytes }) => usedBytes);
  const early = Math.max(...used.slice(0, Math.ceil(used.length / 10)));
  const late = Math.min(...used.slice(-Math.ceil(used.length / 10)));
  expect(late).toBeLessThan(1.5 * early);
});
