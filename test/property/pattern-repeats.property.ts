/** Patterns with repetition give what an enumerator of all runs of rows gives. @module */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import { createKernel } from '../../src/operators/kernels.ts';
import { documentPlan } from '../support/kernel/operator-nodes.ts';
import type { Cell } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { schemaOf } from '../unit/operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({ kind: 'string', x: 'int32', id: 'int32' });
const INPUTS = [{ name: 'p', schema: SCHEMA, hasTime: true }];
const SIZE_US = 30;

/** A run of `a`, and one `b` before it, behind it or anywhere; perhaps no `c` between them. */
const SHAPES = ['run THEN b', 'b THEN run', 'run AND b', 'run THEN NOT c THEN b', 'run'] as const;

const CASE = fc.record({
  rows: fc.array(
    fc.record({
      stepUs: fc.integer({ min: -2, max: 6 }),
      kind: fc.constantFrom('a', 'a', 'a', 'b', 'c'),
      x: fc.constantFrom(null, -3, 1, 2, 7),
    }),
    { maxLength: 12, size: 'max' },
  ),
  shape: fc.constantFrom(...SHAPES),
  least: fc.integer({ min: 0, max: 3 }),
  more: fc.integer({ min: 0, max: 2 }),
  mostSum: fc.constantFrom(undefined, 3),
  renews: fc.boolean(),
});

interface Row {
  readonly timeUs: number;
  readonly kind: string;
  readonly x: number | null;
  readonly id: number;
}

/** All ways to take `count` of the rows, each later than the one before. */
function runsOf(rows: readonly Row[], count: number): Row[][] {
  if (count === 0) return [[]];
  return rows.flatMap((row) =>
    runsOf(
      rows.filter(({ timeUs }) => timeUs > row.timeUs),
      count - 1,
    ).map((rest) => [row, ...rest]),
  );
}

/** The rows of a match as the operator shows them; `undefined`: they are none. */
function shownOf(
  run: readonly Row[],
  b: Row | undefined,
  all: readonly Row[],
  shape: string,
  mostSum: number | undefined,
): string | undefined {
  const match = b === undefined ? run : [...run, b];
  const times = match.map(({ timeUs }) => timeUs);
  if (times.length === 0 || Math.max(...times) - Math.min(...times) > SIZE_US) return undefined;
  const [from, to] = [run[0]?.timeUs, run.at(-1)?.timeUs];
  if (b !== undefined && from !== undefined && to !== undefined) {
    if (shape.startsWith('run THEN') && b.timeUs <= to) return undefined;
    if (shape.startsWith('b THEN') && b.timeUs >= from) return undefined;
  }
  if (shape.includes('NOT')) {
    const since = to ?? -Infinity;
    const isOut = ({ kind, timeUs }: Row): boolean =>
      kind === 'c' && timeUs > since && timeUs < b!.timeUs;
    if (all.some(isOut)) return undefined;
  }
  const xs = run.flatMap(({ x }) => (x === null ? [] : [x]));
  const sum = xs.length === 0 ? null : xs.reduce((total, x) => total + x, 0);
  if (mostSum !== undefined && (sum === null || sum > mostSum)) return undefined;
  const some = (value: number): number | null => (xs.length === 0 ? null : value);
  const shown = [
    run[0]?.id ?? null,
    run.at(-1)?.id ?? null,
    run.length,
    sum,
    some(Math.min(...xs)),
    some(Math.max(...xs)),
    some((sum ?? 0) / xs.length),
    b?.id ?? null,
  ];
  return `${shown.join()} @${Math.max(...times)}`;
}

/** Runs cases; returns how many matches they had. */
export async function checkRepeats(numRuns: number, seed?: number): Promise<number> {
  let count = 0;
  const property = fc.asyncProperty(CASE, async (drawn) => {
    const { rows, shape, more, mostSum, renews } = drawn;
    // What begins with a run has one; a NOT stands behind something.
    const needsRun = shape === 'run' || shape.includes('NOT');
    const least = needsRun ? Math.max(1, drawn.least) : drawn.least;
    const most = Math.max(1, least + more);
    const all: Row[] = [];
    let latestUs = 0;
    for (const [id, { stepUs, kind, x }] of rows.entries()) {
      const timeUs = latestUs + stepUs;
      latestUs = Math.max(latestUs, timeUs);
      all.push({ timeUs, kind, x, id });
    }
    const hasB = shape !== 'run';
    const text = {
      type: 'pattern',
      events: Object.fromEntries(
        ['a', ...(hasB ? ['b'] : []), ...(shape.includes('c') ? ['c'] : [])].map((kind) => [
          kind,
          { input: 'p', where: `kind = '${kind}'` },
        ]),
      ),
      pattern: shape.replace('run', `a{${least},${most}}`),
      within: `${SIZE_US}us`,
      ...(mostSum === undefined ? {} : { where: `SUM(a.x) <= ${mostSum}` }),
      select: {
        first: 'FIRST(a.id)',
        last: 'LAST(a.id)',
        n: 'COUNT(a.id)',
        sum: 'SUM(a.x)',
        min: 'MIN(a.x)',
        max: 'MAX(a.x)',
        mean: 'AVG(a.x)',
        b: hasB ? 'b.id' : 'NULL + 1',
      },
    };
    const script: Step[] = all.map(({ timeUs, kind, x, id }) => {
      const values: Cell[] = [kind, x, id];
      return { port: 0, row: { values, timeUs } };
    });
    const { out } = await runKernel(createKernel, documentPlan(text, INPUTS), script, {
      rowCapacity: 64,
      batchRows: () => 5,
      renews: nowAndThen(renews),
    });
    const expected: string[] = [];
    const as = all.filter(({ kind }) => kind === 'a');
    const bs = hasB ? all.filter(({ kind }) => kind === 'b') : [undefined];
    for (let length = least; length <= most; length++) {
      for (const run of runsOf(as, length)) {
        for (const b of bs) {
          const shown = shownOf(run, b, all, shape, mostSum);
          if (shown !== undefined) expected.push(shown);
        }
      }
    }
    const found = out
      .rows()
      .map(({ values, timeUs }) => `${values.map((value) => value ?? '').join()} @${timeUs}`);
    expect(found.toSorted()).toEqual(expected.toSorted());
    count += expected.length;
  });
  await fc.assert(property, { numRuns, ...(seed === undefined ? {} : { seed }) });
  return count;
}
