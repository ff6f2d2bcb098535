import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LargeRowFinder } from '../../src/columns/index.ts';
import { Column } from '../../src/core/column.ts';
import { ownMemory } from '../../src/core/memory.ts';
import { INT64, STRING } from '../../src/core/types.ts';
import { testMemory } from '../support/memory.ts';

const ROWS = 64;
const row = fc.tuple(fc.nat(40), fc.nat(40), fc.boolean());

test('a row that is too large is found, and others only where the longest values do not meet', () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: ROWS, size: 'max' }),
      fc.nat(100),
      fc.record({ isHere: fc.boolean(), isPlaced: fc.boolean(), isDense: fc.boolean() }),
      (rows, limitBytes, { isHere, isPlaced, isDense }) => {
        const memory = testMemory(1 << 18);
        const place = isHere ? memory : ownMemory;
        const columns = [STRING, INT64, STRING].map((type) => Column.allocate(type, ROWS, place));
        const bytes = new Uint8Array(ROWS);
        for (const [r, [a, b]] of rows.entries()) {
          columns[0]!.setView(r, bytes, 0, a);
          columns[2]!.setView(r, bytes, 0, b);
        }
        const chosen = rows.flatMap(([, , isChosen], r) => (isChosen || isDense ? [r] : []));
        const selection = isPlaced ? memory.rows(ROWS) : new Uint32Array(ROWS);
        selection.set(chosen);

        const finder = new LargeRowFinder(memory);
        const found = finder.mayExceed(columns, selection, chosen.length, limitBytes);

        const long = (length: number): number => (length > 12 ? length : 0);
        const isTooLarge = chosen.some((r) => long(rows[r]![0]) + long(rows[r]![1]) > limitBytes);
        const longest = [0, 1].map((c) => Math.max(0, ...chosen.map((r) => rows[r]![c] as number)));
        if (isTooLarge) expect(found).toBe(true);
        if (longest[0]! + longest[1]! <= limitBytes) expect(found).toBe(false);
      },
    ),
  );
});
