/** Single values between columns and JavaScript: the slow way, for what no loop does. @module */

import type { Column } from '../../core/column.ts';
import { badArgument } from '../row-error.ts';
import type { JsonValue, Value } from '../value.ts';
import { JsonWriter, readJson } from './json-bytes.ts';
import { decodeText, TextScratch } from './text-bytes.ts';

/** The value of a row. */
export function readValue(column: Column, row: number): Value {
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
    case 'view':
      return readView(column, row);
  }
}

function readView(column: Column, row: number): Value {
  const bytes = column.viewSource(row);
  const start = column.viewStart(row);
  const length = column.viewLength(row);
  switch (column.type.kind) {
    case 'bytes':
      return bytes.slice(start, start + length);
    case 'json':
      return readJson(bytes, start, start + length);
    default:
      return decodeText(bytes, start, length);
  }
}

/** Writes values into the rows of columns. */
export class ValueWriter {
  readonly #text = new TextScratch();
  readonly #json = new JsonWriter();

  /**
   * Writes a value, or null, into a row.
   *
   * @throws RowError `badArgument` when a string does not fit the column's heap
   */
  write(column: Column, row: number, value: Value): void {
    if (value === null) {
      column.setNull(row);
      return;
    }
    switch (column.storage) {
      case 'bits':
        column.setBool(row, value as boolean);
        break;
      case 'i32':
        column.words[row] = value as number;
        break;
      case 'i64':
        column.i64[row] = value as bigint;
        break;
      case 'f64':
        column.f64[row] = value as number;
        break;
      case 'view':
        this.#writeView(column, row, value);
        break;
    }
  }

  #writeView(column: Column, row: number, value: Value): void {
    switch (column.type.kind) {
      case 'bytes':
        storeView(column, row, value as Uint8Array, 0, (value as Uint8Array).length);
        break;
      case 'json': {
        const length = this.#json.encode(value as JsonValue);
        storeView(column, row, this.#json.bytes, 0, length);
        break;
      }
      default: {
        const length = this.#text.encode(value as string);
        storeView(column, row, this.#text.bytes, 0, length);
      }
    }
  }
}

/** `setView` that must succeed. @throws RowError `badArgument` */
export function storeView(
  column: Column,
  row: number,
  bytes: Uint8Array,
  start: number,
  length: number,
): void {
  if (!column.setView(row, bytes, start, length)) {
    throw badArgument(`a value of ${length} bytes is too long`);
  }
}
