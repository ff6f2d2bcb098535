/** Keys as texts, to find things of JavaScript's by. @module */

/**
 * A text that is different for different lists of values of the same types; `undefined` where a value is
 * null.
 */
export function keyId(values: readonly unknown[]): string | undefined {
  if (values.length === 1) return textOf(values[0]);
  let id = '';
  for (const value of values) {
    const text = textOf(value);
    if (text === undefined) return undefined;
    id += `${text.length}:${text}`;
  }
  return id;
}

function textOf(value: unknown): string | undefined {
  if (value === null) return undefined;
  if (value instanceof Uint8Array) return value.join();
  // The two zeros are one key, as everywhere.
  return Object.is(value, -0) ? '0' : String(value);
}
