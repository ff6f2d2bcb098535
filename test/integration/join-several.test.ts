/** A join of several streams gives the same on one worker and on three, and its steps are seen. */

import { expect, test } from 'vitest';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const ROWS = 400;
const NAMES = ['a', 'b', 'c'];

const textOf = (stream: number): string =>
  [
    'at,k,n',
    ...Array.from(
      { length: ROWS },
      (_, i) => `${40 * i + stream},${(i * 7 + stream) % 31},${(i * 13) % 5}`,
    ),
  ].join('\n');

const sources = Object.fromEntries(
  NAMES.map((name) => [
    name,
    {
      connector: 'file',
      path: `${name}.csv`,
      schema: { at: 'timestamp', k: 'int32', n: 'int64' },
      time: { field: 'at', lateness: '1s' },
    },
  ]),
);
const join = (more: object): object => ({
  type: 'join',
  inputs: NAMES,
  on: 'a.k = b.k AND b.k = c.k AND c.n <= a.n',
  select: { k: 'a.k', an: 'a.n', bn: 'b.n', cn: 'c.n' },
  ...more,
});
const topology = {
  version: 1,
  name: 'several',
  sources,
  operators: {
    whole: join({}),
    windowed: join({ kind: 'left', window: { type: 'tumbling', size: '2s' } }),
  },
  sinks: {
    to_whole: { connector: 'file', input: 'whole', path: 'whole.csv' },
    to_windowed: { connector: 'file', input: 'windowed', path: 'windowed.csv' },
  },
};

/** What nested loops give, in any order. */
function expected(): string[] {
  const rows = NAMES.map((_, s) =>
    Array.from({ length: ROWS }, (_row, i) => [(i * 7 + s) % 31, (i * 13) % 5] as const),
  );
  const found = rows[0]!.flatMap(([k, an]) =>
    rows[1]!
      .filter((b) => b[0] === k)
      .flatMap(([, bn]) =>
        rows[2]!.filter((c) => c[0] === k && c[1] <= an).map(([, cn]) => `${k},${an},${bn},${cn}`),
      ),
  );
  return found.sort();
}

test('one worker and three', async () => {
  const outputs: string[][] = [];
  for (const workers of [1, 3]) {
    using workspace = new Workspace();
    NAMES.forEach((name, s) => workspace.write(`${name}.csv`, textOf(s)));
    const { operators } = await runToEnd(topology, workspace, { workers });
    expect(Object.keys(operators).sort()).toEqual(['whole', 'whole/1', 'windowed', 'windowed/1']);
    expect(workspace.sortedLines('whole.csv')).toEqual(expected());
    outputs.push(workspace.sortedLines('windowed.csv'));
  }
  expect(outputs[0]!.length).toBeGreaterThan(ROWS);
  expect(outputs[1]).toEqual(outputs[0]);
});

test('a name that a step has is taken', async () => {
  using workspace = new Workspace();
  NAMES.forEach((name, s) => workspace.write(`${name}.csv`, textOf(s)));
  const taken = { 'whole/1': { type: 'filter', input: 'a', where: 'k > 1' } };
  const given = { ...topology, operators: { ...topology.operators, ...taken } };
  await expect(runToEnd(given, workspace)).rejects.toMatchObject({
    code: 'ERR_TOPOLOGY_INVALID',
    message: expect.stringContaining(
      "'whole/1' is what a step of 'whole' is called: rename one of them",
    ),
  });
});
