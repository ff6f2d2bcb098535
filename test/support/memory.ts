import { KernelMemory, type WasmMemory } from '../../src/core/memory.ts';

const MIB = 1024 * 1024;
const POOL_BYTES = 1024 * MIB;

let pool: WasmMemory | undefined;
let used = 0;

/** Memory as a worker's tasks have it: a region of a larger one, fresh and zero. */
export function testMemory(bytes = 16 * MIB): KernelMemory {
  if (pool === undefined || used + bytes > POOL_BYTES) {
    pool = KernelMemory.create(POOL_BYTES).memory;
    used = 0;
  }
  used += bytes;
  return new KernelMemory(pool, used - bytes, bytes);
}
