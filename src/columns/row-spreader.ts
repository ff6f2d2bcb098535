/** Spreading rows over lists by a hash, by compiled code. @module */

import { identitySelection } from '../core/batch.ts';
import type { KernelMemory } from '../core/memory.ts';
import type { FunctionBuilder, I32 } from '../wasm/index.ts';
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
      const listed = (i: I32): I32 => i32.load(add(rows, shl(i, c(2))));
      const isTwo = i32.eq(f.param(4, 'i32'), c(2));
      f.if(
        rows,
        () =>
          f.if(
            isTwo,
            () => spreadOverTwo(f, listed),
            () => spreadOverMany(f, listed),
          ),
        () =>
          f.if(
            isTwo,
            () => spreadOverTwo(f, (i) => i),
            () => spreadOverMany(f, (i) => i),
          ),
      );
    },
    'spread',
  );
  return module.build();
}

function spreadOverMany(f: FunctionBuilder, rowAt: (i: I32) => I32): void {
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

/** Writes each row to both lists and goes on in one: nothing waits for what was just stored. */
function spreadOverTwo(f: FunctionBuilder, rowAt: (i: I32) => I32): void {
  const hashes = f.param(0, 'i32');
  const count = f.param(2, 'i32');
  const ends = f.param(3, 'i32');
  const low = f.let(i32.load(ends));
  const high = f.let(i32.load(ends, { offset: 4 }));
  const row = f.local('i32');
  const step = f.local('i32');
  const i = f.local('i32');
  f.countUp(i, c(0), count, 1, () => {
    f.set(row, rowAt(i));
    f.do(i32.store(low, row), i32.store(high, row));
    // 4 for the upper half of all hashes, else 0.
    f.set(step, i32.and(shrU(i32.load(add(hashes, shl(i, c(2)))), c(29)), c(4)));
    f.set(high, add(high, step));
    f.set(low, add(low, i32.xor(step, c(4))));
  });
  f.do(i32.store(ends, low), i32.store(ends, high, { offset: 4 }));
}
