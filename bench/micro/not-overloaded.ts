/**
 * What does a row of a source that sheds cost while there is no overload, beside one that blocks?
 *
 * A generator at a rate, a filter, a map and a keyed window on one worker: CPU time of the process a row, after
 * a while in which code is compiled. The three take turns within a round. The answer is checked: nothing is shed, and all
 * give as many results.
 *
 *     npm run build && node bench/micro/not-overloaded.ts [rows a second] [rounds]
 *
 * @module
 */

import process from 'node:process';

const { Millrace } = (await import(
  new URL('../../dist/index.js', import.meta.url).href
)) as typeof import('../../src/index.ts');

const rate = Number(process.argv[2] ?? 10e6);
const rounds = Number(process.argv[3] ?? 3);
const WARM_UP_MS = 1500;
const SECONDS = 7;

const SUBJECTS: Readonly<Record<string, object | undefined>> = {
  block: undefined,
  shed: { onOverload: 'shed' },
  'shed by value': { onOverload: 'shed', value: 'bid' },
};

function topology(admission: object | undefined): object {
  return {
    version: 1,
    name: 'not-overloaded',
    sources: {
      bids: {
        connector: 'generator',
        rate,
        count: rate * SECONDS,
        schema: { at: 'timestamp', key: 'int64', bid: 'float64', id: 'int64' },
        time: { field: 'at' },
        fields: {
          at: { time: { start: '2026-01-01T00:00:00Z', step: '1us' } },
          key: { uniform: [0, 9999] },
          bid: { uniform: [0, 100] },
          id: { sequence: {} },
        },
        ...(admission && { admission }),
      },
    },
    operators: {
      dear: { type: 'filter', input: 'bids', where: 'bid > 10' },
      scaled: { type: 'map', input: 'dear', select: { key: 'key', x: 'bid * 1.1 + SQRT(bid)' } },
      sums: {
        type: 'aggregate',
        input: 'scaled',
        groupBy: ['key'],
        window: { type: 'tumbling', size: '100ms' },
        select: { n: 'COUNT(*)', sum: 'SUM(x)', most: 'MAX(x)' },
      },
    },
    sinks: { out: { connector: 'discard', input: 'sums' } },
  };
}

/** CPU nanoseconds a row, and how many results there were. */
async function measure(admission: object | undefined): Promise<{ ns: number; results: number }> {
  const engine = await Millrace.start(topology(admission), { workers: 1 });
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const before = process.cpuUsage();
  const { offered } = engine.stats().sources['bids']!;
  const { sources, sinks } = await engine.completed;
  const { user, system } = process.cpuUsage(before);
  const { shed, expired } = sources['bids']!;
  if (shed + expired > 0) throw new Error(`${shed + expired} rows were shed: this machine is busy`);
  const rows = sources['bids']!.offered - offered;
  return { ns: ((user + system) * 1000) / rows, results: sinks['out']!.rows };
}

const names = Object.keys(SUBJECTS);
const costs = new Map(names.map((name) => [name, [] as number[]]));
const results = new Set<number>();
for (let round = 0; round < rounds; round++) {
  for (const name of names) {
    const found = await measure(SUBJECTS[name]);
    costs.get(name)!.push(found.ns);
    results.add(found.results);
  }
}
if (results.size !== 1) throw new Error(`results differ: ${[...results].join(', ')}`);
for (const [name, ns] of costs) {
  const median = ns.sort((a, b) => a - b)[ns.length >> 1]!;
  console.log(`${name.padEnd(16)} ${median.toFixed(1).padStart(8)} ns of CPU a row`);
}
