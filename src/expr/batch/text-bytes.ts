/** Strings between UTF-8 bytes and JavaScript. @module */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Up to this length a loop over ASCII beats a call of the decoder or the encoder. */
const SHORT_BYTES = 24;

/** The string whose UTF-8 bytes are `bytes[start, start + length)`. */
export function decodeText(bytes: Uint8Array, start: number, length: number): string {
  if (length <= SHORT_BYTES) {
    let text = '';
    let i = 0;
    for (; i < length; i++) {
      const byte = bytes[start + i]!;
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (i === length) return text;
  }
  return decoder.decode(bytes.subarray(start, start + length));
}

/** Encodes strings into bytes that are used again. */
export class TextScratch {
  /** The last string encoded lies at the front. */
  bytes = new Uint8Array(256);

  /** Encodes `text`; @returns its length in bytes */
  encode(text: string): number {
    const { length } = text;
    if (length <= SHORT_BYTES) {
      const { bytes } = this;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) break;
        bytes[i] = code;
      }
      if (i === length) return length;
    }
    const bound = text.length * 3;
    if (bound > this.bytes.length)
      this.bytes = new Uint8Array(Math.max(bound, this.bytes.length * 2));
    return encoder.encodeInto(text, this.bytes).written;
  }
}
