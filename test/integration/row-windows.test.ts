/** Windows that rows open and close in a running engine: any number of workers, timeouts by the clock. */

import { expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { Random } from '../support/oracle/random.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';
import { within } from '../support/until.ts';

const KEYS = 7;
const ROWS = 2000;

/** Rows of several groups whose `v` only rises. */
function rowsText(): string {
  const random = new Random(5);
  let atUs = 0;
  return Array.from({ length: ROWS }, (_, v) => {
    atUs += random.below(40) * 1000;
    const at = new Date(atUs / 1000).toISOString();
    return JSON.stringify({ at, k: `key ${random.below(KEYS)}`, v, x: random.below(100) });
  }).join('\n');
}

const WINDOWS = {
  sliding: { type: 'count', size: 20, slide: 3 },
  value: { type: 'value', on: 'v', size: 100, slide: 30 },
  idle: { type: 'count', size: 50, timeout: '400ms' },
};

const NUMBERS = { n: 'COUNT(*)', total: 'SUM(x)', least: 'MIN(x)' };
const SELECTS = {
  sliding: NUMBERS,
  value: NUMBERS,
  idle: { n: 'COUNT(*)', last: 'LAST(x)', values: 'COUNT(DISTINCT x)' },
};

function document(workers: number): object {
  const names = ['sliding', 'value', 'idle'] as const;
  const nodes = names.map((name) => {
    const more = { window: WINDOWS[name], select: SELECTS[name], parallel: workers };
    return [name, { type: 'aggregate', input: 'rows', groupBy: ['k'], ...more }];
  });
  const sinks = names.map((name) => [
    `${name}_out`,
    { connector: 'file', input: name, path: `${name}.csv` },
  ]);
  return {
    version: 1,
    name: 'row-windows',
    sources: {
      rows: {
        connector: 'file',
        path: 'rows.jsonl',
        schema: { at: 'timestamp', k: 'string', v: 'int64', x: 'int32' },
        time: { field: 'at' },
      },
    },
    operators: Object.fromEntries(nodes),
    sinks: Object.fromEntries(sinks),
  };
}

test('any number of workers gives the same results', async () => {
  const runs: Record<string, string[]>[] = [];
  for (const workers of [1, 3]) {
    using workspace = new Workspace();
    workspace.write('rows.jsonl', rowsText());
    await runToEnd(document(workers), workspace, { workers });
    const lines = Object.keys(WINDOWS).map((name) => [name, workspace.sortedLines(`${name}.csv`)]);
    runs.push(Object.fromEntries(lines) as Record<string, string[]>);
  }
  for (const name of Object.keys(WINDOWS)) expect(runs[0]![name]!.length).toBeGreaterThan(40);
  expect(runs[1]).toEqual(runs[0]);
});

test('a timeout by the clock closes a window without another row', async () => {
  const topology = {
    version: 1,
    name: 'idle',
    sources: { s: { connector: 'embedded', schema: { k: 'int32' } } },
    operators: {
      counts: {
        type: 'aggregate',
        input: 's',
        groupBy: ['k'],
        window: { type: 'count', size: 3, timeout: '150ms', time: 'processing' },
        select: { n: 'COUNT(*)', closed: 'window_closed' },
      },
    },
    sinks: { out: { connector: 'embedded', input: 'counts' } },
  };
  await using engine = await Millrace.start(topology, { workers: 1 });
  const batches = engine.output('out')[Symbol.asyncIterator]();
  for (const rows of [2, 3, 1]) {
    const before = performance.now();
    await engine.input('s').push(Array.from({ length: rows }, () => ({ k: 1 })));
    const { value } = await within(batches.next(), 'the window', 20_000);
    expect([...value!]).toEqual([{ k: 1, n: BigInt(rows), closed: true }]);
    if (rows < 3) expect(performance.now() - before).toBeGreaterThan(100);
  }
});
