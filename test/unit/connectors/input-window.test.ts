import { expect, test } from 'vitest';
import { InputWindow } from '../../../src/connectors/codecs/input-window.ts';
import { testMemory } from '../../support/memory.ts';

const BLOCK_BYTES = 1 << 10;

/** A window in a worker's memory. */
const makeWindow = () => new InputWindow(BLOCK_BYTES, 1 << 20, testMemory(1 << 16));

const input = ({ bytes, from, to }: InputWindow): number[] => Array.from(bytes.subarray(from, to));

test('new bytes lie behind what is left, at multiples of 64', () => {
  const window = makeWindow();
  const expected: number[] = [];
  for (const [count, used] of [
    [100, 37],
    [64, 0],
    [BLOCK_BYTES, 128],
    [1, 1],
    [700, 0],
    [BLOCK_BYTES, 0],
    [BLOCK_BYTES, 3000],
  ] as const) {
    const room = window.makeRoom();
    expect(room.length).toBeGreaterThanOrEqual(BLOCK_BYTES);
    expect(room.byteOffset % 64).toBe(0);
    const bytes = Array.from({ length: count }, (_, i) => (i * 7 + count) & 0x7f);
    room.set(bytes);
    window.filled(count);
    expected.push(...bytes);
    expect(input(window)).toEqual(expected);
    expect(window.bytes[window.to]).toBe(0x0a);
    window.from += Math.min(used, expected.length);
    expected.splice(0, used);
  }
});

test.each([
  ['text', [0x61], true, true],
  ['a whole character at the end', [0xe2, 0x82, 0xac], true, true],
  ['a character that goes on', [0x61, 0xe2, 0x82], true, false],
  ['a byte that begins nothing', [0x61, 0x80, 0x61], false, false],
])('whether it is UTF-8: %s', (_what, bytes, asBlock, asEnd) => {
  const window = makeWindow();
  expect(window.isUtf8).toBe(true);
  window.makeRoom().set(bytes);
  window.filled(bytes.length);
  expect(window.isUtf8).toBe(asBlock);
  window.end();
  expect(window.isUtf8).toBe(asEnd);
});
