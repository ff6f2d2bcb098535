/** From expressions of StreamSQL to those of a topology: whose columns are meant, and what is spelled otherwise. @module */

import { nearestName } from '../../core/nearest-name.ts';
import { parseTypeName } from '../../core/types.ts';
import { type ColumnExpr, type Expr, mapChildren, type Span } from '../../expr/index.ts';
import { mistake } from '../problems.ts';
import type { Column } from './stream-info.ts';

/** A stream or table whose columns an expression may name. */
export interface ScopeSource {
  /** What may stand in front of a column: the alias, else the stream's own name. */
  readonly names: readonly string[];
  readonly columns: readonly Column[] | undefined;
  /** What stands in front of it in the topology. */
  readonly qualifier: string | undefined;
  /** The qualifier is needed only where another source has such a column. */
  readonly isMain?: boolean;
}

/** Functions that convert, as StreamBase has them. */
const CONVERSIONS: ReadonlyMap<string, string> = new Map([
  ['INT', 'int32'],
  ['LONG', 'int64'],
  ['DOUBLE', 'float64'],
  ['STRING', 'string'],
  ['BOOL', 'bool'],
  ['TIMESTAMP', 'timestamp'],
  ['BLOB', 'bytes'],
]);

/** Functions that make lengths of time, and how long one is, in microseconds. */
const LENGTHS: ReadonlyMap<string, bigint> = new Map([
  ['MILLISECONDS', 1_000n],
  ['SECONDS', 1_000_000n],
  ['MINUTES', 60_000_000n],
  ['HOURS', 3_600_000_000n],
  ['DAYS', 86_400_000_000n],
  ['WEEKS', 604_800_000_000n],
]);

/** Declared variables: what those that nothing changes stand for, `undefined` of others. */
export type Variables = ReadonlyMap<string, Expr | undefined>;

/** Looks columns up, and notes which variables are read. */
export class ColumnScope {
  readonly #sources: readonly ScopeSource[];
  readonly #variables: Variables;
  readonly #used = new Set<string>();

  constructor(sources: readonly ScopeSource[], variables: Variables = new Map()) {
    this.#sources = sources;
    this.#variables = variables;
  }

  /** The variables that were read since the last call. */
  takeVariables(): readonly string[] {
    const used = [...this.#used];
    this.#used.clear();
    return used;
  }

  /** The expression that a topology has instead. */
  rewrite(expr: Expr): Expr {
    if (expr.kind === 'column') return this.#column(expr);
    const changed = mapChildren(expr, (child) => this.rewrite(child));
    if (changed.kind !== 'call') return changed;
    const [argument, ...rest] = changed.args;
    if (argument === undefined || rest.length > 0) return changed;
    const { name, span } = changed;
    const type = parseTypeName(CONVERSIONS.get(name) ?? '');
    if (type !== undefined) {
      return { kind: 'cast', operand: argument, type, maxLength: undefined, isTry: false, span };
    }
    const us = LENGTHS.get(name);
    return us === undefined ? changed : lengthOf(argument, us, span);
  }

  /** The column as it is declared, if that is known. */
  declared({ qualifier, name }: ColumnExpr): Column | undefined {
    const among = this.#sources.filter(
      ({ names }) => qualifier === undefined || names.includes(qualifier),
    );
    const all = among.flatMap(
      ({ columns }) => columns?.filter((known) => known.name === name) ?? [],
    );
    return all[0];
  }

  /** The source that a qualifier, or an unqualified name, belongs to; `undefined`: it cannot be told. */
  sourceOf({ qualifier, name, span }: ColumnExpr): ScopeSource | undefined {
    if (qualifier !== undefined) return this.#named(qualifier, span);
    const having = this.#sources.filter(({ columns }) =>
      columns?.some((column) => column.name === name),
    );
    if (having.length > 1) {
      const choices = having.map(({ names }) => `${names[0]}.${name}`);
      throw mistake(span, `column '${name}' is ambiguous; write ${choices.join(' or ')}`);
    }
    if (having.length === 1) return having[0];
    const unknown = this.#sources.filter(({ columns }) => columns === undefined);
    return unknown.length === 1 ? unknown[0] : undefined;
  }

  #named(qualifier: string, span: Span): ScopeSource {
    const source = this.#sources.find(({ names }) => names.includes(qualifier));
    if (source !== undefined) return source;
    const names = this.#sources.flatMap((other) => other.names);
    const message = `there is no stream '${qualifier}' in FROM (there is ${names.join(', ')})`;
    throw mistake(span, message, nearestName(qualifier, names));
  }

  #column(expr: ColumnExpr): Expr {
    const { qualifier, name, span } = expr;
    if (qualifier === undefined && this.#isVariable(name)) {
      const constant = this.#variables.get(name);
      if (constant !== undefined) return constant;
      this.#used.add(name);
      return { ...expr, name: `$${name}` };
    }
    const source = this.sourceOf(expr);
    if (source === undefined) {
      if (this.#sources.some(({ columns }) => columns === undefined)) return expr;
      const names = this.#sources.flatMap(({ columns = [] }) => columns.map((known) => known.name));
      const meant = nearestName(name, [...names, ...this.#variables.keys()]);
      throw mistake(span, `there is no column '${name}'`, meant);
    }
    const { columns, names } = source;
    if (columns !== undefined && !columns.some((column) => column.name === name)) {
      const known = columns.map((column) => column.name);
      const message = `'${names[0]}' has no column '${name}'`;
      throw mistake(span, message, nearestName(name, known));
    }
    return { ...expr, qualifier: this.#qualifierFor(source, name) };
  }

  #qualifierFor(source: ScopeSource, name: string): string | undefined {
    if (source.isMain !== true) return source.qualifier;
    const isShared = this.#sources.some(
      (other) => other !== source && other.columns?.some((column) => column.name === name),
    );
    return isShared ? source.qualifier : undefined;
  }

  /** A column of the same name goes before a variable. */
  #isVariable(name: string): boolean {
    const isColumn = this.#sources.some(({ columns }) =>
      columns?.some((column) => column.name === name),
    );
    return this.#variables.has(name) && !isColumn;
  }
}

/** `seconds(10)`: a literal where the number is one. */
function lengthOf(count: Expr, us: bigint, span: Span): Expr {
  if (count.kind === 'number' && /^\d+$/.test(count.text)) {
    return { kind: 'interval', us: BigInt(count.text) * us, span };
  }
  return {
    kind: 'binary',
    operator: '*',
    left: count,
    right: { kind: 'interval', us, span },
    span,
  };
}
