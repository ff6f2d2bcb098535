/** Streams of changes keep their change column, and go only where they are understood. */

import { describe, expect, test } from 'vitest';
import { validateTopology } from '../../../src/index.ts';

const source = {
  connector: 'embedded',
  schema: { id: 'int64', change: 'string', price: 'float64' },
  changes: 'change',
};
const plain = { connector: 'embedded', schema: source.schema };

function issuesOf(operators: object, last: string, sources: object = { in: source }): unknown {
  const sinks = { out: { connector: 'discard', input: last } };
  const document = { version: 1, name: 'changes', sources, operators, sinks };
  return validateTopology(document, { workers: 1 }).issues;
}

const top = { type: 'top', input: 'm', n: 1, orderBy: ['price'] };
const refused = [
  {
    pointer: '/operators/top',
    message:
      "'m' is a stream of changes, of which some take rows back; 'top' takes such a stream only with 'revisions': {\"keep\": \"1h\"}",
  },
];

describe('a map of a stream of changes', () => {
  test.each([
    ['all columns', { '*': true }],
    ['its change column under its name', { change: 'change' }],
    ['none of its columns', { twice: 'price * 2' }],
  ])('that keeps %s is one', (_, select) => {
    const operators = { m: { type: 'map', input: 'in', select }, top };
    const orderBy = Object.keys(select).includes('twice') ? ['twice'] : ['change'];
    expect(issuesOf({ ...operators, top: { ...top, orderBy } }, 'top')).toEqual(refused);
  });

  test('cannot say something else of changes', () => {
    const m = { type: 'map', input: 'in', select: { change: "'+I'" } };
    expect(issuesOf({ m }, 'm')).toEqual([
      {
        pointer: '/operators/m/select/change',
        message:
          "'change' says what rows of this stream of changes do: give the column another name",
      },
    ]);
  });
});

test('a filter of a stream of changes is one', () => {
  const m = { type: 'filter', input: 'in', where: 'price > 1' };
  expect(issuesOf({ m, top }, 'top')).toEqual(refused);
});

test('a union is of streams of changes, or of others', () => {
  const both = { one: source, other: plain };
  const u = { type: 'union', inputs: ['one', 'other'] };
  expect(issuesOf({ u }, 'u', both)).toEqual([
    { pointer: '/operators/u/inputs/1', message: "'one' is a stream of changes, 'other' is not" },
  ]);
  expect(issuesOf({ u }, 'u', { one: source, other: source })).toEqual([]);
});

test('the change column is a string column of the source', () => {
  const issue = (changes: string) => issuesOf({}, 'in', { in: { ...source, changes } });
  expect(issue('chnge')).toMatchObject([{ pointer: '/sources/in/changes', suggestion: 'change' }]);
  expect(issue('id')).toMatchObject([{ message: "expected a string column; 'id' is int64" }]);
});
