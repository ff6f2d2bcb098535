/**
 * Values of user code as bytes: what the structured clone algorithm takes, in V8's own form, which later
 * versions of V8 read as well.
 *
 * Of an instance of a class it would keep no more than its properties, and lose class and private
 * fields without a word: such values are refused.
 *
 * @module
 */

import { deserialize, serialize } from 'node:v8';

const PLAIN = new Set<unknown>([
  null,
  ...[Object, Array, Map, Set, Date, RegExp, Boolean, Number, String].map((type) => type.prototype),
  ...[ArrayBuffer, DataView, Buffer].map((type) => type.prototype),
  ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(
    (type) => type.prototype,
  ),
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array].map(
    (type) => type.prototype,
  ),
  ...[Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array].map(
    (type) => type.prototype,
  ),
]);

/**
 * What keeps a value from being written; `undefined`: nothing does.
 *
 * @param path - names the value
 */
export function structuredProblem(value: unknown, path: string): string | undefined {
  return problemOf(value, path, new Set());
}

function problemOf(value: unknown, path: string, seen: Set<unknown>): string | undefined {
  if (typeof value === 'function') return `${path} is a function`;
  if (typeof value === 'symbol') return `${path} is a symbol`;
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!PLAIN.has(prototype)) return `${path} is an instance of ${nameOf(value)}`;
  if (ArrayBuffer.isView(value)) return undefined;
  if (value instanceof Map) {
    for (const [key, item] of value) {
      const problem =
        problemOf(key, `a key of ${path}`, seen) ??
        problemOf(item, `${path}.get(${String(key)})`, seen);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (value instanceof Set) {
    for (const item of value) {
      const problem = problemOf(item, `an item of ${path}`, seen);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  for (const [key, item] of Object.entries(value)) {
    const problem = problemOf(
      item,
      Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`,
      seen,
    );
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function nameOf(value: object): string {
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== ''
    ? constructor.name
    : 'a class';
}

/** Bytes of a value that {@link structuredProblem} has nothing against. */
export function encodeStructured(value: unknown): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(serialize(value));
}

/** @throws Error where the bytes are no value */
export function decodeStructured(bytes: Uint8Array): unknown {
  return deserialize(bytes);
}
