import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatDuration,
  formatMicroseconds,
  formatRate,
} from '../../../src/cli/format/numbers.ts';

describe('formatCount', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
    [9_007_199_254_740_991, '9,007,199,254,740,991'],
  ])('%d is %s', (count, text) => expect(formatCount(count)).toBe(text));
});

describe('formatCompact', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [999.4, '999'],
    [999.6, '1.00k'],
    [1234, '1.23k'],
    [9994, '9.99k'],
    [9996, '10.0k'],
    [99_949, '99.9k'],
    [99_951, '100k'],
    [999_499, '999k'],
    [999_501, '1.00M'],
    [123_456_789, '123M'],
    [5e18, '5000P'],
  ])('%d is %s', (value, text) => expect(formatCompact(value)).toBe(text));
});

describe('formatRate', () => {
  test.each([
    [0, '0/s'],
    [0.254, '0.25/s'],
    [1, '1/s'],
    [9.51, '9.5/s'],
    [9.96, '10/s'],
    [1_234_567, '1.23M/s'],
  ])('%d is %s', (value, text) => expect(formatRate(value)).toBe(text));
});

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [64 * 1024 ** 2, '64 MiB'],
    [1024 ** 2 - 1, '1 MiB'],
    [3 * 1024 ** 5, '3072 TiB'],
  ])('%d is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('formatDuration', () => {
  test.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [1250, '1.25 s'],
    [9996, '10.0 s'],
    [12_500, '12.5 s'],
    [59_960, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [3_599_400, '59 min 59 s'],
    [3_599_600, '1 h 00 min'],
    [7_380_000, '2 h 03 min'],
    [273_600_000, '3 d 04 h'],
  ])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('formatMicroseconds', () => {
  test.each([
    [85, '85 us'],
    [999.6, '1.00 ms'],
    [9996, '10.0 ms'],
    [12_500, '12.5 ms'],
    [99_960, '100 ms'],
    [1_250_000, '1.25 s'],
  ])('%d us is %s', (us, text) => expect(formatMicroseconds(us)).toBe(text));
});
