/** Mistakes in decision tables are found where they stand, and cells mean what they look like. */

import { describe, expect, test } from 'vitest';
import type { Field } from '../../../src/core/schema.ts';
import type { JsonValue } from '../../../src/core/topology/model.ts';
import { parseTypeName } from '../../../src/core/types.ts';
import { validateTopology } from '../../../src/index.ts';
import { cellCondition } from '../../../src/operators/decision-table/cell.ts';
import { runToEnd, Workspace } from '../../support/run-topology.ts';

const column = (type: string): Field => ({ name: 'c', type: parseTypeName(type)! });

describe('cells', () => {
  const cells: readonly (readonly [JsonValue, string, string | undefined])[] = [
    ['', 'int32', undefined],
    [' * ', 'json', undefined],
    [null, 'string', undefined],
    [5, 'int64', '"c" = 5'],
    [true, 'bool', '"c" = TRUE'],
    ['False', 'bool', '"c" = FALSE'],
    ['>-1.5e3', 'float64', '"c" > -1.5e3'],
    ['0.125', 'decimal(9,2)', `"c" = DECIMAL '0.125'`],
    ['10..20', 'int32', '("c" >= 10 AND "c" <= 20)'],
    ['(1 .. 2.5]', 'float64', '("c" > 1 AND "c" <= 2.5)'],
    ['..-3', 'int32', '"c" <= -3'],
    ['1, > 7', 'int32', '("c" = 1 OR "c" > 7)'],
    ['not 1', 'int32', 'NOT ("c" = 1)'],
    ['note', 'string', `"c" = 'note'`],
    ["'O''Brien'", 'string', `"c" = 'O''Brien'`],
    ["'a, b', c", 'string', `("c" = 'a, b' OR "c" = 'c')`],
    ["'1..2'", 'string', `"c" = '1..2'`],
    ["'..'..'z'", 'string', `("c" >= '..' AND "c" <= 'z')`],
    ['like a%', 'string', `"c" LIKE 'a%'`],
    ['2026-01-01..2026-02-01', 'timestamp', `("c" >= '2026-01-01' AND "c" <= '2026-02-01')`],
    ['> 5m', 'duration', `"c" > '5m'`],
    ['NOT NULL', 'bytes', '"c" IS NOT NULL'],
    [[1, '3..4'], 'int32', '("c" = 1 OR ("c" >= 3 AND "c" <= 4))'],
  ];

  test.each(cells)('%j of %s', (cell, type, sql) => {
    expect(cellCondition(cell, column(type))).toBe(sql);
  });

  test.each<[JsonValue, string, string]>([
    ['many', 'int32', "expected a value of type int32, found 'many'"],
    ['1', 'bool', "expected a value of type bool, found '1'"],
    ["O'Brien", 'string', 'is not closed'],
    ['1,,2', 'int32', 'a value is missing beside a comma'],
    ['[1..2', 'int32', "a bracket is missing in '[1..2'"],
    ['..', 'int32', "the range '..' has no end"],
    ['x', 'json', 'a json column takes only'],
    [[], 'int32', 'expected at least one value'],
    [{}, 'int32', 'expected a text, a number'],
  ])('%j of %s is refused', (cell, type, message) => {
    expect(() => cellCondition(cell, column(type))).toThrow(message);
  });
});

const SOURCE = {
  connector: 'file',
  path: 'in.csv',
  schema: { id: 'int32', name: 'string' },
} as const;

function topology(node: object, sinks: object = {}): object {
  return {
    version: 1,
    name: 'tables',
    sources: { in: SOURCE },
    operators: { t: { type: 'decision_table', input: 'in', ...node } },
    sinks: { out: { connector: 'file', input: 't', path: 'out.csv' }, ...sinks },
  };
}

const issuesOf = (node: object): string[] =>
  validateTopology(topology(node)).issues.map(({ pointer, message }) => `${pointer}: ${message}`);

test('mistakes are reported where they stand', () => {
  const issues = issuesOf({
    rules: [
      { when: { id: 'many', nam: 'x' }, then: { level: 'high', other: 1 } },
      { when: 'id +', then: { level: '= name' } },
      { when: { id: 1 }, then: { level: '= CAST(name AS int32) + nope' } },
    ],
    results: { level: 'int32' },
  });
  expect(issues.map((issue) => issue.split(':')[0])).toEqual(['/operators/t/rules/0/then/other']);
  const typed = issuesOf({
    rules: [
      { when: { id: 'many', nam: 'x' }, then: { level: 'high' } },
      { when: 'id +', then: { level: '= nope' } },
    ],
    results: { level: 'int32' },
  });
  expect(typed.map((issue) => issue.split(':')[0])).toEqual([
    '/operators/t/rules/0/when/id',
    '/operators/t/rules/0/when/nam',
    '/operators/t/rules/1/when',
    '/operators/t/rules/0/then/level',
    '/operators/t/rules/1/then/level',
  ]);
  expect(typed[1]).toContain("unknown column 'nam'");
});

test('rules stand in one place, and results have names of their own', () => {
  expect(issuesOf({ results: { x: 'int32' } })[0]).toContain("expected either 'rules' or 'table'");
  const clash = issuesOf({ rules: [{ then: { id: 1 } }], results: { id: 'int32' } });
  expect(clash[0]).toContain("another column 'id'");
  const table = { path: 'rules.csv', conditions: ['nope', 'x'] };
  expect(issuesOf({ table, results: { x: 'int32' } })[0]).toContain("'x' is a result as well");
  const unknown = issuesOf({ table: { ...table, conditions: ['nope'] }, results: { x: 'int32' } });
  expect(unknown[0]).toContain("unknown column 'nope'");
});

test('a cell of a file that makes no sense stops the run, and is named', async () => {
  using workspace = new Workspace();
  workspace.write('in.csv', 'id,name\n1,a\n');
  workspace.write('rules.csv', 'id,x\n1,2\nmany,3\n');
  const table = { path: 'rules.csv', conditions: ['id'] };
  const node = { table, results: { x: 'int32' } };
  await expect(runToEnd(topology(node), workspace)).rejects.toThrow(
    "rules.csv: rule 2, 'id': expected a value of type int32, found 'many'",
  );
});

test('parameters stand in cells and results, also of a file; an unknown one is a text like others', async () => {
  using workspace = new Workspace();
  workspace.write('in.csv', 'id,name\n1,a\n5,b\n9,$c\n');
  workspace.write('rules.csv', 'id,name,x\n> $most,,=$most\n*,$c,2\n..$most,$first,3\n*,*,4\n');
  const table = { path: 'rules.csv', conditions: ['id', 'name'] };
  const parameters = {
    most: { type: 'int32', initial: 8 },
    first: { type: 'string', initial: 'a' },
  };
  const node = { table, results: { x: 'int32' }, parameters };
  await runToEnd(topology(node), workspace);
  expect(workspace.sortedLines('out.csv')).toEqual(['1,a,3', '5,b,4', '9,$c,8']);
  const rules = [{ when: { id: '> $first' }, then: { x: '=$none' } }];
  const issues = issuesOf({ rules, results: { x: 'int32' }, parameters });
  expect(issues.map((issue) => issue.split(':')[0])).toEqual([
    '/operators/t/rules/0/when/id',
    '/operators/t/rules/0/then/x',
  ]);
});

test.each([1, 2])('rules of JSON Lines, on %i workers', async (workers) => {
  using workspace = new Workspace();
  const ids = Array.from({ length: 40 }, (_, id) => id);
  workspace.write('in.csv', `id,name\n${ids.map((id) => `${id},n${id % 3}`).join('\n')}\n`);
  workspace.write(
    'rules.jsonl',
    '{"id":[1,"30.."],"name":null,"x":{"a":[1]},"y":"1.50"}\n{"name":"n1, n2","y":2}\n',
  );
  const table = { path: 'rules.jsonl', conditions: ['id', 'name'] };
  const results = { x: 'json', y: 'decimal(5,2)' };
  const document = { ...topology({ table, results, parallel: workers }), engine: { workers } };
  await runToEnd(document, workspace);
  const expected = ids.map((id) => {
    if (id === 1 || id >= 30) return `${id},n${id % 3},"{""a"":[1]}",1.50`;
    return `${id},n${id % 3},,${id % 3 === 0 ? '' : '2.00'}`;
  });
  const rows = workspace.read('out.csv').trimEnd().split('\n').slice(1);
  expect(rows.toSorted()).toEqual(expected.toSorted());
});
