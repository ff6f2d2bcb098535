/** Constant strings as code has them: their bytes, and what their views look like. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { TypedExpr } from '../../typed.ts';
import type { Value } from '../../value.ts';

/** Longer constants are left to JavaScript: they would make long code. */
export const MOST_CONSTANT_BYTES = 256;

const encoder = new TextEncoder();

/** The bytes of a string or of bytes; `undefined` for null, and for what is too long. */
export function bytesOfValue(value: Value): Uint8Array | undefined {
  const bytes =
    typeof value === 'string'
      ? encoder.encode(value)
      : value instanceof Uint8Array
        ? value
        : undefined;
  return bytes === undefined || bytes.length > MOST_CONSTANT_BYTES ? undefined : bytes;
}

/** The bytes of a constant; `undefined` for anything else. */
export function constantBytes(expr: TypedExpr | undefined): Uint8Array | undefined {
  return expr?.op === 'literal' ? bytesOfValue(expr.value) : undefined;
}

/** Whether a string of that many bytes lies in its view. */
export function isInline(bytes: Uint8Array): boolean {
  return bytes.length <= INLINE_BYTES;
}

/** The view of a string; of one that does not lie in it, the length and the first four bytes. */
export function viewOf(bytes: Uint8Array): Uint8Array {
  const view = new Uint8Array(16);
  new DataView(view.buffer).setInt32(0, bytes.length, true);
  view.set(bytes.subarray(0, isInline(bytes) ? INLINE_BYTES : 4), 4);
  return view;
}

/** What tells a helper for a constant from that for another. */
export function constantKey(bytes: Uint8Array): string {
  return Array.from(bytes).join(' ');
}
