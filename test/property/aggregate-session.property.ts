/**
 * Sessions against an obvious model: a list of arrays of rows for each key. The model knows no
 * watermarks but that of its source in each late row, so that nothing depends on when they come.
 *
 * @module
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { lateRowsScript } from '../support/kernel/late-rows.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { schemaOf, sessions, soundPlan } from '../unit/operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'string', i: 'int32', s: 'string' });
const LONG = 'a string that does not fit its view';

const nullable = <T extends Cell>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(of, { freq: 6 });

const CASE = fc.record({
  rows: fc.array(
    fc.record({
      source: fc.nat({ max: 1 }),
      stepUs: fc.integer({ min: -40, max: 25 }),
      values: fc.tuple(
        nullable(fc.constantFrom('a', 'b', 'abcdefghijklm', LONG, `${LONG}!`)),
        nullable(fc.integer({ min: -9, max: 9 })),
        nullable(fc.constantFrom('', 'x', `${LONG}?`, LONG)),
      ),
    }),
    { maxLength: 150, size: 'max' },
  ),
  gapUs: fc.integer({ min: 1, max: 40 }),
  latenessUs: fc.nat({ max: 30 }),
  hasKeys: fc.boolean(),
  hasStrings: fc.boolean(),
  batchRows: fc.integer({ min: 1, max: 64 }),
  /** Which watermarks come. */
  watermarks: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  refuses: fc.boolean(),
  gaps: fc.boolean(),
});

interface Session {
  startUs: number;
  lastUs: number;
  rows: (readonly Cell[])[];
}

/** What must come out. */
function model(
  rows: readonly TestRow[],
  gapUs: number,
  keyOf: (row: TestRow) => Cell,
): { open: Map<Cell, Session[]>; late: string[] } {
  const open = new Map<Cell, Session[]>();
  const late: string[] = [];
  for (const row of rows) {
    const { timeUs = 0, lateByUs = 0, values } = row;
    if (lateByUs >= gapUs) {
      late.push(rowKey(row));
      continue;
    }
    const closedUs = lateByUs > 0 ? timeUs + lateByUs : -Infinity;
    const all = open.get(keyOf(row)) ?? [];
    const near = all.filter(
      ({ startUs, lastUs }) =>
        lastUs + gapUs > closedUs && timeUs < lastUs + gapUs && timeUs > startUs - gapUs,
    );
    const united: Session = {
      startUs: Math.min(timeUs, ...near.map(({ startUs }) => startUs)),
      lastUs: Math.max(timeUs, ...near.map(({ lastUs }) => lastUs)),
      rows: [...near.flatMap((session) => session.rows), values],
    };
    open.set(keyOf(row), [...all.filter((session) => !near.includes(session)), united]);
  }
  return { open, late: late.sort() };
}

function resultOf(key: readonly Cell[], session: Session, gapUs: number, extra: boolean): string {
  const { startUs, lastUs, rows } = session;
  const numbers = rows.flatMap(([, i]) => (i === null ? [] : [i as number]));
  const texts = rows.flatMap(([, , s]) => (s === null ? [] : [s as string])).sort();
  const none = numbers.length === 0;
  const sum = none ? null : BigInt(numbers.reduce((a, b) => a + b));
  const values = [BigInt(startUs), BigInt(lastUs + gapUs), ...key, BigInt(rows.length), sum];
  values.push(none ? null : Math.max(...numbers));
  if (extra) {
    const all = texts.length === 0 ? null : texts.join(',');
    values.push(texts[0] ?? null, texts.at(-1) ?? null, all, BigInt(new Set(texts).size));
  }
  return rowKey({ values, timeUs: lastUs + gapUs - 1 });
}

const NUMBERS = { n: 'COUNT(*)', sum: 'SUM(i)', most: 'MAX(i)' };
const STRINGS = {
  least: 'MIN(s)',
  greatest: 'MAX(s)',
  all: "STRING_AGG(s, ',' ORDER BY s)",
  different: 'COUNT(DISTINCT s)',
};

const rowsOf = (script: readonly Step[]): TestRow[] =>
  script.flatMap((step) => ('row' in step ? [step.row] : []));

/** Sessions are those of the model, whenever watermarks come. */
export async function checkSessions(numRuns: number): Promise<void> {
  const seen = { rows: 0, late: 0, united: 0 };
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { gapUs, hasKeys, hasStrings, watermarks } = drawn;
      let at = 0;
      const script = lateRowsScript(drawn.rows, drawn.latenessUs).filter(
        (step) => 'row' in step || watermarks[at++ % watermarks.length]!,
      );
      const plan = soundPlan(SCHEMA, {
        window: sessions(gapUs),
        groupBy: hasKeys ? ['k'] : [],
        select: hasStrings ? { ...NUMBERS, ...STRINGS } : NUMBERS,
      });
      const { out, late } = await runKernel(createAggregateKernel, plan, script, {
        rowCapacity: 64,
        batchRows: () => drawn.batchRows,
        refuses: drawn.refuses,
        gaps: drawn.gaps,
        renews: nowAndThen(drawn.gaps && drawn.refuses),
      });
      const expected = model(rowsOf(script), gapUs, (row) => (hasKeys ? row.values[0]! : ''));
      const results = [...expected.open].flatMap(([key, all]) =>
        all.map((session) => resultOf(hasKeys ? [key] : [], session, gapUs, hasStrings)),
      );
      expect(out.rows(0).map(rowKey).sort()).toEqual(results.sort());
      expect(out.rows(1).map(rowKey).sort()).toEqual(expected.late);
      expect(late).toBe(expected.late.length);
      seen.rows += results.length;
      seen.late += late;
      seen.united += drawn.rows.length - late - results.length;
    }),
    { numRuns },
  );
  expect(seen.rows).toBeGreaterThan(600);
  expect(seen.late).toBeGreaterThan(60);
  expect(seen.united).toBeGreaterThan(600);
}
