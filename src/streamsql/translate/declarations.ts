/** What a program declares: schemas, streams, tables, windows, lock sets, variables. @module */

import { nearestName } from '../../core/nearest-name.ts';
import type {
  CreateStream,
  CreateTable,
  Declare,
  Field,
  Fields,
  Name,
  Statement,
  Window,
  WindowRef,
  WrittenType,
} from '../ast.ts';
import { parseTypeName } from '../../core/types.ts';
import type { Expr, Span } from '../../expr/index.ts';
import { mistake, type Problems } from '../problems.ts';
import type { Column } from './stream-info.ts';

type Materialized = Extract<Statement, { kind: 'materialized' }>;
type Metronome = Extract<Statement, { kind: 'metronome' }>;

/** A stream that has a name, and what declares it. */
export type DeclaredStream = CreateStream | Metronome;

/** A table, or the window of a stream that is read as one. */
export interface DeclaredTable {
  readonly statement: CreateTable | Materialized;
  /** `undefined` of a materialized window until its stream is known. */
  columns: readonly Column[] | undefined;
  readonly indexes: string[];
}

/** Everything with a name; statements may use what stands further down. */
export class Declarations {
  readonly streams = new Map<string, DeclaredStream>();
  readonly tables = new Map<string, DeclaredTable>();
  readonly variables = new Map<string, Declare>();
  /** By name of a variable: its value, if nothing changes it. */
  readonly constants = new Map<string, Expr | undefined>();
  readonly #schemas = new Map<string, readonly Field[]>();
  readonly #windows = new Map<string, Window>();
  readonly #locksets = new Set<string>();
  readonly #all = new Set<string>();

  /** Takes all declarations; a name that is there twice is a mistake. */
  constructor(statements: readonly Statement[], problems: Problems) {
    for (const statement of statements) problems.attempt(() => this.#declare(statement));
    // Indexes are of tables that may stand behind them.
    for (const statement of statements) {
      if (statement.kind === 'index') problems.attempt(() => this.#index(statement));
    }
  }

  #declare(statement: Statement): void {
    if (!('name' in statement)) return;
    const { kind, name } = statement;
    const isSchema = kind === 'schema';
    if (isSchema ? this.#schemas.has(name.text) : this.#all.has(name.text)) {
      const what = isSchema ? 'another schema' : 'something else that is called';
      throw mistake(name.span, `there is ${what} '${name.text}'`);
    }
    if (!isSchema) this.#all.add(name.text);
    switch (kind) {
      case 'schema':
        this.#schemas.set(name.text, statement.fields);
        this.columns({ kind: 'fields', fields: statement.fields, span: statement.span });
        break;
      case 'stream':
      case 'metronome':
        this.streams.set(name.text, statement);
        break;
      case 'table':
        this.tables.set(name.text, {
          statement,
          columns: this.columns(statement.fields),
          indexes:
            statement.isOrdered && statement.key.length === 1 ? [statement.key[0]!.text] : [],
        });
        break;
      case 'materialized':
        this.tables.set(name.text, { statement, columns: undefined, indexes: [] });
        break;
      case 'window':
        this.#windows.set(name.text, statement.window);
        break;
      case 'lockset':
        this.#locksets.add(name.text);
        break;
      case 'declare':
        this.variables.set(name.text, statement);
        this.constants.set(name.text, this.#constant(statement));
        break;
    }
  }

  #index({ table: name, columns }: Extract<Statement, { kind: 'index' }>): void {
    const table = this.table(name);
    const [column, another] = columns;
    if (another !== undefined) {
      throw mistake(another.span, 'an index has one column; several have an index each');
    }
    if (!table.indexes.includes(column!.text)) table.indexes.push(column!.text);
  }

  #constant({ type, initial, update, name, options }: Declare): Expr | undefined {
    const written = this.type(type).type!;
    const parsed = parseTypeName(written)!;
    if (update !== undefined) return undefined;
    const [option] = options;
    if (option !== undefined) {
      throw mistake(
        option.span,
        `'${option.name.text}' says how a variable changes: UPDATE FROM is missing`,
      );
    }
    const { span } = name;
    if (typeof initial === 'object' && initial !== null) {
      throw mistake(span, 'expected a single value behind DEFAULT');
    }
    const operand = literalOf(initial, span);
    const { kind } = parsed;
    const isOwn =
      (kind === 'bool' && typeof initial === 'boolean') ||
      (kind === 'string' && typeof initial === 'string');
    if (isOwn) return operand;
    return { kind: 'cast', operand, type: parsed, maxLength: undefined, isTry: false, span };
  }

  /** @throws when there is no table of this name */
  table(name: Name): DeclaredTable {
    return found(this.tables, name, 'table', 'CREATE TABLE');
  }

  /** A window that is written out, or the one of a name. */
  window(ref: WindowRef): Window {
    return 'by' in ref ? ref : found(this.#windows, ref, 'window', 'CREATE WINDOW');
  }

  /** @throws when there is no lock set of this name */
  checkLockset(name: Name): void {
    const known = new Map([...this.#locksets].map((text) => [text, true]));
    found(known, name, 'lock set', 'CREATE LOCKSET');
  }

  /** The columns that are declared, with the types that a topology writes. */
  columns(fields: Fields): readonly Column[] {
    const written =
      fields.kind === 'fields'
        ? fields.fields
        : found(this.#schemas, fields.name, 'schema', 'CREATE SCHEMA');
    const columns: Column[] = [];
    for (const { name, type } of written) {
      if (columns.some((column) => column.name === name.text)) {
        throw mistake(name.span, `there is another column '${name.text}'`);
      }
      columns.push({ name: name.text, ...this.type(type) });
    }
    return columns;
  }

  /** A type as a topology writes it; lists and tuples are `json`. */
  type(type: WrittenType): Pick<Column, 'type' | 'element'> {
    switch (type.kind) {
      case 'plain':
        return { type: type.name };
      case 'list':
        return { type: 'json', element: this.type(type.element).type };
      case 'schema':
        found(this.#schemas, type.name, 'type or schema', 'CREATE SCHEMA');
        return { type: 'json' };
    }
  }
}

function literalOf(value: string | number | boolean | null, span: Span): Expr {
  switch (typeof value) {
    case 'string':
      return { kind: 'string', value, span };
    case 'number': {
      const number: Expr = { kind: 'number', text: String(Math.abs(value)), span };
      return value < 0 ? { kind: 'unary', operator: '-', operand: number, span } : number;
    }
    default:
      return { kind: 'word', value, word: String(value).toUpperCase(), span };
  }
}

/** What a name stands for; a mistake with the nearest name where it is nothing. */
function found<Value>(
  known: ReadonlyMap<string, Value>,
  name: Name,
  what: string,
  statement: string,
): Value {
  const value = known.get(name.text);
  if (value !== undefined) return value;
  const meant = nearestName(name.text, known.keys());
  throw mistake(name.span, `there is no ${what} '${name.text}'; ${statement} declares it`, meant);
}
