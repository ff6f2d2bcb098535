import { describe, expect, test } from 'vitest';
import { clip, formatBar, formatTable } from '../../../src/cli/format/table.ts';

const COLUMNS = [
  { title: 'node', align: 'left' },
  { title: 'late', align: 'right' },
  { title: 'rows', align: 'right' },
  { title: 'queue', align: 'left' },
] as const;

describe('formatTable', () => {
  test('aligns columns, and leaves out those that are empty', () => {
    const lines = formatTable(COLUMNS, [
      ['clicks', '', '12', ''],
      ['größer', '', '1234', 'ab'],
    ]);
    expect(lines).toEqual([
      'node    rows  queue', //
      'clicks    12',
      'größer  1234  ab',
    ]);
  });

  test('without rows shows nothing but an empty header', () => {
    expect(formatTable(COLUMNS, [])).toEqual(['']);
  });

  test('counts a character outside the basic plane once', () => {
    const lines = formatTable(COLUMNS.slice(0, 3), [
      ['𝒳', '', '1'],
      ['ab', '', '2'],
    ]);
    expect(lines).toEqual(['node  rows', '𝒳        1', 'ab       2']);
  });
});

describe('clip', () => {
  test.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['x', 0, '…'],
  ])('%s in %d columns is %s', (text, columns, clipped) => {
    expect(clip(text, columns)).toBe(clipped);
  });
});

describe('formatBar', () => {
  test.each([
    [0, '    '],
    [0.03, '▏   '],
    [0.5, '██  '],
    [0.6, '██▍ '],
    [1, '████'],
    [7, '████'],
    [-1, '    '],
  ])('%d is "%s"', (share, bar) => expect(formatBar(share, 4)).toBe(bar));
});
