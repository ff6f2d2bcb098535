/** Stores of many kept rows: how they grow, and hashes that begin alike. */

import { expect, test } from 'vitest';
import { INT32 } from '../../../src/core/types.ts';
import { hashRows } from '../../../src/state/index.ts';
import { Column } from '../../../src/core/column.ts';
import { KeptRowsSubject, ROWS } from '../../support/kernel/kept-rows-subject.ts';

const KEY = [{ name: 'k', type: INT32 }];
const REST = [{ name: 'v', type: INT32 }];
const BATCH = ROWS / 2;

/** Keeps a row for each key, in batches. */
function keep(subject: KeptRowsSubject, keys: readonly number[]): void {
  for (let from = 0; from < keys.length; from += BATCH) {
    const rows = keys.slice(from, from + BATCH).map((key) => ({ values: [key, 2 * key] }));
    subject.keep(subject.take(rows));
  }
}

/** The values that are found for each key. */
function find(subject: KeptRowsSubject, keys: readonly number[]): unknown[] {
  const found: unknown[] = [];
  for (let from = 0; from < keys.length; from += BATCH) {
    const rows = keys.slice(from, from + BATCH).map((key) => ({ values: [key, 0] }));
    const count = subject.take(rows);
    for (const [row, values] of subject.probe(count, ROWS)) {
      expect(values[0]).toBe(keys[from + row]);
      found.push(values[1]);
    }
  }
  return found;
}

test('finds each of very many keys', () => {
  const subject = new KeptRowsSubject(KEY, REST);
  const keys = Array.from({ length: 60_000 }, (_, i) => i * 7);
  keep(subject, keys);
  expect(find(subject, keys)).toEqual(keys.map((key) => 2 * key));
  expect(
    find(
      subject,
      keys.map((key) => key + 1),
    ),
  ).toEqual([]);
});

test('finds keys whose hashes begin alike, without a directory for each of their bits', () => {
  const subject = new KeptRowsSubject(KEY, REST);
  const column = Column.allocate(INT32, 1 << 20);
  const rows = Uint32Array.from({ length: 1 << 20 }, (_, i) => i);
  for (let i = 0; i < rows.length; i++) column.words[i] = i;
  const hashes = new Int32Array(rows.length);
  hashRows([column], rows, 0, rows.length, hashes);
  const keys = [...rows].filter((row) => hashes[row]! >>> 22 === 0);
  expect(keys.length).toBeGreaterThan(900);
  keep(subject, keys);
  expect(find(subject, keys)).toEqual(keys.map((key) => 2 * key));
  expect(subject.arena.usedBytes).toBeLessThan(200_000);
});

/** Keeps a row of a new key each µs, and lets those older than 100 µs go; the most bytes in use. */
function stream(
  subject: KeptRowsSubject,
  rows: number,
  aheadUs: (timeUs: number) => number,
): number {
  let most = 0;
  for (let timeUs = 0; timeUs < rows; timeUs += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, i) => ({ values: [timeUs + i, timeUs + i] }));
    const count = subject.take(batch);
    for (let i = 0; i < count; i++) {
      subject.times[2 * i + 1] = timeUs + i + aheadUs(timeUs + i);
      subject.earliest[2 * i + 1] = -Infinity;
    }
    subject.keep(count);
    subject.rows.release(timeUs - 100);
    most = Math.max(most, subject.arena.usedBytes);
  }
  return most;
}

test('lets expired rows go, and the slots of their keys', () => {
  const subject = new KeptRowsSubject(KEY, REST);
  expect(stream(subject, 100_000, () => 0)).toBeLessThan(100_000);
  expect(find(subject, [99_999, 5])).toEqual([99_999]);
});

test('is not held up by rows whose time is far ahead, and finds these', () => {
  const subject = new KeptRowsSubject(KEY, REST);
  const ahead = (timeUs: number): number => (timeUs % 5000 === 7 ? 1e9 : 0);
  expect(stream(subject, 100_000, ahead)).toBeLessThan(300_000);
  const keys = Array.from({ length: 20 }, (_, i) => 5000 * i + 7);
  expect(find(subject, keys)).toEqual(keys);
  expect(find(subject, [1, 2, 3])).toEqual([]);
});
