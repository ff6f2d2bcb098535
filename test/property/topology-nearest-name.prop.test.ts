/** The edit distance against its definition by recursion, and the promises of the nearest name. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearestName } from '../../src/core/nearest-name.ts';

/** Slow and obvious: the definition of optimal string alignment. */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const costs = [
    slowDistance(a.slice(1), b) + 1,
    slowDistance(a, b.slice(1)) + 1,
    slowDistance(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
  ];
  if (a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0]) {
    costs.push(slowDistance(a.slice(2), b.slice(2)) + 1);
  }
  return Math.min(...costs);
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
const name = fc.string({
  unit: fc.constantFrom(...'abcdefgh'.split('')),
  minLength: 4,
  maxLength: 12,
});

test('the distance is what its definition says', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(slowDistance(a, b));
    }),
  );
});

test('a name with one slip is found again, unless a candidate is as near', () => {
  fc.assert(
    fc.property(name, fc.array(name), fc.nat(), (right, others, at) => {
      const i = at % (right.length - 1);
      const swapped = right.slice(0, i) + right[i + 1]! + right[i]! + right.slice(i + 2);
      fc.pre(swapped !== right);
      const found = nearestName(swapped, [...others, right]);
      expect(found).toBeDefined();
      expect(editDistance(swapped, found ?? '')).toBeLessThanOrEqual(1);
    }),
  );
});

test('what is found is a candidate, and never the name itself', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (typed, candidates) => {
      const found = nearestName(typed, candidates);
      if (found === undefined) return;
      expect(candidates).toContain(found);
      expect(found).not.toBe(typed);
    }),
  );
});
