/** Rules as expressions over the columns of the input. @module */

import { nearestName } from '../../core/nearest-name.ts';
import type { ReportIssue } from '../../core/operator.ts';
import type { Field, Schema } from '../../core/schema.ts';
import type { JsonValue, Rule, RuleCell } from '../../core/topology/model.ts';
import type { DataType } from '../../core/types.ts';
import { INT32, typeName } from '../../core/types.ts';
import type { Scope, TypedExpr } from '../../expr/index.ts';
import { scopeOf } from '../../expr/index.ts';
import { planCondition, planExpression } from '../expression-issues.ts';
import { cellCondition, CellError, quotedText } from './cell.ts';

/** Rules that can be evaluated. */
export interface PlannedRules {
  /** What each rule asks of a row. */
  readonly conditions: readonly TypedExpr[];
  /** By rule and then by result: values of the types of the results. */
  readonly results: readonly (readonly TypedExpr[])[];
}

/** What rules may speak of. */
interface RuleColumns {
  readonly schema: Schema;
  /** Columns behind those of the input, whose names begin with `$`. */
  readonly parameters: Schema;
}

/** The input of a decision table. */
export interface RuleInput extends RuleColumns {
  readonly name: string;
}

type Path = readonly (string | number)[];

/** A problem with a part of a rule: `at` the condition or the result of a column. */
export type ReportRule = (rule: number, at: Path, message: string, suggestion?: string) => void;

/** The rules, typed; `undefined` when something was reported. */
export function planRules(
  rules: readonly Rule[],
  { name, schema, parameters }: RuleInput,
  resultSchema: Schema,
  report: ReportRule,
): PlannedRules | undefined {
  const scope = scopeOf([...schema, ...parameters], name);
  const conditions = rules.map((rule, r) =>
    planWhen(rule.when, { schema, parameters }, scope, (path, message, suggestion) =>
      report(r, ['when', ...path], message, suggestion),
    ),
  );
  const results = rules.map((rule, r) =>
    resultSchema.map((field) =>
      planResult(rule.then, field, scope, (path, message) => report(r, ['then', ...path], message)),
    ),
  );
  if (conditions.includes(undefined) || results.some((row) => row.includes(undefined))) {
    return undefined;
  }
  return {
    conditions: conditions as readonly TypedExpr[],
    results: results as readonly (readonly TypedExpr[])[],
  };
}

function planWhen(
  when: Rule['when'],
  columns: RuleColumns,
  scope: Scope,
  report: ReportIssue,
): TypedExpr | undefined {
  if (typeof when === 'string') return planCondition(when, scope, [], report);
  const parts: string[] = [];
  let isSound = true;
  for (const { column, cell } of when) {
    const condition = readCell(cell, column, columns, report);
    // Planned on its own, so that a mistake is found where it stands.
    if (
      condition === undefined ||
      planCondition(condition, scope, [column], report) === undefined
    ) {
      isSound = false;
    } else {
      parts.push(condition);
    }
  }
  if (!isSound) return undefined;
  return planCondition(parts.length === 0 ? 'TRUE' : parts.join(' AND '), scope, [], report);
}

/** The condition of a cell; `undefined` when a mistake was reported. */
function readCell(
  cell: JsonValue,
  column: string,
  { schema, parameters }: RuleColumns,
  report: ReportIssue,
): string | undefined {
  const field = schema.find((known) => known.name === column);
  if (field === undefined) {
    const names = schema.map((known) => known.name);
    const message = `unknown column '${column}' (${names.join(', ')})`;
    report([column], message, nearestName(column, names));
    return undefined;
  }
  try {
    return cellCondition(cell, field, parameters) ?? 'TRUE';
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    report([column], error.message);
    return undefined;
  }
}

function planResult(
  then: readonly RuleCell[],
  { name, type }: Field,
  scope: Scope,
  report: ReportIssue,
): TypedExpr | undefined {
  const cell = then.find(({ column }) => column === name)?.cell ?? null;
  const target = typeName(type);
  if (typeof cell === 'string' && cell.startsWith('=')) {
    return planExpression(`CAST(${cell.slice(1)} AS ${target})`, scope, [name], report);
  }
  const text = resultText(cell, type);
  if (text === undefined) {
    report([name], `expected a value of type ${target}, found ${JSON.stringify(cell)}`);
    return undefined;
  }
  const expr = planExpression(`CAST(${text} AS ${target})`, scope, [name], report);
  if (expr === undefined || expr.op === 'literal') return expr;
  // What is constant and has not become one has no value.
  report([name], `expected a value of type ${target}, found ${JSON.stringify(cell)}`);
  return undefined;
}

/** A constant in SQL; `undefined` when it is none of the type. */
function resultText(cell: JsonValue, type: DataType): string | undefined {
  if (cell === null) return 'NULL';
  if (type.kind === 'json') return quotedText(JSON.stringify(cell));
  switch (typeof cell) {
    case 'string':
      return quotedText(cell);
    case 'number':
      // As text, so that a decimal is exact.
      return type.kind === 'string' ? undefined : quotedText(String(cell));
    case 'boolean':
      return type.kind === 'bool' ? String(cell) : undefined;
    default:
      return undefined;
  }
}

/** The column that says which rule a row has met first. */
const NUMBER_COLUMN = 'rule number';

/** The number, from 1, of the first of some conditions that a row meets; null when there is none. */
export function firstRule(conditions: readonly TypedExpr[]): TypedExpr {
  return {
    op: 'case',
    type: INT32,
    branches: conditions.map((when, i) => ({
      when,
      then: { op: 'literal', type: INT32, value: i + 1 },
    })),
    otherwise: { op: 'literal', type: INT32, value: null },
  };
}

/**
 * A result by the number of the rule.
 *
 * @param numberAt - position of the column with that number, behind those of the input and its parameters
 */
export function resultByNumber(
  { results }: PlannedRules,
  result: number,
  { type }: Field,
  numberAt: number,
): TypedExpr {
  const number: TypedExpr = {
    op: 'column',
    type: INT32,
    input: 0,
    index: numberAt,
    position: numberAt,
    name: NUMBER_COLUMN,
  };
  return {
    op: 'case',
    type,
    branches: results.map((row, i) => ({
      when: {
        op: 'compare',
        type: { kind: 'bool' },
        operator: '=',
        left: number,
        right: { op: 'literal', type: INT32, value: i + 1 },
      },
      then: row[result]!,
    })),
    otherwise: { op: 'literal', type, value: null },
  };
}
