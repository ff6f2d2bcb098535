/** Windows of every kind give the same rows on one worker and on several. */

import { expect, test } from 'vitest';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const ROWS = 1500;

/** Disordered rows, some of them later than the source waits for. */
function rowsOf(name: string): string {
  const lines = ['at,user,item,price'];
  for (let i = 0; i < ROWS; i++) {
    const at = 50 * i - ((i * 7919) % 4000) + (name === 'b' ? 17 : 0);
    lines.push(`${at},user ${(i * 31) % 37},${(i * 13) % 5},${(i * 101) % 997}`);
  }
  return `${lines.join('\n')}\n`;
}

const source = (name: string): object => ({
  connector: 'file',
  path: `${name}.csv`,
  schema: { at: 'timestamp', user: 'string', item: 'int32', price: 'int64' },
  time: { field: 'at', lateness: '2s' },
});

const select = { n: 'COUNT(*)', spent: 'SUM(price)', dearest: 'MAX(price)', last: 'MAX(user)' };
const aggregate = (input: string, window: object, more: object = {}): object => ({
  type: 'aggregate',
  input,
  groupBy: ['user', 'item'],
  window,
  select,
  ...more,
});

/** Several sources where results do not depend on how they interleave. */
const OPERATORS: Readonly<Record<string, object>> = {
  both: { type: 'union', inputs: ['a', 'b'] },
  cumulating: aggregate('both', { type: 'cumulating', size: '20s', step: '5s', offset: '2s' }),
  session: aggregate('a', { type: 'session', gap: '3s' }),
  late: aggregate('both', { type: 'tumbling', size: '7s', allowedLateness: '10s' }),
  early: aggregate('both', { type: 'hopping', size: '9s', slide: '4s' }, { emit: { every: '1s' } }),
  visits: aggregate('a', { type: 'session', gap: '3s', allowedLateness: '5s' }),
  visiting: aggregate('both', { type: 'session', gap: '3s' }, { emit: { every: '1s' } }),
  changing: aggregate('a', { type: 'session', gap: '3s' }, { emit: 'onChange' }),
  changes: aggregate('a', { type: 'tumbling', size: '9s' }, { emit: 'onChange' }),
  whole: aggregate('a', {}, { window: undefined, emit: 'onChange' }),
  left: {
    type: 'aggregate',
    input: 'whole',
    groupBy: ['item'],
    select: { users: 'COUNT(*)', n: 'SUM(n)' },
  },
  halves: {
    ...aggregate('late', { type: 'tumbling', size: '14s' }),
    select: { n: 'SUM(n)', dearest: 'MAX(dearest)', parts: 'COUNT(*)' },
  },
  again: {
    type: 'aggregate',
    input: 'whole',
    groupBy: ['item'],
    emit: 'onChange',
    select: { users: 'COUNT(*)', spent: 'SUM(spent)' },
  },
};
/** What `again` gives between depends on the order of its groups' rows, which come from many tasks. */
const OUTPUTS = Object.keys(OPERATORS).filter((name) => name !== 'both' && name !== 'again');

async function run(workers: number): Promise<Record<string, string[]>> {
  using workspace = new Workspace();
  for (const name of ['a', 'b']) workspace.write(`${name}.csv`, rowsOf(name));
  const sinks = Object.fromEntries(
    [...OUTPUTS, 'again'].map((name) => [
      name,
      { connector: 'file', input: name === 'again' ? 'again' : name, path: `out-${name}.csv` },
    ]),
  );
  const topology = {
    version: 1,
    name: 'windows',
    sources: { a: source('a'), b: source('b') },
    operators: JSON.parse(JSON.stringify(OPERATORS)) as object,
    sinks: Object.fromEntries(
      Object.entries(sinks).map(([name, sink]) => [`to_${name}`, sink] as const),
    ),
  };
  await runToEnd(topology, workspace, { workers });
  const lines = [...OUTPUTS, 'again'].map((name) => [
    name,
    workspace.sortedLines(`out-${name}.csv`),
  ]);
  return Object.fromEntries(lines) as Record<string, string[]>;
}

/** The table that a stream of changes comes to: rows with +, less those with −. */
function tableOf(lines: readonly string[]): string[] {
  const rows = new Map<string, number>();
  for (const line of lines) {
    const at = line.lastIndexOf(',');
    const [row, change] = [line.slice(0, at), line.slice(at + 1)];
    rows.set(row, (rows.get(row) ?? 0) + (change.startsWith('-') ? -1 : 1));
  }
  return [...rows].filter(([, count]) => count !== 0).map(([row, count]) => `${count} × ${row}`);
}

test('one worker and three', async () => {
  const [one, three] = [await run(1), await run(3)];
  for (const name of OUTPUTS) {
    expect(one[name]!.length).toBeGreaterThan(name === 'left' ? 4 : 100);
    expect({ name, rows: three[name] }).toEqual({ name, rows: one[name] });
  }
  const tables = [one, three].map((given) => tableOf(given['again']!).toSorted());
  expect(tables[0]).toHaveLength(5);
  expect(tables[1]).toEqual(tables[0]);
});
