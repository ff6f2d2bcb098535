/** One row of every type, and expressions evaluated on it. @module */

import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../src/core/schema.ts';
import type { DataType } from '../../../src/core/types.ts';
import { typeName } from '../../../src/core/types.ts';
import type { TypedExpr, Value } from '../../../src/expr/index.ts';
import {
  inferExpression,
  interpret,
  parseExpression,
  RowError,
  scopeOf,
} from '../../../src/expr/index.ts';

/** Columns of the row, by name. */
export const ROW: Readonly<Record<string, readonly [DataType, Value]>> = {
  i: [{ kind: 'int32' }, 5],
  b: [{ kind: 'int64' }, 7n],
  x: [{ kind: 'float64' }, 2.5],
  d: [{ kind: 'decimal', precision: 10, scale: 2 }, 1250n],
  f: [{ kind: 'bool' }, true],
  s: [{ kind: 'string' }, 'héllo😀'],
  t: [{ kind: 'timestamp' }, 1_700_000_000_123_456n],
  u: [{ kind: 'duration' }, 90_000_000n],
  by: [{ kind: 'bytes' }, new Uint8Array([1, 2, 255])],
  j: [{ kind: 'json' }, { name: 'Ann', tags: ['a', { deep: true }], n: 1.5, none: null }],
  value: [{ kind: 'int32' }, 3],
  nan: [{ kind: 'float64' }, NaN],
  zero: [{ kind: 'int32' }, 0],
  ni: [{ kind: 'int32' }, null],
  ns: [{ kind: 'string' }, null],
  nf: [{ kind: 'bool' }, null],
  nt: [{ kind: 'timestamp' }, null],
};

/** The row's columns as a schema. */
export const SCHEMA: Schema = Object.entries(ROW).map(([name, [type]]) => ({ name, type }));
/** The row's values. */
export const VALUES: readonly Value[] = Object.values(ROW).map(([, value]) => value);

/** The typed tree of an expression over the row. */
export function typed(text: string): TypedExpr {
  return inferExpression(parseExpression(text), scopeOf(SCHEMA, 'stream'));
}

/** The type of an expression over the row. */
export function typeOf(text: string): string {
  return typeName(typed(text).type);
}

/** The value of an expression for the row, or `error code: message`. */
export function evaluate(text: string): unknown {
  try {
    return interpret(typed(text), VALUES);
  } catch (error) {
    if (error instanceof RowError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** The message with which an expression is refused. */
export function refusal(text: string): string {
  try {
    typed(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'not refused';
}

/** Tests of expressions and their values, or `error code: message`. */
export function table(name: string, rows: readonly (readonly [string, unknown])[]): void {
  describe(name, () => {
    test.each(rows)('%s', (text, expected) => expect(evaluate(text)).toStrictEqual(expected));
  });
}
