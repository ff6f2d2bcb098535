/**
 * The join against a model that compares all rows with all rows: with disorder, late rows, several
 * sources per side, null keys and duplicates, in any interleaving of the inputs and any batches.
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { FLOAT64, INT32, INT64, STRING } from '../../src/core/types.ts';
import { createJoinKernel } from '../../src/operators/join/kernel.ts';
import type { ModelJoin, SourceRow } from '../support/kernel/join-model.ts';
import {
  givesPairs,
  interleave,
  JOIN_KINDS,
  modelJoin,
  sideScripts,
  soundJoin,
} from '../support/kernel/join-model.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';

/** How the key of a row is stored and compared. */
interface KeyForm {
  readonly schema: (side: 'l' | 'r') => Schema;
  readonly on: string;
  readonly cells: (key: number | null) => readonly Cell[];
}

const long = (key: number): string => `a key that does not fit into a view: ${key}`;
const nullable = (key: number | null, form: (key: number) => Cell): Cell =>
  key === null ? null : form(key);

const KEY_FORMS: readonly KeyForm[] = [
  {
    schema: () => [{ name: 'k', type: INT32 }],
    on: 'l.k = r.k',
    cells: (key) => [key],
  },
  {
    schema: () => [{ name: 'k', type: INT64 }],
    on: 'r.k = l.k',
    cells: (key) => [nullable(key, (k) => BigInt(k) << 33n)],
  },
  {
    schema: () => [{ name: 'k', type: STRING }],
    on: 'l.k = r.k',
    cells: (key) => [nullable(key, (k) => (k === 0 ? 'short' : long(k)))],
  },
  {
    schema: () => [{ name: 'k', type: FLOAT64 }],
    on: 'l.k = r.k',
    cells: (key) => [nullable(key, (k) => (k === 0 ? -0 : k / 3))],
  },
  {
    schema: (side) => [{ name: 'k', type: side === 'l' ? INT32 : INT64 }],
    on: 'l.k = r.k',
    cells: (key) => [key],
  },
  {
    schema: () => [
      { name: 'k', type: INT32 },
      { name: 'k2', type: STRING },
    ],
    on: 'l.k = r.k AND l.k2 = r.k2',
    cells: (key) => [nullable(key, (k) => k >> 1), nullable(key, (k) => (k & 1 ? long(k) : 'x'))],
  },
  {
    // Not an equality: each row is compared with all near ones.
    schema: () => [{ name: 'k', type: INT32 }],
    on: 'l.k BETWEEN r.k AND r.k',
    cells: (key) => [key],
  },
  {
    schema: () => [{ name: 'k', type: INT32 }],
    on: 'l.k * 2 + 1 = r.k * 2 + 1',
    cells: (key) => [key],
  },
];

/** The cells of a row: the key's, an int32 and a text. */
const NOTES = ['', 'short', 'a text that is too long to lie in the view itself'];

const rowOf = (keys: number) =>
  fc.record({
    side: fc.constantFrom(0 as const, 1 as const),
    source: fc.constantFrom(0 as const, 1 as const),
    stepUs: fc.integer({ min: -12, max: 6 }),
    key: fc.option(fc.nat({ max: keys - 1 }), { freq: 8 }),
    value: fc.option(fc.nat({ max: 4 }), { freq: 6 }),
    note: fc.constantFrom(...NOTES),
    announces: fc.boolean(),
  });

const CASE = fc.record({
  keyForm: fc.nat({ max: KEY_FORMS.length - 1 }),
  rows: fc
    .integer({ min: 1, max: 6 })
    .chain((keys) => fc.array(rowOf(keys), { maxLength: 120, size: 'max' })),
  latenessUs: fc.nat({ max: 8 }),
  beforeUs: fc.nat({ max: 9 }),
  afterUs: fc.nat({ max: 9 }),
  kind: fc.constantFrom(...JOIN_KINDS),
  time: fc.constantFrom('left' as const, 'right' as const),
  hasFurther: fc.boolean(),
  interleavings: fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), {
    minLength: 3,
    maxLength: 3,
  }),
  batchRows: fc.integer({ min: 1, max: 64 }),
  gaps: fc.boolean(),
  refuses: fc.boolean(),
  inMemory: fc.boolean(),
  computes: fc.boolean(),
});

/** How many rows have no text of the left, or of the right side. */
const nullSided = (rows: readonly TestRow[]): number =>
  rows.filter(({ values }) => values.length === 5 && (values[0] === null || values[3] === null))
    .length;

const sorted = (rows: readonly TestRow[]): string[] => rows.map(rowKey).sort();

/** Gives what the model gives, for every interleaving. */
export async function checkIntervalJoins(numRuns: number): Promise<void> {
  let joinedRows = 0;
  let lateRows = 0;
  let unmatchedRows = 0;
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { kind, time, beforeUs, afterUs, latenessUs, hasFurther } = drawn;
      const form = KEY_FORMS[drawn.keyForm]!;
      const schemaOf = (side: 'l' | 'r'): Schema => [
        ...form.schema(side),
        { name: 'value', type: INT32 },
        { name: 'note', type: STRING },
      ];
      const left = schemaOf('l');
      const cellsOf = (row: (typeof drawn.rows)[number]): readonly Cell[] => {
        const cells = form.cells(row.key);
        const isWide = row.side === 1 && form.schema('r')[0]?.type.kind === 'int64';
        const widened = cells.map((cell) =>
          isWide && typeof cell === 'number' ? BigInt(cell) : cell,
        );
        return [...widened, row.value, row.note];
      };
      const plan = soundJoin({
        left,
        right: schemaOf('r'),
        on: hasFurther ? `${form.on} AND l.value <= r.value` : form.on,
        kind,
        time,
        beforeUs,
        afterUs,
        select: {
          ln: 'l.note',
          k: 'l.k',
          ...(givesPairs(kind) ? { rv: 'r.value', rn: 'r.note' } : {}),
          // With nothing to compute, pairs are gathered right into the output.
          last: drawn.computes
            ? givesPairs(kind)
              ? 'l.value + r.value'
              : 'l.value + 1'
            : 'l.note',
        },
      });
      const width = form.schema('l').length;
      const keyOf = (cells: readonly Cell[]): readonly Cell[] => cells.slice(0, width);
      const model: ModelJoin = {
        kind,
        time,
        beforeUs,
        afterUs,
        matches: (l, r) => {
          const [lv, rv] = [l[width], r[width]] as [number | null, number | null];
          if (hasFurther && (lv === null || rv === null || lv > rv)) return false;
          return keyOf(l).every((cell, i) => cell !== null && String(cell) === String(r[i]));
        },
        select: (l, r) => {
          const lv = (l?.[width] ?? null) as number | null;
          const rv = (givesPairs(kind) ? (r?.[width] ?? null) : 1) as number | null;
          const sum = lv === null || rv === null ? null : lv + rv;
          const ln = l?.[width + 1] ?? null;
          const ofRight = givesPairs(kind) ? [rv, r?.[width + 1] ?? null] : [];
          return [ln, l?.[0] ?? null, ...ofRight, drawn.computes ? sum : ln];
        },
      };
      const rows = drawn.rows.map((row): SourceRow => ({ ...row, values: cellsOf(row) }));
      const scripts = sideScripts(rows, latenessUs);
      const expected = modelJoin(model, scripts);
      const wanted = sorted(expected.rows);
      for (const picks of drawn.interleavings) {
        const { out, late } = await runKernel(createJoinKernel, plan, interleave(scripts, picks), {
          rowCapacity: 64,
          batchRows: () => drawn.batchRows,
          gaps: drawn.gaps,
          refuses: drawn.refuses,
          inMemory: drawn.inMemory,
          stateLimitBytes: 300_000,
        });
        expect(sorted(out.rows())).toEqual(wanted);
        expect(late).toBe(expected.late);
        expect(out.watermarkUs).toBe(Infinity);
      }
      joinedRows += expected.rows.length;
      lateRows += expected.late;
      unmatchedRows += kind === 'anti' ? expected.rows.length : nullSided(expected.rows);
    }),
    { numRuns },
  );
  // The generator reaches what the test is about.
  expect(joinedRows).toBeGreaterThan(1000);
  expect(lateRows).toBeGreaterThan(100);
  expect(unmatchedRows).toBeGreaterThan(100);
}
