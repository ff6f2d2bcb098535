import { expect, test } from 'vitest';
import {
  BINS,
  NEVER_DROPPED,
  binOf,
  positionOf,
  thresholdAt,
} from '../../../src/admission/index.ts';

test('bins grow with values, sixteen to an octave', () => {
  let before = 0;
  for (let exponent = -24; exponent < 39; exponent++) {
    for (let sixteenth = 0; sixteenth < 16; sixteenth++) {
      const bin = binOf(2 ** exponent * (1 + sixteenth / 16));
      expect(bin).toBe(before + 1);
      expect(binOf(2 ** exponent * (1 + (sixteenth + 0.999) / 16))).toBe(bin);
      before = bin;
    }
  }
});

test('values without a bin of their own', () => {
  for (const value of [0, -0, -1, -1e300, Number.NaN, -Infinity, 2 ** -25, Number.MIN_VALUE]) {
    expect(binOf(value)).toBe(0);
  }
  expect(binOf(Infinity)).toBe(NEVER_DROPPED);
  for (const value of [1e13, 1e300, Number.MAX_VALUE]) expect(binOf(value)).toBe(BINS - 2);
});

test('a position lies in the bin of its threshold, and leads back to it', () => {
  for (const threshold of [1e-9, 2 ** -24, 1, 1.03, 3.3, 777, 1e9, 2e11]) {
    const position = positionOf(threshold);
    expect(Math.floor(position)).toBe(binOf(threshold));
    expect(thresholdAt(position)).toBeCloseTo(threshold, 12 - Math.ceil(Math.log10(threshold)));
  }
  expect(positionOf(0)).toBe(0);
  expect(positionOf(Infinity)).toBe(NEVER_DROPPED);
  expect(positionOf(Number.NaN)).toBe(0);
});
