/** Aggregates whose result depends on an order, or on all values, are the same for any number of workers. */

import { expect, test } from 'vitest';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const SELECT = {
  first: 'FIRST(s)',
  last: 'LAST(x)',
  ordered: 'FIRST(s ORDER BY x DESC)',
  least: 'ARG_MIN(s, x)',
  list: 'ARRAY_AGG(x)',
  texts: "STRING_AGG(DISTINCT s, '|')",
  top: 'TOP_K(x, 3)',
  mode: 'MODE(s)',
  median: 'MEDIAN(x)',
  about: 'APPROX_COUNT_DISTINCT(x)',
  share: 'APPROX_PERCENTILE(x, 0.9)',
  spread: 'ROUND(STDDEV(x), 6)',
  relation: 'ROUND(CORR(x, y), 6)',
  bits: 'BIT_XOR(x)',
};

/** Many rows have the same time, and two sources give them. */
function rowsOf(seed: number): string {
  let state = seed;
  const lines = ['at,k,x,y,s'];
  for (let i = 0; i < 700; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const value = (state >>> 8) % 1000;
    const at = new Date(1_767_225_600_000 + Math.floor(i / 7) * 1000).toISOString();
    lines.push(
      `${at},${value % 11},${value},${(value * 7) % 13},text ${value % 17} of some length`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function run(workers: number): Promise<readonly string[]> {
  using workspace = new Workspace();
  const source = (path: string): object => ({
    connector: 'file',
    path,
    schema: { at: 'timestamp', k: 'int32', x: 'int32', y: 'int32', s: 'string' },
    time: { field: 'at', lateness: '1s' },
  });
  workspace.write('a.csv', rowsOf(1));
  workspace.write('b.csv', rowsOf(2));
  await runToEnd(
    {
      version: 1,
      name: 'aggregates',
      sources: { a: source('a.csv'), b: source('b.csv') },
      operators: {
        both: { type: 'union', inputs: ['a', 'b'] },
        per_key: {
          type: 'aggregate',
          input: 'both',
          groupBy: ['k'],
          window: { type: 'hopping', size: '40s', slide: '20s' },
          select: SELECT,
        },
        all: { type: 'aggregate', input: 'both', select: SELECT },
      },
      sinks: {
        keys: { connector: 'file', input: 'per_key', path: 'keys.jsonl' },
        whole: { connector: 'file', input: 'all', path: 'whole.jsonl' },
      },
      engine: { workers, ring: { rows: 256 } },
    },
    workspace,
  );
  return [...workspace.read('keys.jsonl').split('\n').toSorted(), workspace.read('whole.jsonl')];
}

test('are the same for one worker and for three', async () => {
  const one = await run(1);
  expect(one.length).toBeGreaterThan(50);
  expect(await run(3)).toEqual(one);
});
