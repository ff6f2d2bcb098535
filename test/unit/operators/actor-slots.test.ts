/** Windows that actors keep in slots. */

import { describe, expect, test } from 'vitest';
import { CountSlots, OhlcSlot, TimeSlots } from '../../../src/index.ts';

describe('slots of time', () => {
  const fill = (times: readonly number[]): (readonly [number, number[]])[] => {
    const window = new TimeSlots<number[]>({ slotMs: 10, slots: 3, create: () => [] });
    for (const time of times) window.at(time)?.push(time);
    return window.all().map(({ startMs, slot }) => [startMs, slot]);
  };

  test('are those of the last so much time', () => {
    expect(fill([1, 5, 12, 29, 31])).toEqual([
      [10, [12]],
      [20, [29]],
      [30, [31]],
    ]);
  });

  test('take a late row while they are in the window, and none after', () => {
    expect(fill([31, 12, 9, -1, 38])).toEqual([
      [10, [12]],
      [30, [31, 38]],
    ]);
  });

  test('go when time jumps', () => {
    expect(fill([-15, -1, 500])).toEqual([[500, [500]]]);
  });
});

test('slots of rows are the last ones', () => {
  const window = new CountSlots<number[]>({ rows: 2, slots: 2, create: () => [] });
  for (let i = 1; i <= 5; i++) window.next().push(i);
  expect(window.all()).toEqual([[3, 4], [5]]);
});

test('open, high, low and close are those of a slot, by hand', () => {
  const window = new TimeSlots({ slotMs: 60_000, slots: 5, create: () => new OhlcSlot() });
  const trades = [
    [0, 10],
    [20_000, 12],
    [59_999, 9],
    [60_000, 11],
    [61_000, 8],
    [240_000, 20],
    [30_000, 7],
  ] as const;
  for (const [time, price] of trades) window.at(time)?.add(price);
  expect(window.all().map(({ slot }) => [slot.open, slot.high, slot.low, slot.close])).toEqual([
    [10, 12, 7, 7],
    [11, 11, 8, 8],
    [20, 20, 20, 20],
  ]);
});

test('a window without length is refused', () => {
  const create = (): number[] => [];
  expect(() => new TimeSlots({ slotMs: 0, slots: 1, create })).toThrow(RangeError);
  expect(() => new CountSlots({ rows: 1, slots: 0, create })).toThrow(RangeError);
});
