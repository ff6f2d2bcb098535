/**
 * The order of an object's keys as its author wrote them.
 *
 * JavaScript moves keys that look like array indexes ("2024") to the front of an object. In a
 * topology the order of keys is the order of columns, so the JSON parser notes the written order
 * of such objects here, and everything that copies or lists a document's objects goes through this
 * file. Objects built by an embedding program have JavaScript's order: theirs was never seen.
 *
 * @module
 */

const written = new WeakMap<object, readonly string[]>();

/** Notes the order in which the keys of `object` were written, where JavaScript's differs. */
export function noteKeyOrder(object: object, keys: readonly string[]): void {
  if (keys.some((key) => /^\d+$/.test(key))) written.set(object, keys);
}

/** The own keys of `object` in the order they were written. */
export function keysOf(object: object): readonly string[] {
  return written.get(object) ?? Object.keys(object);
}

/** The own keys and values of `object` in the order they were written. */
export function entriesOf<Value>(object: {
  readonly [key: string]: Value;
}): (readonly [string, Value])[] {
  return keysOf(object).map((key) => [key, object[key] as Value] as const);
}

/** An object with these entries, in this order. Later entries of the same key win. */
export function objectOf<Value>(entries: readonly (readonly [string, Value])[]): {
  [key: string]: Value;
} {
  const object = Object.fromEntries(entries); // defines '__proto__' as any other key
  noteKeyOrder(object, [...new Set(entries.map(([key]) => key))]);
  return object;
}
