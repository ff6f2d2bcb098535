import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowSpreader } from '../../src/columns/index.ts';
import { identitySelection } from '../../src/core/batch.ts';
import { testMemory } from '../support/memory.ts';

const ROWS = 128;

test('every row is in one list, that of its hash, and lists keep the order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer(), { maxLength: ROWS, size: 'max' }),
      fc.integer({ min: 1, max: 17 }),
      fc.constantFrom('identity', 'placed', 'elsewhere'),
      (values, lists, kind) => {
        const memory = testMemory(1 << 18);
        const spreader = new RowSpreader(memory, lists, 2 * ROWS);
        const placed = memory.words(ROWS);
        placed.set(values);
        const listed = Uint32Array.from(values, (_, i) => 2 * i + 1);
        const rows =
          kind === 'identity'
            ? identitySelection(2 * ROWS)
            : kind === 'placed'
              ? memory.rows(ROWS)
              : listed;
        if (kind === 'placed') rows.set(listed);

        spreader.spread(placed, rows, values.length);

        const expected = Array.from({ length: lists }, (): number[] => []);
        values.forEach((hash, i) => {
          expected[Number((BigInt(hash >>> 16) * BigInt(lists)) >> 16n)]!.push(rows[i]!);
        });
        const actual = spreader.lists.map((list, k) => [...list.subarray(0, spreader.counts[k])]);
        expect(actual).toEqual(expected);
      },
    ),
  );
});
