/** Rows of a key that are together stay where they are; what is spread for a join is spread by its keys. */

import { describe, expect, test } from 'vitest';
import { explainTopology } from '../../../src/index.ts';

const schema = { ts: 'timestamp', k: 'string', v: 'int32' };
const source = {
  connector: 'module',
  module: './source.js',
  schema,
  time: { field: 'ts' },
};
const window = { type: 'tumbling', size: '1s' };
const byKey = { type: 'aggregate', input: 's', groupBy: ['k'], window, select: { n: 'COUNT(*)' } };
const byBoth = { ...byKey, groupBy: ['v', 'k'] };
const join = { type: 'join', inputs: ['a', 'b'], on: 'l.k = r.k', window, select: { n: 'l.n' } };
const top = { type: 'top', input: 'a', n: 1, orderBy: ['n'], groupBy: ['k'], window: 'input' };

/** Of each connection of first tasks: the columns that rows are spread by, or how they are handed on. */
function connections(operators: object, { parallel = 2, workers = 2, engine = {} } = {}): object {
  const last = Object.keys(operators).at(-1)!;
  const sinks = { out: { input: last, connector: 'discard' } };
  const sources = { s: { ...source, parallel } };
  const document = { version: 1, name: 'routes', sources, operators, sinks, engine };
  const { edges } = explainTopology(document, { workers });
  const found: Record<string, string> = {};
  for (const { from, to, by, keys } of edges) {
    const names = `${from.replace(/#.*/, '')} ${to.replace(/#.*/, '')}`;
    if (from.endsWith('#1') || names.endsWith(' out')) continue;
    found[names] = keys.length === 0 ? by : keys.join();
  }
  return found;
}

describe('rows stay on their workers', () => {
  test('in front of a join of what is grouped by its keys', () => {
    expect(connections({ a: byKey, b: byKey, j: join })).toEqual({
      's a.local': 'call',
      'a.local a': 'k',
      's b.local': 'call',
      'b.local b': 'k',
      'a j': 'call',
      'b j': 'call',
    });
  });

  test('and what is grouped by more is spread by the keys of the join, in its order', () => {
    expect(connections({ a: byBoth, b: byKey, j: join })).toMatchObject({
      'a.local a': 'k',
      'a j': 'call',
      'b j': 'call',
    });
    const on = 'l.k = r.k AND l.v = r.v';
    expect(connections({ a: byBoth, b: byBoth, j: { ...join, on } })).toMatchObject({
      'a.local a': 'k,v',
      'b.local b': 'k,v',
      'a j': 'call',
      'b j': 'call',
    });
  });

  test('over filters, one source and stages of one', () => {
    const f = { type: 'filter', input: 'a', where: 'n > 1' };
    const inputs = ['f', 'b'];
    expect(
      connections({ a: byBoth, f, b: byKey, j: { ...join, inputs } }, { parallel: 1 }),
    ).toEqual({ 's a': 'k', 'a f': 'call', 's b': 'k', 'f j': 'call', 'b j': 'call' });
  });

  test('while they are grouped by the same key, or by more', () => {
    const more = { groupBy: ['k', 'n'], select: { rows: 'COUNT(*)' } };
    const c = { ...byKey, input: 'b', ...more };
    expect(connections({ a: byKey, b: top, c })).toEqual({
      's a.local': 'call',
      'a.local a': 'k',
      'a b': 'call',
      'b c': 'call',
    });
  });

  test('behind a join, but for a side of which rows may be missing', () => {
    const after = (kind: string, side: string): object =>
      connections({
        a: byKey,
        b: byKey,
        j: { ...join, kind, select: { k: `${side}.k`, x: 'l.n + 1' } },
        c: { ...byKey, input: 'j' },
      });
    expect(after('inner', 'r')).toMatchObject({ 'j c': 'call' });
    expect(after('left', 'l')).toMatchObject({ 'j c': 'call' });
    expect(after('right', 'r')).toMatchObject({ 'j c': 'call' });
    for (const [kind, side] of [
      ['left', 'r'],
      ['right', 'l'],
      ['full', 'l'],
    ] as const) {
      expect(after(kind, side)).toMatchObject({ 'j c.local': 'call', 'c.local c': 'k' });
    }
  });
});

describe('rows are spread', () => {
  test('where a join has a key of its own', () => {
    const on = 'l.k = r.k AND l.n = r.n';
    expect(connections({ a: byKey, b: byBoth, j: { ...join, on } })).toMatchObject({
      'a.local a': 'k',
      'b.local b': 'v,k',
      'a j': 'call',
      'b j': 'k',
    });
    expect(connections({ a: byKey, b: byKey, j: { ...join, on: 'l.n = r.n' } })).toMatchObject({
      'a j': 'n',
      'b j': 'n',
    });
  });

  test('where the key is computed anew', () => {
    const m = { type: 'map', input: 'a', select: { k: "k || '!'", n: 'n' } };
    expect(connections({ a: byKey, m, b: { ...top, input: 'm' } })).toMatchObject({ 'm b': 'k' });
  });

  test('to other workers, and to as many tasks as there are to be', () => {
    const fewer = { ...top, parallel: 2 };
    expect(connections({ a: byKey, b: fewer }, { workers: 3 })).toMatchObject({ 'a b': 'k' });
    const pinned = { placement: { pin: { b: 1 } } };
    expect(connections({ a: byKey, b: top }, { engine: pinned })).toMatchObject({ 'a b': 'ring' });
  });

  test('by the columns that the topology names', () => {
    const parallel = { parallel: 2, by: ['k', 'n'] };
    const b = { type: 'sequence', input: 'a', as: 'no', ...parallel };
    expect(connections({ a: byKey, b })).toMatchObject({ 'a b': 'k,n' });
    expect(connections({ a: byKey, b: { ...b, by: ['k'] } })).toMatchObject({ 'a b': 'call' });
  });
});
