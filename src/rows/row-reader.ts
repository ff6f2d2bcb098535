/**
 * Columns into JavaScript values: what an embedding program receives, and what a user's module is
 * called with.
 *
 * `int64` is a bigint, or a number where the program asked for numbers; `timestamp` and `duration`
 * are milliseconds whose fraction carries microseconds; `decimal` is a text with all its decimal
 * places; `bytes` is a copy; `json` is a plain value. Null is null.
 *
 * @module
 */

import { Buffer } from 'node:buffer';

import type { Batch } from '../core/batch.ts';
import type { Column } from '../core/column.ts';
import { MillraceError } from '../core/errors.ts';
import type { Schema } from '../core/schema.ts';
import type { DataType } from '../core/types.ts';
import { isSafeRow } from './values/int64.ts';
import { decodeJson } from './values/json.ts';
import { scaledToText } from './values/scaled.ts';

/** How `int64` appears in JavaScript. `number` throws on values beyond ±2^53. */
export type Int64Mode = 'bigint' | 'number';

/** How values are read. */
export interface ReadOptions {
  readonly int64: Int64Mode;
}

/** A row as a plain object, a property per column. */
export type RowObject = Record<string, unknown>;

type Reader = (column: Column, row: number) => unknown;

/**
 * The value of one row of a column, null included.
 *
 * @throws MillraceError `ERR_USAGE` where `int64` is read as a number and is beyond ±2^53
 */
export function readValue(column: Column, row: number, options: ReadOptions): unknown {
  return column.isNull(row) ? null : readerOf(column.type, options)(column, row);
}

function readerOf(type: DataType, options: ReadOptions): Reader {
  switch (type.kind) {
    case 'bool':
      return (column, row) => column.getBool(row);
    case 'int32':
      return (column, row) => column.words[row]!;
    case 'int64':
      return options.int64 === 'number' ? readSafeInteger : (column, row) => column.i64[row]!;
    case 'float64':
      return (column, row) => column.f64[row]!;
    case 'decimal':
      return (column, row) => scaledToText(column.i64[row]!, type.scale);
    case 'timestamp':
    case 'duration':
      return (column, row) => column.getI64AsNumber(row) / 1000;
    case 'string':
      return readText;
    case 'bytes':
      return readBytes;
    case 'json':
      return (column, row) => decodeJson(readBytes(column, row));
  }
}

function readSafeInteger(column: Column, row: number): number {
  if (isSafeRow(column, row)) return column.getI64AsNumber(row);
  throw new MillraceError(
    'ERR_USAGE',
    `int64 value ${column.i64[row]!} is beyond ±2^53: read int64 as bigint`,
  );
}

function readBytes(column: Column, row: number): Uint8Array {
  const start = column.viewStart(row);
  return column.viewSource(row).slice(start, start + column.viewLength(row));
}

/** The runtime's own decoder takes any Uint8Array, shared memory too, where a `TextDecoder` copies. */
const utf8Slice = Reflect.get(Buffer.prototype, 'utf8Slice') as (
  this: Uint8Array,
  start: number,
  end: number,
) => string;

/** A text this short and in ASCII is built faster by a loop than by a call into the runtime. */
const LOOP_BYTES = 6;

/** The text of a string row. */
export function readText(column: Column, row: number): string {
  const length = column.viewLength(row);
  const start = column.viewStart(row);
  const bytes = column.viewSource(row);
  if (length <= LOOP_BYTES) {
    let text = '';
    let i = 0;
    for (; i < length; i++) {
      const byte = bytes[start + i]!;
      if (byte > 0x7f) break;
      text += String.fromCharCode(byte);
    }
    if (i === length) return text;
  }
  return utf8Slice.call(bytes, start, start + length);
}

/** Makes row objects of one schema. */
export class RowReader {
  readonly #names: readonly string[];
  readonly #readers: readonly Reader[];
  readonly #hasProtoColumn: boolean;

  constructor(schema: Schema, options: ReadOptions) {
    this.#names = schema.map((field) => field.name);
    this.#readers = schema.map((field) => readerOf(field.type, options));
    this.#hasProtoColumn = this.#names.includes('__proto__');
  }

  /**
   * A row as an object of its own; it stays valid when the batch is gone.
   *
   * @throws MillraceError `ERR_USAGE` as {@link readValue}
   */
  read(batch: Batch, row: number): RowObject {
    const names = this.#names;
    const readers = this.#readers;
    const { columns } = batch;
    const { length } = names;
    const object: RowObject = {};
    // All rows get their properties in the same order, so they share one hidden class. V8 remembers by place in
    // the code which property is set and what reads it: where every column has its own, it is quick.
    if (this.#hasProtoColumn) return this.#readOwn(batch, row, object);
    if (length > 0)
      object[names[0]!] = columns[0]!.isNull(row) ? null : readers[0]!(columns[0]!, row);
    if (length > 1)
      object[names[1]!] = columns[1]!.isNull(row) ? null : readers[1]!(columns[1]!, row);
    if (length > 2)
      object[names[2]!] = columns[2]!.isNull(row) ? null : readers[2]!(columns[2]!, row);
    if (length > 3)
      object[names[3]!] = columns[3]!.isNull(row) ? null : readers[3]!(columns[3]!, row);
    if (length > 4)
      object[names[4]!] = columns[4]!.isNull(row) ? null : readers[4]!(columns[4]!, row);
    if (length > 5)
      object[names[5]!] = columns[5]!.isNull(row) ? null : readers[5]!(columns[5]!, row);
    for (let c = UNROLLED; c < length; c++) {
      const column = columns[c]!;
      object[names[c]!] = column.isNull(row) ? null : readers[c]!(column, row);
    }
    return object;
  }

  #readOwn({ columns }: Batch, row: number, object: RowObject): RowObject {
    for (let c = 0; c < this.#names.length; c++) {
      const column = columns[c]!;
      defineOwn(
        object,
        this.#names[c]!,
        column.isNull(row) ? null : this.#readers[c]!(column, row),
      );
    }
    return object;
  }
}

/** Columns that {@link RowReader.read} has a line for. */
const UNROLLED = 6;

/** Sets a property even where its name is `__proto__`. */
function defineOwn(object: RowObject, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
