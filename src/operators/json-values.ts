/** Values of json as values of columns. @module */

import type { Schema } from '../core/schema.ts';
import type { TypeKind } from '../core/types.ts';

/** Whether a value of json is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value of json is called in messages. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'an object' : `a ${typeof value === 'bigint' ? 'number' : typeof value}`;
}

/** Members of an object by the names of columns, or the value itself as that of the only column. */
export function elementValues(element: unknown, columns: Schema): unknown[] {
  if (!isObject(element)) return [forColumn(element, columns[0]!.type.kind)];
  const only = columns.length === 1 && columns[0]!.type.kind === 'json';
  if (only && !Object.hasOwn(element, columns[0]!.name)) return [element];
  return columns.map(({ name, type }) =>
    Object.hasOwn(element, name) ? forColumn(element[name], type.kind) : null,
  );
}

/** json has one kind of numbers, exact ones: a whole one may stand in a float64 or int64 column. */
export function forColumn(value: unknown, kind: TypeKind): unknown {
  if (kind === 'float64' && typeof value === 'bigint') return Number(value);
  const isWhole = kind === 'int64' && typeof value === 'number' && Number.isInteger(value);
  return isWhole && !Number.isSafeInteger(value) ? BigInt(value) : value;
}
