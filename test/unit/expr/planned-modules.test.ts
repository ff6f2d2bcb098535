import { afterEach, describe, expect, test, vi } from 'vitest';
import { identitySelection } from '../../../src/core/batch.ts';
import { Column } from '../../../src/core/column.ts';
import { FLOAT64, INT32, INT64, STRING } from '../../../src/core/types.ts';
import {
  addModules,
  compileBatch,
  compilePredicate,
  inferExpression,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../../src/expr/index.ts';
import { ModuleList, useModules } from '../../../src/wasm/index.ts';
import { testMemory } from '../../support/memory.ts';

const SCHEMA = [
  { name: 'a', type: INT32 },
  { name: 'b', type: INT64 },
  { name: 'x', type: FLOAT64 },
  { name: 's', type: STRING },
];
const SCOPE = scopeOf(SCHEMA);
const ROWS = 64;

/** How many modules are compiled meanwhile. */
function compiledIn(action: () => void): number {
  const compiler = vi.spyOn(WebAssembly, 'Module');
  try {
    action();
    return compiler.mock.calls.length;
  } finally {
    compiler.mockRestore();
  }
}

function run(text: string, selects: boolean): void {
  const expr = inferExpression(parseExpression(text), SCOPE);
  const options = { rowCapacity: ROWS, memory: testMemory(1 << 18) };
  const batch = { columns: SCHEMA.map(({ type }) => Column.allocate(type, ROWS, options.memory)) };
  // No row fails: those that do are computed by variants that are compiled when they are needed.
  for (const column of batch.columns) if (column.storage !== 'view') column.words.fill(1);
  const rows = identitySelection(ROWS).subarray(0, ROWS);
  const errors = new RowErrors(ROWS);
  if (selects) {
    compilePredicate(expr, options).select(batch, rows, ROWS, new Uint32Array(ROWS), errors);
  } else compileBatch(expr, options).evaluate(batch, rows, ROWS, errors);
}

afterEach(() => {
  useModules(new Map());
});

describe('what is compiled beforehand', () => {
  test.each([
    ['a + 4711 > 0', true],
    ['a > 4712 AND x < 4712e0', true],
    ["a > 4713 AND REGEXP_LIKE(s, '4713')", true],
    ['a * b + 4714', false],
    ['CASE WHEN a > 4715 THEN x ELSE 0 END', false],
    ['SQRT(LENGTH(s) + 4716.0)', false],
    ["CASE WHEN a > 4723 THEN s ELSE 'x' END", false],
    ['CAST(CAST(a AS VARCHAR) AS INT) + 4717', false],
    ["s = 'a text of 4718'", true],
    ["UPPER(s) = 'A TEXT OF 4721'", true],
    ["REGEXP_EXTRACT(s, '4722(.*)', 1)", false],
    ["CASE WHEN a > 4723 THEN s WHEN s = '4723' THEN UPPER(s) ELSE 'x' END", false],
    ["CASE WHEN a / b > 4724 THEN s ELSE 'x' END", false],
  ])('is all that %s needs', (text, selects) => {
    const list = new ModuleList();
    const expr = inferExpression(parseExpression(text), SCOPE);
    addModules(expr, selects, list);
    expect(list.modules.size).toBeGreaterThan(0);
    useModules(list.modules);
    expect(compiledIn(() => run(text, selects))).toBe(0);
  });

  test.each([
    ['UPPER(s)', ['text shiftLetters']],
    ["COALESCE(s, 'x')", ['text moveViews']],
    ["SPLIT_INDEX(TRIM(s), '/', 1)", ['text splitAtByte', 'text trimBytes']],
    ["REGEXP_LIKE(s, '(4713)\\1')", ['text gatherTexts']],
    ['CAST(b AS string)', ['text integersToTexts']],
    ['REVERSE(s)', []],
  ])('for %s are the functions over columns of texts that it calls', (text, names) => {
    const list = new ModuleList();
    addModules(inferExpression(parseExpression(text), SCOPE), false, list);
    expect([...list.modules.keys()].toSorted()).toEqual(names);
  });

  test('is compiled once', () => {
    const list = new ModuleList();
    const expr = inferExpression(parseExpression('a + 4719'), SCOPE);
    addModules(expr, false, list);
    expect(compiledIn(() => addModules(expr, false, list))).toBe(0);
    expect(compiledIn(() => run('a + 4719', false))).toBe(0);
  });

  test('is not what another expression needs', () => {
    expect(compiledIn(() => run('a + 4720', false))).toBe(1);
  });
});
