/** Joins of more than two streams: what they are made of, and where their mistakes are. */

import { describe, expect, test } from 'vitest';
import type { OperatorPlan } from '../../../../src/core/operator.ts';
import { describeSchema } from '../../../../src/core/schema.ts';
import type { StreamType } from '../../../../src/core/schema.ts';
import { INT32, INT64, STRING } from '../../../../src/core/types.ts';
import { joinSpec } from '../../../../src/operators/join/spec.ts';
import type { JoinDescription } from '../../../support/kernel/join-model.ts';
import { joinNode } from '../../../support/kernel/join-model.ts';

const STREAM: StreamType = {
  schema: [
    { name: 'id', type: INT32 },
    { name: 'x', type: STRING },
    { name: 'n', type: INT64 },
  ],
  hasTime: true,
};
const ON = 'a.id = b.id AND b.x = c.x';
const WINDOW: Partial<JoinDescription> = {
  reach: { kind: 'window', window: { kind: 'tumbling', sizeUs: 10, offsetUs: 0 } },
};

interface Given extends Partial<JoinDescription> {
  readonly streams?: Readonly<Record<string, Partial<StreamType>>>;
}

function planned(given: Given): { plan: OperatorPlan | undefined; issues: string[] } {
  const { streams = { a: {}, b: {}, c: {} } } = given;
  const node = joinNode({
    left: STREAM.schema,
    right: STREAM.schema,
    on: ON,
    reach: { kind: 'unbounded' },
    select: { id: 'a.id', n: 'c.n' },
    ...given,
  });
  const inputs = Object.entries(streams).map(([name, more]) => ({
    name: name.replace("'", ''),
    stream: { ...STREAM, ...more },
  }));
  const issues: string[] = [];
  const plan = joinSpec.plan(node, inputs, (path, message) => {
    issues.push(`${path.join('/')}: ${message.split('\n')[0]}`);
  });
  return { plan, issues };
}

const schemasOf = ({ steps }: OperatorPlan): string[] =>
  steps!.map(({ plan }) => describeSchema(plan.outputs[0]!.stream.schema));

describe('a join of several streams', () => {
  test('is joins of two, which carry the columns that are read later', () => {
    const { plan, issues } = planned({});
    expect(issues).toEqual([]);
    expect(schemasOf(plan!)).toEqual(['a.id int32, b.x string', 'id int32, n int64']);
    expect(plan!.steps!.map(({ inputs }) => inputs)).toEqual([
      [0, 1],
      ['step', 2],
    ]);
    expect(plan!.outputs).toEqual(plan!.steps![1]!.plan.outputs);
    expect(plan!.steps!.map((step) => step.plan.distribution)).toEqual([
      { kind: 'keys', columns: [[0], [0]] },
      { kind: 'keys', columns: [[1], [1]] },
    ]);
  });

  test('has all columns where none are selected, and its window in front', () => {
    const { plan } = planned({ ...WINDOW, select: {} });
    expect(schemasOf(plan!)[1]).toBe(
      'window_start timestamp, window_end timestamp, id int32, x string, n int64, ' +
        'b_id int32, b_x string, b_n int64, c_id int32, c_x string, c_n int64',
    );
  });

  test('gives changes where rows without a match are taken back', () => {
    const { plan } = planned({ kind: 'left' });
    expect(schemasOf(plan!)).toEqual([
      'a.id int32, b.x string, change string',
      'id int32, n int64, change string',
    ]);
    expect(planned({ ...WINDOW, kind: 'left' }).plan!.outputs[0]!.stream.change).toBeUndefined();
  });

  test.each([
    ['an unknown column', { on: 'a.id = b.id AND b.y = c.x' }, 'on: unknown column'],
    [
      'one of several',
      { select: { id: 'id' } },
      "select/id: column 'id' is ambiguous; write a.id or b.id or c.id",
    ],
    [
      'a step without an equality',
      { on: 'a.id = b.id AND c.n > 1' },
      "on: a join without 'within' or 'window' needs at least one equality between its two sides, joined by AND, such as 'l.id = r.id'; the left input is 'a and b', the right one 'c'",
    ],
    [
      'a stream that is there twice',
      { streams: { a: {}, b: {}, "a'": {} } },
      "inputs/2: 'a' is there twice, and its columns could be those of either: give one of them a name of its own, by a filter or a map",
    ],
    [
      'a stream without time',
      { ...WINDOW, streams: { a: {}, b: {}, c: { hasTime: false } } },
      "inputs/2: a join by 'window' needs event time on both inputs, and 'c' has none: give the source it comes from a 'time'",
    ],
    [
      'changes over windows',
      { ...WINDOW, streams: { a: {}, b: {}, c: { change: 1 } }, on: 'a.id = b.id AND a.id = c.id' },
      "inputs/2: 'c' is a stream of changes, which joins without 'within' and 'window' take: leave these out, and say 'ttl' to bound what is kept",
    ],
    [
      'what a row changes',
      { streams: { a: {}, b: { change: 1 }, c: {} } },
      'on: the column that says what a row changes is not read by a join, which follows it',
    ],
  ] as readonly (readonly [string, Given, string])[])('refuses %s', (_name, given, message) => {
    const { plan, issues } = planned(given);
    expect(plan).toBeUndefined();
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(message);
  });
});
