/** The value that a field of CSV spells. @module */

import type { Column } from '../../core/column.ts';
import { parseCell } from '../../rows/values/cell-parse.ts';
import { describeFault, Fault, showText } from '../../rows/values/fault.ts';
import { writeText } from '../../rows/values/utf8.ts';

const encoder = new TextEncoder();

/** Writes the value to a row of a column; why it cannot be, if so. */
export function writeField(column: Column, row: number, text: string): string | undefined {
  column.setPresent(row);
  const { type } = column;
  const bytes = type.kind === 'string' ? undefined : encoder.encode(text);
  const fault =
    bytes === undefined
      ? writeText(column, row, text)
      : parseCell(column, row, bytes, 0, bytes.length);
  return fault === Fault.OK ? undefined : describeFault(fault, type, showText(text));
}
