import { describe, expect, test } from 'vitest';
import { INT32, STRING } from '../../../src/core/types.ts';
import { formatTyped, inferExpression, parseExpression, scopeOf } from '../../../src/expr/index.ts';
import { cheapFirst } from '../../../src/expr/wasm/cheap-first.ts';

const SCOPE = scopeOf([
  { name: 'a', type: INT32 },
  { name: 's', type: STRING },
]);
const typed = (text: string) => inferExpression(parseExpression(text), SCOPE);

describe('what costs much is evaluated last', () => {
  test.each([
    ["s LIKE '%x%' AND a > 1", "a > 1 AND s LIKE '%x%'"],
    [
      "REGEXP_LIKE(s, 'x') OR CONTAINS(s, 'y') OR s = 'z' OR a > 1",
      "s = 'z' OR a > 1 OR CONTAINS(s, 'y') OR REGEXP_LIKE(s, 'x')",
    ],
    ["UPPER(s) = 'X' AND s LIKE 'x%'", "s LIKE 'x%' AND UPPER(s) = 'X'"],
    [
      "CASE WHEN s LIKE '%x%' AND s IS NOT NULL THEN a END > 1",
      "CASE WHEN s IS NOT NULL AND s LIKE '%x%' THEN a END > 1",
    ],
  ])('%s', (written, evaluated) => {
    expect(formatTyped(cheapFirst(typed(written)))).toBe(formatTyped(typed(evaluated)));
  });

  test.each([
    "s LIKE '%x%' AND 10 / a > 1",
    'CAST(s AS int) > 1 AND a > 1',
    "s = 'a' AND a > 1 AND s = 'b'",
  ])('%s stays', (text) => {
    expect(formatTyped(cheapFirst(typed(text)))).toBe(formatTyped(typed(text)));
  });
});
