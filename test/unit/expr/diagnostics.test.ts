import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/errors.ts';
import { inferExpression, joinScope, parseExpression } from '../../../src/expr/index.ts';
import { refusal, SCHEMA } from './evaluate.ts';

function lines(...parts: readonly string[]): string {
  return parts.join('\n');
}

describe('a mistake is shown where it is', () => {
  test.each([
    ['a b', "expected an operator, found 'b' (line 1, column 3)", '  a b', '    ^'],
    [
      'i + ',
      'expected an expression, found the end of the text (line 1, column 5)',
      '  i + ',
      '      ^',
    ],
    [
      '(1',
      "expected ')' to close '(', found the end of the text (line 1, column 3)",
      '  (1',
      '    ^',
    ],
    [
      "s = 'abc",
      "this string is not closed; ' is missing (line 1, column 5)",
      "  s = 'abc",
      '      ^',
    ],
    ['i == 3', "there is no operator '=='; write = (line 1, column 3)", '  i == 3', '    ^^'],
    ['f && f', "there is no operator '&&'; write AND (line 1, column 3)", '  f && f', '    ^^'],
    ['i ! 3', 'unexpected character "!" (line 1, column 3)', '  i ! 3', '    ^'],
    ['12abc', "'12abc' is neither a number nor a name (line 1, column 1)", '  12abc', '  ^^^^^'],
    [
      '1 < i < 3',
      'comparisons cannot be chained; join them with AND (line 1, column 7)',
      '  1 < i < 3',
      '        ^',
    ],
    [
      'NOT (valeu > 1)',
      "unknown column 'valeu'; did you mean 'value'? (line 1, column 6)",
      '  NOT (valeu > 1)',
      '       ^^^^^',
    ],
    [
      'stream.vaule',
      "unknown column 'vaule' of 'stream'; did you mean 'value'? (line 1, column 1)",
      '  stream.vaule',
      '  ^^^^^^^^^^^^',
    ],
    [
      'strem.i',
      "unknown input 'strem' (there are stream); did you mean 'stream'? (line 1, column 1)",
      '  strem.i',
      '  ^^^^^^^',
    ],
    [
      'uper(s)',
      "unknown function UPER; did you mean 'UPPER'? (line 1, column 1)",
      '  uper(s)',
      '  ^^^^^^^',
    ],
    [
      "i = '5'",
      'int32 and string cannot be compared; write CAST(… AS int32) or CAST(… AS string) (line 1, column 1)',
      "  i = '5'",
      '  ^^^^^^^',
    ],
    [
      'i + s',
      'int32 + string has no meaning; join strings with || (line 1, column 1)',
      '  i + s',
      '  ^^^^^',
    ],
    [
      'i AND f',
      'an operand of AND must be a bool, found int32 (line 1, column 1)',
      '  i AND f',
      '  ^',
    ],
    [
      "t > 'soon'",
      "'soon' is no timestamp; write it as '2026-01-31 23:59:59' (line 1, column 5)",
      "  t > 'soon'",
      '      ^^^^^^',
    ],
    [
      'CAST(i AS DATE)',
      "there is no DATE type; use TIMESTAMP and DATE_TRUNC('day', …) (line 1, column 11)",
      '  CAST(i AS DATE)',
      '            ^^^^',
    ],
    [
      'CAST(i AS VARCAR)',
      "there is no type 'VARCAR'; did you mean 'VARCHAR'? (line 1, column 11)",
      '  CAST(i AS VARCAR)',
      '            ^^^^^^',
    ],
    [
      "INTERVAL '1' MONTH",
      'a MONTH has no fixed length; use DAY (line 1, column 14)',
      "  INTERVAL '1' MONTH",
      '               ^^^^^',
    ],
    [
      'SUM(i)',
      'SUM is an aggregate; it has no place in this expression (line 1, column 1)',
      '  SUM(i)',
      '  ^^^^^^',
    ],
    ['NULL', 'NULL has no type here; write CAST(NULL AS …) (line 1, column 1)', '  NULL', '  ^^^^'],
    [
      'LEFT(s)',
      'LEFT is written LEFT(s, n); found 1 argument (line 1, column 1)',
      '  LEFT(s)',
      '  ^^^^^^^',
    ],
  ])('%s', (text, ...expected) => {
    expect(refusal(text)).toBe(lines(...expected));
  });
});

test('a text of several lines shows the one with the mistake', () => {
  expect(refusal("i > 1\n  AND\tpris = 'é'\r\n  OR f")).toBe(
    lines("unknown column 'pris' (line 2, column 7)", "    AND pris = 'é'", '        ^^^^'),
  );
});

test('columns are counted in characters', () => {
  expect(refusal("s = '😀' AND nope")).toBe(
    lines("unknown column 'nope' (line 1, column 13)", "  s = '😀' AND nope", '              ^^^^'),
  );
});

test('a long line is cut around the mistake', () => {
  const [, line = '', carets = ''] = refusal(
    `${'i + '.repeat(100)}nope${' + i'.repeat(100)}`,
  ).split('\n');
  expect(Array.from(line).length).toBeLessThan(100);
  expect(line.slice(carets.indexOf('^'), carets.length)).toBe('nope');
});

test('a name that several inputs have must be qualified', () => {
  const scope = joinScope(SCHEMA, SCHEMA, 'clicks', 'views');
  expect(() => inferExpression(parseExpression('i = 1'), scope)).toThrow(
    "column 'i' is ambiguous; write l.i or r.i (line 1, column 1)",
  );
  expect(() =>
    inferExpression(parseExpression('l.i = clicks.i AND r.i = views.i'), scope),
  ).not.toThrow();
});

test('mistakes are ERR_EXPRESSION', () => {
  const failing = () => parseExpression('1 +');
  expect(failing).toThrow(MillraceError);
  expect(failing).toThrow(expect.objectContaining({ code: 'ERR_EXPRESSION' }));
});
