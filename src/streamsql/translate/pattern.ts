/** `FROM PATTERN`: events, what they have in common, and what is listed of them. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import { childrenOf, type Expr, formatExpression, hasAggregates } from '../../expr/index.ts';
import type { Pattern } from '../ast.ts';
import { mistake } from '../problems.ts';
import { amountOf, durationOf } from './amounts.ts';
import type { Chain } from './chain.ts';
import { ColumnScope, type ScopeSource } from './column-scope.ts';
import type { Context } from './context.ts';
import { namedItems, selectOf } from './items.ts';
import { refuseVariables } from './parameters.ts';
import { columnOf, type StreamInfo } from './stream-info.ts';

/** Adds a pattern. */
export function addPattern(pattern: Pattern, context: Context, chain: Chain): void {
  const { items, template, templateSpan, events, within, where, span } = pattern;
  const infos = events.map(({ stream }) => context.translate(stream, chain.nested()));
  const late = infos.findIndex(({ hasTime }) => !hasTime);
  if (late >= 0) {
    const message = 'a pattern goes by event time, which this stream has not';
    throw mistake(
      events[late]!.stream.span,
      `${message}: declare its input WITH (time = 'COLUMN')`,
    );
  }
  const sources = events.map(({ name }, i): ScopeSource => {
    return { names: [name.text], columns: infos[i]!.columns, qualifier: name.text };
  });
  const scope = new ColumnScope(sources, context.declarations.constants);
  const star = items.find((item) => item.kind === 'star' || hasAggregates(item.expr));
  if (star !== undefined) {
    throw mistake(star.span, 'a pattern lists columns of its events: name them, EVENT.COLUMN');
  }
  const named = namedItems(items, scope);
  const terms = where === undefined ? [] : conjuncts(where);
  const rest = terms.filter((term) => eventOf(term, sources, scope) === undefined);
  const own = (i: number): readonly Expr[] =>
    terms.filter((term) => eventOf(term, sources, scope) === sources[i]);
  const node = {
    type: 'pattern',
    inputs: [...new Set(infos.map(({ ref }) => ref))],
    events: objectOf(
      events.map(
        ({ name }, i) => [name.text, eventDocument(infos[i]!, own(i), sources[i]!)] as const,
      ),
    ),
    pattern: template,
    key: keyOf(rest, sources, infos, scope),
    within: windowOf(within, infos),
    where: together(rest.map((term) => scope.rewrite(term))),
    select: objectOf(selectOf(named)),
  };
  refuseVariables(scope, 'a pattern', span);
  chain.start({ ref: '', columns: undefined, hasTime: true });
  const places = Object.fromEntries(named.map((item) => [`select\n${item.name}`, item.span]));
  chain.add('pattern', node, { columns: named.map(({ column }) => column) }, span, {
    ...places,
    pattern: templateSpan,
    where: where?.span,
    key: where?.span,
    within: within.size.span,
    events: templateSpan,
  });
}

function conjuncts(where: Expr): readonly Expr[] {
  return where.kind === 'logical' && where.operator === 'and' ? where.operands : [where];
}

function together(terms: readonly Expr[]): string | undefined {
  const [first, ...more] = terms;
  if (first === undefined) return undefined;
  if (more.length === 0) return formatExpression(first);
  return formatExpression({ kind: 'logical', operator: 'and', operands: terms, span: first.span });
}

/** A stream, or some of its rows. */
function eventDocument(
  { ref, columns }: StreamInfo,
  terms: readonly Expr[],
  { names }: ScopeSource,
): string | { readonly input: string; readonly where: string } {
  if (terms.length === 0) return ref;
  const alone = new ColumnScope([{ names, columns, qualifier: undefined }]);
  return { input: ref, where: together(terms.map((term) => alone.rewrite(term)))! };
}

/** The event that a condition speaks of, if it is one only. */
function eventOf(
  term: Expr,
  sources: readonly ScopeSource[],
  scope: ColumnScope,
): ScopeSource | undefined {
  const found = new Set<ScopeSource | undefined>();
  const visit = (expr: Expr): void => {
    if (expr.kind === 'column') found.add(scope.sourceOf(expr));
    for (const child of childrenOf(expr)) visit(child);
  };
  visit(term);
  const [only] = found;
  return found.size === 1 ? sources.find((source) => source === only) : undefined;
}

/**
 * The column of each input that `WHERE` says is equal in all events. The conditions stay, for a null
 * equals no other.
 */
function keyOf(
  terms: readonly Expr[],
  sources: readonly ScopeSource[],
  infos: readonly StreamInfo[],
  scope: ColumnScope,
): Readonly<Record<string, readonly string[]>> | undefined {
  /** Classes of columns that are equal: event → column. */
  const classes: Map<ScopeSource, string>[] = [];
  for (const term of terms) {
    if (term.kind !== 'binary' || term.operator !== '=') continue;
    const { left, right } = term;
    if (left.kind !== 'column' || right.kind !== 'column') continue;
    const sides = [left, right].map((side) => [scope.sourceOf(side), side.name] as const);
    if (sides.some(([source]) => source === undefined)) continue;
    const known = classes.filter((equal) =>
      sides.some(([source, name]) => equal.get(source!) === name),
    );
    const merged = new Map(known.flatMap((equal) => [...equal]));
    for (const [source, name] of sides) merged.set(source!, name);
    for (const equal of known) classes.splice(classes.indexOf(equal), 1);
    classes.push(merged);
  }
  const whole = classes.find((equal) => equal.size === sources.length);
  if (whole === undefined) return undefined;
  const columns = new Map<string, string>();
  for (const [i, source] of sources.entries()) {
    const column = whole.get(source)!;
    const { ref } = infos[i]!;
    if ((columns.get(ref) ?? column) !== column) return undefined;
    columns.set(ref, column);
  }
  return objectOf([...columns].map(([ref, column]) => [ref, [column]] as const));
}

function windowOf(
  { size, field }: Pattern['within'],
  infos: readonly StreamInfo[],
): string | { readonly field: string; readonly size: number | string } {
  if (field === undefined) return durationOf(size);
  return { field: field.text, size: amountOf(size, columnOf(infos[0]!, field.text)?.type) };
}
