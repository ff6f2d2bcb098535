/** Code that reads the value of a column, by its type. @module */

import type { I32 } from '../../../wasm/index.ts';
import type { Notation } from './numbers.ts';
import {
  emitBool,
  emitDecimal,
  emitFloat64,
  emitInt32,
  emitInt64,
  emitMilliseconds,
} from './numbers.ts';
import type { RowCode } from './row-code.ts';

/** How a format writes what it does not write as a bare word. */
export interface Quoting {
  emitString(): void;
  /** Whether a time is written as text, not as a number. */
  isTimeText(): I32;
  emitTimeText(): void;
}

/** Reads a value of a column. A type that has no plain form is the notation's to decide. */
export function emitColumnValue(
  c: RowCode,
  column: number,
  notation: Notation,
  quoting: Quoting,
): void {
  const type = c.typeOf(column);
  switch (type.kind) {
    case 'string':
      return quoting.emitString();
    case 'int32':
      return emitInt32(c, notation, column);
    case 'int64':
      return emitInt64(c, notation, column);
    case 'float64':
      return emitFloat64(c, notation, column);
    case 'decimal':
      return emitDecimal(c, notation, column, type);
    case 'bool':
      return emitBool(c, notation, column);
    case 'timestamp':
      return c.either(
        quoting.isTimeText(),
        () => quoting.emitTimeText(),
        () => emitMilliseconds(c, notation, column),
      );
    default:
      return notation.emitOther(c, column);
  }
}
