/**
 * JavaScript rows into columns: what an embedding program pushes, and what a user's module returns.
 *
 * A row is an object with a property per column, or an array in column order. Properties that are
 * no column are ignored; a missing one, `undefined` and `null` are null. Accepted values:
 *
 * | type | values |
 * | --- | --- |
 * | bool | boolean |
 * | int32 | whole number, bigint |
 * | int64 | bigint, whole number within ±2^53 |
 * | float64 | number |
 * | decimal | text, bigint, number whose shortest text has no more decimal places than the scale |
 * | timestamp | epoch milliseconds (a fraction carries microseconds), Date, text |
 * | duration | milliseconds (a fraction carries microseconds), text |
 * | string | text without lone surrogates |
 * | bytes | Uint8Array, or another view of bytes |
 * | json | what JSON can say; bigints of up to 64 bits |
 *
 * @module
 */

import type { Batch } from '../core/batch.ts';
import { Column } from '../core/column.ts';
import type { Field, Schema } from '../core/schema.ts';
import { heapBytesOf } from './values/cell-parse.ts';
import { Fault, type FaultCode } from './values/fault.ts';
import { eventTimeProblem, forgetRow, hasEventTime, tooLargeMessage } from './values/row-checks.ts';
import { describeValueFault, showValue, type ValueWriter, writerOf } from './value-write.ts';

type Row = Readonly<Record<string, unknown>>;

/** Why a row was refused. */
export interface RowFault {
  /** One sentence: what was found and what was expected. */
  readonly message: string;
  readonly field?: string | undefined;
  /** The offending value, shortened. */
  readonly input?: string | undefined;
}

/** What {@link RowWriter.write} did: appended the row (`null`), found no room, or refused it. */
export type RowOutcome = RowFault | 'full' | null;

/** Writes rows of one schema. Keeps no row and no batch. */
export class RowWriter {
  readonly #schema: Schema;
  readonly #names: readonly string[];
  readonly #writers: readonly ValueWriter[];
  readonly #timeColumn: number;
  /** Column names that every object has a property for: of these only own properties count. */
  readonly #isInherited: readonly boolean[];

  /** @param timeColumn - the column that must hold an event time in every row, or -1 */
  constructor(schema: Schema, timeColumn = -1) {
    this.#schema = schema;
    this.#names = schema.map(({ name }) => name);
    this.#writers = schema.map(({ type }) => writerOf(type));
    this.#timeColumn = timeColumn;
    this.#isInherited = schema.map((field) => field.name in Object.prototype);
  }

  /**
   * Appends one row to `batch`, or nothing at all. Event times are the engine's to stamp.
   *
   * @returns `null` when it was appended; `full` when the batch must be passed on first; else why
   * the row is refused, also when it fits no batch
   */
  write(batch: Batch, row: unknown): RowOutcome {
    if (typeof row !== 'object' || row === null) {
      return { message: `expected a row (an object or an array), found ${showValue(row)}` };
    }
    const at = batch.rowCount;
    if (at >= batch.rowCapacity) return 'full';
    const heapUsed = batch.heap.used;
    const outcome = this.#writeColumns(batch.columns, at, row);
    if (outcome === null) {
      batch.setRowCount(at + 1);
      return null;
    }
    batch.heap.used = heapUsed;
    forgetRow(batch.columns, at);
    if (outcome !== 'full' || heapUsed > 0) return outcome;
    return { message: tooLargeMessage(this.#measure(row), batch.heap.capacityBytes) };
  }

  #writeColumns(columns: readonly Column[], at: number, row: object): RowOutcome {
    const writers = this.#writers;
    if (Array.isArray(row) && row.length > writers.length) {
      return { message: `expected ${writers.length} values, found ${row.length}` };
    }
    const isList = Array.isArray(row);
    for (let c = 0; c < writers.length; c++) {
      const value = isList ? (row as readonly unknown[])[c] : this.#valueOf(row as Row, c);
      const column = columns[c]!;
      if (value === null || value === undefined) {
        column.setNull(at);
        continue;
      }
      const fault = writers[c]!(column, at, value);
      if (fault === Fault.OK) continue;
      if (fault === Fault.NO_ROOM) return 'full';
      return this.#refuse(fault, c, value);
    }
    if (this.#timeColumn < 0) return null;
    const timeColumn = columns[this.#timeColumn]!;
    if (hasEventTime(timeColumn, at)) return null;
    return {
      message: eventTimeProblem(timeColumn, at),
      field: this.#schema[this.#timeColumn]!.name,
    };
  }

  #refuse(fault: FaultCode, c: number, value: unknown): RowFault {
    const { name, type }: Field = this.#schema[c]!;
    const message = describeValueFault(fault, type, value);
    return { message, field: name, input: showValue(value) };
  }

  /** A property; V8 remembers by place in the code which one, so the first columns have a line each. */
  #valueOf(row: Row, c: number): unknown {
    const names = this.#names;
    if (this.#isInherited[c] === true && !Object.hasOwn(row, names[c]!)) return null;
    switch (c) {
      case 0:
        return row[names[0]!];
      case 1:
        return row[names[1]!];
      case 2:
        return row[names[2]!];
      case 3:
        return row[names[3]!];
      case 4:
        return row[names[4]!];
      case 5:
        return row[names[5]!];
      default:
        return row[names[c]!];
    }
  }

  /** Bytes of the row's long values, found by writing it where there is room. */
  #measure(row: object): number {
    const columns = this.#schema.map((field) => Column.allocate(field.type, 1));
    this.#writeColumns(columns, 0, row);
    return heapBytesOf(columns, 0);
  }
}
