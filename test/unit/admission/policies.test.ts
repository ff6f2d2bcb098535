import { describe, expect, test } from 'vitest';
import { Codel, DropTail, RandomDrop, Throttle } from '../../../src/admission/index.ts';

describe('drop-tail', () => {
  test('drops at the full queue only, of ten thousand rows as in S4', () => {
    const policy = new DropTail();
    expect(policy.admitted(256, 0)).toBe(256);
    expect(policy.admitted(256, 9_744)).toBe(256);
    expect(policy.admitted(256, 9_745)).toBe(255);
    expect(policy.admitted(256, 12_000)).toBe(0);
  });
});

describe('throttling', () => {
  test.each([50_000, 200_000, 1_000_000])('%i rows a second are offered, 200,000 pass', (rate) => {
    const policy = new Throttle();
    let passed = 0;
    for (let ms = 0; ms < 5000; ms++) passed += policy.admitted(ms, rate / 1000);
    const expected = 5 * Math.min(rate, policy.maxRate);
    expect(passed).toBeGreaterThanOrEqual(expected);
    expect(passed).toBeLessThanOrEqual(expected + policy.maxRate / 100);
  });

  test('time that stands still brings nothing', () => {
    const policy = new Throttle(1000, 10);
    expect(policy.admitted(5, 100)).toBe(10);
    expect(policy.admitted(5, 100)).toBe(0);
    expect(policy.admitted(7, 100)).toBe(2);
  });
});

describe('random', () => {
  test('keeps everything until the gate, then what can be done', () => {
    const policy = new RandomDrop(35);
    policy.update(34, 4);
    expect(policy.fraction).toBe(1);
    policy.update(36, 4);
    expect(policy.fraction).toBeLessThan(0.25);
    policy.update(17.5, 4);
    expect(policy.fraction).toBeCloseTo(0.25, 9);
    let kept = 0;
    for (let row = 0; row < 40_000; row++) if (policy.keeps(row)) kept++;
    // Three times the standard deviation of a binomial.
    expect(Math.abs(kept - 10_000)).toBeLessThan(3 * Math.sqrt(40_000 * 0.25 * 0.75));
    policy.update(1, 0.5);
    expect(policy.fraction).toBe(1);
  });
});

describe('CoDel', () => {
  test('a burst is not dropped, a queue that stands is, at twice the target', () => {
    const policy = new Codel();
    for (let ms = 0; ms < 100; ms++) expect(policy.drops(ms, ms === 50 ? 1 : 40)).toBe(false);
    for (let ms = 100; ms < 200; ms++) expect(policy.drops(ms, 20)).toBe(false);
    expect(policy.drops(200, 20)).toBe(true);
    expect(policy.drops(201, 10)).toBe(false);
    for (let ms = 202; ms < 300; ms++) policy.drops(ms, 3);
    expect(policy.drops(301, 20)).toBe(false);
  });
});
