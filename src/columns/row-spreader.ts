/** Spreading rows over lists by a hash, by compiled code. @module */

import { identitySelection } from '../core/batch.ts';
import type { KernelMemory } from '../core/memory.ts';
import type { FunctionBuilder, I32, Local } from '../wasm/index.ts';
import { compileModule, ENGINE, i32, Import, instantiate, ModuleBuilder } from '../wasm/index.ts';

const { add, mul, shl, shrU } = i32;
const c = i32.const;

/**
 * Puts each row into one of some lists: the high half of its hash, scaled to the number of lists, says
 * which. That needs no division and has no bias worth having.
 */
export class RowSpreader {
  /** The rows of each list, in the order in which they came. */
  readonly lists: readonly Uint32Array[];
  /** How many. */
  readonly counts: Int32Array;
  readonly #memory: KernelMemory;
  readonly #ends: Int32Array;
  readonly #copy: Uint32Array;
  readonly #spread: (...args: number[]) => number;

  constructor(memory: KernelMemory, lists: number, rowCapacity: number) {
    this.#memory = memory;
    this.lists = Array.from({ length: lists }, () => memory.rows(rowCapacity));
    this.counts = new Int32Array(lists);
    this.#ends = memory.words(lists);
    this.#copy = memory.rows(rowCapacity);
    this.#spread = instantiate(compileModule('spread rows', build), memory)['spread']!;
  }

  /**
   * Puts row `rows[i]` into the list of `hashes[i]`, for i below `count`.
   *
   * @param hashes - in the worker's memory
   * @hot
   */
  spread(hashes: Int32Array, rows: Uint32Array, count: number): void {
    const { lists, counts } = this;
    const ends = this.#ends;
    for (let list = 0; list < lists.length; list++) ends[list] = lists[list]!.byteOffset;
    const at = this.#place(rows, count);
    this.#spread(hashes.byteOffset, at, count, ends.byteOffset, lists.length);
    for (let list = 0; list < lists.length; list++) {
      counts[list] = (ends[list]! - lists[list]!.byteOffset) >>> 2;
    }
  }

  /** Address of a list of rows; 0: row i is at position i. */
  #place(rows: Uint32Array, count: number): number {
    if (rows.buffer === this.#memory.buffer) return rows.byteOffset;
    const isWhole = rows.byteLength === rows.buffer.byteLength;
    if (isWhole && rows === identitySelection(rows.length)) return 0;
    this.#copy.set(rows.subarray(0, count));
    return this.#copy.byteOffset;
  }
}

/** `spread(hashes, rows, count, ends, lists)`: appends each row where the end of its list is. */
function build(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  const params = Array.from({ length: 5 }, () => 'i32' as const);
  module.function(
    { params, result: undefined },
    (f) => {
      const rows = f.param(1, 'i32');
      f.if(
        rows,
        () => eachHash(f, (i) => i32.load(add(rows, shl(i, c(2))))),
        () => eachHash(f, (i) => i),
      );
    },
    'spread',
  );
  return module.build();
}

function eachHash(f: FunctionBuilder, rowAt: (i: Local<'i32'>) => I32): void {
  const hashes = f.param(0, 'i32');
  const count = f.param(2, 'i32');
  const ends = f.param(3, 'i32');
  const lists = f.param(4, 'i32');
  const i = f.local('i32');
  const at = f.local('i32');
  const end = f.local('i32');
  f.countUp(i, c(0), count, 1, () => {
    const high = shrU(i32.load(add(hashes, shl(i, c(2)))), c(16));
    f.set(at, add(ends, shl(shrU(mul(high, lists), c(16)), c(2))));
    f.set(end, i32.load(at));
    f.do(i32.store(end, rowAt(i)), i32.store(at, add(end, c(4))));
  });
}
