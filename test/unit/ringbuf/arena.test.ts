import { expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/errors.ts';
import {
  allocateCell,
  allocateRing,
  Arena,
  MAX_ARENA_BYTES,
  SharedCell,
} from '../../../src/ringbuf/index.ts';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof MillraceError) return error.code;
  }
  return 'none';
}

test('allocations are aligned, apart, zeroed and never at offset 0', () => {
  const arena = Arena.create(4096);
  const first = arena.allocate(1);
  const second = arena.allocate(300, 64);
  const third = arena.allocate(8);
  expect([first, second, third]).toEqual([128, 192, 512]);
  expect(new Uint8Array(arena.buffer).every((byte) => byte === 0)).toBe(true);
});

test('the size asked for can be allocated', () => {
  const arena = Arena.create(2 ** 20);
  arena.allocate(2 ** 20);
  expect(arena.totalBytes).toBeGreaterThanOrEqual(2 ** 20);
});

test('a full arena says what was asked and what there was', () => {
  const arena = Arena.create(0);
  expect(codeOf(() => arena.allocate(65_536))).toBe('ERR_LIMIT_EXCEEDED');
  expect(() => arena.allocate(65_536)).toThrow(/totalBytes=65536.*bytes=65536/);
});

test.each([MAX_ARENA_BYTES, 1e15, NaN, -1])('an arena of %d bytes is refused', (bytes) => {
  expect(codeOf(() => Arena.create(bytes))).toBe('ERR_LIMIT_EXCEEDED');
});

test('four GiB less a page can be reserved, and costs nothing until touched', () => {
  const arena = Arena.create(MAX_ARENA_BYTES - 65_536);
  const offset = arena.allocate(2 ** 32 - 2 ** 18);
  expect(offset).toBe(128);
  const last = new Uint8Array(arena.buffer, 2 ** 32 - 2 ** 18, 1);
  last[0] = 7;
  expect(last[0]).toBe(7);
});

test('a WebAssembly module sees what JavaScript wrote, in one memory', () => {
  const arena = Arena.create(1024);
  expect(arena.memory.buffer).toBe(arena.buffer);
  expect(arena.buffer).toBeInstanceOf(SharedArrayBuffer);
});

test('an attached arena sees the bytes but does not allocate', () => {
  const arena = Arena.create(1024);
  const cell = allocateCell(arena);
  new SharedCell(arena.buffer, cell).set(7);
  const attached = Arena.attach(arena.memory);
  expect(new SharedCell(attached.buffer, cell).get()).toBe(7);
  expect(() => allocateRing(attached, { slots: 2, slotBytes: 8, consumers: 1 })).toThrow(
    /host lays memory out/,
  );
});

test('a cell counts, and is replaced only if it holds what was expected', () => {
  const arena = Arena.create(1024);
  const cell = new SharedCell(arena.buffer, allocateCell(arena));
  expect([cell.add(5), cell.add(-2), cell.get()]).toEqual([0, 5, 3]);
  expect([cell.replace(4, 9), cell.replace(3, 9), cell.get()]).toEqual([false, true, 9]);
});
