/** `UNION`, `BSORT`, `MERGE`, `WITH HEARTBEAT`, `LOCK` and `UNLOCK`. @module */

import type { Name, StreamExpr } from '../ast.ts';
import { amountOf, durationOf, wholeOf } from './amounts.ts';
import type { Chain } from './chain.ts';
import { ColumnScope } from './column-scope.ts';
import type { Context } from './context.ts';
import { type Column, columnOf, type StreamInfo } from './stream-info.ts';

/** Stream expressions of a kind. */
export type Of<Kind extends StreamExpr['kind']> = Extract<StreamExpr, { kind: Kind }>;

/** `a UNION b`: columns meet by name. */
export function addUnion({ streams, span }: Of<'union'>, context: Context, chain: Chain): void {
  const infos = streams.map((stream) => context.translate(stream, chain.nested()));
  startWith(infos, chain);
  const node = { type: 'union', inputs: infos.map(({ ref }) => ref), columns: 'loose' };
  const timeField = sharedTime(infos);
  chain.add('union', node, { columns: unitedColumns(infos), timeField }, span);
}

/** The columns of a loose union: those of all, in the order in which they first appear. */
export function unitedColumns(infos: readonly StreamInfo[]): readonly Column[] | undefined {
  if (infos.some(({ columns }) => columns === undefined)) return undefined;
  const columns = new Map<string, Column>();
  for (const column of infos.flatMap((info) => info.columns ?? [])) {
    if (!columns.has(column.name)) columns.set(column.name, column);
  }
  return [...columns.values()];
}

/** `BSORT s ON f SIZE n`. */
export function addBsort(sort: Of<'bsort'>, context: Context, chain: Chain): void {
  const { on, size, isTuples, groupBy, span } = sort;
  chain.start(context.translate(sort.stream, chain.nested()));
  const { info } = chain;
  for (const column of [on, ...groupBy]) checkColumn(column, info);
  const bound = isTuples
    ? { slack: wholeOf(size, 'tuples') }
    : { range: amountOf(size, columnOf(info, on.text)?.type) };
  const node = { type: 'bsort', orderBy: [on.text], ...bound, ...groups(groupBy) };
  chain.add('bsort', node, info, span, { orderBy: on.span, slack: size.span, range: size.span });
}

/** `MERGE a, b USING f`. */
export function addMerge(merge: Of<'merge'>, context: Context, chain: Chain): void {
  const { streams, on, groupBy, span } = merge;
  const infos = streams.map((stream) => context.translate(stream, chain.nested()));
  for (const column of [on, ...groupBy]) {
    for (const info of infos) checkColumn(column, info);
  }
  startWith(infos, chain);
  const inputs = infos.map(({ ref }) => ref);
  const node = { type: 'merge', inputs, orderBy: on.text, ...groups(groupBy) };
  const result = { columns: infos[0]!.columns, timeField: sharedTime(infos) };
  chain.add('merge', node, result, span, { orderBy: on.span });
}

/** `s WITH HEARTBEAT ON f EVERY i`. */
export function addHeartbeat(beat: Of<'heartbeat'>, context: Context, chain: Chain): void {
  const { on, every, slack, span } = beat;
  chain.start(context.translate(beat.stream, chain.nested()));
  const { info } = chain;
  checkColumn(on, info);
  const node = {
    type: 'heartbeat',
    field: on.text,
    every: durationOf(every),
    ...(slack === undefined ? {} : { slack: durationOf(slack) }),
  };
  chain.add('heartbeat', node, info, span, { field: on.span, every: every.span });
}

/** `LOCK l ON a FROM s`, and `UNLOCK`. */
export function addLock(lock: Of<'lock' | 'unlock'>, context: Context, chain: Chain): void {
  const { kind, lockset, on, span } = lock;
  context.declarations.checkLockset(lockset);
  chain.start(context.translate(lock.stream, chain.nested()));
  const { info } = chain;
  for (const column of on) checkColumn(column, info);
  const node = { type: kind, key: on.map(({ text }) => text), lockset: lockset.text };
  chain.add(kind, node, info, span, { key: on[0]?.span });
}

function groups(groupBy: readonly Name[]): { readonly groupBy?: readonly string[] } {
  return groupBy.length === 0 ? {} : { groupBy: groupBy.map(({ text }) => text) };
}

/** Begins a chain whose first operator reads several streams. */
export function startWith(infos: readonly StreamInfo[], chain: Chain): void {
  const hasTime = infos.every((info) => info.hasTime);
  chain.start({ ref: '', columns: undefined, hasTime });
}

function sharedTime(infos: readonly StreamInfo[]): string | undefined {
  const [first, ...rest] = infos;
  const isShared = rest.every(({ timeField }) => timeField === first!.timeField);
  return isShared ? first!.timeField : undefined;
}

/** @throws when it is known that there is no such column */
export function checkColumn(column: Name, { columns }: Pick<StreamInfo, 'columns'>): void {
  const scope = new ColumnScope([{ names: ['the stream'], columns, qualifier: undefined }]);
  scope.rewrite({ kind: 'column', qualifier: undefined, name: column.text, span: column.span });
}
