/**
 * The ring's benchmarks: `node bench/ring/main.ts [--quick] [--json] [CASE…]`.
 *
 * Times are wall times of work that at least two threads share, so they mean something only on a
 * machine with a core for each. Subjects take turns within a round; ratios are medians over rounds.
 *
 * @module
 */

import { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BenchLine, type BenchOptions, describeLine } from '../shared/bench-line.ts';
import { buildCppPeers, type CppRing } from './cpp.ts';
import { benchEmpty } from './empty.ts';
import { benchHandOff } from './hand-off.ts';
import { benchIdle } from './idle.ts';
import { benchLatency } from './latency.ts';
import { benchMessages } from './messages.ts';
import { benchOversubscription } from './oversubscription.ts';

export type { BenchLine, BenchOptions } from '../shared/bench-line.ts';

type Part = (options: BenchOptions, peers: readonly CppRing[]) => Promise<BenchLine[]>;

const PARTS: Readonly<Record<string, Part>> = {
  'hand-off': benchHandOff,
  empty: benchEmpty,
  latency: benchLatency,
  messages: benchMessages,
  oversubscription: benchOversubscription,
  idle: benchIdle,
};

/** Runs the parts named, or all, and prints each part's lines as it ends. */
export async function benchRing(
  options: BenchOptions,
  parts: readonly string[] = Object.keys(PARTS),
): Promise<BenchLine[]> {
  const { peers, remove } = await buildCppPeers();
  const lines: BenchLine[] = [];
  try {
    for (const part of parts) {
      const run = PARTS[part];
      if (run === undefined) throw new Error(`no such part: ${part}; ${Object.keys(PARTS).join()}`);
      const found = await run(options, peers);
      for (const line of found) {
        options.print(options.json ? JSON.stringify(line) : describeLine(line));
      }
      lines.push(...found);
    }
  } finally {
    await remove();
  }
  return lines;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean' }, json: { type: 'boolean' } },
    allowPositionals: true,
  });
  await benchRing(
    {
      quick: values.quick === true,
      json: values.json === true,
      print: (line) => void stdout.write(`${line}\n`),
    },
    positionals.length > 0 ? positionals : undefined,
  );
}
