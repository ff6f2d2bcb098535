import { expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/errors.ts';
import { Arena, MIN_PAGE_CELLS } from '../../../src/state/index.ts';
import { BlockStore, logOfBytes } from '../../../src/state/blocks/block-store.ts';

const full = (): MillraceError => new MillraceError('ERR_LIMIT_EXCEEDED', 'full');

/** Numbers that look random, always the same. */
function* numbers(): Generator<number, never> {
  for (let seed = 1; ; seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) yield seed >>> 8;
}

test('blocks in use never overlap, and all pages come back', () => {
  const arena = Arena.allocate(2 ** 22, MIN_PAGE_CELLS, full);
  const store = new BlockStore(arena);
  const taken: { block: number; log: number; mark: number }[] = [];
  const next = numbers();
  for (let turn = 0; turn < 20_000; turn++) {
    const value = next.next().value;
    if (taken.length > 40 || (taken.length > 0 && value % 3 === 0)) {
      const [{ block, log, mark }] = taken.splice(value % taken.length, 1) as [(typeof taken)[0]];
      const cells = arena.words.subarray(2 * block, 2 * (block + (1 << log)));
      expect(cells.every((word) => word === mark)).toBe(true);
      store.release(block, log);
    } else {
      const log = 1 + (value % 11);
      const block = store.take(log);
      arena.words.fill(turn, 2 * block, 2 * (block + (1 << log)));
      taken.push({ block, log, mark: turn });
    }
  }
  store.clear();
  expect(arena.usedBytes).toBe(0);
});

test('what is given back is taken again', () => {
  const arena = Arena.allocate(2 ** 20, MIN_PAGE_CELLS, full);
  const store = new BlockStore(arena);
  for (let turn = 0; turn < 10_000; turn++) {
    const blocks = [3, 8, 1].map((log) => ({ log, block: store.take(log) }));
    for (const { log, block } of blocks) store.release(block, log);
  }
  expect(arena.usedBytes).toBeLessThanOrEqual(2 * MIN_PAGE_CELLS * 8);
});

test('a full arena says so', () => {
  const store = new BlockStore(Arena.allocate(2 ** 16, MIN_PAGE_CELLS, full));
  expect(() => store.take(15)).toThrow('full');
});

test.each([
  [0, 1],
  [16, 1],
  [17, 2],
  [32, 2],
  [33, 3],
])('%d bytes take a block of 2^%d cells', (bytes, log) => {
  expect(logOfBytes(bytes)).toBe(log);
});
