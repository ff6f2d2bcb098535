/** What a union hands on, and which inputs it takes. */

import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../src/core/schema.ts';
import { INT32, INT64, STRING } from '../../../src/core/types.ts';
import { createUnionKernel } from '../../../src/operators/union/kernel.ts';
import type { TestInput } from '../../support/kernel/operator-nodes.ts';
import { planNode, soundNode, unionNode } from '../../support/kernel/operator-nodes.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'n', type: INT32 },
  { name: 's', type: STRING },
];
const input = (name: string, schema = SCHEMA, hasTime = true): TestInput => ({
  name,
  schema,
  hasTime,
});
const row = (port: number, n: number, timeUs: number): Step => ({
  port,
  row: { values: [n, `s${n}`], timeUs },
});

test('all rows of all inputs are handed on, under the least watermark', async () => {
  const inputs = [input('a'), input('b'), input('c')];
  const script: Step[] = [
    row(0, 1, 10),
    row(2, 2, 20),
    { port: 0, watermarkUs: 9 },
    { port: 1, watermarkUs: 5 },
    { port: 2, watermarkUs: 7 },
    row(1, 3, 6),
    { port: 1, watermarkUs: 8 },
  ];
  const plan = soundNode(unionNode(inputs), inputs);
  const { out } = await runKernel(createUnionKernel, plan, script, { rowCapacity: 64 });
  const told = out.events.map((event) =>
    event.kind === 'row' ? event.row.values[0] : `W ${event.watermarkUs}`,
  );
  expect(told).toEqual([1, 2, 'W 5', 3, 'W 7', 'W Infinity']);
});

test('event time is lost where one input has none', async () => {
  const inputs = [input('a'), input('b', SCHEMA, false)];
  const plan = soundNode(unionNode(inputs), inputs);
  expect(plan.outputs[0]!.stream.hasTime).toBe(false);
  const { out } = await runKernel(createUnionKernel, plan, [row(0, 1, 10), row(1, 2, 0)], {
    rowCapacity: 64,
  });
  expect(out.rows()).toEqual([{ values: [1, 's1'] }, { values: [2, 's2'] }]);
});

test('a dead-letter port that was asked for is there', () => {
  const inputs = [input('a')];
  const { outputs } = soundNode(unionNode(inputs, 'deadLetter'), inputs);
  expect(outputs.map(({ name }) => name)).toEqual(['out', 'errors']);
});

describe('inputs with other columns are refused', () => {
  const issuesWith = (schema: Schema) => {
    const inputs = [input('a'), input('b'), input('c', schema)];
    return planNode(unionNode(inputs), inputs).issues;
  };

  test('naming the column that differs', () => {
    const wide = [{ name: 'n', type: INT64 }, SCHEMA[1]!];
    expect(issuesWith(wide)).toEqual([
      "inputs/2: column 1 of 'c' is n int64, that of 'a' is n int32",
    ]);
    expect(issuesWith([SCHEMA[0]!, { name: 't', type: STRING }])).toEqual([
      "inputs/2: column 2 of 'c' is t string, that of 'a' is s string",
    ]);
  });

  test('or both lists, where one is longer', () => {
    expect(issuesWith([SCHEMA[0]!])).toEqual([
      "inputs/2: 'c' has the columns n int32; 'a' has n int32, s string",
    ]);
  });
});
