/** Powers of five to 128 bits, for floats whose digits alone are not exact. @module */

/** Powers of ten that a number's digits may be multiplied with. */
export const LEAST_EXPONENT = -64;
export const GREATEST_EXPONENT = 63;

/** Bytes of the table. */
export const FIVES_BYTES = 16 * (GREATEST_EXPONENT - LEAST_EXPONENT + 1);

/** The upper 128 bits of 5^exponent: exact, or cut off; between -27 and -1 rounded up. */
function upperBits(exponent: number): bigint {
  const power = 5n ** BigInt(Math.abs(exponent));
  const length = power.toString(2).length;
  if (exponent >= 0)
    return length > 128 ? power >> BigInt(length - 128) : power << BigInt(128 - length);
  // 2^(length - 1) < power, so the quotient has 128 bits; only 1 is a power of two.
  return (1n << BigInt(length + 127)) / power + (exponent >= -27 ? 1n : 0n);
}

/** Writes the table: for each exponent the upper and the lower 64 bits. */
export function writeFives(buffer: ArrayBufferLike, byteOffset: number): void {
  const words = new BigUint64Array(buffer, byteOffset, FIVES_BYTES / 8);
  for (let exponent = LEAST_EXPONENT; exponent <= GREATEST_EXPONENT; exponent++) {
    const bits = upperBits(exponent);
    const at = 2 * (exponent - LEAST_EXPONENT);
    words[at] = bits >> 64n;
    words[at + 1] = bits & 0xffff_ffff_ffff_ffffn;
  }
}
