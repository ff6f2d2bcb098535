/** `SELECT` of one stream: filters, maps, and what groups rows. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import type { JsonValue } from '../../core/topology/model.ts';
import { hasAggregates } from '../../expr/index.ts';
import type { FromItem, Select, SelectItem } from '../ast.ts';
import { mistake } from '../problems.ts';
import { addAggregate } from './aggregate.ts';
import type { Chain } from './chain.ts';
import type { Context } from './context.ts';
import { addJoin } from './join.ts';
import { addWhere, inputOf, singleScope } from './from-item.ts';
import { keptTime, namedItems, selectOf } from './items.ts';
import { parametersOf } from './parameters.ts';
import { columnOf } from './stream-info.ts';
import { addTableRead, isTable } from './table-read.ts';

/** Adds the operators of a `SELECT`. */
export function addSelect(select: Select, context: Context, chain: Chain): void {
  const [first, second] = select.from as readonly [FromItem, FromItem?];
  if (second === undefined) {
    if (isTable(first, context)) {
      const message = 'a table is read for the rows of a stream; expected FROM stream, table';
      throw mistake(first.span, message);
    }
    chain.start(inputOf(first, context, chain));
    addSingle(select, context, chain);
    return;
  }
  const isFirstTable = isTable(first, context);
  if (isFirstTable || isTable(second, context)) {
    if (isFirstTable && isTable(second, context)) {
      throw mistake(second.span, 'two tables are not joined; expected a stream and a table');
    }
    const [stream, table] = isFirstTable ? [second, first] : [first, second];
    chain.start(inputOf(stream, context, chain));
    addTableRead(select, stream, table, context, chain);
  } else {
    addJoin(select, [first, second], context, chain);
  }
}

function addSingle(select: Select, context: Context, chain: Chain): void {
  const [from] = select.from as readonly [FromItem];
  const { items, foreach, where, having, groupBy, orderBy, limit, within } = select;
  if (within !== undefined) throw mistake(within.span, 'WITHIN is for two streams');
  if (foreach !== undefined) addForeach(foreach, from, context, chain);
  if (where !== undefined) addWhere(where, singleScope(from, context, chain), context, chain);
  const isGrouped =
    from.window !== undefined ||
    groupBy.length > 0 ||
    having !== undefined ||
    items.some((item) => item.kind === 'expr' && hasAggregates(item.expr));
  if (isGrouped) {
    addAggregate(select, from, context, chain);
    return;
  }
  if (orderBy.length > 0 || limit !== undefined) {
    const place = orderBy[0]?.name.span ?? limit!.span;
    const message = 'a stream without windows has no end to sort to';
    throw mistake(place, `${message}; ORDER BY … LIMIT is for windows of TIME`);
  }
  addMap(items, from, context, chain, select);
}

/** `FOREACH list AS f`: a row for each element. */
function addForeach(
  { list, name }: NonNullable<Select['foreach']>,
  from: FromItem,
  context: Context,
  chain: Chain,
): void {
  const column = singleScope(from, context, chain).rewrite(list);
  if (column.kind !== 'column') {
    throw mistake(list.span, 'FOREACH goes over a column; a SELECT in front computes one');
  }
  const { columns } = chain.info;
  const { element = 'json' } = columnOf(chain.info, column.name) ?? {};
  const kept = columns?.filter((other) => other.name !== column.name);
  const node = { type: 'unnest', column: column.name, columns: objectOf([[name.text, element]]) };
  const result = {
    columns: kept && [...kept, { name: name.text, type: element }],
    timeField: chain.info.timeField,
  };
  chain.add('foreach', node, result, list.span, { column: list.span });
}

/** The target list; `*` alone needs no operator. */
function addMap(
  items: readonly SelectItem[],
  from: FromItem,
  context: Context,
  chain: Chain,
  { span }: Select,
): void {
  const scope = singleScope(from, context, chain);
  const before = chain.info;
  const stars = items.filter((item) => item.kind === 'star');
  for (const { qualifier } of stars) {
    if (qualifier !== undefined) {
      scope.sourceOf({
        kind: 'column',
        qualifier: qualifier.text,
        name: '*',
        span: qualifier.span,
      });
    }
  }
  const isWhole = items.length === 1 && stars.length === 1;
  if (isWhole) return;
  if (stars.length > 1) throw mistake(stars[1]!.span, 'there is another * in the list');
  if (stars.length === 1 && items[0]!.kind !== 'star') {
    throw mistake(stars[0]!.span, 'the * comes first: its columns are the first ones');
  }
  const named = namedItems(items, scope);
  const star: readonly (readonly [string, JsonValue])[] = stars.length === 1 ? [['*', true]] : [];
  const select = objectOf<JsonValue>([...star, ...selectOf(named)]);
  const places = Object.fromEntries(named.map((item) => [`select\n${item.name}`, item.span]));
  const replaced = new Map(named.map((item) => [item.name, item.column]));
  const kept =
    stars.length === 0 ? [] : before.columns?.map((old) => replaced.get(old.name) ?? old);
  const added = named.filter(({ name }) => !kept?.some((old) => old.name === name));
  const columns = kept && [...kept, ...added.map((item) => item.column)];
  const node = { type: 'map', select, ...parametersOf(scope, context, span) };
  const timeField = keptTime(before, stars.length > 0, named);
  chain.add('select', node, { columns, timeField }, span, places);
}
