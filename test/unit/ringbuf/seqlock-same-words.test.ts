import { expect, test } from 'vitest';
import {
  allocateSeqlock,
  Arena,
  SeqlockReader,
  SeqlockWriter,
} from '../../../src/ringbuf/index.ts';

test('words that a copy has already are right, also for a writer that goes on with another one', () => {
  const arena = Arena.create(4096);
  const address = allocateSeqlock(arena, 3);
  const reader = new SeqlockReader(arena.buffer, address);
  let writer = new SeqlockWriter(arena.buffer, address);
  const values = [0, 1, -1, 2 ** 32, 2 ** 33, 0.1, Number.NaN];
  for (let i = 0; i < 500; i++) {
    if (i % 97 === 0) writer = new SeqlockWriter(arena.buffer, address);
    // Values come back after one write, two writes and more.
    const next = Float64Array.of(values[(i * i) % 7]!, values[i % 2]!, values[(i >> 3) % 7]!);
    writer.write(next);
    expect([...reader.read()]).toEqual([...next]);
  }
});
