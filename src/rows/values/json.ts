/**
 * Values of `json` columns: MessagePack bytes inside, plain JavaScript values and JSON text outside.
 *
 * A whole number of up to 64 bits stays exact: where a JavaScript number would not be written back
 * with the same digits it is a bigint. A JSON `null` in a json column is the column's null.
 *
 * @module
 */

import { createRequire } from 'node:module';
import type * as MessagePack from '@msgpack/msgpack';

/** Deepest nesting of arrays and objects in one value. */
export const MAX_JSON_DEPTH = 500;

interface Codec {
  readonly encoder: MessagePack.Encoder;
  readonly decoder: MessagePack.Decoder;
}

let codec: Codec | undefined;

/** Loaded when the first value comes: few topologies have json, and it takes a thread 6 ms to load. */
function openCodec(): Codec {
  const { Decoder, Encoder } = createRequire(import.meta.url)(
    '@msgpack/msgpack',
  ) as typeof MessagePack;
  return {
    encoder: new Encoder({
      useBigInt64: true,
      maxDepth: MAX_JSON_DEPTH + 2,
      ignoreUndefined: true,
    }),
    decoder: new Decoder({ useBigInt64: true }),
  };
}

/**
 * Encodes a value that {@link jsonProblem} has nothing against.
 *
 * @returns bytes that stay valid until the next call; `undefined` when the nesting is too deep
 */
export function encodeJson(value: unknown): Uint8Array | undefined {
  codec ??= openCodec();
  try {
    return codec.encoder.encodeSharedRef(value);
  } catch {
    return undefined;
  }
}

/** Decodes the MessagePack bytes of a json column. */
export function decodeJson(bytes: Uint8Array): unknown {
  codec ??= openCodec();
  return codec.decoder.decode(bytes);
}

/** Text that may hold a number that is not exact in JavaScript, or a key that needs a look. */
const NEEDS_CARE = /\d{16}|[eE]\+?\d{3}|__proto__|\\u/;

/** A JSON text as a value; `undefined` when it is no JSON, or nothing that can be stored. */
export function parseJsonText(text: string): { readonly value: unknown } | undefined {
  try {
    if (!NEEDS_CARE.test(text)) return { value: JSON.parse(text) };
    const value: unknown = JSON.parse(
      text,
      reviveBigInteger as (key: string, v: unknown) => unknown,
    );
    return jsonProblem(value) === undefined ? { value } : undefined;
  } catch {
    return undefined;
  }
}

const INTEGER = /^-?\d+$/;
const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** A reviver that keeps whole numbers exact as far as MessagePack can hold them. */
function reviveBigInteger(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context.source ?? '';
  if (!INTEGER.test(source) || source === String(value)) return value;
  const exact = BigInt(source);
  return exact <= MAX_UINT64 && exact >= MIN_INT64 ? exact : value;
}

/**
 * What keeps a value from being stored in a json column, as the end of a sentence; `undefined` when
 * nothing does. Functions, symbols, NaN, class instances and cycles are no JSON.
 */
export function jsonProblem(value: unknown, depth = 0): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? undefined : 'a text with a lone surrogate';
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : String(value);
    case 'bigint':
      return value <= MAX_UINT64 && value >= MIN_INT64 ? undefined : 'an integer beyond 64 bits';
    case 'object':
      break;
    default:
      return `a ${typeof value}`;
  }
  if (value === null) return undefined;
  if (depth >= MAX_JSON_DEPTH) return `more than ${MAX_JSON_DEPTH} levels, or a cycle`;
  return Array.isArray(value) ? listProblem(value, depth) : objectProblem(value, depth);
}

function objectProblem(value: object, depth: number): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    return `a ${Object.prototype.toString.call(value).slice('[object '.length, -1)}`;
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return 'the key "__proto__"';
    if (!key.isWellFormed()) return 'a key with a lone surrogate';
    const member = (value as Record<string, unknown>)[key];
    const problem = member === undefined ? undefined : jsonProblem(member, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function listProblem(list: readonly unknown[], depth: number): string | undefined {
  for (const item of list) {
    const problem = jsonProblem(item, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** JSON with the bigints that `JSON.stringify` refuses; the type library does not know it yet. */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/** A stored value as JSON text. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'bigint' ? rawJson(String(member)) : member,
    );
  }
}
