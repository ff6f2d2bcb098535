/** Rows as columns and back, for tests; written without the code under test. @module */

import { encode, decode } from '@msgpack/msgpack';
import { Column } from '../../src/core/column.ts';
import type { ColumnMemory } from '../../src/core/memory.ts';
import { ownMemory } from '../../src/core/memory.ts';
import type { Schema } from '../../src/core/schema.ts';
import type { Value } from '../../src/expr/index.ts';

/** The rows as columns. Null rows hold whatever `garbage` has in the same place. */
export function toColumns(
  schema: Schema,
  rows: readonly (readonly Value[])[],
  capacity: number,
  memory: ColumnMemory = ownMemory,
): Column[] {
  return schema.map(({ type }, c) => {
    const column = Column.allocate(type, capacity, memory);
    for (const [r, row] of rows.entries()) {
      const value = row[c] ?? null;
      if (value === null) {
        column.setNull(r);
        column.bytes.fill(0xa5, byteOffset(column, r), byteOffset(column, r + 1));
      } else {
        put(column, r, value);
      }
    }
    return column;
  });
}

function byteOffset(column: Column, row: number): number {
  return { bits: 0, i32: 4 * row, i64: 8 * row, f64: 8 * row, view: 16 * row }[column.storage];
}

function put(column: Column, row: number, value: Value): void {
  switch (column.storage) {
    case 'bits':
      return column.setBool(row, value as boolean);
    case 'i32':
      column.words[row] = value as number;
      return;
    case 'i64':
      column.i64[row] = value as bigint;
      return;
    case 'f64':
      column.f64[row] = value as number;
      return;
    case 'view': {
      const bytes = toBytes(column.type.kind, value);
      column.setView(row, bytes, 0, bytes.length);
    }
  }
}

function toBytes(kind: string, value: Value): Uint8Array {
  if (kind === 'json') return encode(value, { useBigInt64: true });
  return value instanceof Uint8Array ? value : Buffer.from(value as string);
}

/** The value of a row. */
export function valueAt(column: Column, row: number): Value {
  if (column.isNull(row)) return null;
  switch (column.storage) {
    case 'bits':
      return column.getBool(row);
    case 'i32':
      return column.words[row]!;
    case 'i64':
      return column.i64[row]!;
    case 'f64':
      return column.f64[row]!;
    case 'view': {
      const start = column.viewStart(row);
      const bytes = Buffer.from(
        column.viewSource(row).slice(start, start + column.viewLength(row)),
      );
      if (column.type.kind === 'json') return exact(decode(bytes, { useBigInt64: true }));
      return column.type.kind === 'bytes' ? new Uint8Array(bytes) : bytes.toString('utf8');
    }
  }
}

/** The same value with integers as numbers where those are exact. */
function exact(value: unknown): Value {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (Array.isArray(value)) return value.map(exact) as Value;
  if (typeof value !== 'object' || value === null) return value as Value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, exact(member)]),
  ) as Value;
}
