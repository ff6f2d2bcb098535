/** `SELECT … FROM stream, table`: a query that reads. @module */

import type { FromItem, Select } from '../ast.ts';
import { mistake } from '../problems.ts';
import { wholeOf } from './amounts.ts';
import type { Chain } from './chain.ts';
import { findOf } from './conjuncts.ts';
import type { Context } from './context.ts';
import { namesOf } from './from-item.ts';
import { refuseVariables } from './parameters.ts';
import { queryOutput, tableScope } from './table-scope.ts';

/** Whether a source is a table, or a materialized window. */
export function isTable({ stream }: FromItem, { declarations }: Context): boolean {
  return stream.kind === 'stream' && declarations.tables.has(stream.name.text);
}

/** Adds the query of a `SELECT` that reads a table for each row of the chain's stream. */
export function addTableRead(
  select: Select,
  stream: FromItem,
  table: FromItem,
  context: Context,
  chain: Chain,
): void {
  const { join, items, limit, span } = select;
  if (table.stream.kind !== 'stream') return;
  refuseClauses(select, stream, table);
  if (join?.kind === 'right' || join?.kind === 'full') {
    throw mistake(
      table.span,
      'rows of a table come for rows of the stream only: expected OUTER JOIN',
    );
  }
  const { name } = table.stream;
  const declared = context.declarations.table(name);
  const scopes = tableScope(namesOf(stream), namesOf(table), declared, context, chain, stream.span);
  const terms = [join?.on, select.where].filter((term) => term !== undefined);
  const [only, another] = terms;
  const condition =
    another === undefined
      ? only
      : { kind: 'logical' as const, operator: 'and' as const, operands: terms, span: only!.span };
  const found = condition && findOf(condition, declared, scopes.table, scopes.scope);
  const { select: list, columns, timeField, places } = queryOutput(items, scopes);
  refuseVariables(scopes.scope, 'a query of a table', span);
  const node = {
    type: 'query',
    table: name.text,
    ...found,
    select: list,
    ...(join?.kind === 'left' ? { misses: 'null' } : {}),
    ...(limit === undefined ? {} : { limit: wholeOf(limit, 'rows') }),
  };
  const where = condition?.span;
  const at = { ...places, key: where, range: where, where, table: name.span };
  chain.add('query', node, { columns, timeField }, span, at);
}

function refuseClauses(select: Select, stream: FromItem, table: FromItem): void {
  const { groupBy, having, orderBy, foreach, within } = select;
  const clause = groupBy[0]?.expr.span ?? having?.span ?? foreach?.list.span ?? within?.span;
  const window = stream.window ?? table.window;
  const place = clause ?? (window && ('by' in window ? window.span : window.span));
  if (place !== undefined) {
    const message = 'a SELECT that reads a table only pairs rows';
    throw mistake(place, `${message}: read it in another SELECT, FROM (SELECT …)`);
  }
  const [order] = orderBy;
  if (order === undefined) return;
  const message = 'rows of a table come in the order of an index, or in none: leave ORDER BY out';
  throw mistake(order.name.span, message);
}
