import { describe, expect, test } from 'vitest';
import { ClassUtility, QosGraph, fillShares, jainIndex } from '../../../src/admission/index.ts';

describe('graphs', () => {
  const latency = new QosGraph([
    [0, 1],
    [50, 1],
    [200, 0],
  ]);

  test('utility at and between breakpoints, flat outside', () => {
    for (const [x, y] of [
      [-1, 1],
      [0, 1],
      [50, 1],
      [51, 1 - 1 / 150],
      [125, 0.5],
      [200, 0],
      [1e9, 0],
      [Number.NaN, 1],
    ] as const) {
      expect(latency.at(x)).toBeCloseTo(y, 12);
    }
  });

  test('a latency graph sets the goal: the last delay with full utility', () => {
    expect(latency.goal).toBe(50);
    expect(new QosGraph([[10, 0.9]]).goal).toBe(10);
  });

  test('the slope of a loss graph is that of its concave hull', () => {
    const gold = new QosGraph([
      [0, 1],
      [0.01, 0.5],
      [0.1, 0],
    ]).concaveHull();
    expect(gold.fallAt(0)).toBeCloseTo(10, 9);
    expect(gold.fallAt(0.05)).toBeCloseTo(10, 9);
    expect(gold.fallAt(0.1)).toBe(0);
    const tolerant = new QosGraph([
      [0, 1],
      [0.5, 0.9],
      [1, 0],
    ]).concaveHull();
    expect(tolerant.fallAt(0.49)).toBeCloseTo(0.2, 9);
    expect(tolerant.fallAt(0.5)).toBeCloseTo(1.8, 9);
  });

  test('without graphs a unit of value is a unit of utility', () => {
    const plain = new ClassUtility({});
    expect(plain.update(0.5, 40)).toBe(1);
  });

  test('the utility of a class follows its graphs in small steps', () => {
    const rows = new ClassUtility({
      latency: [
        [0, 1],
        [100, 0],
      ],
      loss: [
        [0, 1],
        [0.5, 0.9],
        [1, 0],
      ],
    });
    expect(rows.utility).toBeCloseTo(0.2, 9);
    expect(rows.update(0.6, 50)).toBeCloseTo(0.22, 9);
    for (let i = 0; i < 50; i++) rows.update(0.6, 50);
    expect(rows.utility).toBeCloseTo(0.9, 9);
  });
});

describe('shares of tenants', () => {
  const fill = (demands: number[], weights: number[], capacity: number) => {
    const shares = new Float64Array(demands.length);
    const level = fillShares(
      Float64Array.from(demands),
      Float64Array.from(weights),
      capacity,
      shares,
    );
    return { level, shares: [...shares] };
  };

  test.each([
    [[1, 2, 9], [1, 1, 1], 6, [1, 2, 3], 3],
    [[5, 5, 5], [1, 1, 3], 10, [2.5, 2.5, 5], 2.5],
    [[0, 4, 4], [1, 1, 1], 4, [0, 2, 2], 2],
  ])('%j with weights %j share %d', (demands, weights, capacity, expected, level) => {
    const got = fill(demands, weights, capacity);
    expect(got.shares).toEqual(expected);
    expect(got.level).toBeCloseTo(level, 12);
  });

  test('all wishes are granted where there is enough', () => {
    expect(fill([1, 2], [1, 5], 3)).toEqual({ level: Infinity, shares: [1, 2] });
  });

  test('Jain: 1 for equals, 1/n for one who has all', () => {
    expect(jainIndex([3, 3, 3])).toBeCloseTo(1, 12);
    expect(jainIndex([7, 0, 0, 0])).toBeCloseTo(0.25, 12);
    expect(jainIndex([0, 0])).toBe(1);
  });
});
