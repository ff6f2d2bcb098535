import { beforeEach, describe, expect, test } from 'vitest';
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

  test('the hull of a graph is nowhere below it, and its slope rises from point to point', () => {
    const gold = new QosGraph([
      [0, 1],
      [0.01, 0.5],
      [0.1, 0],
    ]).concaveHull();
    expect(gold.fallBetween(0, 0.02)).toBeCloseTo(10, 9);
    expect(gold.fallBetween(0.05, 0.1)).toBeCloseTo(10, 9);
    expect(gold.end).toBe(0.1);
    const tolerant = new QosGraph([
      [0, 1],
      [0.5, 0.9],
      [1, 0],
    ]).concaveHull();
    expect(tolerant.fallBetween(0.1, 0.4)).toBeCloseTo(0.2, 9);
    expect(tolerant.fallBetween(0.6, 0.7)).toBeCloseTo(1.8, 9);
  });
});

describe('utility of a class by its losses', () => {
  const tolerant = [
    [0, 1],
    [0.5, 0.9],
    [1, 0],
  ] as const;
  /** What it comes to when so much of ten a look is lost. */
  const after = (graph: ClassUtility, lost: number, looks: number): number => {
    for (let look = 1; look <= looks; look++) {
      graph.update((offered += 10), (losses += 10 * lost));
    }
    return graph.utility;
  };
  let offered = 0;
  let losses = 0;
  beforeEach(() => {
    offered = 0;
    losses = 0;
  });

  test('a straight line from 1 to 0 changes nothing', () => {
    const plain = new ClassUtility([
      [0, 1],
      [1, 0],
    ]);
    for (const lost of [0, 0.3, 1]) expect(after(plain, lost, 20)).toBeCloseTo(1, 9);
  });

  test('it follows the slope in small steps, and forgets', () => {
    const rows = new ClassUtility(tolerant);
    expect(rows.utility).toBeCloseTo(0.2, 9);
    expect(after(rows, 0.8, 1)).toBeCloseTo(0.24, 9);
    expect(after(rows, 0.8, 50)).toBeCloseTo(1.8, 9);
    expect(after(rows, 0.2, 60)).toBeCloseTo(0.2, 9);
    expect(after(rows, 0.5, 60)).toBeCloseTo(1, 2);
  });

  test('what is past the end of its graph is left to others, for the time being', () => {
    const strict = new ClassUtility([
      [0, 1],
      [0.1, 0],
    ]);
    expect(strict.utility).toBeCloseTo(10, 9);
    expect(after(strict, 0.5, 200)).toBeCloseTo(1e-3, 9);
    expect(after(strict, 0, 200)).toBeCloseTo(10, 9);
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
