/** What a `SELECT` lists: expressions with names. @module */

import { type Expr, formatExpression, formatIdentifier, type Span } from '../../expr/index.ts';
import { typeName } from '../../core/types.ts';
import type { SelectItem } from '../ast.ts';
import { mistake } from '../problems.ts';
import type { ColumnScope } from './column-scope.ts';
import type { Column, StreamInfo } from './stream-info.ts';

/** A column of a result. */
export interface NamedItem {
  readonly name: string;
  /** As written. */
  readonly written: Expr;
  readonly expr: Expr;
  readonly column: Column;
  readonly span: Span;
}

/** The items that are no stars, with names that differ. */
export function namedItems(items: readonly SelectItem[], scope: ColumnScope): readonly NamedItem[] {
  const named: NamedItem[] = [];
  for (const item of items) {
    if (item.kind === 'star') continue;
    const { expr: written, span } = item;
    const name = item.name?.text ?? (written.kind === 'column' ? written.name : undefined);
    if (name === undefined) {
      throw mistake(span, 'what is computed needs a name: write AS and a name behind it');
    }
    if (named.some((other) => other.name === name)) {
      const message = `two columns are called '${name}'`;
      throw mistake(item.name?.span ?? span, `${message}: give one another name with AS`);
    }
    const expr = scope.rewrite(written);
    named.push({ name, written, expr, column: { name, ...typeOf(written, expr, scope) }, span });
  }
  return named;
}

/** Items as properties of `select`: name → text. */
export function selectOf(items: readonly NamedItem[]): readonly (readonly [string, string])[] {
  return items.map(({ name, expr }) => [name, formatExpression(expr)] as const);
}

/** Whether an expression is nothing but the column that it is called. */
export function isColumn(text: string, name: string): boolean {
  return text === formatIdentifier(name);
}

/** The type of what needs no inference. */
function typeOf(written: Expr, expr: Expr, scope: ColumnScope): Omit<Column, 'name'> {
  if (written.kind === 'column') {
    const { type, element } = scope.declared(written) ?? {};
    return { type, element };
  }
  if (expr.kind === 'cast') return { type: typeName(expr.type) };
  if (expr.kind === 'aggregate' && expr.fn === 'count') return { type: 'int64' };
  return {};
}

/** What the column of event time is called behind a list. */
export function keptTime(
  { timeField }: Pick<StreamInfo, 'timeField'>,
  hasStar: boolean,
  named: readonly NamedItem[],
): string | undefined {
  if (timeField === undefined) return undefined;
  const renamed = named.find(({ expr }) => expr.kind === 'column' && expr.name === timeField);
  if (renamed !== undefined) return renamed.name;
  return hasStar && !named.some(({ name }) => name === timeField) ? timeField : undefined;
}
