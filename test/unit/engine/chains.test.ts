import { describe, expect, test } from 'vitest';
import { explainTopology } from '../../../src/engine/inspect.ts';

type Operators = Readonly<Record<string, object>>;

/** The chains of a topology whose operators come one behind the other, if they do not say so. */
function fusedOf(
  operators: Operators,
  { workers = 1, sinks = {}, pin = {} }: { workers?: number; sinks?: object; pin?: object } = {},
): readonly (readonly string[])[] {
  const names = Object.keys(operators);
  const linked = Object.entries(operators).map(([name, operator], i) => [
    name,
    { input: names[i - 1] ?? 'rows', ...operator },
  ]);
  const schema = { t: 'timestamp', a: 'int32', x: 'float64', s: 'string' };
  const plan = explainTopology(
    {
      version: 1,
      name: 'chains',
      sources: { rows: { connector: 'embedded', schema, time: { field: 't' } } },
      operators: Object.fromEntries(linked),
      sinks: { out: { input: names.at(-1), connector: 'discard' }, ...sinks },
      engine: { placement: { pin } },
    },
    { workers },
  );
  return plan.fused;
}

const positive = { type: 'filter', where: 'a > 0' };
const doubled = { type: 'map', select: { '*': true, x: 'x * 2' } };
const total = {
  type: 'aggregate',
  window: { type: 'tumbling', size: '1s' },
  select: { n: 'COUNT(*)' },
};

describe('operators in a row are one kernel', () => {
  test('filters and maps, and an aggregate without keys behind them', () => {
    expect(fusedOf({ f: positive, m: doubled })).toEqual([['f', 'm']]);
    expect(fusedOf({ f: positive, g: positive, m: doubled, n: total })).toEqual([
      ['f', 'g', 'm', 'n'],
    ]);
    expect(fusedOf({ n: total })).toEqual([['n']]);
    expect(fusedOf({ m: { type: 'map', select: { x: 'x * 2', y: 'x + 1' } } })).toEqual([['m']]);
  });

  test('not where there is nothing to win', () => {
    expect(fusedOf({ f: positive })).toEqual([]);
    expect(fusedOf({ m: doubled })).toEqual([]);
    expect(fusedOf({ m: { type: 'map', select: { a: 'a', s: 's' } } })).toEqual([]);
  });

  test('but an aggregate with keys, or of strings, is one by itself', () => {
    const keyed = { ...total, groupBy: ['a'] };
    expect(fusedOf({ f: positive, m: doubled, k: keyed })).toEqual([['f', 'm']]);
    const least = { ...total, select: { s: 'MIN(s)' } };
    expect(fusedOf({ f: positive, m: doubled, l: least })).toEqual([['f', 'm']]);
    const distinct = { ...total, select: { s: 'COUNT(DISTINCT a)' } };
    expect(fusedOf({ f: positive, m: doubled, d: distinct })).toEqual([['f', 'm']]);
  });

  test('and one with processing time', () => {
    const now = { ...total, window: { type: 'tumbling', size: '1s', time: 'processing' } };
    expect(fusedOf({ f: positive, m: doubled, now })).toEqual([['f', 'm']]);
  });

  test('one whose output others read as well is the last', () => {
    const other = { also: { input: 'g', connector: 'discard' } };
    expect(
      fusedOf({ f: positive, g: positive, m: doubled, h: positive }, { sinks: other }),
    ).toEqual([
      ['f', 'g'],
      ['m', 'h'],
    ]);
  });

  test('one that sends rows to several ports is not in a chain', () => {
    const letters = { ...positive, onError: 'deadLetter' };
    const sinks = { errors: { input: 'l.errors', connector: 'discard' } };
    const chain = { f: positive, g: positive, l: letters, m: doubled, h: positive };
    expect(fusedOf(chain, { sinks })).toEqual([
      ['f', 'g'],
      ['m', 'h'],
    ]);
    const routes = { type: 'filter', routes: { low: 'a < 5', high: true } };
    const low = { ...positive, input: 'r.low' };
    expect(fusedOf({ f: positive, g: positive, r: routes, low, h: positive })).toEqual([
      ['f', 'g'],
      ['low', 'h'],
    ]);
  });

  test('nor is a map that computes a string', () => {
    const upper = { type: 'map', select: { '*': true, s: 'UPPER(s)' } };
    expect(fusedOf({ f: positive, g: positive, u: upper, m: doubled, h: positive })).toEqual([
      ['f', 'g'],
      ['m', 'h'],
    ]);
  });

  test('on one worker', () => {
    const pin = { g: 1 };
    expect(fusedOf({ f: positive, g: positive, m: doubled }, { workers: 2, pin })).toEqual([
      ['g', 'm'],
    ]);
  });

  test('no more of them than a kernel should have', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, positive]));
    const chains = fusedOf(many);
    expect(chains.length).toBeGreaterThan(1);
    expect(chains.length).toBeLessThan(10);
    expect(chains.flat()).toEqual(Object.keys(many));
  });
});
