/** The partition of a key, as Yahoo! S4 has it. @module */

const encoder = new TextEncoder();
const FNV_OFFSET = 0x84222325 | 0;
const FNV_PRIME = 435;

/**
 * The low 32 bits of 64-bit FNV-1 of the text's UTF-8, modulo the number of partitions: what
 * `"dispatch": "fnv1"` goes by as well.
 */
export function fnvPartition(key: string, partitions: number): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    if (unit > 0x7f) {
      const bytes = encoder.encode(key);
      return partitionOf(fnvOf(bytes, 0, bytes.length), partitions);
    }
    hash = Math.imul(hash, FNV_PRIME) ^ unit;
  }
  return partitionOf(hash, partitions);
}

/** The low 32 bits of 64-bit FNV-1 of `bytes[from, to)`. @hot */
export function fnvOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = FNV_OFFSET;
  for (let i = from; i < to; i++) hash = Math.imul(hash, FNV_PRIME) ^ bytes[i]!;
  return hash;
}

/** @hot */
export function partitionOf(hash: number, partitions: number): number {
  return (hash >>> 0) % partitions;
}
