/** Parameters that a control stream changes, against a model that looks each row's values up. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoundedDisorder } from '../../src/core/time.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { describeKernel } from '../conformance/kernel.ts';
import { soundPlan } from '../support/kernel/documents.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import { runKernel, type Step } from '../support/kernel/run-kernel.ts';
import { schemaOf } from '../unit/operators/aggregate-nodes.ts';

const LONG = 'a text that does not fit its view';
const ROWS = { name: 'rows', schema: schemaOf({ x: 'float64', s: 'string' }), hasTime: true };
const CONTROL = {
  name: 'control',
  schema: schemaOf({ named: 'string', limit: 'float64', n: 'int64', isOn: 'bool' }),
  hasTime: true,
};
const PARAMETERS = {
  limit: { type: 'float64', initial: 5 },
  name: { type: 'string', initial: 'first', column: 'named' },
  n: { type: 'int64', initial: '9007199254740993' },
  isOn: { type: 'bool' },
};
/** By parameter: its value at first, and its column in the control stream. */
const INITIAL: readonly Cell[] = [5, 'first', 9007199254740993n, null];
const COLUMN_OF = [1, 0, 2, 3] as const;

const DRAWN = fc.array(
  fc.record({
    isChange: fc.boolean(),
    stepUs: fc.integer({ min: -30, max: 12 }),
    x: fc.integer({ min: 0, max: 10 }),
    text: fc.constantFrom(null, 'a', LONG, `${LONG}!`),
    n: fc.constantFrom(null, 1n, -(2n ** 63n)),
    isOn: fc.constantFrom(null, true, false),
  }),
  { maxLength: 150, size: 'max' },
);
type Drawn = typeof DRAWN extends fc.Arbitrary<infer Value> ? Value : never;

const RUN = fc.record({
  refuses: fc.boolean(),
  inMemory: fc.boolean(),
  gaps: fc.boolean(),
  batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
});

/** Rows and changes, judged by the sources of each, with watermarks between them. */
function scriptOf(drawn: Drawn): Step[] {
  const sources = [new BoundedDisorder(9), new BoundedDisorder(9)] as const;
  const latest = [0, 0];
  return drawn.flatMap(({ isChange, stepUs, x, text, n, isOn }, i): Step[] => {
    const port = isChange ? 1 : 0;
    const timeUs = latest[port]! + stepUs;
    latest[port] = Math.max(latest[port]!, timeUs);
    const lateByUs = sources[port].judge(timeUs);
    const values: Cell[] = isChange ? [text, x === 0 ? null : x, n, isOn] : [x, `row ${i}`];
    const row: Step = { port, row: { values, timeUs, lateByUs } };
    const { watermarkUs } = sources[port];
    return i % 4 === 0 ? [row, { port, watermarkUs }] : [row];
  });
}

/** The value of each parameter at a time: that of the last change on time that is not behind it. */
function valuesAt(changes: readonly TestRow[], timeUs: number): Cell[] {
  return INITIAL.map((initial, p) => {
    let value = initial;
    let sinceUs = -Infinity;
    for (const change of changes) {
      const next = change.values[COLUMN_OF[p]!]!;
      if (next === null || change.timeUs! > timeUs || change.timeUs! < sinceUs) continue;
      sinceUs = change.timeUs!;
      value = next;
    }
    return value;
  });
}

function model(script: readonly Step[], historyUs: number): TestRow[] {
  const rowsOf = (port: number): TestRow[] =>
    script.flatMap((step) => ('row' in step && step.port === port ? [step.row] : []));
  const changes = rowsOf(1).filter(({ lateByUs }) => lateByUs === 0);
  return rowsOf(0).map((row) => {
    const [timeUs, lateByUs] = [row.timeUs!, row.lateByUs!];
    const lookUpUs = Math.max(timeUs, timeUs + lateByUs - historyUs);
    return { ...row, values: [...row.values, ...valuesAt(changes, lookUpUs)] };
  });
}

const control = (historyUs: number): object => ({ input: 'control', history: `${historyUs}us` });
const COLUMNS = { '*': true, limit: '$limit', name: '$name', n: '$n', isOn: '$isOn' } as const;

describe('a change holds for rows of its time and later', () => {
  test('whatever the batches, the order of the inputs and how late rows are', async () => {
    await fc.assert(
      fc.asyncProperty(
        DRAWN,
        RUN,
        fc.constantFrom(0, 7, 1_000_000),
        async (drawn, { batchRows, ...run }, historyUs) => {
          const script = scriptOf(drawn);
          const text = { type: 'map', select: COLUMNS, parameters: PARAMETERS };
          const plan = soundPlan({ ...text, control: control(historyUs) }, [ROWS, CONTROL]);
          let turn = 0;
          const result = await runKernel(createKernel, plan, script, {
            ...run,
            rowCapacity: 64,
            batchRows: () => batchRows[turn++ % batchRows.length]!,
          });
          const wanted = model(script, historyUs);
          expect(result.out.rows().map(rowKey)).toEqual(wanted.map(rowKey));
          const late = script.filter(
            (step) => 'row' in step && step.port === 1 && step.row.lateByUs! > 0,
          );
          expect(result.late).toBe(late.length);
          expectWatermarksBehindRows(result.out.events);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('in conditions, by kernels', async () => {
    const drawn = Array.from({ length: 300 }, (_, i): Drawn[number] => ({
      isChange: i % 7 === 3,
      stepUs: ((i * 5) % 13) - 4,
      x: (i * 7) % 11,
      text: LONG,
      n: null,
      isOn: null,
    }));
    const script = scriptOf(drawn);
    const where = 'x < $limit OR ($isOn AND s LIKE $name || $name)';
    const text = { type: 'filter', where, parameters: PARAMETERS, control: control(20) };
    const plan = soundPlan(text, [ROWS, CONTROL]);
    const { out } = await runKernel(createKernel, plan, script, { rowCapacity: 64 });
    const wanted = model(script, 20).flatMap(({ values, ...row }) =>
      Number(values[0]) < Number(values[2]) ? [{ ...row, values: values.slice(0, 2) }] : [],
    );
    expect(wanted.length).toBeGreaterThan(20);
    expect(out.rows().map(rowKey)).toEqual(wanted.map(rowKey));
  });
});

const RULES = [
  { when: { x: '0..4, > $limit', s: 'not $name' }, then: { level: '=$n', who: 'far' } },
  { when: '$isOn', then: { level: 2, who: '=$name' } },
  { when: { x: '($limit..100]' }, then: { level: 3 } },
];

/** By rule: whether it is met, and its results. */
function rulesFor([x, s, limit, name, n, isOn]: readonly Cell[]): (readonly [boolean, Cell[]])[] {
  const isAbove = Number(x) > Number(limit);
  const isFar = Number(x) <= 4 || isAbove;
  return [
    [isFar && s !== name, [n!, 'far']],
    [isOn === true, [2n, name!]],
    [isAbove && Number(x) <= 100, [3n, null]],
  ];
}

describe.each(['first', 'all'] as const)('in the rules of a decision table, hit %s', (hit) => {
  test.each(['null', 'drop', 'port'] as const)('with unmatched rows %s', async (unmatched) => {
    const drawn = Array.from({ length: 200 }, (_, i) => ({
      isChange: i % 7 === 3,
      stepUs: ((i * 5) % 13) - 4,
      x: (i * 7) % 11,
      text: i % 2 === 0 ? LONG : `row ${(i + 40) % 200}`,
      n: i % 3 === 0 ? 1n : null,
      isOn: i % 5 === 0,
    }));
    const script = scriptOf(drawn as Drawn);
    const results = { level: 'int64', who: 'string' };
    const rules = { rules: RULES, results, hit, unmatched, rule: 'number' };
    const text = { type: 'decision_table', ...rules, parameters: PARAMETERS, control: control(20) };
    const plan = soundPlan(text, [ROWS, CONTROL]);
    const { out } = await runKernel(createKernel, plan, script, { rowCapacity: 64 });
    const kept: TestRow[] = [];
    const others: TestRow[] = [];
    for (const { values, ...row } of model(script, 20)) {
      const own = values.slice(0, 2);
      const met = rulesFor(values).flatMap(([isMet, found], r) =>
        isMet ? [{ ...row, values: [...own, ...found, r + 1] }] : [],
      );
      if (met.length > 0) kept.push(...(hit === 'first' ? met.slice(0, 1) : met));
      else if (unmatched === 'null') kept.push({ ...row, values: [...own, null, null, null] });
      else if (unmatched === 'port') others.push({ ...row, values: own });
    }
    expect(new Set(kept.map(({ values }) => values[4])).size).toBe(unmatched === 'null' ? 4 : 3);
    expect(out.rows().map(rowKey).toSorted()).toEqual(kept.map(rowKey).toSorted());
    expect(unmatched === 'port' ? out.rows(1).map(rowKey) : []).toEqual(others.map(rowKey));
  });
});

/** No row on time comes behind a watermark beyond it. */
function expectWatermarksBehindRows(
  events: readonly (
    | { readonly kind: 'row'; readonly row: TestRow }
    | { readonly kind: 'watermark'; readonly watermarkUs: number }
  )[],
): void {
  let watermarkUs = -Infinity;
  for (const event of events) {
    if (event.kind === 'watermark') watermarkUs = event.watermarkUs;
    else if (event.row.lateByUs === 0)
      expect(event.row.timeUs!).toBeGreaterThanOrEqual(watermarkUs);
  }
  expect(watermarkUs).toBe(Infinity);
}

test('a change that takes effect as it arrives holds for the rows behind it', async () => {
  const script: Step[] = [
    { port: 0, row: { values: [1, 'a'] } },
    { port: 1, row: { values: [null, 7, null, null] } },
    { port: 0, row: { values: [2, 'b'] } },
    { port: 1, row: { values: [LONG, null, null, true] } },
    { port: 1, row: { values: [null, 8, null, null] } },
    { port: 0, row: { values: [3, 'c'] } },
  ];
  const timeless = [ROWS, CONTROL].map((input) => ({ ...input, hasTime: false }));
  const plan = soundPlan(
    {
      type: 'map',
      select: { s: 's', limit: '$limit + x', name: '$name', isOn: '$isOn' },
      parameters: PARAMETERS,
      control: { input: 'control', effect: 'arrival' },
    },
    timeless,
  );
  const { out } = await runKernel(createKernel, plan, script, { rowCapacity: 64 });
  expect(out.rows().map(({ values }) => values)).toEqual([
    ['a', 6, 'first', null],
    ['b', 9, 'first', null],
    ['c', 11, LONG, true],
  ]);
});

describeKernel('parameters', {
  create: createKernel,
  plan: soundPlan({ type: 'map', select: COLUMNS, parameters: PARAMETERS, control: control(20) }, [
    ROWS,
    CONTROL,
  ]),
  script: scriptOf(
    Array.from({ length: 200 }, (_, i): Drawn[number] => ({
      isChange: i % 5 === 3,
      stepUs: ((i * 5) % 17) - 5,
      x: (i * 7) % 11,
      text: i % 3 === 0 ? LONG : null,
      n: i % 2 === 0 ? 1n : null,
      isOn: i % 4 === 1,
    })),
  ),
  keepsOrder: true,
});
