/** The table of what the seed systems could names every row, and tests that are there. */

import { describe, expect, test } from 'vitest';
import { exists, read } from './support/repository.ts';

const PAGE = 'docs/reference/seed-coverage.md';
const rows = read(PAGE)
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, id]) => /^(S4|SB|BO)-\d\d$/.test(id ?? ''))
  .map(([, id, feature, here, shown, differs]) => ({ id, feature, here, shown, differs }));

const range = (system: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${system}-${String(from + i).padStart(2, '0')}`);
const WANTED = [
  ...range('S4', 1, 5),
  'S4-12',
  ...range('S4', 23, 31),
  'S4-38',
  'S4-39',
  ...range('SB', 5, 38),
  ...range('BO', 20, 38),
  ...range('BO', 60, 66),
];

test('every row is there once, in order', () => {
  expect(rows.map(({ id }) => id)).toEqual(WANTED);
});

describe.each(rows)('$id $feature', ({ here, shown, differs }) => {
  const named = /^`(test\/\S+)`: (.+)$/.exec(shown!);

  test('has a test that is there, or says that it is not there', () => {
    if (named === null) {
      expect([shown, here]).toEqual(['–', '–']);
      expect(differs).toMatch(/^Not there/);
      return;
    }
    const [, file, name] = named;
    expect(exists(file!)).toBe(true);
    expect(read(file!)).toContain(name);
    expect(here).not.toBe('–');
  });
});
