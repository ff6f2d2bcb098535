/** `decision_table` in documents. @module */

import * as z from 'zod';
import {
  columns,
  csvProperties,
  expecting,
  expression,
  fileFormat,
  listOf,
  namesTo,
  object,
  option,
  text,
} from '../document/parts.ts';
import { isGzip } from '../file-format.ts';
import { entriesOf, keysOf } from '../key-order.ts';
import type { JsonValue } from '../model.ts';
import type { DecisionTableOperator, Rule, RuleCell, RuleSource } from '../model/decision-table.ts';
import { checkColumns, checkFormat } from '../node-checks.ts';
import type { Loose, NodeReport } from '../node-report.ts';
import { normalizeFormat, normalizeSchema } from '../normalize-values.ts';
import { MAIN_PORT } from '../ports.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { parameterised } from './parameters.ts';

/** Name of the port for rows that no rule takes. */
const UNMATCHED_PORT = 'unmatched';

const scalar = [z.string(), z.number(), z.boolean(), z.null()] as const;
const CELL = 'a cell such as "> 100", "10..20", "a, b", 5 or true';

const condition = z.union([...scalar, z.array(z.union(scalar, expecting(CELL)))], expecting(CELL));

const rule = object('a rule such as {"when": {"amount": "> 100"}, "then": {"discount": 0.1}}', {
  when: z
    .union(
      [expression('amount > limit'), namesTo('cells such as {"amount": "> 100"}', condition)],
      expecting('cells such as {"amount": "> 100"}, or an expression such as "amount > limit"'),
    )
    .describe(
      'Column → cell, all of which must hold; or an expression. Every row meets a rule without it.',
    )
    .optional(),
  then: namesTo('results such as {"discount": 0.1}', z.json()).describe(
    'Result → value, or a text "=…" with an expression. A result that is missing is null.',
  ),
});

const document = object('an operator', {
  type: z
    .literal('decision_table')
    .describe('Adds the results of the rules whose conditions a row meets.'),
  rules: listOf('a list of rules', rule).describe('The rules, in their order.').optional(),
  table: object('a file of rules such as {"path": "rules.csv", "conditions": ["amount"]}', {
    path: text('a path such as "rules.csv"').describe(
      'The file, relative to the topology file; compressed if its name ends in .gz.',
    ),
    format: fileFormat().describe('How rules lie in the file; by its name if left out.').optional(),
    ...csvProperties,
    conditions: listOf(
      'a list of columns such as ["amount"]',
      text('the name of a column'),
    ).describe(
      'The columns of the file that are conditions on columns of the input; the others are results.',
    ),
  })
    .describe('A file with a rule in each row, instead of rules.')
    .optional(),
  results: columns().describe('The columns that the rules give: name → type.'),
  hit: option('hit policy', ['first', 'all'])
    .describe('"first": the first rule that a row meets counts (default); "all": a row for each.')
    .optional(),
  unmatched: option('way', ['null', 'drop', 'port'])
    .describe(
      'What becomes of rows that meet no rule: results of null (default), nothing, or the stream ' +
        'NODE.unmatched.',
    )
    .optional(),
  rule: text('the name of a column')
    .describe('Adds a column (int32) with the number of the rule, from 1.')
    .optional(),
  ...parameterised,
  ...oneInput,
  ...common,
}).meta({ title: 'decision_table operator' });

type Document = z.input<typeof document>;

/** How the reader of topologies handles a decision table. */
export const decisionTableKind: OperatorKind<typeof document, DecisionTableOperator> = {
  document,
  inputs: 'one',
  check,
  normalize: (node) => ({
    type: 'decision_table',
    rules: normalizeRules(node),
    results: normalizeSchema(node.results),
    hit: node.hit ?? 'first',
    unmatched: node.unmatched ?? 'null',
    ruleColumn: node.rule,
  }),
  ports: ({ unmatched }) => (unmatched === 'port' ? [MAIN_PORT, UNMATCHED_PORT] : [MAIN_PORT]),
};

/** Rules, or a file of them that can be read; results that have a type. */
function check({ rules, table, results }: Loose<Document>, report: NodeReport): void {
  if ((rules === undefined) === (table === undefined)) {
    const found = rules === undefined ? 'neither' : 'both';
    report.add([], `expected either 'rules' or 'table', found ${found}`);
  }
  checkColumns(results, report, 'results');
  if (table !== undefined && report.isOfKind('table')) {
    checkFormat({ ...table, connector: 'file' }, report.below('table'));
    checkConditions(table, results, report);
  }
  if (results === undefined || !report.isOfKind('results')) return;
  rules?.forEach((one: Loose<(typeof rules)[number]>, i) => {
    if (one.then === undefined || !report.isOfKind('rules', i, 'then')) return;
    for (const name of keysOf(one.then)) {
      if (Object.hasOwn(results, name)) continue;
      report.add(['rules', i, 'then', name], `'${name}' is not among the results`);
    }
  });
}

function checkConditions(
  { conditions }: Loose<NonNullable<Document['table']>>,
  results: Document['results'] | undefined,
  report: NodeReport,
): void {
  conditions?.forEach((name, i) => {
    if (results !== undefined && Object.hasOwn(results, name)) {
      report.add(['table', 'conditions', i], `'${name}' is a result as well`);
    }
    if (conditions.indexOf(name) < i) {
      report.add(['table', 'conditions', i], `'${name}' is there twice`);
    }
  });
}

function normalizeRules({ rules, table, results }: Document): RuleSource {
  if (table === undefined) {
    return { kind: 'inline', rules: (rules ?? []).map(normalizeRule) };
  }
  const format = normalizeFormat({ connector: 'file', schema: results, ...table });
  // Cells of CSV are texts; in JSON Lines they may be numbers and lists too.
  const type = { kind: format.kind === 'csv' ? 'string' : 'json' } as const;
  const schema = [...table.conditions, ...keysOf(results)].map((name) => ({ name, type }));
  return {
    kind: 'file',
    table: { path: table.path, format, gzip: isGzip(table.path), schema },
  };
}

function normalizeRule({ when, then }: z.input<typeof rule>): Rule {
  return {
    when: typeof when === 'string' ? when : cellsOf(when ?? {}),
    then: cellsOf(then),
  };
}

function cellsOf(cells: Readonly<Record<string, JsonValue>>): RuleCell[] {
  return entriesOf(cells).map(([column, cell]) => ({ column, cell }));
}
