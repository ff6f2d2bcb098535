/**
 * The data types of columns, their names in a topology file, and how each lies in memory.
 *
 * @module
 */

/** What a column may hold. Every column may also be null. */
export type DataType =
  | { readonly kind: 'bool' }
  | { readonly kind: 'int32' }
  | { readonly kind: 'int64' }
  | { readonly kind: 'float64' }
  /** An int64 scaled by 10^scale; 1 ≤ precision ≤ 18, 0 ≤ scale ≤ precision. */
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** int64 microseconds since 1970-01-01T00:00:00Z. */
  | { readonly kind: 'timestamp' }
  /** int64 microseconds. */
  | { readonly kind: 'duration' }
  /** UTF-8. */
  | { readonly kind: 'string' }
  | { readonly kind: 'bytes' }
  /** Any JSON value, as MessagePack bytes. */
  | { readonly kind: 'json' };

/** The discriminant of {@link DataType}. */
export type TypeKind = DataType['kind'];

/**
 * How a type lies in a column's `values`:
 *
 * - `bits`: one bit a row, least significant first (bool)
 * - `i32`: 4 bytes a row (int32)
 * - `i64`: 8 bytes a row (int64, decimal, timestamp, duration)
 * - `f64`: 8 bytes a row (float64)
 * - `view`: 16 bytes a row, Arrow's view layout (string, bytes, json)
 */
export type Storage = 'bits' | 'i32' | 'i64' | 'f64' | 'view';

export const BOOL: DataType = { kind: 'bool' };
export const INT32: DataType = { kind: 'int32' };
export const INT64: DataType = { kind: 'int64' };
export const FLOAT64: DataType = { kind: 'float64' };
export const TIMESTAMP: DataType = { kind: 'timestamp' };
export const DURATION: DataType = { kind: 'duration' };
export const STRING: DataType = { kind: 'string' };
export const BYTES: DataType = { kind: 'bytes' };
export const JSON_TYPE: DataType = { kind: 'json' };

/** The storage class of a type. */
export function storageOf(type: DataType): Storage {
  switch (type.kind) {
    case 'bool':
      return 'bits';
    case 'int32':
      return 'i32';
    case 'float64':
      return 'f64';
    case 'string':
    case 'bytes':
    case 'json':
      return 'view';
    default:
      return 'i64';
  }
}

/** Whether two types are the same, precision and scale included. */
export function sameType(a: DataType, b: DataType): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'decimal' && b.kind === 'decimal') {
    return a.precision === b.precision && a.scale === b.scale;
  }
  return true;
}

/** The name of a type as it is written in a topology: `int64`, `decimal(10,2)`. */
export function typeName(type: DataType): string {
  return type.kind === 'decimal' ? `decimal(${type.precision},${type.scale})` : type.kind;
}

const SIMPLE: ReadonlyMap<string, DataType> = new Map(
  [BOOL, INT32, INT64, FLOAT64, TIMESTAMP, DURATION, STRING, BYTES, JSON_TYPE].map((t) => [
    t.kind,
    t,
  ]),
);

/** The names that {@link parseTypeName} accepts, for messages and for the JSON Schema. */
export const TYPE_NAMES: readonly string[] = [...SIMPLE.keys(), 'decimal(p,s)'];

/** Reads a type name of a topology file; `undefined` when there is no such type. */
export function parseTypeName(text: string): DataType | undefined {
  const simple = SIMPLE.get(text);
  if (simple !== undefined) return simple;
  const match = /^decimal\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)$/.exec(text);
  if (match === null) return undefined;
  const precision = Number(match[1]);
  const scale = Number(match[2]);
  if (precision < 1 || precision > 18 || scale > precision) return undefined;
  return { kind: 'decimal', precision, scale };
}

/** Whether a type is one of numbers. */
export function isNumeric({ kind }: DataType): boolean {
  return kind === 'int32' || kind === 'int64' || kind === 'float64' || kind === 'decimal';
}

/** Whether a type is int32 or int64. */
export function isInteger({ kind }: DataType): boolean {
  return kind === 'int32' || kind === 'int64';
}

/** What a distance of 1 is in the units in which values are kept; `undefined`: there are no distances. */
export function unitsInOne(type: DataType): number | undefined {
  switch (type.kind) {
    case 'decimal':
      return 10 ** type.scale;
    case 'int32':
    case 'int64':
    case 'float64':
    case 'timestamp':
    case 'duration':
      return 1;
    default:
      return undefined;
  }
}
