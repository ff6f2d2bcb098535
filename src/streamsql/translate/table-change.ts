/** `INSERT`, `REPLACE`, `UPDATE`, `DELETE` and `TRUNCATE`: queries that change a table. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import { type Expr, formatExpression, formatIdentifier, hasAggregates } from '../../expr/index.ts';
import type { CreateTable, FromItem, Name, Select, TableChange } from '../ast.ts';
import { mistake } from '../problems.ts';
import type { Chain } from './chain.ts';
import { findOf } from './conjuncts.ts';
import { ColumnScope } from './column-scope.ts';
import type { Context } from './context.ts';
import { addWhere, inputOf, namesOf, singleScope } from './from-item.ts';
import { refuseVariables } from './parameters.ts';
import { columnOf } from './stream-info.ts';
import { isTable } from './table-read.ts';
import { columnsOf, queryOutput, type TableScope, tableScope } from './table-scope.ts';

const ACTIONS = {
  insert: 'insert',
  upsert: 'upsert',
  replace: 'upsert',
  update: 'update',
  delete: 'delete',
  truncate: 'delete',
} as const;

/** Adds the query of a change; what it gives is `RETURNING`, or the columns of the stream. */
export function addTableChange(change: TableChange, context: Context, chain: Chain): void {
  const { action, table: name, stream, where, set, returning, span } = change;
  const table = context.declarations.table(name);
  const { statement } = table;
  if (statement.kind === 'materialized') {
    throw mistake(name.span, `'${name.text}' is a window of a stream, which nothing else changes`);
  }
  const plain = plainSelect(stream, context);
  if (plain === undefined) chain.start(context.translate(stream, chain.nested()));
  else startPlain(plain, context, chain);
  const scopes = tableScope(streamNames(stream), [name.text], table, context, chain, stream.span);
  const values = inserted(change, plain, statement, scopes, context);
  const assigned = set.map(({ column, expr }) => {
    checkColumn(column, scopes);
    return [column.text, formatExpression(scopes.scope.rewrite(expr))] as const;
  });
  const found = where && findOf(where, table, scopes.table, scopes.scope);
  const output = queryOutput(returning, scopes);
  refuseVariables(scopes.scope, 'a change of a table', span);
  const written =
    action === 'update'
      ? assigned
      : action === 'upsert'
        ? merged(values, assigned, statement, scopes)
        : values;
  const node = {
    type: 'query',
    table: name.text,
    do: ACTIONS[action],
    ...found,
    ...(written.length === 0 ? {} : { set: objectOf(written) }),
    select: output.select,
  };
  const places = {
    ...output.places,
    ...Object.fromEntries(set.map(({ column, expr }) => [`set\n${column.text}`, expr.span])),
    table: name.span,
    key: where?.span,
    range: where?.span,
    where: where?.span,
  };
  const { columns, timeField } = output;
  chain.add(action, node, { columns, timeField }, span, places);
}

/** What may stand in front of columns of the stream: its name, or that of what a `SELECT` reads. */
function streamNames(stream: TableChange['stream']): readonly string[] {
  if (stream.kind === 'stream') return [stream.name.text];
  const [only, another] = stream.kind === 'select' ? stream.from : [];
  return only === undefined || another !== undefined ? [] : namesOf(only);
}

type Values = readonly (readonly [column: string, text: string])[];

/** What a new row has, by column. */
function inserted(
  { action, columns, stream, table, span }: TableChange,
  plain: Select | undefined,
  { key }: CreateTable,
  scopes: TableScope,
  context: Context,
): Values {
  if (action !== 'insert' && action !== 'upsert' && action !== 'replace') return [];
  for (const column of columns) checkColumn(column, scopes);
  const given =
    plain === undefined ? columnTexts(stream, scopes) : itemTexts(plain, scopes, context);
  if (given.length !== columns.length) {
    const message = `'${table.text}' is given ${columns.length} columns`;
    throw mistake(span, `${message}, and the stream has ${given.length}`);
  }
  const missing = key.find(({ text }) => !columns.some((column) => column.text === text));
  if (missing !== undefined) {
    const message = `the key column '${missing.text}' of '${table.text}' is not among the columns`;
    throw mistake(columns[0]!.span, message);
  }
  const values = columns.map(({ text }, i) => [text, given[i]!] as const);
  // Columns that the statement does not name are null, whatever the row that was there has.
  const rest = columnsOf(context.declarations.table(table), context)
    .filter(({ name }) => !columns.some((column) => column.text === name))
    .filter(({ name }) => action === 'replace' || columnOf(scopes.info, name) !== undefined)
    .map(({ name, type }) => [name, nothing(type)] as const);
  return [...values, ...rest];
}

/** A `SELECT` that only filters and computes: the query computes for it. */
function plainSelect(stream: TableChange['stream'], context: Context): Select | undefined {
  if (stream.kind !== 'select') return undefined;
  const { from, items, groupBy, having, orderBy, limit, foreach, within } = stream;
  const [only, another] = from;
  const isSingle = only !== undefined && another === undefined && only.window === undefined;
  const clauses = [having, limit, foreach, within].filter((clause) => clause !== undefined);
  const isBare = groupBy.length + orderBy.length + clauses.length === 0;
  const isList = items.every((item) => item.kind === 'expr' && !hasAggregates(item.expr));
  return isSingle && isBare && isList && !isTable(only, context) ? stream : undefined;
}

function startPlain({ from, where }: Select, context: Context, chain: Chain): void {
  const [item] = from as readonly [FromItem];
  chain.start(inputOf(item, context, chain));
  if (where !== undefined) addWhere(where, singleScope(item, context, chain), context, chain);
}

/** What a plain `SELECT` lists, over the columns of the stream alone. */
function itemTexts(
  { items, span }: Select,
  { stream, info }: TableScope,
  { declarations }: Context,
): readonly string[] {
  const scope = new ColumnScope(
    [{ ...stream, qualifier: info.ref, isMain: false }],
    declarations.constants,
  );
  const texts = items.flatMap((item) =>
    item.kind === 'expr' ? [formatExpression(scope.rewrite(item.expr))] : [],
  );
  refuseVariables(scope, 'a change of a table', span);
  return texts;
}

function columnTexts(stream: TableChange['stream'], scopes: TableScope): readonly string[] {
  const { columns } = scopes.info;
  if (columns === undefined) {
    throw mistake(stream.span, 'the columns of this stream are not known here: expected a SELECT');
  }
  return columns.map(({ name }) => ofStream(name, scopes));
}

function ofStream(name: string, { scope, info }: TableScope): string {
  const span = { source: '', start: 0, end: 0 };
  const isShared =
    scope.declared({ kind: 'column', qualifier: undefined, name, span }) !== undefined;
  const column = formatIdentifier(name);
  return isShared ? `${formatIdentifier(info.ref)}.${column}` : column;
}

/** `ON DUPLICATE KEY UPDATE`: a row that is new has a null key in `t`. */
function merged(
  values: Values,
  assigned: Values,
  { key }: CreateTable,
  { table }: TableScope,
): Values {
  const isNew = `t.${formatIdentifier(key[0]!.text)} IS NULL`;
  const updates = new Map(assigned);
  const keys = new Set(key.map(({ text }) => text));
  const whole = [...values];
  for (const [name] of assigned) {
    if (whole.some(([column]) => column === name)) continue;
    whole.push([name, nothing(columnOf(table, name)?.type)]);
  }
  return whole.map(([name, value]) => {
    if (keys.has(name)) return [name, value] as const;
    const update = updates.get(name) ?? `t.${formatIdentifier(name)}`;
    return [name, `CASE WHEN ${isNew} THEN ${value} ELSE ${update} END`] as const;
  });
}

/** A null of a column's type. */
function nothing(type: string | undefined): string {
  return `CAST(NULL AS ${type ?? 'json'})`;
}

function checkColumn(column: Name, { scope, table }: TableScope): void {
  const expr: Expr = {
    kind: 'column',
    qualifier: table.names[0],
    name: column.text,
    span: column.span,
  };
  scope.rewrite(expr);
}
