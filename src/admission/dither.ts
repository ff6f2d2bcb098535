/** Numbers that stand for chance: they depend on what they are asked for only. @module */

/**
 * A well mixed 32-bit hash of a sequence number.
 *
 * @returns unsigned
 * @hot
 */
export function hash32(sequence: number): number {
  let h = sequence | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}
