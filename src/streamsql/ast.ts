/** What a program in StreamSQL says, statement by statement, before streams and columns are known. @module */

import type { JsonValue } from '../core/topology/model.ts';
import type { Expr, Span } from '../expr/index.ts';

/** A name, and where it stands. */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

/** A type: one of a topology, a list of another, or the name of a schema. */
export type WrittenType =
  | { readonly kind: 'plain'; readonly name: string }
  | { readonly kind: 'list'; readonly element: WrittenType }
  | { readonly kind: 'schema'; readonly name: Name };

/** A declared column. */
export interface Field {
  readonly name: Name;
  readonly type: WrittenType;
}

/** Columns: written out, or those of a schema. */
export type Fields =
  | { readonly kind: 'fields'; readonly fields: readonly Field[]; readonly span: Span }
  | { readonly kind: 'schema'; readonly name: Name };

/** One property of `WITH (name = value, …)`. */
export interface Option {
  readonly name: Name;
  readonly value: JsonValue;
  readonly span: Span;
}

/** A number as written, or a duration in quotes. */
export interface Amount {
  readonly text: string;
  readonly isDuration: boolean;
  readonly span: Span;
}

/** What is between the brackets behind a stream. */
export interface Window {
  readonly span: Span;
  readonly by: 'time' | 'tuples' | 'field' | 'predicate';
  readonly size?: Amount | undefined;
  readonly advance?: Amount | undefined;
  /** Of windows by a field. */
  readonly field?: Name | undefined;
  readonly open?: Expr | undefined;
  readonly close?: Expr | undefined;
  readonly emit?: Expr | undefined;
  readonly partial: boolean;
  readonly partitionBy: readonly Name[];
  readonly offset?: Amount | undefined;
  readonly timeout?: Amount | undefined;
}

/** A window written out, or the name of one. */
export type WindowRef = Window | Name;

/** `*`, `s.*`, or an expression with or without a name. */
export type SelectItem =
  | { readonly kind: 'star'; readonly qualifier: Name | undefined; readonly span: Span }
  | {
      readonly kind: 'expr';
      readonly expr: Expr;
      readonly name: Name | undefined;
      readonly span: Span;
    };

/** A column of `ORDER BY`. */
export interface OrderItem {
  readonly name: Name;
  readonly isDescending: boolean;
}

/** Something behind `FROM`. */
export interface FromItem {
  readonly stream: StreamExpr;
  readonly alias: Name | undefined;
  readonly window: WindowRef | undefined;
  readonly span: Span;
}

/** How two sources of a `SELECT` meet. */
export interface JoinClause {
  readonly kind: 'inner' | 'left' | 'right' | 'full';
  readonly on: Expr | undefined;
}

/** `SELECT …`. */
export interface Select {
  readonly kind: 'select';
  readonly span: Span;
  readonly items: readonly SelectItem[];
  /** One, or two that meet. */
  readonly from: readonly FromItem[];
  readonly join: JoinClause | undefined;
  readonly foreach: { readonly list: Expr; readonly name: Name } | undefined;
  readonly where: Expr | undefined;
  readonly having: Expr | undefined;
  readonly groupBy: readonly { readonly expr: Expr; readonly name: Name | undefined }[];
  readonly orderBy: readonly OrderItem[];
  readonly limit: Amount | undefined;
  readonly within: Amount | undefined;
}

/** `VJOIN …`: rows of two streams whose order fields are near each other. */
export interface ValueJoin {
  readonly kind: 'vjoin';
  readonly span: Span;
  readonly items: readonly SelectItem[];
  readonly from: readonly [FromItem, FromItem];
  readonly where: Expr;
}

/** `SELECT … FROM PATTERN a THEN b WITHIN 10 TIME`. */
export interface Pattern {
  readonly kind: 'pattern';
  readonly span: Span;
  readonly items: readonly SelectItem[];
  /** With names of events, `THEN`, `AND`, `OR`, `NOT` and brackets. */
  readonly template: string;
  readonly templateSpan: Span;
  readonly events: readonly PatternEvent[];
  readonly within: { readonly size: Amount; readonly field: Name | undefined };
  readonly where: Expr | undefined;
}

/** What a template calls by a name. */
export interface PatternEvent {
  readonly name: Name;
  readonly stream: StreamExpr;
}

/** A change of a table by the rows of a stream. */
export interface TableChange {
  readonly kind: 'change';
  readonly action: 'insert' | 'upsert' | 'replace' | 'update' | 'delete' | 'truncate';
  readonly span: Span;
  readonly table: Name;
  /** Of `INSERT` and `REPLACE`. */
  readonly columns: readonly Name[];
  readonly stream: StreamExpr;
  readonly set: readonly Assignment[];
  readonly where: Expr | undefined;
  readonly returning: readonly SelectItem[] | undefined;
}

/** `column = expression`. */
export interface Assignment {
  readonly column: Name;
  readonly expr: Expr;
}

/** Whatever gives a stream. */
export type StreamExpr =
  | { readonly kind: 'stream'; readonly name: Name; readonly span: Span }
  | Select
  | Pattern
  | ValueJoin
  | TableChange
  | { readonly kind: 'union'; readonly streams: readonly StreamExpr[]; readonly span: Span }
  | {
      readonly kind: 'bsort';
      readonly stream: StreamExpr;
      readonly on: Name;
      readonly size: Amount;
      readonly isTuples: boolean;
      readonly groupBy: readonly Name[];
      readonly span: Span;
    }
  | {
      readonly kind: 'merge';
      readonly streams: readonly StreamExpr[];
      readonly on: Name;
      readonly groupBy: readonly Name[];
      readonly span: Span;
    }
  | {
      readonly kind: 'gather';
      readonly items: readonly SelectItem[];
      readonly streams: readonly Name[];
      readonly on: Name;
      readonly timeout: { readonly value: Amount; readonly on: Name } | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'heartbeat';
      readonly stream: StreamExpr;
      readonly on: Name;
      readonly every: Amount;
      readonly slack: Amount | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'lock' | 'unlock';
      readonly lockset: Name;
      readonly on: readonly Name[];
      readonly stream: StreamExpr;
      readonly span: Span;
    };

/** What a declared stream is for. */
export type StreamRole = 'input' | 'output' | 'plain' | 'errorInput' | 'errorOutput';

/** `CREATE … STREAM`. */
export interface CreateStream {
  readonly kind: 'stream';
  readonly span: Span;
  readonly role: StreamRole;
  readonly name: Name;
  readonly fields: Fields | undefined;
  readonly options: readonly Option[];
  /** `WITH OUTPUT PREDICATE …`. */
  readonly predicate: Expr | undefined;
}

/** `CREATE TABLE`. */
export interface CreateTable {
  readonly kind: 'table';
  readonly span: Span;
  readonly name: Name;
  readonly onDisk: boolean;
  readonly fields: Fields;
  readonly key: readonly Name[];
  /** The key has an order: `USING BTREE`. */
  readonly isOrdered: boolean;
  readonly options: readonly Option[];
}

/** `DECLARE`. */
export interface Declare {
  readonly kind: 'declare';
  readonly span: Span;
  readonly name: Name;
  readonly type: WrittenType;
  readonly initial: JsonValue;
  readonly update: StreamExpr | undefined;
  readonly options: readonly Option[];
}

/** `APPLY MODULE` or `APPLY JAVA`. */
export interface Apply {
  readonly kind: 'apply';
  readonly span: Span;
  readonly what: 'module' | 'java';
  /** The file, for Java with `#` and the export. */
  readonly target: Name;
  readonly parallel: { readonly count: Amount; readonly by: Name } | undefined;
  readonly parameters: readonly Option[];
  /** Names of the module's inputs and the streams; for Java one without a name. */
  readonly from: readonly Binding[];
  readonly into: readonly Binding[];
  readonly errorInto: Name | undefined;
}

/** `inner = outer`, or a stream by itself. */
export interface Binding {
  readonly inner: Name | undefined;
  readonly stream: Name;
}

/** A statement. */
export type Statement =
  | {
      readonly kind: 'schema';
      readonly span: Span;
      readonly name: Name;
      readonly fields: readonly Field[];
    }
  | CreateStream
  | CreateTable
  | {
      readonly kind: 'index';
      readonly span: Span;
      readonly table: Name;
      readonly columns: readonly Name[];
    }
  | { readonly kind: 'window'; readonly span: Span; readonly name: Name; readonly window: Window }
  | {
      readonly kind: 'materialized';
      readonly span: Span;
      readonly name: Name;
      readonly onDisk: boolean;
      readonly stream: Name;
      readonly window: WindowRef;
    }
  | {
      readonly kind: 'lockset';
      readonly span: Span;
      readonly name: Name;
    }
  | {
      readonly kind: 'metronome';
      readonly span: Span;
      readonly name: Name;
      readonly field: Name;
      readonly every: Amount;
      readonly options: readonly Option[];
    }
  | Declare
  | Apply
  | {
      readonly kind: 'query';
      readonly span: Span;
      readonly stream: StreamExpr;
      readonly into: Name | undefined;
      readonly errorInto: Name | undefined;
    };
