/** Patterns give the same rows on one worker and on several, also where it matters what comes first. */

import { expect, test } from 'vitest';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const ROWS = 1200;

/** Disordered rows, many at one time, some later than the source waits for. */
function rowsOf(name: string): string {
  const lines = ['at,user,n,text'];
  for (let i = 0; i < ROWS; i++) {
    const at = 50 * (i - (i % 4)) - ((i * 7919) % 4000);
    const n = (i * 13 + (name === 'b' ? 3 : 0)) % 7;
    lines.push(`${at},${i % 19 === 3 ? '' : `user ${(i * 31) % 37}`},${n},text ${(i * 101) % 97}`);
  }
  return `${lines.join('\n')}\n`;
}

const source = (name: string): object => ({
  connector: 'file',
  path: `${name}.csv`,
  schema: { at: 'timestamp', user: 'string', n: 'int32', text: 'string' },
  time: { field: 'at', lateness: '2s' },
});
const common = { type: 'pattern', inputs: ['a', 'b'], key: ['user'] };
const select = { user: 'a.user', n: 'a.n', m: 'b.n', one: 'a.text', other: 'b.text' };
const OPERATORS: Readonly<Record<string, object>> = {
  all: { ...common, pattern: 'a THEN b', within: '2s', where: 'a.n < b.n', select },
  next: { ...common, pattern: 'a AND b', within: '9s', skip: 'next', select },
  past: { ...common, pattern: 'a THEN b', within: '9s', skip: 'past', where: 'a.n < b.n', select },
  without: { ...common, pattern: 'a THEN NOT b', within: '3s' },
  whole: {
    ...common,
    key: [],
    events: { a: { input: 'a', where: 'n = 1' }, b: 'b', c: { input: 'b', where: 'n = 2' } },
    pattern: 'a THEN (b AND NOT c)',
    within: '300ms',
    select,
  },
};

async function run(workers: number): Promise<Record<string, string[]>> {
  using workspace = new Workspace();
  for (const name of ['a', 'b']) workspace.write(`${name}.csv`, rowsOf(name));
  const names = Object.keys(OPERATORS);
  const topology = {
    version: 1,
    name: 'patterns',
    sources: { a: source('a'), b: source('b') },
    operators: OPERATORS,
    sinks: Object.fromEntries(
      names.map((name) => [
        `to_${name}`,
        { connector: 'file', input: name, path: `out-${name}.csv` },
      ]),
    ),
  };
  await runToEnd(topology, workspace, { workers });
  return Object.fromEntries(names.map((name) => [name, workspace.sortedLines(`out-${name}.csv`)]));
}

test('one worker and three', async () => {
  const [one, three] = [await run(1), await run(3)];
  for (const name of Object.keys(OPERATORS)) {
    expect(one[name]!.length).toBeGreaterThan(50);
    expect({ name, rows: three[name] }).toEqual({ name, rows: one[name] });
  }
});
