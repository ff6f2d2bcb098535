/** Streams as the model of a topology has them: all rows at once. @module */

import type { Field, Schema } from '../../../../src/core/schema.ts';
import type { DataType } from '../../../../src/core/types.ts';
import { typeName } from '../../../../src/core/types.ts';
import type { Value } from '../../../../src/expr/index.ts';
import { compareBytes, compareText } from '../../../../src/expr/index.ts';
import { canonical, type Cell } from '../../oracle/cells.ts';

/** A row of a stream. */
export interface ModelRow {
  readonly values: readonly Value[];
  /** Event time; 0 where the stream has none. */
  readonly timeUs: number;
  /** Where the row's own source stood just before it, if that was beyond the row's time; else -Infinity. */
  readonly sourceUs: number;
}

/** A stream. */
export interface ModelStream {
  readonly schema: Schema;
  readonly hasTime: boolean;
  readonly rows: readonly ModelRow[];
  /** Rows may have event times, but which is not promised: `hasTime` is false then. */
  readonly isTimeOdd?: boolean;
  /** Rows are in an order that is promised: that of one source. */
  readonly isOrdered: boolean;
  /** Rows are what is left when all changes have been made; the change column is not in `schema`. */
  readonly isChanging: boolean;
}

/** What the model does not say, or what no result is promised for. */
export class Unmodelled extends Error {
  override readonly name = 'Unmodelled';
}

/** Position of a column that must be there. */
export function columnAt(schema: Schema, name: string): number {
  const at = schema.findIndex((field) => field.name === name);
  if (at < 0) throw new Unmodelled(`no column ${name}`);
  return at;
}

/** Values of a row by columns. */
export function valuesOf(row: ModelRow, columns: readonly number[]): Value[] {
  return columns.map((column) => row.values[column]!);
}

/** A text that is the same for the same value of a type; all NaNs are one, and so are 0 and -0. */
export function textOf(type: DataType, value: Value): string {
  return canonical(typeName(type), cellOf(type, value));
}

/** A text that is the same for the same values. */
export function keyOf(fields: readonly Field[], values: readonly Value[]): string {
  return fields.map(({ type }, i) => textOf(type, values[i]!)).join(' | ');
}

/** A value as tests write it to files and compare it. */
export function cellOf(type: DataType, value: Value): Cell {
  if (value === null) return null;
  switch (type.kind) {
    case 'timestamp':
    case 'duration':
      return Number(value);
    case 'bytes':
      return Buffer.from(value as Uint8Array);
    case 'json':
      return { json: plain(value) };
    default:
      return value as Cell;
  }
}

/** JSON with numbers for bigints. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)),
  );
}

/** Nulls first, NaN last, strings and bytes by bytes. */
export function compareValues(a: Value, b: Value): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (typeof a === 'string') return compareText(a, b as string);
  if (a instanceof Uint8Array) return compareBytes(a, b as Uint8Array);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
