/**
 * Rows that are kept until they are let go one by one, in any order: a heap of records of several
 * sizes in an arena.
 *
 * ```
 *  record   │ bytes it takes │ next │ time, lateness │ tag │ – │ nulls │ columns: see `row-layout.ts`
 * ```
 *
 * A record stays where it is, so its address names the row. `next` and `tag` are the owner's: lists of
 * rows, queues by value and the like need no memory beside the rows.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { DataType, Storage } from '../../core/types.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import { compileModule, instantiate } from '../../wasm/index.ts';
import type { Arena } from '../arena.ts';
import { BEST_WORDS, BestWord, FREE_LISTS } from '../best/shape.ts';
import { RowKernel } from '../rows/row-kernel.ts';
import type { RowLayout } from '../rows/row-layout.ts';
import { layoutRows, MARK_AT, NEXT_AT, TIME_AT } from '../rows/row-layout.ts';
import type { HeldFunctions } from './held-module.ts';
import { buildHeldModule, heldModuleKey } from './held-module.ts';

/** No row. */
export const NO_RECORD = 0;

/** Memory in blocks of any size: its free lists and its front. All stores of an arena may share one. */
export class HeldBlocks {
  readonly arena: Arena;
  /** Address of the words by which the code knows it. */
  readonly address: number;
  readonly #words: Int32Array;
  readonly #pageBytes: number;

  constructor(memory: KernelMemory, arena: Arena) {
    this.arena = arena;
    this.#pageBytes = arena.pageCells * 8;
    this.#words = memory.words(BEST_WORDS);
    this.address = this.#words.byteOffset;
    const first = arena.take() * 8;
    arena.words.fill(0, first / 4, first / 4 + FREE_LISTS);
    this.#words[BestWord.FREE] = first;
    this.#words[BestWord.NEXT_BYTE] = first + 4 * FREE_LISTS;
    this.#words[BestWord.END_BYTE] = first + this.#pageBytes;
  }

  /** With the arena, which is the memory of everything in it. */
  *state(io: StateIo): Steps {
    yield* this.arena.state(io);
    for (const word of [BestWord.FREE, BestWord.NEXT_BYTE, BestWord.END_BYTE]) {
      this.#words[word] = io.int(this.#words[word]!);
    }
  }

  /**
   * Adds as much as the last call of the code asked for.
   *
   * @throws MillraceError of the arena
   */
  grow(): void {
    const { arena } = this;
    const run = Math.ceil(this.#words[BestWord.BYTES_NEEDED]! / this.#pageBytes);
    const start = (run === 1 ? arena.take() : arena.takeRun(run)) * 8;
    this.#words[BestWord.NEXT_BYTE] = start;
    this.#words[BestWord.END_BYTE] = start + run * this.#pageBytes;
  }
}

/** What is kept of which rows. */
export interface HeldRowsOptions {
  /** Storage of the columns; all are kept. */
  readonly columns: readonly Storage[];
  readonly hasTime: boolean;
  /** Positions of the columns that are gathered; all if left out. */
  readonly gathered?: readonly number[];
  readonly rowCapacity: number;
}

/** Rows of one schema. */
export class HeldRows {
  /** Gathers rows. */
  readonly kernel: RowKernel;
  readonly layout: RowLayout;
  readonly arena: Arena;
  readonly #blocks: HeldBlocks;
  readonly #code: HeldFunctions;
  readonly #hasTime: boolean;
  readonly #rows: Uint32Array;
  /** By position: the rows kept by the last call of {@link hold}. */
  readonly records: Int32Array;
  #count = 0;

  constructor(
    memory: KernelMemory,
    blocks: HeldBlocks,
    { columns, hasTime, gathered, rowCapacity }: HeldRowsOptions,
  ) {
    const { arena } = blocks;
    this.layout = layoutRows(columns, { isTimed: hasTime, isTracked: true, isTold: false });
    const shape = {
      pageBytes: arena.pageCells * 8,
      layout: this.layout,
      keys: [],
      gathered: gathered ?? columns.map((_, c) => c),
    };
    this.arena = arena;
    this.#blocks = blocks;
    this.#hasTime = hasTime;
    this.kernel = new RowKernel(memory, arena, shape, rowCapacity);
    this.#rows = memory.rows(rowCapacity);
    this.records = memory.words(rowCapacity);
    const module = compileModule(heldModuleKey(shape), () => buildHeldModule(shape));
    const exports: unknown = instantiate(module, memory, { state: arena.memory });
    this.#code = exports as HeldFunctions;
  }

  /** Rows that are kept. */
  get count(): number {
    return this.#count;
  }

  /**
   * Keeps rows `selection[0 .. count)` of a batch: see {@link records}. Their tags and nexts are garbage.
   *
   * @param columns - those of the batch that are kept
   * @throws MillraceError of the arena
   */
  hold(batch: Batch, selection: Uint32Array, count: number, columns = batch.columns): void {
    const rows = this.#rows;
    rows.set(count === selection.length ? selection : selection.subarray(0, count));
    this.#write(columns, count);
    this.#count += count;
    if (!this.#hasTime) return;
    const { floats } = this.arena;
    const { records } = this;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const record = records[i]!;
      floats[(record + TIME_AT) >>> 3] = batch.timeUs(row);
      floats[(record + MARK_AT) >>> 3] = batch.lateByUs(row);
    }
  }

  #write(columns: readonly Column[], count: number): void {
    const rows = this.#rows;
    this.kernel.bindColumns(columns, rows, count);
    let at = 0;
    for (;;) {
      at = this.#code.hold(
        this.kernel.block,
        this.#blocks.address,
        rows.byteOffset,
        this.records.byteOffset,
        at,
        count,
      );
      if (at === count) return;
      this.#blocks.grow();
    }
  }

  /** Keeps rows `selection[0 .. count)` of columns, without times. */
  holdColumns(columns: readonly Column[], selection: Uint32Array, count: number): void {
    this.#rows.set(selection.subarray(0, count));
    this.#write(columns, count);
    this.#count += count;
  }

  /** Keeps a row in which all columns are null, for good; it counts as none. */
  blank(memory: KernelMemory, types: readonly DataType[]): number {
    const columns = types.map((type) => {
      const column = Column.allocate(type, 1, memory);
      column.setNull(0);
      return column;
    });
    this.#rows[0] = 0;
    this.#write(columns, 1);
    return this.records[0]!;
  }

  /** Lets a row go. */
  letGo(record: number): void {
    this.#code.give(this.#blocks.address, record);
    this.#count--;
  }

  /** Lets `records[0 .. count)`, which lie in the engine's memory, go. */
  letAllGo(records: Int32Array, count: number): void {
    this.#code.giveListed(this.#blocks.address, records.byteOffset, 0, count);
    this.#count -= count;
  }

  /** Takes memory for something else than a row; the address of its bytes, behind its size. */
  takeBytes(bytes: number): number {
    for (;;) {
      const address = this.#code.take(this.#blocks.address, bytes);
      if (address !== 0) return address;
      this.#blocks.grow();
    }
  }

  /** Gives back what {@link takeBytes} took. */
  giveBytes(address: number): void {
    this.#code.give(this.#blocks.address, address);
  }

  /** How many rows there are; the rows themselves are in the arena of their blocks. */
  state(io: StateIo): void {
    this.#count = io.float(this.#count);
  }

  timeUs(record: number): TimeUs {
    return this.#hasTime ? this.arena.floats[(record + TIME_AT) >>> 3]! : -Infinity;
  }

  /** How late a row was when it entered; 0: on time. */
  lateByUs(record: number): DurationUs {
    return this.#hasTime ? this.arena.floats[(record + MARK_AT) >>> 3]! : 0;
  }

  /** The row behind another in a list of the owner's. */
  next(record: number): number {
    return this.arena.words[(record + NEXT_AT) >>> 2]!;
  }

  setNext(record: number, next: number): void {
    this.arena.words[(record + NEXT_AT) >>> 2] = next;
  }

  /** A word of the owner's. */
  tag(record: number): number {
    return this.arena.words[(record + this.layout.matchesAt!) >>> 2]!;
  }

  setTag(record: number, tag: number): void {
    this.arena.words[(record + this.layout.matchesAt!) >>> 2] = tag;
  }
}
