/** Brings checked values into their normal form. @module */

import { invariant } from '../invariant.ts';
import type { Schema } from '../schema.ts';
import { parseTypeName } from '../types.ts';
import { type DurationUs, parseDurationUs } from '../units.ts';
import { formatOf, type WithFormat } from './file-format.ts';
import { entriesOf } from './key-order.ts';
import type { FileFormat, SortKey } from './model.ts';

/** Columns in the order they are written. */
export function normalizeSchema(columns: Readonly<Record<string, string>>): Schema {
  return entriesOf(columns).map(([name, text]) => {
    const type = parseTypeName(text);
    invariant(type !== undefined, `unchecked type '${text}'`);
    return { name, type };
  });
}

/** A checked duration, or `fallback` where the document leaves it out. */
export function durationUs<Fallback extends DurationUs | undefined>(
  text: string | undefined,
  fallback: Fallback,
): DurationUs | Fallback {
  if (text === undefined) return fallback;
  const us = parseDurationUs(text);
  invariant(us !== undefined, `unchecked duration '${text}'`);
  return us;
}

/** How rows lie in a file whose format is known. */
export function normalizeFormat(node: WithFormat): FileFormat {
  if (formatOf(node) === 'jsonl') return { kind: 'jsonl' };
  const { delimiter = ',', nullText = '', header = true } = node;
  return { kind: 'csv', delimiter, nullText, header };
}

/** A column of an order, as a document has it. */
type SortKeyDocument =
  | string
  | { readonly column: string; readonly order?: 'asc' | 'desc' | undefined };

/** A column of an order; `-name` is descending. */
export function normalizeSortKey(key: SortKeyDocument, at: string): SortKey {
  if (typeof key !== 'string') {
    return { column: key.column, descending: key.order === 'desc', pointer: at };
  }
  const descending = key.startsWith('-');
  return { column: descending ? key.slice(1) : key, descending, pointer: at };
}
