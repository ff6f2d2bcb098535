/** `SELECT` of two streams, and `VJOIN`. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import {
  type ColumnExpr,
  type Expr,
  formatExpression,
  hasAggregates,
  type Span,
} from '../../expr/index.ts';
import type { FromItem, Select, SelectItem, ValueJoin, Window } from '../ast.ts';
import { mistake } from '../problems.ts';
import { durationOf, durationText, wholeOf } from './amounts.ts';
import type { Chain } from './chain.ts';
import { ColumnScope, type ScopeSource } from './column-scope.ts';
import type { Context } from './context.ts';
import type { NodeDocument } from './document-builder.ts';
import { inputOf, namesOf } from './from-item.ts';
import { keptTime, namedItems, selectOf } from './items.ts';
import { refuseVariables } from './parameters.ts';
import type { Column, StreamInfo } from './stream-info.ts';

type Pair<Value> = readonly [Value, Value];

/** Adds the join of a `SELECT` that reads two streams. */
export function addJoin(
  select: Select,
  from: Pair<FromItem>,
  context: Context,
  chain: Chain,
): void {
  const { groupBy, having, orderBy, limit, foreach, where, items, span } = select;
  const misplaced =
    groupBy[0]?.expr.span ??
    having?.span ??
    orderBy[0]?.name.span ??
    limit?.span ??
    foreach?.list.span;
  if (misplaced !== undefined) {
    throw mistake(misplaced, 'a join only pairs rows: read it in another SELECT, FROM (SELECT …)');
  }
  const sides = sidesOf(from, context, chain);
  const condition = conditionOf(select, span);
  const { kind = 'inner' } = select.join ?? {};
  const reach = reachOf(select, from, sides, context, span);
  const node = {
    ...(kind === 'inner' ? {} : { kind }),
    on: formatExpression(sides.scope.rewrite(condition)),
    ...reach,
  };
  addNode(node, items, sides, chain, { span, on: (where ?? condition).span });
}

/** What `ON` and `WHERE` say. */
function conditionOf({ join, where }: Select, span: Span): Expr {
  const on = join?.on;
  if (on !== undefined && where !== undefined) {
    if (join!.kind !== 'inner') {
      const message = 'of an outer join, WHERE is for what comes of it';
      throw mistake(where.span, `${message}: write it in another SELECT, FROM (SELECT …)`);
    }
    return { kind: 'logical', operator: 'and', operands: [on, where], span: on.span };
  }
  const condition = on ?? where;
  if (condition !== undefined) return condition;
  throw mistake(span, 'two streams meet by a condition: WHERE is missing');
}

/** `VJOIN`: the order fields are the event times of both streams. */
export function addValueJoin(join: ValueJoin, context: Context, chain: Chain): void {
  const { from, items, where, span } = join;
  const sides = sidesOf(from, context, chain);
  const terms = where.kind === 'logical' && where.operator === 'and' ? where.operands : [where];
  const [near, ...rest] = terms;
  if (near?.kind !== 'between' || near.negated) {
    const expected = 'y.time BETWEEN x.time - 1 AND x.time + 2';
    throw mistake(
      where.span,
      `expected how near the streams are to each other, such as ${expected}`,
    );
  }
  checkTimeField(near.operand, 1, sides);
  const before = distance(near.low, '-', sides);
  const after = distance(near.high, '+', sides);
  const [only = TRUE, ...more] = rest;
  const condition: Expr =
    more.length === 0
      ? only
      : { kind: 'logical', operator: 'and', operands: rest, span: only.span };
  const node = {
    on: formatExpression(sides.scope.rewrite(condition)),
    within: { before, after },
  };
  addNode(node, items, sides, chain, { span, on: where.span });
}

const TRUE: Expr = {
  kind: 'word',
  value: true,
  word: 'TRUE',
  span: { source: '', start: 0, end: 0 },
};

/** Two streams, and the scope of expressions over both. */
interface Sides {
  readonly infos: Pair<StreamInfo>;
  readonly sources: Pair<ScopeSource>;
  readonly scope: ColumnScope;
}

function sidesOf(from: Pair<FromItem>, context: Context, chain: Chain): Sides {
  const infos = [inputOf(from[0], context, chain), inputOf(from[1], context, chain)] as const;
  const source = (i: 0 | 1, qualifier: string): ScopeSource => ({
    names: namesOf(from[i]),
    columns: infos[i].columns,
    qualifier,
  });
  const sources = [source(0, 'l'), source(1, 'r')] as const;
  const [left, right] = sources;
  const shared = left.names.find((name) => right.names.includes(name));
  if (shared !== undefined) {
    throw mistake(
      from[1].span,
      `two streams are called '${shared}': give one another name with AS`,
    );
  }
  const scope = new ColumnScope(sources, context.declarations.constants);
  return { infos, sources, scope };
}

function addNode(
  node: NodeDocument,
  items: readonly SelectItem[],
  sides: Sides,
  chain: Chain,
  { span, on }: { readonly span: Span; readonly on: Span },
): void {
  const aggregated = items.find((item) => item.kind === 'expr' && hasAggregates(item.expr));
  if (aggregated !== undefined) {
    throw mistake(aggregated.span, 'a join only pairs rows: aggregate them in another SELECT');
  }
  const { infos, scope } = sides;
  const isAll = items.length === 1 && items[0]!.kind === 'star' && !items[0]!.qualifier;
  const named = isAll
    ? []
    : namedItems(
        items.flatMap((item) => unfolded(item, sides)),
        scope,
      );
  refuseVariables(scope, 'a join', span);
  const select = objectOf(selectOf(named));
  const inputs = infos.map(({ ref }) => ref);
  const places = Object.fromEntries(named.map((item) => [`select\n${item.name}`, item.span]));
  chain.start({ ref: '', columns: undefined, hasTime: infos.every(({ hasTime }) => hasTime) });
  const columns = isAll ? undefined : named.map(({ column }) => column);
  const left = named.filter(({ expr }) => expr.kind === 'column' && expr.qualifier === 'l');
  const timeField = keptTime(infos[0], false, left);
  const whole = { type: 'join', inputs, ...node, select };
  chain.add('join', whole, { columns, timeField }, span, { ...places, on });
}

/** A star of one side as its columns. */
function unfolded(item: SelectItem, { scope, sources }: Sides): readonly SelectItem[] {
  if (item.kind === 'expr') return [item];
  const { qualifier, span } = item;
  const among =
    qualifier === undefined
      ? sources
      : [scope.sourceOf({ kind: 'column', qualifier: qualifier.text, name: '*', span })!];
  return among.flatMap((source) => {
    const columns: readonly Column[] | undefined = source.columns;
    if (columns === undefined) {
      throw mistake(span, `the columns of '${source.names[0]}' are not known here: write them out`);
    }
    return columns.map(({ name }): SelectItem => {
      const expr: ColumnExpr = { kind: 'column', qualifier: source.names[0], name, span };
      return { kind: 'expr', expr, name: undefined, span };
    });
  });
}

/** How near rows are: by `WITHIN`, or by the windows of both streams. */
function reachOf(
  { within, span: place }: Select,
  from: Pair<FromItem>,
  { infos }: Sides,
  context: Context,
  span: Span,
): NodeDocument {
  const windows = from.map(({ window }) => window && context.declarations.window(window));
  const [left, right] = windows;
  if (within !== undefined) {
    const written = left ?? right;
    if (written !== undefined)
      throw mistake(written.span, 'expected a window or WITHIN, found both');
    const reach = durationOf(within);
    for (const [i, info] of infos.entries()) checkHasTime(info, from[i]!);
    return { within: { before: reach, after: reach } };
  }
  if (left === undefined || right === undefined) {
    const missing = left === undefined ? from[0] : from[1];
    const expected = 'a window such as [SIZE 10 TIME], or WITHIN 10 TIME behind both';
    throw mistake(
      left === undefined && right === undefined ? span : missing.span,
      `expected ${expected}: streams meet as far as they are near each other`,
    );
  }
  for (const { partitionBy, by } of [left, right]) {
    const [partition] = partitionBy;
    if (partition !== undefined)
      throw mistake(partition.span, 'windows of a join have no PARTITION BY');
    if (by === 'predicate') throw mistake(place, 'windows of a join are of TIME or TUPLES');
  }
  if (left.by === 'tuples' && right.by === 'tuples') {
    return { buffer: { left: tuples(left), right: tuples(right) } };
  }
  if (left.by === 'tuples' || right.by === 'tuples') {
    throw mistake(right.span, 'both windows of a join are of TUPLES, or both are of TIME');
  }
  // A row of one stream meets those of the other that its window still has.
  return {
    within: { before: reach(right, infos[1], from[1]), after: reach(left, infos[0], from[0]) },
  };
}

function tuples({ size }: Window): number {
  return wholeOf(size!, 'tuples');
}

function reach({ by, size, field }: Window, info: StreamInfo, from: FromItem): string {
  checkHasTime(info, from);
  if (by === 'field' && field!.text !== info.timeField) {
    const message = `'${field!.text}' is not the event time of the stream`;
    throw mistake(field!.span, `${message}: streams are joined by their time, or by TUPLES`);
  }
  return durationOf(size!);
}

function checkHasTime({ hasTime }: StreamInfo, from: FromItem): void {
  if (hasTime) return;
  const message = 'streams are joined by event time, which this one has not';
  throw mistake(from.span, `${message}: declare its input WITH (time = 'COLUMN')`);
}

/** `x.time - 1`: the distance, in seconds or as an interval. */
function distance(bound: Expr, sign: '-' | '+', sides: Sides): string {
  if (bound.kind !== 'binary' || bound.operator !== sign) {
    checkTimeField(bound, 0, sides);
    return '0s';
  }
  checkTimeField(bound.left, 0, sides);
  const length = sides.scope.rewrite(bound.right);
  if (length.kind === 'number')
    return durationOf({ text: length.text, isDuration: false, span: length.span });
  if (length.kind === 'interval') return durationText(Number(length.us));
  throw mistake(length.span, 'expected a number of seconds, or an interval such as seconds(5)');
}

function checkTimeField(expr: Expr, side: 0 | 1, { infos, scope, sources }: Sides): void {
  const which = side === 0 ? 'first' : 'second';
  const isOwn = expr.kind === 'column' && scope.sourceOf(expr) === sources[side];
  if (isOwn && infos[side].timeField === expr.name) return;
  const message = `expected the event time of the ${which} stream`;
  const known = infos[side].timeField;
  throw mistake(
    expr.span,
    known === undefined ? `${message}, which it has not` : `${message}, '${known}'`,
  );
}
