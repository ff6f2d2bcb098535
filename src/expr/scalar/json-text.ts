/** JSON text ↔ values, with whole numbers exact as far as 64 bits go. @module */

import type { JsonValue } from '../value.ts';
import { fitsInt64 } from './integer.ts';

/** Text that may hold a number that is not exact in JavaScript, or a key that must not be kept. */
const NEEDS_CARE = /\d{16}|__proto__|\\u/;

/** Reads a JSON text; `undefined` when it is none, or nothing that can be stored. */
export function parseJsonText(text: string): { readonly value: JsonValue } | undefined {
  try {
    if (!NEEDS_CARE.test(text)) return { value: JSON.parse(text) as JsonValue };
    const value = JSON.parse(text, reviveInteger as (key: string, value: unknown) => unknown);
    return isStorable(value) ? { value: value as JsonValue } : undefined;
  } catch {
    return undefined;
  }
}

function reviveInteger(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context.source ?? '';
  if (!/^-?\d+$/.test(source)) return value;
  const exact = BigInt(source);
  return fitsInt64(exact) || (exact > 0n && exact < 1n << 64n) ? exact : value;
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isStorable);
  return Object.entries(value).every(
    ([key, member]) => key !== '__proto__' && key.isWellFormed() && isStorable(member),
  );
}

/** `JSON.rawJSON`, which the type library does not know yet. */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/** A JSON value as text. */
export function jsonText(value: JsonValue): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? rawJson(String(member)) : member,
  );
}
