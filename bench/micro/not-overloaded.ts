/**
 * What does a row of a source that sheds cost while there is no overload, beside one that blocks?
 *
 * As `millrace bench overload` prints it as `overhead`, at any rate: `bench/workloads/overload/engine/gate-cost.ts`.
 *
 *     npm run build && node bench/micro/not-overloaded.ts [rows a second] [rounds of half a second] [--json]
 *
 * @module
 */

import process from 'node:process';
import { parseArgs } from 'node:util';
import { describeGateCost, measureGateCost } from '../workloads/overload/engine/gate-cost.ts';

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [rate = '10e6', rounds = '20'] = positionals;
const lines = await measureGateCost({
  rate: Number(rate),
  rounds: Number(rounds),
  roundMs: 500,
  warmUpMs: 6000,
});
for (const line of lines) console.log(values.json ? JSON.stringify(line) : describeGateCost(line));
process.exitCode = lines.every(({ holds }) => holds !== false) ? 0 : 1;
