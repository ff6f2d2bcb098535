/** Counters and snapshots against plain numbers, in one thread. @module */

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Ringbuf } from '../model/scenario.ts';
import { FlatArena } from '../support/interleave/flat-arena.ts';

const amount = fc.oneof(
  fc.nat({ max: 5000 }),
  fc.integer({ min: 2 ** 31 - 3, max: 2 ** 31 + 3 }),
  fc.integer({ min: 2 ** 32 - 3, max: 2 ** 32 + 3 }),
  fc.nat({ max: 2 ** 40 }),
);

/** Throws unless counts are exact sums, also for a writer that takes over. */
export function checkCountersAgainstNumbers(ringbuf: Ringbuf, runs: number): void {
  const add = fc.record({ index: fc.nat({ max: 4 }), n: amount, isReopened: fc.boolean() });
  const property = fc.property(fc.array(add, { maxLength: 40 }), (adds) => {
    const arena = new FlatArena(1024);
    const address = ringbuf.allocateCounters(arena, 5);
    const reader = new ringbuf.CounterReader(arena.buffer, address);
    let block = new ringbuf.CounterBlock(arena.buffer, address);
    const totals = [0, 0, 0, 0, 0];
    for (const { index, n, isReopened } of adds) {
      if (isReopened) block = new ringbuf.CounterBlock(arena.buffer, address);
      block.add(index, n);
      totals[index]! += n;
      assert.deepEqual(
        totals.map((_, counter) => reader.read(counter)),
        totals,
      );
      assert.equal(block.total(index), totals[index]);
    }
  });
  fc.assert(property, { numRuns: runs });
}

/** Throws unless a snapshot is what was last written, bit by bit. */
export function checkSeqlockAgainstValues(ringbuf: Ringbuf, runs: number): void {
  const write = fc.record({ index: fc.nat({ max: 2 }), value: fc.double(), isWhole: fc.boolean() });
  const property = fc.property(fc.array(write, { maxLength: 40 }), (writes) => {
    const arena = new FlatArena(1024);
    const address = ringbuf.allocateSeqlock(arena, 3);
    const reader = new ringbuf.SeqlockReader(arena.buffer, address);
    let writer = new ringbuf.SeqlockWriter(arena.buffer, address);
    const values = [0, 0, 0];
    for (const { index, value, isWhole } of writes) {
      values[index] = value;
      if (isWhole) {
        writer = new ringbuf.SeqlockWriter(arena.buffer, address);
        writer.write(Float64Array.from(values));
      } else {
        writer.set(index, value);
      }
      assert.deepEqual([...reader.read()], values);
    }
  });
  fc.assert(property, { numRuns: runs });
}
