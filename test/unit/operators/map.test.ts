/** What a map computes, and in which columns. */

import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../src/core/schema.ts';
import { describeSchema } from '../../../src/core/schema.ts';
import { INT32, STRING } from '../../../src/core/types.ts';
import { createMapKernel } from '../../../src/operators/map/kernel.ts';
import type { TestInput } from '../../support/kernel/operator-nodes.ts';
import { mapNode, planNode, soundNode } from '../../support/kernel/operator-nodes.ts';
import { allocateBatch, fillBatch } from '../../support/kernel/rows.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel, testContext } from '../../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'a', type: INT32 },
  { name: 'b', type: INT32 },
  { name: 's', type: STRING },
];
const INPUT: TestInput = { name: 'in', schema: SCHEMA, hasTime: true };
const SCRIPT: Step[] = [
  { port: 0, row: { values: [6, 2, 'x'], timeUs: 1 } },
  { port: 0, row: { values: [7, 0, null], timeUs: 2, lateByUs: 4 } },
  { port: 0, row: { values: [null, 3, 'z'], timeUs: 3 } },
];

type Select = Readonly<Record<string, string | true>>;
const columnsOf = (select: Select) =>
  describeSchema(soundNode(mapNode([INPUT], select), [INPUT]).outputs[0]!.stream.schema);
const run = (select: Select, onError: 'stop' | 'skip' | 'deadLetter' = 'stop') =>
  runKernel(createMapKernel, soundNode(mapNode([INPUT], select, onError), [INPUT]), SCRIPT, {
    rowCapacity: 64,
  });

describe('columns', () => {
  test('are those of the select, in its order', async () => {
    const select = { t: 's', c: 'b', total: 'a + b' };
    expect(columnsOf(select)).toBe('t string, c int32, total int32');
    expect((await run(select)).out.rows()).toEqual([
      { values: ['x', 2, 8], timeUs: 1, lateByUs: 0 },
      { values: [null, 0, 7], timeUs: 2, lateByUs: 4 },
      { values: ['z', 3, null], timeUs: 3, lateByUs: 0 },
    ]);
  });

  test('of the input come first with "*", and one of the same name takes its place', async () => {
    const select = { sum: 'a + b', b: "CONCAT('b', s)", '*': true } as const;
    expect(columnsOf(select)).toBe('a int32, b string, s string, sum int32');
    const { out } = await run(select);
    expect(out.rows()[0]!.values).toEqual([6, 'bx', 'x', 8]);
  });

  test('that are mere columns are not copied', async () => {
    const plan = soundNode(mapNode([INPUT], { '*': true, c: 'b' }), [INPUT]);
    const kernel = createMapKernel(plan, testContext({ rowCapacity: 64 }).context);
    const batch = allocateBatch(plan.inputs[0]!, 64, 1024);
    fillBatch(batch, [{ values: [1, 2, 'x'], timeUs: 0 }]);
    let isSame = false;
    kernel.onBatch(0, batch, {
      offer: (_port, offered) => {
        const [a, b, s] = batch.columns;
        isSame = [a, b, s, b].every((column, c) => column === offered.columns[c]);
      },
      claim: () => undefined,
      commit: () => undefined,
      watermark: () => undefined,
    });
    expect(isSame).toBe(true);
  });
});

describe('a row on which an expression fails', () => {
  const select = { q: 'a / b', t: 'CAST(s AS INT)', a: 'a' };

  test('stops the run and names the column', async () => {
    await expect(run({ q: 'a / b' })).rejects.toThrow(
      /^'tested' failed on a row: q: division by zero; the row is \{"a":7,"b":0,"s":null\}$/,
    );
  });

  test('is skipped and counted once', async () => {
    const { out, errors } = await run(select, 'skip');
    expect(out.rows()).toEqual([]);
    expect(errors).toBe(3);
  });

  test('goes to the dead letters with the first column that failed', async () => {
    const { out } = await run(select, 'deadLetter');
    const fields = out.rows(1).map((row) => row.values[5]);
    expect(fields).toEqual(['q', 't', 't']);
  });
});

test('mistakes are reported where they stand', () => {
  const { issues } = planNode(mapNode([INPUT], { x: 'aa + 1', y: 'a +' }), [INPUT]);
  expect(issues).toHaveLength(2);
  expect(issues[0]).toMatch(/^select\/x: unknown column 'aa'/);
  expect(issues[1]).toMatch(/^select\/y: /);
});
