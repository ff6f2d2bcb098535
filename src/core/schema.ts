/** Schemas: the named, ordered columns of a stream. @module */

import type { DataType } from './types.ts';
import { sameType, typeName } from './types.ts';

/** One column of a stream. */
export interface Field {
  readonly name: string;
  readonly type: DataType;
}

/** The columns of a stream, in order. Names are unique. */
export type Schema = readonly Field[];

/** A stream as the planner sees it: its columns, and whether it carries event time. */
export interface StreamType {
  readonly schema: Schema;
  /** True when rows carry the hidden event-time column (and late flags). */
  readonly hasTime: boolean;
  /**
   * Position of the column that says what each row changes, see `changes.ts`; `undefined`: every row
   * is there to stay.
   */
  readonly change?: number | undefined;
  /**
   * Position of the column that says how many rows each row stands for, see `weights.ts`; `undefined`:
   * one.
   */
  readonly weight?: number | undefined;
  /**
   * Position of the column that says which group of its aggregate each row is of, see `subsets.ts`: rows of
   * some groups are shed. `undefined`: single rows are, or none.
   */
  readonly unit?: number | undefined;
  /** Rows are true results, of which some are left out, see `subsets.ts`. */
  readonly isSubset?: boolean | undefined;
}

/** Position of a column, or -1. */
export function fieldIndex(schema: Schema, name: string): number {
  return schema.findIndex((field) => field.name === name);
}

/** Whether two schemas have the same names and types in the same order. */
export function sameSchema(a: Schema, b: Schema): boolean {
  return (
    a.length === b.length &&
    a.every((field, i) => field.name === b[i]?.name && sameType(field.type, b[i].type))
  );
}

/** `name type, name type` for messages. */
export function describeSchema(schema: Schema): string {
  return schema.map((field) => `${field.name} ${typeName(field.type)}`).join(', ');
}
