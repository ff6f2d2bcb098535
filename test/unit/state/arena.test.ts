import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/errors.ts';
import { Arena, MIN_PAGE_CELLS, pageCellsFor } from '../../../src/state/index.ts';

const PAGE_BYTES = MIN_PAGE_CELLS * 8;
const newArena = (limitBytes: number): Arena =>
  Arena.allocate(
    limitBytes,
    MIN_PAGE_CELLS,
    (limit) => new MillraceError('ERR_LIMIT_EXCEEDED', `limit ${limit}`),
  );

describe('an arena', () => {
  test('hands out as many bytes as its limit, and not one page more', () => {
    const arena = newArena(4 * PAGE_BYTES + 100);
    const pages = [1, 2, 3, 4].map(() => arena.take());
    expect(new Set(pages).size).toBe(4);
    expect(pages).not.toContain(0);
    expect(arena.usedBytes).toBe(4 * PAGE_BYTES);
    expect(() => arena.take()).toThrow(`limit ${4 * PAGE_BYTES}`);
  });

  test('hands pages out again', () => {
    const arena = newArena(3 * PAGE_BYTES);
    const [a, b] = [arena.take(), arena.take()];
    arena.take();
    arena.release(a);
    arena.release(b);
    expect(new Set([arena.take(), arena.take()])).toEqual(new Set([a, b]));
    expect(() => arena.take()).toThrow('limit');
  });

  test('clears the tags of pages that are given back', () => {
    const arena = newArena(3 * PAGE_BYTES);
    const pages = [1, 2, 3].map(() => arena.take());
    const tagsOf = (page: number): Int32Array => {
      const first = (page / MIN_PAGE_CELLS) * 4;
      return arena.tags.subarray(first, first + 4);
    };
    for (const page of pages) tagsOf(page).fill(7);
    for (const page of pages) arena.release(page);
    for (let i = 0; i < 3; i++) expect([...tagsOf(arena.take())]).toEqual([0, 0, 0, 0]);
  });

  test('reserves memory without using it', () => {
    const before = process.memoryUsage().rss;
    const arena = newArena(2 ** 31);
    arena.floats[arena.take()] = 1;
    expect(arena.limitBytes).toBeGreaterThan(2 ** 30);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 27);
  });

  test('has larger pages for larger records', () => {
    expect(pageCellsFor(4)).toBe(MIN_PAGE_CELLS);
    expect(pageCellsFor(1000)).toBeGreaterThanOrEqual(4000);
  });
});
