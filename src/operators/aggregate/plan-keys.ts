/** The keys of an aggregate: what `groupBy` says. @module */

import { MillraceError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { ColumnOrigin, InputStream, ReportIssue } from '../../core/operator.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { AggregateOperator, GroupKey } from '../../core/topology/model.ts';
import {
  expressionError,
  hasAggregates,
  inferExpression,
  parseExpression,
  type TypedExpr,
} from '../../expr/index.ts';
import { MAX_KEYS } from '../../state/index.ts';
import { inputScope } from '../parameters/plan.ts';
import type { KeyConfig } from './config.ts';

/** Types the keys; what is wrong with them is reported. */
export function planKeys(
  { groupBy }: AggregateOperator,
  input: InputStream,
  issue: ReportIssue,
): readonly KeyConfig[] {
  if (groupBy.length > MAX_KEYS) {
    issue(['groupBy'], `there are ${groupBy.length} keys; at most ${MAX_KEYS} are possible`);
  }
  const keys: KeyConfig[] = [];
  groupBy.forEach((key, i) => {
    const path = ['groupBy', key.kind === 'column' ? i : key.name];
    const expr = planKey(key, input, path, issue);
    if (expr === undefined) return;
    if (expr.type.kind === 'json') {
      issue(path, `key '${key.name}' is json, which has no equality; cast it to string`);
    }
    keys.push({ name: key.name, expr });
  });
  return keys;
}

function planKey(
  key: GroupKey,
  input: InputStream,
  path: readonly (string | number)[],
  issue: ReportIssue,
): TypedExpr | undefined {
  const { schema } = input.stream;
  if (key.kind === 'column') {
    const index = fieldIndex(schema, key.name);
    const field = schema[index];
    if (field === undefined) {
      const names = schema.map(({ name }) => name);
      const message = `unknown column '${key.name}' in '${input.name}' (${names.join(', ')})`;
      issue(path, message, nearestName(key.name, names));
      return undefined;
    }
    const { name, type } = field;
    return { op: 'column', type, input: 0, index, position: index, name };
  }
  return attempt(path, issue, () => {
    const expr = parseExpression(key.text);
    if (hasAggregates(expr)) {
      throw expressionError(expr.span, 'a key is computed from single rows: no aggregates here');
    }
    return inferExpression(expr, inputScope(input));
  });
}

/** Keys that are mere columns, behind the window's columns. */
export function repeatsOf(
  keys: readonly KeyConfig[],
  first: number,
): readonly (ColumnOrigin | undefined)[] {
  const repeated = keys.map(({ expr }) =>
    expr.op === 'column' ? { input: 0, column: expr.index } : undefined,
  );
  return [...Array.from({ length: first }, () => undefined), ...repeated];
}

/** Runs `make`; a mistake in an expression becomes an issue. */
export function attempt<T>(
  path: readonly (string | number)[],
  issue: ReportIssue,
  make: () => T,
): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'ERR_EXPRESSION') throw error;
    issue(path, error.message);
    return undefined;
  }
}
