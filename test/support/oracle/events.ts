/** Rows of all types with everything that is awkward about them. @module */

import type { Cell, Cells, Types } from './cells.ts';
import type { Random } from './random.ts';

/** 2026-01-01T00:00:00Z. */
export const START_US = Date.UTC(2026, 0, 1) * 1000;
export const SECOND_US = 1_000_000;

export const EVENT_TYPES: Types = {
  at: 'timestamp',
  id: 'int64',
  user: 'string',
  ad: 'int32',
  price: 'float64',
  amount: 'decimal(10,2)',
  ok: 'bool',
  took: 'duration',
  raw: 'bytes',
  extra: 'json',
};

/** Lateness that the sources of these rows declare. */
export const LATENESS_US = 5 * SECOND_US;

const USERS = [
  'ann',
  'with,comma',
  'with "quotes"',
  'two\nlines',
  'crlf\r\ninside',
  'semi;colon\tand tab',
  '',
  'NULL',
  ' blanks ',
  'größer als zwölf Byte',
  'größer als zwölf Bytes',
  // These two order differently as UTF-16 than as bytes.
  '\uFFEE half',
  '😀 astral',
  '日本語のとても長い文字列',
];

const EXTRAS = [{ a: [1, 2.5, null], b: { c: 'x,"y"' } }, [], 'text', 17, false, { ü: '😀' }];

/**
 * Rows 100 ms apart on average. One in four is up to `lateness` out of order, one in thirty beyond
 * that, up to a minute.
 */
export function eventRows(random: Random, count: number): Cells[] {
  return Array.from({ length: count }, (_, i): Cells => {
    let us = START_US + i * 100_000;
    if (random.chance(0.03)) us -= random.between(LATENESS_US, 60 * SECOND_US);
    else if (random.chance(0.25)) us -= random.between(0, LATENESS_US);
    // Watermarks must hit ends of windows exactly, now and then; some times have microseconds.
    if (random.chance(0.6)) us -= us % 500_000;
    else if (random.chance(0.5)) us -= us % 1000;
    return { at: us, ...eventValues(random) };
  });
}

function eventValues(random: Random): Cells {
  const orNull = (cell: Cell, probability = 0.08): Cell =>
    random.chance(probability) ? null : cell;
  return {
    // Beyond 2^53: a double would lose the last digits.
    id: orNull(
      (random.chance(0.5) ? 1n : -1n) * (9_007_199_254_740_993n + BigInt(random.below(40))),
    ),
    user: orNull(random.pick(USERS)),
    ad: orNull(random.between(-4, 12)),
    // Multiples of 1/8: sums are exact in any order.
    price: orNull(random.between(-200, 800) / 8),
    amount: orNull(BigInt(random.between(-99_999_999, 99_999_999))),
    ok: orNull(random.chance(0.5)),
    took: orNull(random.between(-5_000_000, 90_000_000)),
    raw: orNull(Buffer.from(Array.from({ length: random.below(20) }, () => random.below(256)))),
    extra: orNull({ json: random.pick(EXTRAS) }),
  };
}
