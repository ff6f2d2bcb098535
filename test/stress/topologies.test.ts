/**
 * Drawn topologies over drawn rows against the model, each run in several ways: as many as there is time for.
 * `MILLRACE_TOPOLOGY_SECONDS` and `MILLRACE_TOPOLOGY_SEED` say for how long and from where; what fails is
 * made smaller, and printed as a document with its rows.
 */

import { env, stdout } from 'node:process';
import { expect, test } from 'vitest';
import { checkTopologies } from '../support/topologies/check.ts';

const SECONDS = Number(env['MILLRACE_TOPOLOGY_SECONDS'] ?? 300);
const SEED = Number(env['MILLRACE_TOPOLOGY_SEED'] ?? Math.floor(Date.now() / 1000) % 1_000_000);

function* seedsUntil(endMs: number): Generator<number> {
  for (let seed = SEED; performance.now() < endMs; seed++) yield seed;
}

test(`${SECONDS} s of topologies from seed ${SEED}`, { timeout: 7_200_000 }, async () => {
  const seeds = seedsUntil(performance.now() + SECONDS * 1000);
  const { failure, plays, rows, operators } = await checkTopologies(seeds, 200);
  stdout.write(`${plays} runs, ${rows} rows, ${JSON.stringify(Object.fromEntries(operators))}\n`);
  expect(failure).toBeUndefined();
});
