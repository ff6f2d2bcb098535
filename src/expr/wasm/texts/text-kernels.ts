/** The functions over columns of texts, over one memory. @module */

import type { Column, Heap } from '../../../core/column.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import type { BatchOptions } from '../../batch/vector-node.ts';
import { compileModule, instantiate } from '../../../wasm/index.ts';
import type { TextFunction } from './text-code.ts';
import { FRAME_WORDS, SLACK_BYTES, TextWord } from './text-frame.ts';

/** Something for the memory of a worker. */
export interface Planned<T> {
  /** What it will run, to be compiled beforehand. */
  readonly functions: readonly TextFunction[];
  readonly make: (options: BatchOptions) => T;
}

/** Runs functions over columns of texts that lie in one memory. One for each: calls come one after the other. */
export class TextKernels {
  readonly memory: KernelMemory;
  readonly #frame: Int32Array;
  readonly #functions = new Map<string, (frame: number) => number>();
  /** Lists of rows that lie elsewhere are copied here. */
  #rows: Uint32Array;

  private constructor(memory: KernelMemory) {
    this.memory = memory;
    this.#frame = memory.words(FRAME_WORDS);
    this.#rows = memory.rows(0);
  }

  /** @param rowCapacity - most rows of a batch */
  static of({ memory, rowCapacity }: BatchOptions): TextKernels {
    let kernels = known.get(memory);
    if (kernels === undefined) {
      kernels = new TextKernels(memory);
      known.set(memory, kernels);
    }
    if (kernels.#rows.length < rowCapacity) kernels.#rows = memory.rows(rowCapacity);
    return kernels;
  }

  /** Bytes in the kernels' memory. */
  constant(bytes: Uint8Array): number {
    const { byteOffset } = this.memory.allocate(bytes.length);
    new Uint8Array(this.memory.buffer, byteOffset, bytes.length).set(bytes);
    return byteOffset;
  }

  /**
   * Says which rows are done, and where results go.
   *
   * @param rows - `rows[0 .. count)`, ascending
   */
  begin(rows: Uint32Array, count: number, out: Column): void {
    const frame = this.#frame;
    frame[TextWord.ROWS] = count;
    frame[TextWord.SELECTION] = this.#listAt(rows, count);
    frame[TextWord.POSITION] = 0;
    frame[TextWord.OUT] = out.valuesAt;
    frame[TextWord.LEFT_COUNT] = 0;
    frame[TextWord.NULLS] = 0;
    frame[TextWord.VALIDITY] = 0;
  }

  /** Says what is read. */
  read(text: Column): void {
    this.#frame[TextWord.TEXT] = text.valuesAt;
    this.#frame[TextWord.HEAP] = text.heap.bytes.byteOffset;
  }

  /** An argument of the function. */
  argument(position: number, value: number): void {
    this.#frame[TextWord.ARGUMENTS + position] = value;
  }

  /** Runs a function that writes to no heap. */
  run(fn: TextFunction): void {
    (this.#functions.get(fn.name) ?? this.#load(fn))(this.#frame.byteOffset);
  }

  /** Runs a function that writes to no heap, but leaves rows; how many. */
  runAndLeave(fn: TextFunction, left: Uint32Array): number {
    this.#frame[TextWord.LEFT] = left.byteOffset;
    this.run(fn);
    return this.#frame[TextWord.LEFT_COUNT]!;
  }

  /** Says that the function makes, or unmakes, nulls; call {@link takeNulls} behind it. */
  allowNulls(out: Column): void {
    if (out.nullCount === 0) out.validity.fill(0xff);
    this.#frame[TextWord.VALIDITY] = out.validityAt;
  }

  /** Adds the nulls that were made. */
  takeNulls(out: Column): void {
    out.nullCount += this.#frame[TextWord.NULLS]!;
  }

  /**
   * Runs a function that writes to the heap of `out`, which grows as it needs.
   *
   * @param left - in this memory; takes the rows that are left to the scalar rule, those among them for
   * which the heap has no room
   * @returns how many are left
   */
  runWithHeap(
    fn: TextFunction,
    rows: Uint32Array,
    count: number,
    { heap }: Column,
    left: Uint32Array,
  ): number {
    const frame = this.#frame;
    frame[TextWord.LEFT] = left.byteOffset;
    frame[TextWord.USED] = heap.used;
    for (;;) {
      frame[TextWord.OUT_HEAP] = heap.bytes.byteOffset;
      frame[TextWord.LIMIT] = heap.bytes.buffer === this.memory.buffer ? heap.bytes.length : 0;
      this.run(fn);
      heap.used = frame[TextWord.USED]!;
      const position = frame[TextWord.POSITION]!;
      if (position >= count) return frame[TextWord.LEFT_COUNT]!;
      if (hasRoom(heap, frame[TextWord.NEEDED]! + SLACK_BYTES)) continue;
      left[frame[TextWord.LEFT_COUNT]!++] = rows[position]!;
      frame[TextWord.POSITION] = position + 1;
    }
  }

  /**
   * Runs a function that writes to room of its own, once.
   *
   * @returns the position of the row that found no room; the number of rows if none
   */
  runInto(fn: TextFunction, room: Uint8Array, position: number): number {
    const frame = this.#frame;
    frame[TextWord.POSITION] = position;
    frame[TextWord.USED] = 0;
    frame[TextWord.OUT_HEAP] = room.byteOffset;
    frame[TextWord.LIMIT] = room.length;
    this.run(fn);
    return frame[TextWord.POSITION]!;
  }

  /** Bytes that the last function used of its room. */
  get usedBytes(): number {
    return this.#frame[TextWord.USED]!;
  }

  #load({ name, build }: TextFunction): (frame: number) => number {
    const run = instantiate(compileModule(name, build), this.memory)[name]!;
    this.#functions.set(name, run);
    return run;
  }

  /** Address of a list of rows; 0 for all rows up to the last. */
  #listAt(rows: Uint32Array, count: number): number {
    if (count === 0 || rows[count - 1] === count - 1) return 0;
    if (rows.buffer === this.memory.buffer) return rows.byteOffset;
    const copy = this.#rows;
    for (let i = 0; i < count; i++) copy[i] = rows[i]!;
    return copy.byteOffset;
  }
}

const known = new WeakMap<KernelMemory, TextKernels>();

/** Makes a heap grow until so many bytes are free; false if it may not. */
function hasRoom(heap: Heap, bytes: number): boolean {
  const at = heap.reserve(bytes);
  if (at < 0) return false;
  heap.used = at;
  return true;
}
