/** Runs of generated values, which kernels make, against one value at a time. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeCells } from '../../src/connectors/generator/cells.ts';
import { makeRuns } from '../../src/connectors/generator/runs.ts';
import { Column } from '../../src/core/column.ts';
import type { Distribution } from '../../src/core/topology/model.ts';
import { FLOAT64, INT32, INT64, TIMESTAMP } from '../../src/core/types.ts';
import { testMemory } from '../support/memory.ts';

const ROWS = 64;
const bound = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.integer({ min: -9, max: 9 }));
const uniform: fc.Arbitrary<Distribution> = fc
  .tuple(bound, bound)
  .map(([a, b]) => ({ kind: 'uniform', low: Math.min(a, b), high: Math.max(a, b) }));
const sequence: fc.Arbitrary<Distribution> = fc.record({
  kind: fc.constant('sequence' as const),
  start: fc.oneof(fc.integer(), fc.constant(0.5)),
  step: fc.oneof(fc.integer(), fc.integer({ min: -3, max: 3 })),
});
const time: fc.Arbitrary<Distribution> = fc.record({
  kind: fc.constant('time' as const),
  startUs: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
  stepUs: fc.integer({ min: -(2 ** 33), max: 2 ** 33 }),
  jitterUs: fc.constantFrom(0, 0, 5),
});
const cases = fc.oneof(
  fc.record({ type: fc.constantFrom(INT32, FLOAT64, INT64), distribution: uniform }),
  fc.record({ type: fc.constantFrom(INT32, FLOAT64, INT64), distribution: sequence }),
  fc.record({ type: fc.constant(TIMESTAMP), distribution: time }),
);

test('are the same values', () => {
  const memory = testMemory(2 ** 28);
  fc.assert(
    fc.property(
      cases,
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.oneof(fc.nat(1e9), fc.integer({ min: 2 ** 31 - 99, max: 2 ** 32 + 9 })),
      fc.nat(9),
      fc.integer({ min: 0, max: ROWS - 20 }),
      ({ type, distribution }, seed, index, row, count) => {
        const field = { name: 'x', type };
        const [expected, actual] = [
          Column.allocate(type, ROWS, memory),
          Column.allocate(type, ROWS, memory),
        ];
        const make = makeCells(field, distribution, seed);
        for (let i = 0; i < count; i++) make(expected, row + i, index + i);
        makeRuns(field, distribution, make, seed, memory)!(actual, row, count, index);
        // Rows behind the run too: they stay as they were.
        expect(actual.bytes).toEqual(expected.bytes);
      },
    ),
    { numRuns: 1000 },
  );
});
