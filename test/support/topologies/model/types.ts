/** Types by the names that a topology has for them. @module */

import type { DataType } from '../../../../src/core/types.ts';

/** `int32`, `decimal(10,2)`. */
export function parseType(text: string): DataType {
  const digits = /^decimal\((\d+),\s*(\d+)\)$/.exec(text);
  if (digits !== null) {
    return { kind: 'decimal', precision: Number(digits[1]), scale: Number(digits[2]) };
  }
  return { kind: text } as DataType;
}
