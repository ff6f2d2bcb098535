/** A stream beside a table: the scope of expressions over both, and what they list. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import type { JsonValue } from '../../core/topology/model.ts';
import { formatExpression, formatIdentifier, hasAggregates, type Span } from '../../expr/index.ts';
import type { SelectItem } from '../ast.ts';
import { mistake } from '../problems.ts';
import type { Chain } from './chain.ts';
import { ColumnScope, type ScopeSource } from './column-scope.ts';
import type { Context } from './context.ts';
import type { DeclaredTable } from './declarations.ts';
import { keptTime, type NamedItem, namedItems } from './items.ts';
import type { Column, StreamInfo } from './stream-info.ts';

/** What a query calls the row of its table. */
const ROW = 't';

/** A stream and a table. */
export interface TableScope {
  readonly scope: ColumnScope;
  readonly stream: ScopeSource;
  readonly table: ScopeSource;
  readonly info: StreamInfo;
}

/** The scope of a query that the chain's stream makes to a table. */
export function tableScope(
  streamNames: readonly string[],
  tableNames: readonly string[],
  table: DeclaredTable,
  context: Context,
  chain: Chain,
  span: Span,
): TableScope {
  const info = chain.named();
  if (info.ref === ROW) {
    throw mistake(
      span,
      `'${ROW}' is what a query calls rows of its table: give the stream another name`,
    );
  }
  const stream = { names: streamNames, columns: info.columns, qualifier: info.ref, isMain: true };
  const rows = { names: tableNames, columns: columnsOf(table, context), qualifier: ROW };
  const scope = new ColumnScope([stream, rows], context.declarations.constants);
  return { scope, stream, table: rows, info };
}

/** The columns of a table; those of a materialized window are its stream's. */
export function columnsOf(table: DeclaredTable, context: Context): readonly Column[] {
  const { statement } = table;
  if (statement.kind === 'materialized') {
    table.columns ??= context.stream(statement.stream).columns;
    if (table.columns?.every(({ type }) => type !== undefined) !== true) {
      const message = 'the types of the columns are not known here';
      throw mistake(statement.stream.span, `${message}: CREATE STREAM with columns declares them`);
    }
  }
  return table.columns ?? [];
}

/** The `select` of a query, and the columns it gives. */
export interface QueryOutput {
  readonly select: JsonValue | undefined;
  readonly columns: readonly Column[] | undefined;
  readonly timeField: string | undefined;
  readonly places: Readonly<Record<string, Span>>;
}

/** What a list asks of a query; without a list it is the columns of the stream. */
export function queryOutput(
  items: readonly SelectItem[] | undefined,
  scopes: TableScope,
): QueryOutput {
  const { scope, stream, table, info } = scopes;
  if (items === undefined) {
    const { columns, timeField } = info;
    return { select: { '*': true }, columns, timeField, places: {} };
  }
  checkItems(items, scopes);
  const [first] = items;
  const keepsInput = first !== undefined && isStarOf(first, stream, scope);
  const isOpen = keepsInput && info.columns === undefined;
  if (isOpen && items.length === 1 && isStarOf(first, table, scope)) {
    return { select: undefined, columns: undefined, timeField: undefined, places: {} };
  }
  const named = namedItems(items, scope);
  const kept = keepsInput ? (info.columns ?? []) : [];
  const listed = listedColumns(items, named, kept, scopes);
  const isOfStream = named.filter(
    ({ written }) => written.kind === 'column' && scope.sourceOf(written) === stream,
  );
  return {
    select: objectOf<JsonValue>([
      ...(keepsInput ? [['*', true] as const] : []),
      ...listed.map(({ column, text }) => [column.name, text] as const),
    ]),
    columns: isOpen ? undefined : eachOnce([...kept, ...listed.map(({ column }) => column)]),
    timeField: keptTime(info, keepsInput, isOfStream),
    places: Object.fromEntries(named.map((item) => [`select\n${item.name}`, item.span])),
  };
}

/** No aggregates, and the star of the stream in front. */
function checkItems(items: readonly SelectItem[], { scope, stream }: TableScope): void {
  const aggregated = items.find((item) => item.kind === 'expr' && hasAggregates(item.expr));
  if (aggregated !== undefined) {
    const message = 'rows of a table are not aggregated as they are read';
    throw mistake(aggregated.span, `${message}: aggregate them in another SELECT`);
  }
  const late = items.find((item, i) => i > 0 && isStarOf(item, stream, scope));
  if (late === undefined) return;
  throw mistake(late.span, 'the * of the stream comes first: its columns are the first ones');
}

function isStarOf(item: SelectItem, source: ScopeSource, scope: ColumnScope): boolean {
  if (item.kind !== 'star') return false;
  const { qualifier, span } = item;
  if (qualifier === undefined) return true;
  return scope.sourceOf({ kind: 'column', qualifier: qualifier.text, name: '*', span }) === source;
}

/** The items in their order; in the place of a star those columns of the table that have no other place. */
function listedColumns(
  items: readonly SelectItem[],
  named: readonly NamedItem[],
  kept: readonly Column[],
  { scope, table }: TableScope,
): readonly { readonly column: Column; readonly text: string }[] {
  const taken = new Set([...kept, ...named].map(({ name }) => name));
  let next = 0;
  return items.flatMap((item) => {
    if (item.kind === 'expr') {
      const { column, expr } = named[next++]!;
      return [{ column, text: formatExpression(expr) }];
    }
    if (!isStarOf(item, table, scope)) return [];
    const columns = (table.columns ?? []).filter(({ name }) => !taken.has(name));
    for (const { name } of columns) taken.add(name);
    return columns.map((column) => ({ column, text: `${ROW}.${formatIdentifier(column.name)}` }));
  });
}

/** The last of each name, in the place of the first. */
function eachOnce(columns: readonly Column[]): readonly Column[] {
  return [...new Map(columns.map((column) => [column.name, column] as const)).values()];
}
