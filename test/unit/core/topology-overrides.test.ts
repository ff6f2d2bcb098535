import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/errors.ts';
import {
  applyOverrides,
  checkTopology,
  parseOverride,
  parseTopology,
} from '../../../src/core/topology/index.ts';
import { documentOf } from './topology-example.ts';

function set(document: unknown, ...changes: string[]): unknown {
  return applyOverrides(
    document,
    changes.map((text) => parseOverride(text) ?? { pointer: text, valueText: '' }),
  );
}

describe('a change', () => {
  test.each([
    ['of a value', { a: 1 }, ['/a=2'], { a: 2 }],
    ['to a string that is no JSON', { a: 1 }, ['/a=50 ms'], { a: '50 ms' }],
    ['to JSON', {}, ['/a={"b": [true, null]}'], { a: { b: [true, null] } }],
    ['to a string that looks like JSON', {}, ['/a="1"'], { a: '1' }],
    ['to the empty string', {}, ['/a='], { a: '' }],
    ['to digits that a number cannot keep', {}, ['/a=9007199254740993'], { a: '9007199254740993' }],
    ['with = in its value', {}, ['/a=b = c'], { a: 'b = c' }],
    ['below objects that are not there', {}, ['/a/b/c=1'], { a: { b: { c: 1 } } }],
    ['of an escaped name', { 'x/y': { '~': 1 } }, ['/x~1y/~0=2'], { 'x/y': { '~': 2 } }],
    ['in a list', { a: [1, 2] }, ['/a/1=3', '/a/-=4'], { a: [1, 3, 4] }],
    ['at the end of a list', { a: [1] }, ['/a/1/b=2'], { a: [1, { b: 2 }] }],
    ['of everything', { a: 1 }, ['=[]'], []],
    ['after another', {}, ['/a={}', '/a/b=1', '/a/b=2'], { a: { b: 2 } }],
    ['of a name that objects inherit', {}, ['/toString=1'], { toString: 1 }],
  ])('%s', (_, document, changes, expected) => {
    const before = structuredClone(document);
    expect(set(document, ...changes)).toEqual(expected);
    expect(document).toEqual(before);
  });

  test('of __proto__ changes no prototype, and is refused by the parser', () => {
    const changed = set(documentOf({}), '/__proto__/polluted=true') as object;
    expect('polluted' in {}).toBe(false);
    const { issues } = checkTopology(changed, { env: {} });
    expect(issues.map((issue) => issue.pointer)).toEqual(['/__proto__']);
  });
});

test('changes without a place are refused, all of them', () => {
  const change = (): unknown =>
    set({ a: [1], b: 2 }, 'a=1', '/~2=1', '/a/2=1', '/a/x=1', '/b/c/d=1');
  expect(change).toThrow(MillraceError);
  expect(change).toThrow(
    [
      'the override is not valid: 5 problems',
      '  expected a JSON pointer such as /engine/workers, found "a"',
      '  expected a JSON pointer such as /engine/workers, found "/~2"',
      `  /a: expected an index from 0 to 1 or '-', found "2"`,
      `  /a: expected an index from 0 to 1 or '-', found "x"`,
      "  /b: expected an object or a list to set 'c' in, found 2",
    ].join('\n'),
  );
});

test('parsing makes the changes first, variables included, and reports them with the rest', () => {
  const overrides = [
    { pointer: '/name', valueText: '${NAME}' },
    { pointer: '/engine/workers', valueText: '3' },
  ];
  const { topology } = parseTopology(documentOf({}), { env: { NAME: 'changed' }, overrides });
  expect(topology).toMatchObject({ name: 'changed', engine: { workers: 3 } });

  const bad = [
    { pointer: '/name/x', valueText: '1' },
    { pointer: '/version', valueText: '2' },
  ];
  const { issues } = checkTopology(documentOf({}), { env: {}, overrides: bad });
  expect(issues.map((issue) => issue.pointer)).toEqual(['/version', '/name']);
});
