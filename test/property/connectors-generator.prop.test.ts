/** Generated rows depend on the seed alone: not on batches, on their heaps, or on the rate. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Distribution, Rate } from '../../src/core/topology/model.ts';
import { SimulatedClock } from '../../src/core/clock.ts';
import { generatorSource } from '../../src/connectors/generator/source.ts';
import { allocate, rowsOf, schemaOf } from '../conformance/codec-support.ts';
import { SourceHarness } from '../conformance/source.ts';

const positive = fc.double({ min: 0.001, max: 1e6, noNaN: true });
const number: fc.Arbitrary<Distribution> = fc.oneof(
  fc.record({ kind: fc.constant('sequence' as const), start: fc.integer(), step: fc.integer() }),
  fc
    .tuple(fc.integer(), fc.nat())
    .map(([low, span]) => ({ kind: 'uniform' as const, low, high: low + span })),
  fc.record({ kind: fc.constant('normal' as const), mean: positive, stddev: positive }),
  fc.record({ kind: fc.constant('exponential' as const), mean: positive }),
  fc.record({
    kind: fc.constant('zipf' as const),
    n: fc.integer({ min: 1, max: 1e9 }),
    s: fc.double({ min: 0, max: 4, noNaN: true }),
  }),
);
const text: fc.Arbitrary<Distribution> = fc.oneof(
  fc
    .array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 5 })
    .map((values) => ({ kind: 'choice' as const, values, weights: values.map((_, i) => i + 1) })),
  fc
    .tuple(fc.array(number, { maxLength: 3 }), fc.string({ maxLength: 10 }))
    .map(([of, part]) => ({ kind: 'template' as const, parts: [part, ...of.map(() => part)], of })),
);
const nullable = (of: fc.Arbitrary<Distribution>): fc.Arbitrary<Distribution> =>
  fc
    .tuple(of, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([of, probability]) => ({ kind: 'null' as const, probability, of }));

const schema = schemaOf({ i: 'int32', l: 'int64', f: 'float64', d: 'decimal(12,3)', s: 'string' });
const fields = fc.tuple(number, nullable(number), number, number, fc.oneof(text, nullable(text)));

test('batches and heaps of any size get the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fields,
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.integer({ min: 160, max: 1000 }),
      async (fields, seed, heapBytes) => {
        const config = { seed, count: 300, rate: undefined, fields };
        const read = (options: object) =>
          new SourceHarness({ connector: generatorSource, config, schema }).readAll(options);
        const { rows, rejects } = await read({ rowCapacity: 4096 });
        expect(rejects).toEqual([]);
        expect(rows).toHaveLength(300);
        expect((await read({ heapBytes, isPatient: true })).rows).toEqual(rows);
      },
    ),
    { numRuns: 50 },
  );
});

const rate: fc.Arbitrary<Rate> = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), rowsPerSecond: positive }),
  fc.record({
    kind: fc.constant('phases' as const),
    repeat: fc.boolean(),
    phases: fc
      .array(
        fc.record({
          durationUs: fc.integer({ min: 1, max: 10_000_000 }),
          rowsPerSecond: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1000 })),
        }),
        { minLength: 1, maxLength: 4 },
      )
      .filter((phases) => phases.some((phase) => phase.rowsPerSecond > 0)),
  }),
);

test('a rate decides when rows come, not which', async () => {
  await fc.assert(
    fc.asyncProperty(fields, rate, fc.array(fc.nat(60_000)), async (fields, rate, steps) => {
      const config = { seed: 3, count: 200, fields };
      const free = new SourceHarness({
        connector: generatorSource,
        config: { ...config, rate: undefined },
        schema,
      });
      const { rows: expected } = await free.readAll();
      const clock = new SimulatedClock();
      const paced = new SourceHarness({
        connector: generatorSource,
        config: { ...config, rate },
        schema,
      });
      const source = await paced.open({ clock });
      const batch = allocate(schema, 256);
      let seen = 0;
      for (const ms of steps) {
        clock.advanceMs(ms);
        const progress = source.read(batch);
        expect(batch.rowCount).toBeGreaterThanOrEqual(seen);
        seen = batch.rowCount;
        if (progress === 'end') break;
      }
      await source.close();
      expect(rowsOf(batch, schema)).toEqual(expected.slice(0, seen));
    }),
    { numRuns: 50 },
  );
});
