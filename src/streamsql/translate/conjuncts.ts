/** Which rows of a table a condition asks for: by key, by a range, or by looking at all. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import { childrenOf, type ColumnExpr, type Expr, formatExpression } from '../../expr/index.ts';
import type { ColumnScope, ScopeSource } from './column-scope.ts';
import type { DeclaredTable } from './declarations.ts';
import type { NodeDocument } from './document-builder.ts';

/** Both sides of `t.price >= low`, with the column of the table in front. */
interface Bound {
  readonly column: string;
  readonly operator: string;
  readonly value: Expr;
}

const MIRRORED: Readonly<Record<string, string>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '=': '=',
};

/**
 * The properties `key` or `range`, and `where`, of a query with this condition.
 *
 * Equalities between columns of the table and what the row says are the key; without one, the bounds of
 * a column with an index are the range.
 */
export function findOf(
  condition: Expr,
  table: DeclaredTable,
  source: ScopeSource,
  scope: ColumnScope,
): NodeDocument {
  const terms =
    condition.kind === 'logical' && condition.operator === 'and' ? condition.operands : [condition];
  const bounds = terms.map((term) => boundOf(term, source, scope));
  const keys = new Map<string, Expr>();
  const rest: Expr[] = [];
  for (const [i, term] of terms.entries()) {
    const bound = bounds[i];
    if (bound?.operator === '=' && !keys.has(bound.column)) keys.set(bound.column, bound.value);
    else rest.push(term);
  }
  if (keys.size > 0) {
    const key = [...keys].map(
      ([column, value]) => [column, formatExpression(scope.rewrite(value))] as const,
    );
    return { key: objectOf(key), where: whereOf(rest, scope) };
  }
  return { ...rangeOf(terms, table, source, scope) };
}

/** A term that compares a column of the table with something of the row alone. */
function boundOf(term: Expr, source: ScopeSource, scope: ColumnScope): Bound | undefined {
  if (term.kind !== 'binary' || MIRRORED[term.operator] === undefined) return undefined;
  const { left, right, operator } = term;
  if (isOf(left, source, scope) && !reads(right, source, scope)) {
    return { column: left.name, operator, value: right };
  }
  if (isOf(right, source, scope) && !reads(left, source, scope)) {
    return { column: right.name, operator: MIRRORED[operator]!, value: left };
  }
  return undefined;
}

function isOf(expr: Expr, source: ScopeSource, scope: ColumnScope): expr is ColumnExpr {
  return expr.kind === 'column' && scope.sourceOf(expr) === source;
}

function reads(expr: Expr, source: ScopeSource, scope: ColumnScope): boolean {
  return isOf(expr, source, scope) || childrenOf(expr).some((child) => reads(child, source, scope));
}

/** Bounds of the first column with an index; strict ones are conditions as well. */
function rangeOf(
  terms: readonly Expr[],
  { indexes }: DeclaredTable,
  source: ScopeSource,
  scope: ColumnScope,
): NodeDocument {
  let column: string | undefined;
  const ends: { from?: string; to?: string } = {};
  const rest: Expr[] = [];
  for (const term of terms) {
    const bounds = boundsOf(term, source, scope);
    let covered = 0;
    for (const bound of bounds) {
      if (!indexes.includes(bound.column) || (column ?? bound.column) !== bound.column) continue;
      const end = bound.operator.startsWith('>') ? 'from' : 'to';
      if (ends[end] !== undefined) continue;
      column = bound.column;
      ends[end] = formatExpression(scope.rewrite(bound.value));
      if (bound.operator.endsWith('=')) covered++;
    }
    if (bounds.length === 0 || covered < bounds.length) rest.push(term);
  }
  const where = whereOf(rest, scope);
  return column === undefined ? { where } : { range: { column, ...ends }, where };
}

function boundsOf(term: Expr, source: ScopeSource, scope: ColumnScope): readonly Bound[] {
  if (term.kind === 'between' && !term.negated && isOf(term.operand, source, scope)) {
    const { name: column } = term.operand;
    const ends = [term.low, term.high];
    // Both ends are bounds, or the whole of it is a condition.
    if (ends.some((end) => reads(end, source, scope))) return [];
    return [
      { column, operator: '>=', value: term.low },
      { column, operator: '<=', value: term.high },
    ];
  }
  const bound = boundOf(term, source, scope);
  return bound === undefined || bound.operator === '=' ? [] : [bound];
}

function whereOf(terms: readonly Expr[], scope: ColumnScope): string | undefined {
  const [first, ...more] = terms;
  if (first === undefined) return undefined;
  const whole: Expr =
    more.length === 0
      ? first
      : { kind: 'logical', operator: 'and', operands: terms, span: first.span };
  return formatExpression(scope.rewrite(whole));
}
