/** Which task a row goes to, by each way of dealing rows out. */

import { describe, expect, test } from 'vitest';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { INT32, INT64, STRING } from '../../../src/core/types.ts';
import type { SpreadPlan } from '../../../src/workers/protocol.ts';
import { createSplit, fnv1 } from '../../../src/workers/thread/edges/row-splits.ts';
import type { Cell } from '../../support/kernel/rows.ts';
import { allocateBatch, fillBatch } from '../../support/kernel/rows.ts';
import { testMemory } from '../../support/memory.ts';

const SCHEMA: Schema = [
  { name: 's', type: STRING },
  { name: 'i', type: INT32 },
  { name: 'l', type: INT64 },
];

/** By row: its target. */
function targetsOf(
  plan: SpreadPlan,
  targets: number,
  rows: readonly (readonly Cell[])[],
): number[] {
  const stream = { schema: SCHEMA, hasTime: false };
  const memory = testMemory();
  const split = createSplit(plan, targets, layoutBatch(stream, 64, 4096), memory);
  const batch = allocateBatch(stream, 64, 4096, memory);
  fillBatch(
    batch,
    rows.map((values) => ({ values })),
  );
  split.split(batch);
  const found = rows.map(() => -1);
  split.lists.forEach((list, target) => {
    for (const row of list.subarray(0, split.counts[target])) found[row] = target;
  });
  return found;
}

const text = (s: string | null): Cell[] => [s, 0, 0n];
const number = (l: bigint | null, i: number | null = 0): Cell[] => [null, i, l];

describe('fnv1', () => {
  const bytes = (s: string): Uint8Array => new TextEncoder().encode(s);

  test.each([
    ['', 2216829733],
    ['a', 2248259518],
    ['16000000', 2956422620],
    ['hello', 3183334599],
  ])('of %j has the low 32 bits of 64-bit FNV-1', (word, hash) => {
    expect(fnv1(bytes(word), 0, bytes(word).length) >>> 0).toBe(hash);
  });

  test('of any text is what the definition over 64 bits gives', () => {
    for (const word of ['x:y', 'a text that does not fit a view', 'Straße', '\u0000\u00ff']) {
      let hash = 0xcbf29ce484222325n;
      for (const byte of bytes(word)) {
        hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte);
      }
      expect(fnv1(bytes(word), 0, bytes(word).length) >>> 0).toBe(Number(hash & 0xffffffffn));
    }
  });

  test('says the target', () => {
    const words = ['', 'a', '16000000', 'hello'];
    const plan = { style: 'fnv1', columns: [0] } as const;
    expect(targetsOf(plan, 4, words.map(text))).toEqual([1, 2, 0, 3]);
    expect(targetsOf({ style: 'fnv1', columns: [2] }, 4, [number(16000000n)])).toEqual([0]);
    const joined = fnv1(bytes('k:7'), 0, 3) >>> 0;
    expect(targetsOf({ style: 'fnv1', columns: [0, 1] }, 5, [['k', 7, 0n]])).toEqual([joined % 5]);
  });
});

test('a number goes to its remainder, exactly for all 64 bits', () => {
  const values = [0n, 1n, 7n, -1n, -7n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n];
  const plan = { style: 'number', columns: [2] } as const;
  for (const targets of [2, 3, 7, 1000]) {
    const expected = values.map((v) =>
      Number(((v % BigInt(targets)) + BigInt(targets)) % BigInt(targets)),
    );
    expect(
      targetsOf(
        plan,
        targets,
        values.map((v) => number(v)),
      ),
    ).toEqual(expected);
  }
  const small = [number(0n, 5), number(0n, -5), number(0n, null)];
  expect(targetsOf({ style: 'number', columns: [1] }, 3, small)).toEqual([2, 1, 0]);
});

test('turns are taken', () => {
  const rows = Array.from({ length: 7 }, () => text('x'));
  expect(targetsOf({ style: 'roundRobin', columns: [] }, 3, rows)).toEqual([0, 1, 2, 0, 1, 2, 0]);
});

test('equal keys go to one target by a hash, and not all to one', () => {
  const rows = Array.from({ length: 60 }, (_, i) => text(`key ${i % 20}, a long one`));
  const targets = targetsOf({ style: 'hash', columns: [0] }, 3, rows);
  expect(targets.slice(20, 40)).toEqual(targets.slice(0, 20));
  expect(new Set(targets)).toEqual(new Set([0, 1, 2]));
});
