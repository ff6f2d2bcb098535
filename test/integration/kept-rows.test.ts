/** Joins and groups whose rows are together already give the same on one worker and on several. */

import { expect, test } from 'vitest';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const ROWS = 1200;
const window = { type: 'tumbling', size: '5s' };
const select = { n: 'COUNT(*)', spent: 'SUM(price)' };
const aggregate = (input: string, groupBy: readonly string[], more: object = {}): object => ({
  type: 'aggregate',
  input,
  groupBy,
  window,
  select,
  ...more,
});
const join = (kind: string, left: string, right: string): object => ({
  type: 'join',
  kind,
  inputs: [left, right],
  on: 'l.user = r.user',
  window,
  select: { user: 'l.user', other: 'r.user', item: 'l.item', n: 'l.n', price: 'r.spent' },
});
const again = { select: { rows: 'COUNT(*)', most: 'MAX(price)', items: 'SUM(n)' } };

const OPERATORS: Readonly<Record<string, object>> = {
  items: aggregate('a', ['item', 'user']),
  users: aggregate('b', ['user']),
  some: { type: 'filter', input: 'items', where: 'spent > 500' },
  inner: join('inner', 'some', 'users'),
  left: join('left', 'items', 'users'),
  right: join('right', 'some', 'users'),
  full: join('full', 'some', 'users'),
  of_inner: aggregate('inner', ['other', 'item'], again),
  of_left: aggregate('left', ['user'], again),
  of_full: aggregate('full', ['user'], again),
  best: {
    type: 'top',
    input: 'of_left',
    n: 1,
    orderBy: ['items'],
    groupBy: ['user'],
    window: 'input',
  },
};

function rowsOf(name: string): string {
  const lines = ['at,user,item,price'];
  for (let i = 0; i < ROWS; i++) {
    const user = name === 'a' ? (i * 31) % 37 : (i * 29) % 53;
    lines.push(
      `${25 * i},${user % 11 === 3 ? '' : `user ${user}`},${(i * 13) % 5},${(i * 101) % 997}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function run(workers: number): Promise<Record<string, string[]>> {
  using workspace = new Workspace();
  const sources: Record<string, object> = {};
  for (const name of ['a', 'b']) {
    workspace.write(`${name}.csv`, rowsOf(name));
    sources[name] = {
      connector: 'file',
      path: `${name}.csv`,
      schema: { at: 'timestamp', user: 'string', item: 'int32', price: 'int64' },
      time: { field: 'at' },
    };
  }
  const names = Object.keys(OPERATORS);
  const sinks = Object.fromEntries(
    names.map((name) => [
      `to_${name}`,
      { connector: 'file', input: name, path: `${name}-out.csv` },
    ]),
  );
  await runToEnd({ version: 1, name: 'kept', sources, operators: OPERATORS, sinks }, workspace, {
    workers,
  });
  return Object.fromEntries(names.map((name) => [name, workspace.sortedLines(`${name}-out.csv`)]));
}

test('the same rows on one worker and on three', async () => {
  const [one, three] = [await run(1), await run(3)];
  for (const [name, lines] of Object.entries(one)) expect(lines.length, name).toBeGreaterThan(20);
  expect(three).toEqual(one);
});
