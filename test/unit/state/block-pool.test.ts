/** Blocks of a pool. */

import { expect, test } from 'vitest';
import { Arena } from '../../../src/state/arena.ts';
import { BlockPool } from '../../../src/state/block-pool.ts';

test.each([
  ['words', [1, -1, 0, 0x7fffffff, 5, 0]],
  ['minus zero, an infinity and the least number', [0, 1 << 31, 0, 0x7ff00000, 1, 0]],
  ['a signalling NaN', [1, 0x7ff00000, 7, 8, 9, 10]],
  ['a NaN of another kind', [-1, -1, 7, 8, 9, 10]],
])('a block begins as it is told, taken for the second time as well: %s', (_name, template) => {
  const arena = Arena.allocate(1 << 16, 512, () => new Error('full') as never);
  const pool = new BlockPool(arena, Int32Array.from(template));
  let wrong = 0;
  // Often enough that it is compiled.
  for (let i = 0; i < 20_000; i++) {
    const block = pool.take();
    const words = arena.words.subarray(2 * block, 2 * block + template.length);
    wrong += template.some((word, at) => words[at] !== word) ? 1 : 0;
    words.fill(i);
    pool.release(block);
  }
  expect(wrong).toBe(0);
  expect(pool.take()).not.toBe(pool.take());
});
