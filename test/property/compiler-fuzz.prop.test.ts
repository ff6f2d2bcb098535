/** A slice of `test/stress/compiler-fuzz.test.ts`: the compiler understands or refuses whatever comes. */

import { describe, expect, test } from 'vitest';
import { compileAll } from '../support/fuzz/compile-all.ts';
import { fuzzCompiler } from '../support/fuzz/compiler-fuzz.ts';
import { GIANTS, HOSTILE_NAMES } from '../support/fuzz/hostile-text.ts';
import { runFuzz } from '../support/fuzz/run.ts';

const SEED = 20_261_123;

test('texts of a seed are understood or refused', async () => {
  const { texts, understood, refused } = await fuzzCompiler(SEED, 500);
  expect(texts).toBe(500);
  expect(understood).toBeGreaterThan(150);
  expect(refused).toBeGreaterThan(150);
});

test('so they are where no text can become code', async () => {
  const { reports, failure } = await runFuzz(SEED + 1, 100);
  expect(failure).toBeUndefined();
  expect(reports.at(-1)).toMatchObject({ texts: 100 });
});

describe('texts that are large or deep', () => {
  test.each([...GIANTS.keys()])('%d', (n) => {
    const giant = GIANTS[n]!;
    for (const size of [60, 600, 6000]) {
      for (const base of ['i', 'f']) expect(typeof compileAll(giant(size, base))).toBe('boolean');
    }
  });

  test('a regular expression that would end the process is refused', () => {
    const deep = `${'(a|'.repeat(15_000)}b${')'.repeat(15_000)}`;
    expect(compileAll(`REGEXP_LIKE(s, '${deep}')`)).toBe(false);
    expect(compileAll(`REGEXP_LIKE(s, s || '${deep}')`)).toBe(true);
  });
});

test.each(HOSTILE_NAMES)('%j is a name like any other', (name) => {
  expect(compileAll(`"${name.replaceAll('"', '""')}" + 1 > 0`)).toBe(true);
  expect(compileAll(`${name}(1)`)).toBe(false);
});
