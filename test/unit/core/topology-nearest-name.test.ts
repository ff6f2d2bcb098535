import { describe, expect, test } from 'vitest';
import { editDistance, nearestName } from '../../../src/core/nearest-name.ts';

describe('the nearest name', () => {
  test.each([
    ['tpye', ['name', 'type'], 'type'],
    ['fil', ['generator', 'file'], 'file'],
    ['Filter', ['filter', 'file'], 'filter'],
    ['group_by', ['groupBy', 'select'], 'groupBy'],
    ['aggr', ['filter', 'aggregate'], 'aggregate'],
    ['frobnicate', ['filter', 'map'], undefined],
    ['id', ['ts', 'ad'], undefined],
    ['a', ['b'], undefined],
    ['ab', ['abcdefghijk'], undefined],
    ['imp', ['impressions', 'imports'], 'imports'],
    ['same', ['same'], undefined],
    ['x', [], undefined],
    ['quack', ['track'], undefined],
    ['quacks', ['tracks'], 'tracks'],
    ['colr', ['cold', 'color'], 'cold'],
  ])('of %s among %j is %s', (name, candidates, nearest) => {
    expect(nearestName(name, candidates)).toBe(nearest);
  });
});

describe('the edit distance', () => {
  test.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('of %j and %j is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});
