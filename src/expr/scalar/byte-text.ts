/** Bytes as hexadecimal digits and base64, and back. @module */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const UTF8 = new TextEncoder();

/** The digit of each character of base64 in both alphabets; 64 of all others. */
const BASE64_DIGITS = Uint8Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit).replace('-', '+').replace('_', '/');
  const digit = ALPHABET.indexOf(character);
  return digit < 0 ? 64 : digit;
});

/** The bytes of a string in UTF-8, or bytes as they are. */
export function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? UTF8.encode(value) : value;
}

/** Two lower-case digits for each byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte]!;
  return text;
}

/** What pairs of digits write, in any case; `undefined` for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Base64 of the standard alphabet, padded. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET[bits >> 18]! + ALPHABET[(bits >> 12) & 63]!;
    text += i + 1 < bytes.length ? ALPHABET[(bits >> 6) & 63]! : '=';
    text += i + 2 < bytes.length ? ALPHABET[bits & 63]! : '=';
  }
  return text;
}

/**
 * What base64 writes, in the standard or the address-safe alphabet, padded or not; white space is
 * skipped. `undefined` for other characters, wrong lengths, and bits behind the last byte that are
 * not zero.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  const match = /^([\w+/-]*)(={0,2})$/.exec(text.replace(/[ \t\r\n]+/g, ''));
  if (match === null) return undefined;
  const [, digits = '', padding = ''] = match;
  const rest = digits.length % 4;
  if (rest === 1 || (padding !== '' && rest + padding.length !== 4)) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let length = 0;
  for (let i = 0; i < digits.length; i++) {
    bits = ((bits << 6) | BASE64_DIGITS[digits.charCodeAt(i)]!) & 0xff_ffff;
    if (i % 4 !== 0) bytes[length++] = bits >> (6 - 2 * (i % 4));
  }
  const spare = rest === 2 ? bits & 15 : rest === 3 ? bits & 3 : 0;
  return spare === 0 ? bytes : undefined;
}
