/**
 * Pieces of WebAssembly code, as bytes.
 *
 * A {@link Value} is an expression of a known type: the bytes that leave one such value on the stack.
 * It may be used in several places, which computes it as often; keep it in a local to compute it once.
 * A {@link Statement} leaves nothing. Both are plain nested lists; a function joins them as they come.
 *
 * @module
 */

/** Bytes, in nested lists. */
export type Code = readonly (number | Code)[];

/** Types of values. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** An expression. */
export interface Value<T extends ValueType = ValueType> {
  readonly type: T;
  readonly code: Code;
}

/** An instruction without a result. */
export interface Statement {
  readonly effect: Code;
}

export type I32 = Value<'i32'>;
export type I64 = Value<'i64'>;
export type F32 = Value<'f32'>;
export type F64 = Value<'f64'>;
export type V128 = Value<'v128'>;

/** How value types are written in a module. */
export const TYPE_CODES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** Most numbers are small: their bytes are made once. */
const SMALL: readonly Code[] = Array.from({ length: 0x80 }, (_, value) => [value]);

/** LEB128 of an unsigned integer below 2^53. */
export function unsigned(value: number): Code {
  const small = SMALL[value];
  if (small !== undefined) return small;
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

/** LEB128 of a signed integer of up to 64 bits. */
export function signed(value: bigint): Code {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const isLast = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

/** LEB128 of an int32. */
export function signed32(value: number): Code {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

/** A UTF-8 string with its length in front. */
export function text(value: string): Code {
  const bytes = [...new TextEncoder().encode(value)];
  return [unsigned(bytes.length), bytes];
}

/** A list with its length in front. */
export function vector(items: readonly Code[]): Code {
  return [unsigned(items.length), ...items];
}

/** Appends a piece of code to a list of bytes. */
export function append(code: Code, bytes: number[]): void {
  // By position: most of this runs before V8 has compiled it, where an iterator costs more than the bytes.
  for (let i = 0; i < code.length; i++) {
    const part = code[i]!;
    if (typeof part === 'number') bytes.push(part);
    else append(part, bytes);
  }
}

/** The bytes of a piece of code. */
export function flat(code: Code): readonly number[] {
  const bytes: number[] = [];
  append(code, bytes);
  return bytes;
}

/** One array of many. */
export function join(parts: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** How many bytes several arrays have. */
export function sizeOf(parts: readonly (readonly number[])[]): number {
  return parts.reduce((size, part) => size + part.length, 0);
}
