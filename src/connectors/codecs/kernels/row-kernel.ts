/** Decodes plain rows many at a time. @module */

import type { Batch } from '../../../core/batch.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import type { Schema } from '../../../core/schema.ts';
import { forgetRow } from '../../../rows/values/row-checks.ts';
import { compileModule, instantiate } from '../../../wasm/index.ts';
import type { InputWindow } from '../input-window.ts';
import { columnAt, ColumnWord, Word, writeTables } from './layout.ts';
import { DECODE } from './row-code.ts';

/** Rows with more columns are for TypeScript: their kernels would take long to compile. */
export const MOST_KERNEL_COLUMNS = 128;

/** Types that kernels read. Of others they read nothing but null. */
export function hasKernelType({ type }: Schema[number]): boolean {
  return type.kind !== 'json' && type.kind !== 'bytes' && type.kind !== 'duration';
}

/** Modules kept for files like those before: V8 keeps the code that it has optimised with them. */
const MOST_MODULES = 32;
const modules = new Map<string, WebAssembly.Module>();

/** The module with a key, compiled unless it was used a while ago. */
function moduleOf(key: string, build: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const module = modules.get(key) ?? compileModule(key, build);
  modules.delete(key);
  modules.set(key, module);
  if (modules.size > MOST_MODULES) modules.delete(modules.keys().next().value!);
  return module;
}

/** A kernel and its block of memory. */
export class RowKernel {
  readonly #memory: KernelMemory;
  readonly #decode: (...args: number[]) => number;
  readonly #blockAt: number;
  readonly #words: Int32Array;

  /**
   * @param key - names the module: of two with one key the bytes are the same
   * @param block - memory for the block, see {@link makeBlock}
   */
  constructor(
    memory: KernelMemory,
    key: string,
    build: () => Uint8Array<ArrayBuffer>,
    block: Int32Array,
  ) {
    this.#memory = memory;
    this.#decode = instantiate(moduleOf(key, build), memory)[DECODE]!;
    this.#words = block;
    this.#blockAt = block.byteOffset;
  }

  /**
   * Decodes plain rows from `window.from` on into `batch`, from `row` on, and moves `window.from`
   * behind them. Each is one line. The row behind them is marked null nowhere.
   *
   * @returns how many; 0 when the first is not plain, or is not all there
   */
  decode(window: InputWindow, batch: Batch, row: number): number {
    const { buffer } = this.#memory;
    const isWithinReach = window.bytes.buffer === buffer && batch.columns[0]!.buffer === buffer;
    if (!isWithinReach || row >= batch.rowCapacity) return 0;
    let next = row;
    if (window.knownUtf8 !== false) next = this.#run(window, batch, next);
    const isOdd = this.#words[Word.ODD_TEXT] !== 0 && window.knownUtf8 === undefined;
    const goesOn = isOdd && window.isUtf8 && next < batch.rowCapacity && window.from < window.to;
    if (goesOn) next = this.#run(window, batch, next);
    return next - row;
  }

  /** Decodes rows until one is not plain; returns the row behind the last. */
  #run(window: InputWindow, batch: Batch, row: number): number {
    this.#describe(batch);
    this.#words[Word.ODD_TEXT] = window.knownUtf8 === undefined ? -1 : 0;
    const base = window.bytes.byteOffset;
    const from = base + window.from;
    const to = base + window.to;
    const next = this.#decode(from, to, row, batch.rowCapacity, this.#blockAt);
    window.from = (this.#words[Word.AT]! >>> 0) - base;
    this.#takeBack(batch, next);
    return next;
  }

  /** Tells the kernel where the batch is. */
  #describe({ columns, heap }: Batch): void {
    const words = this.#words;
    const heapStart = heap.bytes.byteOffset;
    words[Word.HEAP_START] = heapStart;
    words[Word.HEAP_AT] = heapStart + heap.used;
    words[Word.HEAP_END] = heapStart + heap.bytes.length;
    words[Word.VALIDITY_BYTES] = columns[0]!.validity.length;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c]!;
      const at = columnAt(c) >> 2;
      words[at + (ColumnWord.VALUES >> 2)] = column.valuesAt;
      words[at + (ColumnWord.VALIDITY >> 2)] = column.validityAt;
      words[at + (ColumnWord.NULL_COUNT >> 2)] = column.nullCount;
    }
  }

  /** Takes over what the kernel changed; `next` is the row at which it stopped, perhaps midway. */
  #takeBack({ columns, heap, rowCapacity }: Batch, next: number): void {
    heap.used = (this.#words[Word.HEAP_AT]! >>> 0) - heap.bytes.byteOffset;
    for (let c = 0; c < columns.length; c++) {
      columns[c]!.nullCount = this.#words[(columnAt(c) + ColumnWord.NULL_COUNT) >> 2]!;
    }
    if (next < rowCapacity) forgetRow(columns, next);
  }
}

/** Memory for the block of a kernel with its tables, and `extraBytes` behind the columns. */
export function makeBlock(memory: KernelMemory, columns: number, extraBytes = 0): Int32Array {
  const bytes = columnAt(columns) + extraBytes;
  const { buffer, byteOffset } = memory.allocate(bytes);
  writeTables(buffer, byteOffset);
  return new Int32Array(buffer, byteOffset, bytes >> 2);
}
