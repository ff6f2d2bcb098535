/** The value that a field of CSV spells. @module */

import { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import { readValue } from '../../rows/row-reader.ts';
import { parseCell } from '../../rows/values/cell-parse.ts';
import { describeFault, Fault, showText } from '../../rows/values/fault.ts';

const encoder = new TextEncoder();
const cells = new Map<string, Column>();

/** A place for one value of a type. */
function cellOf(type: DataType): Column {
  const key = JSON.stringify(type);
  let cell = cells.get(key);
  if (cell === undefined) cells.set(key, (cell = Column.allocate(type, 1)));
  return cell;
}

/** The value as JavaScript has it, or why there is none. */
export function fieldValue(text: string, type: DataType): { readonly value: unknown } | string {
  if (type.kind === 'string') return { value: text };
  const cell = cellOf(type);
  cell.clearNulls();
  cell.heap.used = 0;
  const bytes = encoder.encode(text);
  const fault = parseCell(cell, 0, bytes, 0, bytes.length);
  if (fault !== Fault.OK) return describeFault(fault, type, showText(text));
  return { value: readValue(cell, 0, { int64: 'bigint' }) };
}
