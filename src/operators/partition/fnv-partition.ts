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
    if (unit > 0x7f) return hashOf(encoder.encode(key)) % partitions;
    hash = Math.imul(hash, FNV_PRIME) ^ unit;
  }
  return (hash >>> 0) % partitions;
}

function hashOf(bytes: Uint8Array): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash, FNV_PRIME) ^ bytes[i]!;
  return hash >>> 0;
}
