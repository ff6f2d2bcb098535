/** `SELECT` over windows and groups: an aggregate, what filters its results, and what lists them. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import {
  childrenOf,
  type Expr,
  formatExpression,
  hasAggregates,
  mapChildren,
} from '../../expr/index.ts';
import type { FromItem, Select } from '../ast.ts';
import { mistake } from '../problems.ts';
import { wholeOf } from './amounts.ts';
import type { Chain } from './chain.ts';
import { ColumnScope } from './column-scope.ts';
import type { Context } from './context.ts';
import type { NodeDocument } from './document-builder.ts';
import { namesOf } from './from-item.ts';
import { isColumn, namedItems, type NamedItem } from './items.ts';
import { parametersFor, refuseVariables, variablesIn } from './parameters.ts';
import type { Column } from './stream-info.ts';
import { type TranslatedWindow, translateWindow } from './windows.ts';

/** Columns of windows, that expressions may read beside those of the stream. */
const EDGES: readonly Column[] = [
  { name: 'window_start', type: 'timestamp' },
  { name: 'window_end', type: 'timestamp' },
];
const OF_ROWS: readonly Column[] = [
  { name: 'window_first', type: 'int64' },
  { name: 'window_last', type: 'int64' },
  { name: 'window_closed', type: 'bool' },
];

interface Group {
  readonly name: string;
  readonly expr: Expr;
  readonly text: string;
  readonly column: Column;
}

/** Adds an aggregate, and behind it what `HAVING`, `ORDER BY` and the list ask for. */
export function addAggregate(select: Select, from: FromItem, context: Context, chain: Chain): void {
  new AggregateTranslation(select, from, context, chain).add();
}

class AggregateTranslation {
  readonly #select: Select;
  readonly #context: Context;
  readonly #chain: Chain;
  readonly #scope: ColumnScope;
  readonly #window: TranslatedWindow | undefined;
  readonly #groups: readonly Group[];
  /** Name → what the aggregate computes. */
  readonly #computed = new Map<string, Expr>();

  constructor(select: Select, from: FromItem, context: Context, chain: Chain) {
    this.#select = select;
    this.#context = context;
    this.#chain = chain;
    const names = namesOf(from);
    const plain = this.#scopeWith(names, []);
    const written = from.window && context.declarations.window(from.window);
    this.#window = written && translateWindow(written, chain.info, plain);
    if (written !== undefined) refuseVariables(plain, 'a window', written.span);
    const groups = select.groupBy.map((group) => this.#group(group, plain));
    const partitions = (written?.partitionBy ?? []).map((name) => {
      const expr = {
        kind: 'column',
        qualifier: undefined,
        name: name.text,
        span: name.span,
      } as const;
      return this.#group({ expr, name: undefined }, plain);
    });
    const isGroup = (name: string): boolean => groups.some((group) => group.name === name);
    this.#groups = [...groups, ...partitions.filter(({ name }) => !isGroup(name))];
    const extra = this.#windowColumns();
    const own = this.#groups.map(({ column }) => column);
    this.#scope = this.#scopeWith(names, [...own, ...extra]);
  }

  add(): void {
    const { items, having, span } = this.#select;
    const star = items.find((item) => item.kind === 'star');
    if (star !== undefined) {
      throw mistake(star.span, 'a * does not go with groups and windows: name the columns');
    }
    const named = namedItems(items, this.#scope);
    const listed = named.map((item) => [item.name, this.#listed(item)] as const);
    const filter = having && this.#having(having, named);
    this.#addNode(named);
    if (filter !== undefined) {
      const { columns } = this.#chain.info;
      const where = { type: 'filter', where: formatExpression(filter) };
      const node = { ...where, ...this.#parametersFor([filter]) };
      this.#chain.add('having', node, { columns }, having!.span, { where: having!.span });
    }
    const output = this.#outputColumns();
    const select = listed.map(([name, expr]) => [name, formatExpression(expr)] as const);
    const isSame =
      select.length === output.length &&
      select.every(([name, text], i) => isColumn(text, name) && output[i] === name);
    if (!isSame) {
      const columns = named.map(({ column }) => column);
      const places = Object.fromEntries(named.map((item) => [`select\n${item.name}`, item.span]));
      const exprs = listed.map(([, expr]) => expr);
      const node = { type: 'map', select: objectOf(select), ...this.#parametersFor(exprs) };
      this.#chain.add('select', node, { columns }, span, places);
    }
    this.#addTop();
  }

  #parametersFor(exprs: readonly Expr[]): NodeDocument {
    return parametersFor(variablesIn(exprs), this.#context, this.#select.span);
  }

  #scopeWith(names: readonly string[], extra: readonly Column[]): ColumnScope {
    const { columns } = this.#chain.info;
    const added = extra.filter((other) => !columns?.some(({ name }) => name === other.name));
    const source = { names, columns: columns && [...columns, ...added], qualifier: undefined };
    return new ColumnScope([source], this.#context.declarations.constants);
  }

  #windowColumns(): readonly Column[] {
    if (this.#window === undefined) return [];
    const { hasEdges, isOfTime } = this.#window;
    return [...(hasEdges ? EDGES : []), ...(isOfTime ? [] : OF_ROWS)];
  }

  #group({ expr, name }: Select['groupBy'][number], scope: ColumnScope): Group {
    const called = name?.text ?? (expr.kind === 'column' ? expr.name : undefined);
    if (called === undefined) {
      throw mistake(expr.span, 'a group that is computed needs a name: write AS and a name');
    }
    const type = expr.kind === 'column' ? scope.declared(expr)?.type : undefined;
    const group = scope.rewrite(expr);
    const text = formatExpression(group);
    return { name: called, expr: group, text, column: { name: called, type } };
  }

  /** What the list says of an item: a column of the aggregate, or something computed of its groups. */
  #listed({ name, expr, span }: NamedItem): Expr {
    if (hasAggregates(expr) || this.#readsRows(expr)) return this.#computedAs(name, expr);
    this.#checkGrouped(expr, span);
    return expr;
  }

  /** The column that the aggregate computes for an expression. */
  #computedAs(wanted: string, expr: Expr): Expr {
    const name = this.#compute(wanted, expr);
    return { kind: 'column', qualifier: undefined, name, span: expr.span };
  }

  /** Has the aggregate compute an expression, and tells how its column is called. */
  #compute(wanted: string, expr: Expr): string {
    let name = wanted;
    const taken = new Set([...this.#edgeNames(), ...this.#groups.map((group) => group.name)]);
    while (taken.has(name) || this.#computed.has(name)) name += '_';
    this.#computed.set(name, expr);
    return name;
  }

  #edgeNames(): readonly string[] {
    return this.#window?.hasEdges === true ? EDGES.map(({ name }) => name) : [];
  }

  #readsRows(expr: Expr): boolean {
    const isOwn = OF_ROWS.some(({ name }) => expr.kind === 'column' && expr.name === name);
    const isThere = this.#window !== undefined && !this.#window.isOfTime;
    return (isOwn && isThere) || childrenOf(expr).some((child) => this.#readsRows(child));
  }

  #checkGrouped(expr: Expr, span: NamedItem['span']): void {
    if (expr.kind === 'column') {
      const names = [...this.#groups.map((group) => group.name), ...this.#edgeNames()];
      const isVariable = expr.name.startsWith('$');
      if (names.includes(expr.name) || isVariable) return;
      const message = `column '${expr.name}' is neither aggregated nor in GROUP BY`;
      throw mistake(expr.span, `${message}; LASTVAL(${expr.name}) is that of the last row`);
    }
    for (const child of childrenOf(expr)) this.#checkGrouped(child, span);
  }

  /** The condition of the filter behind the aggregate; names of the list stand for what they name. */
  #having(having: Expr, named: readonly NamedItem[]): Expr {
    const inPlace = (expr: Expr): Expr => {
      if (expr.kind === 'column' && expr.qualifier === undefined) {
        const isGroup = this.#groups.some((group) => group.name === expr.name);
        const item = named.find(({ name }) => name === expr.name);
        if (!isGroup && item !== undefined) return item.written;
      }
      return expr.kind === 'aggregate' ? expr : mapChildren(expr, inPlace);
    };
    const expr = this.#scope.rewrite(inPlace(having));
    if (hasAggregates(expr) || this.#readsRows(expr)) return this.#computedAs('having', expr);
    this.#checkGrouped(expr, having.span);
    return expr;
  }

  #outputColumns(): readonly string[] {
    return [
      ...this.#edgeNames(),
      ...this.#groups.map((group) => group.name),
      ...this.#computed.keys(),
    ];
  }

  #addNode(named: readonly NamedItem[]): void {
    const { span } = this.#select;
    const isPlain = this.#groups.every(({ name, text }) => isColumn(text, name));
    const groups = isPlain
      ? this.#groups.map(({ name }) => name)
      : objectOf(this.#groups.map(({ name, text }) => [name, text] as const));
    const groupExprs = this.#groups.map((group) => group.expr);
    const parameters = this.#parametersFor([...groupExprs, ...this.#computed.values()]);
    const node = {
      type: 'aggregate',
      groupBy: this.#groups.length === 0 ? undefined : groups,
      window: this.#window?.document,
      select: objectOf(
        [...this.#computed].map(([name, expr]) => [name, formatExpression(expr)] as const),
      ),
      ...parameters,
    };
    const types = new Map(
      [
        ...EDGES,
        ...this.#groups.map(({ column }) => column),
        ...named.map(({ column }) => column),
      ].map((column) => [column.name, column] as const),
    );
    const columns = this.#outputColumns().map((name) => types.get(name) ?? { name });
    const hasTime =
      this.#window !== undefined && (this.#window.isOfTime || this.#chain.info.hasTime);
    const spans = named.map((item) => [`select\n${item.name}`, item.span] as const);
    const window = this.#select.from[0]?.window;
    const places = {
      ...Object.fromEntries(spans),
      window: window && ('by' in window ? window.span : window.span),
      groupBy: this.#select.groupBy[0]?.expr.span,
    };
    this.#chain.add('aggregate', node, { columns, hasTime }, span, places);
  }

  /** `ORDER BY … LIMIT n`: the first rows of each window. */
  #addTop(): void {
    const { orderBy, limit, span } = this.#select;
    if (orderBy.length === 0 && limit === undefined) return;
    const [first] = orderBy;
    if (first === undefined) {
      throw mistake(limit!.span, 'LIMIT is for sorted rows of a window: ORDER BY is missing');
    }
    if (limit === undefined) {
      const message = 'rows of a window have no order; ORDER BY goes with LIMIT';
      throw mistake(first.name.span, `${message}, and a sink to a file has its own orderBy`);
    }
    if (this.#window?.isOfTime !== true) {
      throw mistake(first.name.span, 'ORDER BY … LIMIT is for windows of TIME');
    }
    const { columns } = this.#chain.info;
    const node = {
      type: 'top',
      n: wholeOf(limit, 'rows'),
      orderBy: orderBy.map(({ name, isDescending }) =>
        isDescending ? `-${name.text}` : name.text,
      ),
      window: 'input',
    };
    this.#chain.add('top', node, { columns }, span, { orderBy: first.name.span, n: limit.span });
  }
}
