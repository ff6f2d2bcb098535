/** Joins of every kind and reach give with several workers what they give with one. */

import { expect, test } from 'vitest';
import { Random } from '../support/oracle/random.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const BOUNDS = {
  within: { within: { before: '1s', after: '2s' } },
  window: { window: { type: 'hopping', size: '4s', slide: '3s' } },
  ttl: { ttl: '3s' },
} as const;
/** All that differs is in a kind and a bound or two; the others are in the property tests. */
const JOINS = [
  ['full', 'within'],
  ['full', 'ttl'],
  ['right', 'window'],
  ['semi', 'within'],
  ['anti', 'window'],
  ['anti', 'ttl'],
] as const;
const ROWS = 500;

const source = (path: string): object => ({
  connector: 'file',
  path,
  schema: { at: 'timestamp', k: 'int64', v: 'int32' },
  time: { field: 'at', lateness: '1s' },
});

const select = (isLeftOnly: boolean): object =>
  isLeftOnly ? { k: 'l.k', lv: 'l.v' } : { k: 'l.k', lv: 'l.v', rv: 'r.v' };

function operators(): Record<string, object> {
  const joins: Record<string, object> = {};
  const join = { type: 'join', inputs: ['lefts', 'rights'], on: 'l.k = r.k' };
  for (const [kind, bound] of JOINS) {
    const isLeftOnly = kind === 'semi' || kind === 'anti';
    const name = `${kind}_${bound}`;
    joins[name] = { ...join, kind, ...BOUNDS[bound], select: select(isLeftOnly) };
  }
  const more = { kind: 'left', select: select(false) };
  joins['as_of'] = { ...join, ...more, asOf: true };
  joins['few'] = { ...join, ...more, within: { after: '1s' }, broadcast: 'right' };
  // What is taken back is taken back from a join of changes too.
  joins['changes'] = {
    ...join,
    inputs: ['full_ttl', 'rights'],
    kind: 'anti',
    on: 'l.rv = r.v',
    ttl: '5s',
    select: { k: 'l.k', lv: 'l.lv', rv: 'l.rv' },
  };
  return joins;
}

/** What the rows of a file describe: those that are taken back are gone. */
function tableOf(text: string): string[] {
  const [header, ...lines] = text.trimEnd().split('\n');
  if (header?.endsWith(',change') !== true) return lines.sort();
  const counts = new Map<string, number>();
  for (const line of lines) {
    const row = line.slice(0, line.lastIndexOf(','));
    counts.set(row, (counts.get(row) ?? 0) + (line.endsWith('+I') ? 1 : -1));
  }
  return [...counts].flatMap(([row, count]) => Array<string>(count).fill(row)).sort();
}

async function run(workers: number): Promise<Record<string, string[]>> {
  using workspace = new Workspace();
  const random = new Random(11);
  const text = (): string => {
    const rows = Array.from({ length: ROWS }, (_, i) => {
      const isLate = random.chance(0.03);
      const ms = 1_767_225_600_000 + i * 20 - random.between(0, isLate ? 8000 : 900);
      const key = random.chance(0.03) ? '' : random.below(60);
      return `${new Date(ms).toISOString()},${key},${i}\n`;
    });
    return `at,k,v\n${rows.join('')}`;
  };
  workspace.write('lefts.csv', text());
  workspace.write('rights.csv', text());
  const joins = operators();
  const sinks = Object.fromEntries(
    Object.keys(joins).map((input) => [
      `to_${input}`,
      { connector: 'file', input, path: `${input}.csv` },
    ]),
  );
  const sources = { lefts: source('lefts.csv'), rights: source('rights.csv') };
  const topology = { version: 1, name: 'kinds', sources, operators: joins, sinks };
  await runToEnd(topology, workspace, { workers });
  return Object.fromEntries(
    Object.keys(joins).map((name) => [name, tableOf(workspace.read(`${name}.csv`))]),
  );
}

test('every kind and reach', async () => {
  const one = await run(1);
  const two = await run(2);
  for (const [name, rows] of Object.entries(one)) {
    expect(rows.length, name).toBeGreaterThan(20);
    expect(two[name], name).toEqual(rows);
  }
});
