import { describe, expect, test } from 'vitest';
import { keysOf } from '../../../src/core/topology/key-order.ts';
import { parseJsonText } from '../../../src/core/topology/json-text.ts';

describe('comments and white space', () => {
  test.each([
    ['// first\n{"a": 1} // last', { a: 1 }],
    ['/* a */[/* b */1/* c */,/**/2/***/]', [1, 2]],
    ['\uFEFF {"a": "// no comment /* at all */"}', { a: '// no comment /* at all */' }],
    ['1// ends with the text', 1],
    ['// mac\r2', 2],
  ])('%j', (text, value) => {
    expect(parseJsonText(text)).toEqual({ ok: true, value, issues: [] });
  });
});

describe('what is wrong, and where', () => {
  test.each([
    ['', 1, 1, 'expected a value, found the end of the text'],
    ['{"a": 1,\n  "b" 2}', 2, 7, `expected ':' after "b", found "2"`],
    ['{"a": 1\r\n\r\n "b": 2}', 3, 2, `expected ',' or '}' after a property, found "\\""`],
    ['[1 2]', 1, 4, `expected ',' or ']' after a value, found "2"`],
    ['[1,]', 1, 4, `expected another value after ',', found "]"`],
    ['{,}', 1, 2, 'expected a property name in double quotes, found ","'],
    ["{'a': 1}", 1, 2, `expected a property name in double quotes, found "'"`],
    ['{"a": yes}', 1, 7, 'expected a value; text needs double quotes, found "yes"'],
    ['[tru]', 1, 2, 'expected a value; text needs double quotes, found "tru"'],
    ['"abc', 1, 1, 'this string has no end'],
    ['"a\nb"', 1, 3, 'expected no line break or control character in a string, found "\\n"'],
    ['"\\x"', 1, 2, "unknown escape '\\x' in a string"],
    ['"\\u12g4"', 1, 2, "unknown escape '\\u' in a string"],
    ['01', 1, 1, 'expected a number as JSON writes them'],
    ['[-]', 1, 2, 'expected a number as JSON writes them'],
    ['1.', 1, 1, 'expected a number as JSON writes them'],
    ['{} {}', 1, 4, 'expected nothing more, found "{"'],
    ['/* no end', 1, 1, 'this comment has no end'],
    ['\uFEFF?', 1, 1, 'expected a value, found "?"'],
  ])('%j', (text, line, column, message) => {
    expect(parseJsonText(text)).toEqual({ ok: false, line, column, message });
  });

  test('nesting has an end', () => {
    expect(parseJsonText('['.repeat(100_000))).toMatchObject({ ok: false, column: 501 });
  });
});

test('a key written twice is reported at its place; the last one wins', () => {
  const text = '{"a": {"b/c": 1, "b/c": 2}, "x": [{"y": 1, "\\u0079": 3}]}';
  expect(parseJsonText(text)).toEqual({
    ok: true,
    value: { a: { 'b/c': 2 }, x: [{ y: 3 }] },
    issues: [
      { pointer: '/a/b~1c', message: "property 'b/c' is written twice" },
      { pointer: '/x/0/y', message: "property 'y' is written twice" },
    ],
  });
});

test('a whole number that float64 cannot hold is reported; fractions are as near as they get', () => {
  const parsed = parseJsonText('[9007199254740991, 9007199254740993, 0.1, 1e30]');
  expect(parsed).toMatchObject({ ok: true, issues: [{ pointer: '/1' }] });
});

test('__proto__ is a key like any other', () => {
  const parsed = parseJsonText('{"__proto__": {"polluted": true}}');
  const value = parsed.ok ? (parsed.value as object) : {};
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect('polluted' in value).toBe(false);
});

test('keys keep their order, also those that look like numbers', () => {
  const parsed = parseJsonText('{"b": 1, "10": 2, "a": 3, "9": 4, "b": 5}');
  expect(keysOf(parsed.ok ? (parsed.value as object) : {})).toEqual(['b', '10', 'a', '9']);
});
