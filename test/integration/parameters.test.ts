/** A control stream changes parameters at the same rows, however many workers there are. */

import { describe, expect, test } from 'vitest';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const ROWS = 3000;
const START_MS = Date.UTC(2026, 0, 1);
const CHANGES = [
  [0, 10],
  [700, 300],
  [1500, 40],
  [2900, 1000],
] as const;
const limitAt = (i: number): number => CHANGES.findLast(([from]) => from <= i)![1];
const value = (i: number): number => (i * 37) % 501;

function topology(count: number): object {
  const parameters = { limit: { type: 'int32' } };
  const input = { connector: 'file', path: 'rows.csv', time: { field: 'at' } };
  const schema = { at: 'timestamp', k: 'int32', x: 'int32' };
  const limits = { at: 'timestamp', limit: 'int32' };
  return {
    version: 1,
    name: 'parameters',
    sources: {
      // Several sources, so that the aggregate has two stages on several workers.
      ...Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`rows${i}`, { ...input, schema }]),
      ),
      limits: { ...input, path: 'limits.csv', schema: limits },
    },
    operators: {
      kept: {
        type: 'filter',
        input: 'rows0',
        routes: { low: 'x < $limit', high: true },
        parameters,
        control: 'limits',
      },
      all: { type: 'union', inputs: Array.from({ length: count }, (_, i) => `rows${i}`) },
      counts: {
        type: 'aggregate',
        input: 'all',
        groupBy: ['k'],
        window: { type: 'tumbling', size: '1s' },
        select: { low: 'COUNT(*) FILTER (WHERE x < $limit)', most: 'MAX($limit)' },
        parameters,
        control: { input: 'limits', effect: 'event' },
      },
    },
    sinks: {
      low: { connector: 'file', input: 'kept.low', path: 'low.csv' },
      high: { connector: 'file', input: 'kept.high', path: 'high.csv' },
      out: { connector: 'file', input: 'counts', path: 'counts.csv' },
    },
    engine: { ring: { rows: 128 } },
  };
}

describe('changes of one file', () => {
  const all = Array.from({ length: ROWS }, (_, i) => i);

  test.each([1, 2])(
    'rows and groups are those of a plain loop, with %i workers',
    async (workers) => {
      using workspace = new Workspace();
      const lines = all.map((i) => `${START_MS + i},${i % 3},${value(i)}`);
      workspace.write('rows.csv', `at,k,x\n${lines.join('\n')}\n`);
      const changes = CHANGES.map(([from, limit]) => `${START_MS + from},${limit}`);
      workspace.write('limits.csv', `at,limit\n${changes.join('\n')}\n`);
      await runToEnd(topology(2), workspace, { workers });

      const isLow = (i: number): boolean => value(i) < limitAt(i);
      const valuesOf = (file: string): number[] =>
        workspace.sortedLines(file).map((line) => Number(line.split(',')[2]));
      expect(valuesOf('low.csv')).toEqual(all.filter(isLow).map(value));
      expect(valuesOf('high.csv')).toEqual(all.filter((i) => !isLow(i)).map(value));
      const counts = workspace
        .sortedLines('counts.csv')
        .map((line) => line.split(',').slice(2).join(','));
      const wanted = [0, 1, 2].flatMap((second) =>
        [0, 1, 2].map((k) => {
          const group = all.filter((i) => Math.floor(i / 1000) === second && i % 3 === k);
          const most = Math.max(...group.map(limitAt));
          return `${k},${2 * group.filter(isLow).length},${most}`;
        }),
      );
      expect(counts).toEqual(wanted);
    },
  );
});
