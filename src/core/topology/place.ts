/** Finds and changes values of a plain document by their path. @module */

import { entriesOf, objectOf } from './key-order.ts';
import type { JsonValue } from './model.ts';

/** Keys and indexes from the root of a document to a value. */
export type Path = readonly PropertyKey[];

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Whether a JSON value is an object. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path, or `undefined`. */
export function valueAt(document: JsonValue, path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const step of path) {
    if (value === undefined || value === null || typeof value !== 'object') return undefined;
    if (!Object.hasOwn(value, step)) return undefined;
    value = (value as { readonly [key: PropertyKey]: JsonValue })[step];
  }
  return value;
}

/** A copy of `document` with the value at `path`, which is there, replaced. */
export function withValueAt(
  document: JsonValue,
  path: Path,
  replace: (old: JsonValue) => JsonValue,
): JsonValue {
  const [step, ...rest] = path;
  if (step === undefined) return replace(document);
  if (Array.isArray(document)) {
    const members = document as readonly JsonValue[];
    return members.map((m, i) => (i === Number(step) ? withValueAt(m, rest, replace) : m));
  }
  if (!isObject(document)) return document;
  return objectOf(
    entriesOf(document).map(([key, value]) => [
      key,
      key === step ? withValueAt(value, rest, replace) : value,
    ]),
  );
}

/** Puts issues into the order in which the document has the places they point to. */
export function byPlace<Issue extends { readonly pointer: string }>(
  issues: readonly Issue[],
  order: ReadonlyMap<string, number>,
): Issue[] {
  return [...issues].sort((a, b) => rank(a.pointer, order) - rank(b.pointer, order));
}

/** A place that is not in the document counts as its nearest ancestor that is. */
function rank(pointer: string, order: ReadonlyMap<string, number>): number {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const found = order.get(at);
    if (found !== undefined) return found;
    if (at === '') return -1;
  }
}
