/** What a join's plan says, and what is refused. */

import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../../src/core/schema.ts';
import { describeSchema } from '../../../../src/core/schema.ts';
import { FLOAT64, INT32, INT64, JSON_TYPE, STRING } from '../../../../src/core/types.ts';
import type { JoinConfig } from '../../../../src/operators/join/config.ts';
import type { JoinDescription } from '../../../support/kernel/join-model.ts';
import { planJoin, soundJoin } from '../../../support/kernel/join-model.ts';

const LEFT: Schema = [
  { name: 'id', type: INT64 },
  { name: 'ad', type: INT32 },
  { name: 'price', type: FLOAT64 },
  { name: 'name', type: STRING },
  { name: 'doc', type: JSON_TYPE },
];
const RIGHT: Schema = [
  { name: 'id', type: INT64 },
  { name: 'ad', type: INT64 },
  { name: 'price', type: FLOAT64 },
  { name: 'city', type: STRING },
  { name: 'doc', type: JSON_TYPE },
];

const plan = (join: Partial<JoinDescription>) =>
  soundJoin({ left: LEFT, right: RIGHT, on: 'l.id = r.id', select: { id: 'l.id' }, ...join });
const issuesOf = (join: Partial<JoinDescription>) =>
  planJoin({ left: LEFT, right: RIGHT, on: 'l.id = r.id', select: { id: 'l.id' }, ...join }).issues;
const columns = (join: Partial<JoinDescription>) =>
  describeSchema(plan(join).outputs[0]!.stream.schema);

describe('distribution', () => {
  const distribution = (on: string) => plan({ on }).distribution;

  test('is by key where keys are columns of one type', () => {
    expect(distribution('l.id = r.id')).toEqual({ kind: 'keys', columns: [[0], [0]] });
    expect(distribution('r.city = l.name AND l.id = r.id AND l.price > 1')).toEqual({
      kind: 'keys',
      columns: [
        [3, 0],
        [3, 0],
      ],
    });
  });

  test('leaves out keys whose equal values may lie differently in memory', () => {
    expect(distribution('l.id = r.id AND l.ad = r.ad AND l.price = r.price')).toEqual({
      kind: 'keys',
      columns: [[0], [0]],
    });
  });

  test('of a side that every task gets asks for no keys of one type, but for columns', () => {
    expect(plan({ on: 'l.ad = r.ad', broadcast: 'right' }).distribution).toEqual({
      kind: 'broadcast',
      port: 1,
    });
    expect(plan({ on: 'l.id = r.id + 1', broadcast: 'left' }).distribution).toEqual({
      kind: 'broadcast',
      port: 0,
    });
    expect(issuesOf({ on: 'l.id = r.id + 1', broadcast: 'right' })).toEqual([
      'on: the keys of the right side, which every task gets, must be columns: compute them in a map before',
    ]);
  });

  test('is one task where no key is left', () => {
    expect(distribution('l.ad = r.ad')).toEqual({ kind: 'single' });
    expect(distribution('l.price = r.price')).toEqual({ kind: 'single' });
    expect(distribution('l.id + 1 = r.id')).toEqual({ kind: 'single' });
  });
});

describe('the condition', () => {
  test('is taken apart into keys and the rest', () => {
    const config = plan({ on: 'l.id = r.id AND l.price < r.price AND r.ad = l.ad' })
      .config as JoinConfig;
    expect(config.sides.map((side) => side.keys.length)).toEqual([2, 2]);
    expect(config.further).toMatchObject({ op: 'compare', operator: '<' });
  });

  test('needs an equality between the sides where nothing bounds it', () => {
    const reach = { kind: 'unbounded' } as const;
    const needs =
      "on: a join without 'within' or 'window' needs at least one equality between its two sides";
    expect(issuesOf({ on: 'l.id < r.id', reach })[0]).toContain(needs);
    expect(issuesOf({ on: 'l.id = 5 AND r.id = 5', reach })[0]).toContain(needs);
    expect(issuesOf({ on: 'l.id = r.id OR l.ad = r.ad', reach })[0]).toContain(needs);
    expect(issuesOf({ on: 'l.id + r.id = r.ad', reach })[0]).toContain(needs);
  });

  test('needs none with a bound: then one task, or each with all of one side, compares all near rows', () => {
    const { config, distribution, note } = plan({ on: 'l.price BETWEEN r.price AND r.ad' });
    expect((config as JoinConfig).sides.map((side) => side.keys.length)).toEqual([0, 0]);
    expect(distribution).toEqual({ kind: 'single' });
    expect(note).toBe('each row with all near ones');
    const broadcast = plan({ on: 'l.price < r.price', broadcast: 'right' });
    expect(broadcast.distribution).toEqual({ kind: 'broadcast', port: 1 });
  });

  test('reports what is wrong in it, and in the columns, at once', () => {
    const issues = issuesOf({ on: 'l.idd = r.id', select: { a: 'l.prise', b: 'r.price' } });
    expect(issues).toHaveLength(2);
    expect(issues[0]).toMatch(/^on: unknown column 'idd' of 'l'.*did you mean 'id'/s);
    expect(issues[1]).toMatch(/^select\/a: unknown column 'prise' of 'l'.*did you mean 'price'/s);
  });
});

describe('inputs', () => {
  test('need event time', () => {
    const { issues } = planJoin({ left: LEFT, right: RIGHT, on: 'l.id = r.id' }, [true, false]);
    expect(issues).toEqual([expect.stringMatching(/^inputs\/1: .*'rights' has none.*'time'/)]);
  });

  test('may be named in expressions', () => {
    const join = { on: 'lefts.id = rights.id', select: { c: 'rights.city', n: 'l.name' } };
    expect(columns(join)).toBe('c string, n string');
  });

  test("must not be called by the other side's name", () => {
    expect(issuesOf({ names: ['r', 'x'] })[0]).toContain("in a join 'r' is the right input");
    expect(issuesOf({ names: ['x', 'l'] })[0]).toContain("in a join 'l' is the left input");
    expect(issuesOf({ names: ['l', 'r'] })).toEqual([]);
  });
});

describe('without a select', () => {
  const left = LEFT.slice(0, 2);
  const right = RIGHT.slice(0, 4);

  test('all columns are kept, and a taken name gets that of its stream in front', () => {
    expect(columns({ left, right, select: {} })).toBe(
      'id int64, ad int32, rights_id int64, rights_ad int64, price float64, city string',
    );
    expect(columns({ left, right, select: {}, names: ['a', 'split.big'] })).toContain(
      'split_big_id',
    );
  });

  test('a name that is still taken is refused', () => {
    const clashing = [...left, { name: 'rights_id', type: INT32 }];
    expect(issuesOf({ left: clashing, right, select: {} })[0]).toContain(
      "both inputs have a column 'id', and 'rights_id' is taken too",
    );
  });
});

test('only columns that are used are kept', () => {
  const config = plan({
    on: 'l.id = r.id AND l.price < r.price AND l.ad = r.ad',
    select: { city: 'r.city' },
  }).config as JoinConfig;
  const names = config.sides.map((side) => side.keptSchema.map((field) => field.name));
  expect(names).toEqual([
    ['price', 'id', 'key 1'],
    ['price', 'city', 'id', 'ad'],
  ]);
});

test('dead letters have a port', () => {
  const ports = (onError: 'skip' | 'deadLetter') =>
    plan({ onError }).outputs.map(({ name }) => name);
  expect(ports('skip')).toEqual(['out']);
  expect(ports('deadLetter')).toEqual(['out', 'errors']);
});

describe('semi and anti joins', () => {
  test('give the columns of the left side alone', () => {
    const names = columns({ kind: 'semi', select: {} });
    expect(names).toBe(describeSchema(LEFT));
    expect(issuesOf({ kind: 'anti', select: { id: 'l.id', city: 'r.city' } })).toEqual([
      "select/city: a row of an anti join is a left row: 'rights' has no columns in it",
    ]);
  });

  test('may look at the right side in their condition', () => {
    expect(issuesOf({ kind: 'semi', on: 'l.id = r.id AND l.price < r.price' })).toEqual([]);
  });
});
