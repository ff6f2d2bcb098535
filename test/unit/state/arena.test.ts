import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/errors.ts';
import { PageList } from '../../../src/state/arena.ts';
import {
  Arena,
  finish,
  MIN_PAGE_CELLS,
  pageCellsFor,
  readSnapshot,
  writeSnapshot,
} from '../../../src/state/index.ts';
import { chunksSource } from '../../support/kernel/run-kernel.ts';

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

  test('takes lists of any length back at once, and hands their pages out clean', () => {
    const most = 10_000;
    const arena = newArena(most * PAGE_BYTES);
    const lists = [1, 300, 5000, most - 5301].map((count) => {
      const list = new PageList(arena);
      for (let i = 0; i < count; i++) {
        const page = list.take();
        arena.tags.fill(7, (page / MIN_PAGE_CELLS) * 4, (page / MIN_PAGE_CELLS) * 4 + 4);
      }
      return list;
    });
    expect(() => arena.take()).toThrow('limit');
    const tags = arena.tags.slice();
    lists[3]!.releaseAll();
    expect(arena.tags).toEqual(tags);
    for (const list of lists) list.releaseAll();
    expect(arena.usedBytes).toBe(0);
    const pages = new Set<number>();
    const again = new PageList(arena);
    for (let i = 0; i < most; i++) {
      const page = again.take();
      pages.add(page);
      const tag = (page / MIN_PAGE_CELLS) * 4;
      expect(arena.tags[tag]! | arena.tags[tag + 1]! | arena.tags[tag + 3]!).toBe(0);
    }
    expect(pages.size).toBe(most);
    expect(() => again.take()).toThrow('limit');
  });

  test('remembers which pages are free, also those of lists that were given back as a whole', () => {
    const fill = (arena: Arena, count: number): PageList => {
      const list = new PageList(arena);
      for (let i = 0; i < count; i++) arena.floats.fill(i, list.take(), list.at(i) + 1);
      return list;
    };
    const arena = newArena(1000 * PAGE_BYTES);
    const kept = fill(arena, 100);
    fill(arena, 900).releaseAll();
    const chunks: Uint8Array[] = [];
    finish(writeSnapshot(arena, 'it', (bytes) => void chunks.push(bytes.slice())));
    const other = newArena(1000 * PAGE_BYTES);
    finish(readSnapshot(other, 'it', chunksSource(chunks)));
    expect(other.usedBytes).toBe(100 * PAGE_BYTES);
    for (let i = 0; i < 100; i++) expect(other.floats[kept.at(i)]).toBe(i);
    fill(other, 900);
    for (let i = 0; i < 100; i++) expect(other.floats[kept.at(i)]).toBe(i);
    expect(() => other.take()).toThrow('limit');
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
