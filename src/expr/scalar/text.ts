/** Strings as sequences of code points, ordered by their UTF-8 bytes. @module */

/**
 * Order of two strings by their UTF-8 bytes, which is the order of their code points and not that
 * of their UTF-16 units.
 */
export function compareText(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every other unit. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Order of two byte strings: the first difference decides, then the length. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}

/** The number of code points. */
export function textLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800) {
      length--;
      i++;
    }
  }
  return length;
}

/** Offset in UTF-16 units of code point number `count`; the text's length when there are fewer. */
export function unitOffset(text: string, count: number): number {
  if (count >= text.length) return text.length;
  let offset = 0;
  for (let i = 0; i < count && offset < text.length; i++) {
    offset += (text.charCodeAt(offset) & 0xfc00) === 0xd800 ? 2 : 1;
  }
  return offset;
}

/** Code points `from` (inclusive, ≥ 0) to `to` (exclusive). */
export function sliceText(text: string, from: number, to: number): string {
  if (to <= from) return '';
  const start = unitOffset(text, from);
  const rest = text.slice(start);
  return rest.slice(0, unitOffset(rest, to - from));
}
