/** The order in which outputs get rows; unions of unlike inputs. */

import { describe, expect, test } from 'vitest';
import { goOn } from '../../../src/core/kernel-calls.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { planIssues, soundPlan } from '../../support/kernel/documents.ts';
import type { TestRow } from '../../support/kernel/rows.ts';
import { allocateBatch, fillBatch } from '../../support/kernel/rows.ts';
import { runKernel, testContext } from '../../support/kernel/run-kernel.ts';
import { openStepwise } from '../../support/kernel/stepwise.ts';
import { TestOutbox } from '../../support/kernel/test-outbox.ts';
import { schemaOf } from './aggregate-nodes.ts';

const INPUT = { name: 'in', schema: schemaOf({ v: 'int32' }), hasTime: false };
const row = (...values: TestRow['values']): TestRow => ({ values });

describe('split', () => {
  const script = [1, 2, 3].map((v) => ({ port: 0, row: row(v) }));
  const order = async (each: string): Promise<string[]> => {
    const plan = soundPlan({ type: 'split', outputs: ['a', 'b'], each }, [INPUT]);
    const { out } = await runKernel(createKernel, plan, script, { rowCapacity: 64 });
    return out.events.flatMap((event) =>
      event.kind === 'row' ? [`${'ab'[event.port]}${String(event.row.values[0])}`] : [],
    );
  };

  test('gives all outputs a batch before the next, or a row', async () => {
    expect(await order('batch')).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
    expect(await order('row')).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  test('gives the next output nothing before all behind the first is settled', async () => {
    const plan = soundPlan({ type: 'split', outputs: ['a', 'b'] }, [INPUT]);
    const { context } = testContext({ rowCapacity: 64 });
    const kernel = await createKernel(plan, context);
    const out = new TestOutbox(plan.outputs, { rowCapacity: 64 });
    const batch = allocateBatch(plan.inputs[0]!, 64, 0);
    fillBatch(batch, [row(1), row(2)]);
    out.beginCall();
    // A task is resumed only when its outputs are settled.
    expect(kernel.onBatch(0, batch, out)).toBe('yielded');
    expect([out.rows(0).length, out.rows(1).length]).toEqual([2, 0]);
    out.beginCall();
    expect(goOn(kernel, out)).toBe('done');
    expect(out.rows(1)).toHaveLength(2);
  });
});

describe('union', () => {
  const a = { name: 'a', schema: schemaOf({ id: 'int32', x: 'string' }), hasTime: false };
  const b = { name: 'b', schema: schemaOf({ y: 'bool', id: 'float64' }), hasTime: false };
  const c = { name: 'c', schema: schemaOf({ x: 'string', z: 'int32' }), hasTime: false };

  test('fills what an input lacks', async () => {
    const plan = soundPlan({ type: 'union', columns: 'loose' }, [a, c]);
    expect(plan.outputs[0]!.stream.schema).toEqual(
      schemaOf({ id: 'int32', x: 'string', z: 'int32' }),
    );
    const union = await openStepwise(createKernel, plan);
    expect(union.feed(0, row(1, 'one'))).toEqual([[1, 'one', null]]);
    expect(union.feed(1, row('two', 2))).toEqual([[null, 'two', 2]]);
  });

  test('converts to a type that has the values of all', async () => {
    const plan = soundPlan({ type: 'union', columns: 'cast' }, [a, b]);
    expect(plan.outputs[0]!.stream.schema).toEqual(
      schemaOf({ id: 'float64', x: 'string', y: 'bool' }),
    );
    const union = await openStepwise(createKernel, plan);
    expect(union.feed(0, row(1, null))).toEqual([[1, null, null]]);
    expect(union.feed(1, row(true, 0.5))).toEqual([[0.5, null, true]]);
  });

  test('says which columns cannot meet', () => {
    expect(planIssues({ type: 'union', columns: 'loose' }, [a, b])).toEqual([
      `inputs/1: column 'id' of 'b' is float64, that of 'a' is int32: rename one, or say "cast"`,
    ]);
    const text = { ...c, schema: schemaOf({ id: 'string' }) };
    expect(planIssues({ type: 'union', columns: 'cast' }, [a, text])).toEqual([
      "inputs/1: column 'id' of 'c' is string, that of 'a' is int32: cast one before",
    ]);
    expect(planIssues({ type: 'union' }, [a, c])).toHaveLength(1);
  });
});
