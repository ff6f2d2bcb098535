import { describe, expect, test } from 'vitest';
import { formatIssue, pointer, show } from '../../../src/core/topology/index.ts';
import { list, pointerSteps } from '../../../src/core/topology/issues.ts';
import { isLiteralOf } from '../../../src/core/topology/literals.ts';
import { parseTimestampUs } from '../../../src/core/topology/timestamp-text.ts';
import { type DataType, parseTypeName } from '../../../src/core/types.ts';

describe('timestamps', () => {
  test.each([
    ['1970-01-01', 0],
    ['1970-01-01T00:00Z', 0],
    ['1970-01-01 00:00:01.5', 1_500_000],
    ['1970-01-01T00:00:00.000001Z', 1],
    ['1969-12-31T23:59:59Z', -1_000_000],
    ['1970-01-01T01:30:00+01:30', 0],
    ['1970-01-01T00:00:00-0200', 7_200_000_000],
    ['2024-02-29', Date.UTC(2024, 1, 29) * 1000],
    ['0099-01-01', new Date('0099-01-01').getTime() * 1000],
    ['2023-02-29', undefined],
    ['2023-13-01', undefined],
    ['2023-00-01', undefined],
    ['2023-01-01T24:00:00Z', undefined],
    ['2023-01-01T00:60:00Z', undefined],
    ['2023-01-01T00:00:00+24:00', undefined],
    ['2023-01-01T00:00:00.1234567Z', undefined],
    ['2023-1-1', undefined],
    ['yesterday', undefined],
  ])('%s', (text, us) => {
    expect(parseTimestampUs(text)).toBe(us);
  });
});

function type(name: string): DataType {
  return parseTypeName(name) ?? { kind: 'json' };
}

describe('literals', () => {
  test.each([
    ['bool', [true], [1, 'true']],
    ['int32', [0, -2147483648], [2147483648, 0.5, '1']],
    [
      'int64',
      [2 ** 53 - 1, '-9223372036854775808', '7'],
      ['9223372036854775808', 2 ** 53, 'x', 0.5],
    ],
    ['float64', [0.5, 1e300], ['1']],
    ['decimal(4,2)', [1.25, '99.99', '-0.5', '007', 12], ['100', 1.255, '1e1', true]],
    ['timestamp', ['2026-01-01', 0, 0.5], ['soon', true]],
    ['duration', ['5s', 'PT1M', '-PT1S'], [5, 'soon']],
    ['string', ['', 'x'], [1]],
    ['bytes', ['', 'aGk=', 'AAAA'], ['a', 'aGk', 'a-_=']],
    ['json', [true, 1, 'x', [], {}], []],
  ])('of %s', (name, right, wrong) => {
    for (const value of [null, ...right])
      expect(isLiteralOf(type(name), value), String(value)).toBe(true);
    for (const value of wrong) expect(isLiteralOf(type(name), value), String(value)).toBe(false);
  });
});

test('pointers escape and unescape their steps', () => {
  expect(pointer('a/b', '~1', 3, '')).toBe('/a~1b/~01/3/');
  expect(pointerSteps('/a~1b/~01/3/')).toEqual(['a/b', '~1', '3', '']);
  expect(pointer()).toBe('');
  expect(pointerSteps('')).toEqual([]);
  expect(pointerSteps('/~2')).toBeUndefined();
  expect(pointerSteps('a')).toBeUndefined();
});

test('values are shown in short', () => {
  const values = [
    'x',
    1,
    null,
    true,
    undefined,
    [1],
    { a: 1 },
    'y'.repeat(100),
    Array(100).fill(0),
  ];
  expect(values.map(show)).toEqual([
    '"x"',
    '1',
    'null',
    'true',
    'nothing',
    '[1]',
    '{"a":1}',
    `"${'y'.repeat(59)}…"`,
    'a list of 100',
  ]);
  expect(show({ a: 1n })).toBe('an object');
});

test('lists read like sentences', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((words) => list(words))).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
});

test('an issue with the whole document has no pointer to show', () => {
  expect(formatIssue({ pointer: '', message: 'm' })).toBe('m');
  expect(formatIssue({ pointer: '/a', message: 'm' })).toBe('/a: m');
});
