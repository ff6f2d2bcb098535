/** A table in the memory of a worker: the one place where its rows are, for all operators that use it. @module */

import { MillraceError } from '../../core/errors.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { TableDefinition } from '../../core/topology/model.ts';
import type { Value } from '../../expr/index.ts';
import { keyId } from '../key-id.ts';
import { OrderedRows } from './ordered-rows.ts';
import type { TableRow } from './table-row.ts';

export type { TableRow } from './table-row.ts';

/** What a row takes beside its values, about. */
const ROW_BYTES = 120;

/** Rows with a key, and indexes in order. */
export class Table {
  readonly definition: TableDefinition;
  readonly #key: readonly number[];
  /** By the key's id, or by the row's number where there is no key; in the order of insertion. */
  readonly #rows = new Map<string | number, TableRow>();
  readonly #indexes: ReadonlyMap<number, OrderedRows>;
  #next = 0;
  #bytes = 0;

  constructor(definition: TableDefinition) {
    const { schema, key, indexes } = definition;
    this.definition = definition;
    this.#key = key.map((name) => fieldIndex(schema, name));
    this.#indexes = new Map(
      indexes.map((name) => {
        const at = fieldIndex(schema, name);
        return [at, new OrderedRows(at, schema[at]!.type)];
      }),
    );
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Bytes that its rows take, about: JavaScript does not tell. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All rows, in the order in which they were inserted. */
  all(): Iterable<TableRow> {
    return this.#rows.values();
  }

  /** The row with a key; `undefined` also where a value is null. */
  find(key: readonly Value[]): TableRow | undefined {
    const id = keyId(key);
    return id === undefined ? undefined : this.#rows.get(id);
  }

  /** Rows in the order of an index. */
  between(column: number, from: Value | undefined, to: Value | undefined): Iterable<TableRow> {
    return this.#indexes.get(column)!.between(from, to);
  }

  /**
   * @returns `undefined` when its key is there already
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  insert(values: readonly Value[]): TableRow | undefined {
    const row: TableRow = { number: this.#next, values };
    const id = this.#idOf(row);
    if (this.#rows.has(id)) return undefined;
    this.#next++;
    this.#take(bytesOf(values));
    this.#rows.set(id, row);
    for (const index of this.#indexes.values()) index.add(row);
    return row;
  }

  /** Replaces the values of a row, of which those of the key are as they were. */
  update(row: TableRow, values: readonly Value[]): void {
    this.#take(bytesOf(values) - bytesOf(row.values));
    for (const [column, index] of this.#indexes) {
      if (row.values[column] !== values[column]) index.remove(row);
    }
    const before = row.values;
    row.values = values;
    for (const [column, index] of this.#indexes) {
      if (before[column] !== values[column]) index.add(row);
    }
  }

  delete(row: TableRow): void {
    this.#rows.delete(this.#idOf(row));
    this.#bytes -= bytesOf(row.values);
    for (const index of this.#indexes.values()) index.remove(row);
  }

  #idOf(row: TableRow): string | number {
    if (this.#key.length === 0) return row.number;
    return keyId(this.#key.map((c) => row.values[c]!))!;
  }

  #take(bytes: number): void {
    const { name, limitBytes } = this.definition;
    this.#bytes += bytes;
    if (this.#bytes <= limitBytes) return;
    const message = `table '${name}' with ${this.#rows.size} rows exceeds its limit of ${limitBytes} bytes`;
    throw new MillraceError('ERR_LIMIT_EXCEEDED', `${message}; raise /tables/${name}/limit`);
  }
}

function bytesOf(values: readonly Value[]): number {
  let bytes = ROW_BYTES;
  for (const value of values) bytes += 16 + sizeOf(value);
  return bytes;
}

function sizeOf(value: Value): number {
  if (typeof value === 'string') return 2 * value.length;
  if (value instanceof Uint8Array) return value.length + 64;
  if (typeof value === 'object' && value !== null) return 4 * JSON.stringify(value, plain).length;
  return 0;
}

function plain(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
