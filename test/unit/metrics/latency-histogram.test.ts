import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allocateLatencies,
  bucketOf,
  LATENCY_BYTES,
  LatencyReader,
  LatencyRecorder,
  upperBoundUs,
} from '../../../src/metrics/latency-histogram.ts';
import { Arena } from '../../../src/ringbuf/index.ts';

test('a bucket holds what it says, and is at most a sixteenth wide', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 36 - 1 }), (us) => {
      const bucket = bucketOf(us);
      expect(us).toBeLessThanOrEqual(upperBoundUs(bucket));
      if (bucket > 0) expect(us).toBeGreaterThan(upperBoundUs(bucket - 1));
      expect(upperBoundUs(bucket) - us).toBeLessThanOrEqual(us / 16);
    }),
  );
});

test('percentiles are those of a sorted list, to a sixteenth', () => {
  const arena = Arena.create(LATENCY_BYTES + 4096);
  const address = allocateLatencies(arena);
  const recorder = new LatencyRecorder(arena.buffer, address);
  const reader = new LatencyReader(arena.buffer, address);
  expect(reader.read()).toBeNull();
  for (let us = 1; us <= 10_000; us++) recorder.record(us, 3);
  const { p50, p99, max } = reader.read()!;
  expect(p50).toBeGreaterThanOrEqual(5_000);
  expect(p50).toBeLessThan(5_000 * (1 + 1 / 16));
  expect(p99).toBeGreaterThanOrEqual(9_900);
  expect(p99).toBeLessThan(9_900 * (1 + 1 / 16));
  expect(max).toBeGreaterThanOrEqual(10_000);
});
