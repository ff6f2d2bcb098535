/** A sunion against a plain sort: one sequence, whatever the interleaving of inputs, batches and restarts. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { FLOAT64, INT32, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { describeKernel } from '../conformance/kernel.ts';
import { documentPlan, planNode, type TestInput } from '../support/kernel/operator-nodes.ts';
import { normalizeOperator } from '../../src/core/topology/operators/index.ts';
import type { TestRow } from '../support/kernel/rows.ts';
import {
  copyState,
  nowAndThen,
  runKernel,
  type Step,
  testContext,
} from '../support/kernel/run-kernel.ts';
import { allocateBatch, fillBatch } from '../support/kernel/rows.ts';
import { TestOutbox } from '../support/kernel/test-outbox.ts';

const SCHEMA: Schema = [
  { name: 'word', type: STRING },
  { name: 'n', type: INT32 },
  { name: 'x', type: FLOAT64 },
];
const INTERVAL_US = 10;
const streams = (inputs: number): TestInput[] =>
  Array.from({ length: inputs }, (_, i) => ({ name: `in${i}`, schema: SCHEMA, hasTime: true }));
const planOf = (inputs: number) =>
  documentPlan({ type: 'sunion', interval: `${INTERVAL_US}us` }, streams(inputs));

/** Rows of one input with the watermarks between them, as a source with some lateness gives them. */
interface Part {
  readonly steps: readonly Step[];
}

const ROW = fc.record({
  stepUs: fc.integer({ min: -12, max: 8 }),
  word: fc.option(fc.constantFrom('', 'a', 'b', 'a word that is too long for its view')),
  n: fc.integer({ min: 0, max: 2 }),
  isMarked: fc.boolean(),
});
interface SourceRow {
  readonly stepUs: number;
  readonly word: string | null;
  readonly n: number;
  readonly isMarked: boolean;
}
const LATENESS_US = 6;

function partOf(port: number, rows: readonly SourceRow[]): Part {
  let timeUs = 100;
  let watermarkUs = -Infinity;
  const steps: Step[] = [];
  for (const { stepUs, word, n, isMarked } of rows) {
    timeUs = Math.max(0, timeUs + stepUs);
    const lateByUs = Math.max(0, watermarkUs - timeUs);
    steps.push({ port, row: { values: [word, n, n / 2], timeUs, lateByUs } });
    watermarkUs = Math.max(watermarkUs, timeUs - LATENESS_US);
    if (isMarked) steps.push({ port, watermarkUs });
  }
  return { steps };
}

/** Takes the next step of some part or other. */
function interleave(parts: readonly Part[], turns: readonly number[]): Step[] {
  const left = parts.map(({ steps }) => [...steps]);
  const script: Step[] = [];
  for (let turn = 0; left.some((steps) => steps.length > 0); turn++) {
    const open = left.filter((steps) => steps.length > 0);
    script.push(open[turns[turn % turns.length]! % open.length]!.shift()!);
  }
  return script;
}

const startOf = (timeUs: number): number => Math.floor(timeUs / INTERVAL_US) * INTERVAL_US;
const isLate = ({ timeUs = 0, lateByUs = 0 }: TestRow): boolean =>
  lateByUs > 0 && timeUs + lateByUs >= startOf(timeUs) + INTERVAL_US;
/** Sorts as the values do: nulls first. */
const keyOf = (row: TestRow, port: number): string =>
  [
    String(row.timeUs).padStart(6, '0'),
    port,
    ...row.values.map((value) => (value === null ? '' : `=${String(value)}`)),
  ].join('\0');

/** The sequence that must come out, and the rows that are late. */
function model(parts: readonly Part[]): { rows: string[]; late: number; buckets: string[] } {
  const all = parts.flatMap(({ steps }) =>
    steps.flatMap((step) => ('row' in step ? [{ row: step.row, port: step.port }] : [])),
  );
  const kept = all.filter(({ row }) => !isLate(row));
  const rows = kept.map(({ row, port }) => keyOf(row, port)).toSorted();
  const starts = kept.map(({ row }) => startOf(row.timeUs!)).toSorted((a, b) => a - b);
  const buckets = [...Map.groupBy(starts, (start) => start)].map(
    ([start, { length }]) => `${start} ${start + INTERVAL_US} ${length}`,
  );
  return { rows, late: all.length - kept.length, buckets };
}

/** Rows of the output as the model has them; of equal rows nobody can tell the inputs. */
const rowsOf = (out: TestOutbox): string[] => out.rows().map((row) => keyOf(row, 0));
const withoutPorts = (rows: readonly string[]): string[] =>
  rows.map((row) => row.replace(/^(\d+)\0\d+/, '$1\x000'));

describe('a sunion', () => {
  test('gives one sequence, whatever the interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(ROW, { maxLength: 40 }), { minLength: 2, maxLength: 3 }),
        fc.array(fc.nat(5), { minLength: 1, maxLength: 7 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (inputs, turns, sizes, refuses) => {
          const parts = inputs.map((rows, port) => partOf(port, rows));
          let turn = 0;
          const { out, late } = await runKernel(
            createKernel,
            planOf(parts.length),
            interleave(parts, turns),
            {
              rowCapacity: 64,
              refuses,
              batchRows: () => sizes[turn++ % sizes.length]!,
              renews: nowAndThen(refuses),
            },
          );
          const expected = model(parts);
          expect(rowsOf(out)).toEqual(withoutPorts(expected.rows));
          expect({ late, lateRows: out.rows(1).length }).toEqual({
            late: expected.late,
            lateRows: expected.late,
          });
          expect(out.rows(2).map(({ values }) => values.join(' '))).toEqual(expected.buckets);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('hands a bucket on when it is complete, and its boundary behind it', async () => {
    const row = (port: number, timeUs: number): Step => ({
      port,
      row: { values: ['w', 1, 1], timeUs },
    });
    const context = { rowCapacity: 64 };
    const kernel = await createKernel(planOf(2), testContext(context).context);
    const out = new TestOutbox(planOf(2).outputs, {
      rowCapacity: 64,
      refuses: false,
      memory: undefined,
    });
    const give = (port: number, timeUs: number): void => {
      const step = row(port, timeUs) as Extract<Step, { row: TestRow }>;
      const batch = allocateBatch(planOf(2).inputs[port]!, 64, 1024);
      fillBatch(batch, [step.row]);
      kernel.onBatch(port, batch, out);
    };
    give(0, 3);
    give(1, 12);
    kernel.onWatermark!(0, 25, out);
    expect(out.rows()).toEqual([]);
    kernel.onWatermark!(1, 9, out);
    expect(out.rows()).toEqual([]);
    kernel.onWatermark!(1, 10, out);
    expect(out.rows().map(({ timeUs }) => timeUs)).toEqual([3]);
    expect(out.watermarkUs).toBe(10);
    expect(out.rows(2).map(({ values, timeUs }) => [...values, timeUs])).toEqual([
      [0n, 10n, 1n, 9],
    ]);
    kernel.onWatermark!(1, 24, out);
    expect(out.rows().map(({ timeUs }) => timeUs)).toEqual([3, 12]);
    expect(out.watermarkUs).toBe(20);
  });

  test('that goes on from its state does not give again what comes again', async () => {
    const steps = Array.from({ length: 60 }, (_, i): Step[] => [
      { port: i % 2, row: { values: ['w', i, 0], timeUs: i } },
      { port: i % 2, watermarkUs: i },
    ]).flat();
    const context = { rowCapacity: 64 };
    const plan = planOf(2);
    const open = async () => await createKernel(plan, testContext(context).context);
    const play = (kernel: Awaited<ReturnType<typeof open>>, part: readonly Step[]): number[] => {
      const out = new TestOutbox(plan.outputs, {
        rowCapacity: 64,
        refuses: false,
        memory: undefined,
      });
      for (const step of part) {
        out.beginCall();
        if ('watermarkUs' in step) kernel.onWatermark!(step.port, step.watermarkUs, out);
        else {
          const batch = allocateBatch(plan.inputs[step.port]!, 64, 1024);
          fillBatch(batch, [step.row]);
          kernel.onBatch(step.port, batch, out);
        }
      }
      return out.rows().map(({ values }) => values[1] as number);
    };
    const first = await open();
    const before = play(first, steps.slice(0, 80));
    const second = copyState(first as never, (await open()) as never) as typeof first;
    // The sources begin anew further back: what was in buckets that have left is dropped.
    const again = play(second, steps.slice(20));
    const all = [...before, ...again];
    expect(before.at(-1)).toBe(29);
    expect(new Set(all).size).toBe(50);
    const twice = all.filter((n, i) => all.indexOf(n) !== i);
    expect(twice.every((n) => n >= 30)).toBe(true);
  });
});

test.each([
  [[{ ...streams(2)[0]!, hasTime: false }, streams(2)[1]!], "inputs/0: 'in0' has no event time"],
  [[streams(2)[0]!, { ...streams(2)[1]!, schema: SCHEMA.slice(1) }], 'inputs/1: column 1'],
])('is refused (%#)', (inputs, issue) => {
  const document = { type: 'sunion', inputs: ['in0', 'in1'], interval: '1s' };
  const { plan, issues } = planNode(normalizeOperator('tested', document as never), inputs);
  expect(plan).toBeUndefined();
  expect(issues).toEqual([expect.stringContaining(issue)]);
});

describeKernel('sunion', {
  create: createKernel,
  plan: planOf(2),
  script: interleave(
    [0, 1].map((port) =>
      partOf(
        port,
        Array.from({ length: 45 }, (_, i) => ({
          stepUs: ((i * 7 + port) % 13) - 4,
          word: i % 5 === 0 ? null : `word ${i % 3}, long enough for a heap`,
          n: i % 4,
          isMarked: i % 3 === 0,
        })),
      ),
    ),
    [0, 1, 1, 0, 1],
  ),
  keepsOrder: true,
  leastRows: 50,
});
