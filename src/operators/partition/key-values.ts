/** The keys of a row as texts of JavaScript's: of any column, and with what is wrong with a row. @module */

import type { Batch } from '../../core/batch.ts';
import { readValue } from '../../rows/row-reader.ts';
import { isObject, kindOf } from '../json-values.ts';
import type { KeyPath } from './spec.ts';

/** The keys of a row, which may be there more than once; why there are none, as a text, if that is a mistake. */
export function keysOf(batch: Batch, row: number, paths: readonly KeyPath[]): string[] | string {
  let keys: string[] | undefined;
  for (const path of paths) {
    const found = textsAt(batch, row, path);
    if (typeof found === 'string') return found;
    // Each of the parts so far with each of these.
    keys = keys === undefined ? found : keys.flatMap((key) => found.map((t) => `${key}:${t}`));
  }
  return keys!;
}

function textsAt(batch: Batch, row: number, { column: at, members }: KeyPath): string[] | string {
  const column = batch.columns[at]!;
  const texts: string[] = [];
  if (column.isNull(row)) return texts;
  const value = readValue(column, row, { int64: 'bigint' });
  return collect(value, members, 0, texts) ?? texts;
}

/** Adds the texts of a value; why it has none. Nulls, and members that are missing, give nothing. */
function collect(
  value: unknown,
  members: readonly string[],
  depth: number,
  texts: string[],
): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) {
    for (const element of value as readonly unknown[]) {
      const problem = collect(element, members, depth, texts);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  const member = members[depth];
  if (member === undefined) {
    if (isObject(value)) return 'expected a value as a key, found an object';
    texts.push(typeof value === 'string' ? value : String(value));
    return undefined;
  }
  if (!isObject(value)) return `expected an object with '${member}', found ${kindOf(value)}`;
  const inner = Object.hasOwn(value, member) ? value[member] : undefined;
  return collect(inner, members, depth + 1, texts);
}
