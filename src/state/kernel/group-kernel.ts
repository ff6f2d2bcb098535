/** A group kernel over a worker's memory and a task's state. @module */

import type { Column } from '../../core/column.ts';
import { invariant } from '../../core/invariant.ts';
import type { KernelMemory } from '../../core/memory.ts';
import { compileModule, instantiate } from '../../wasm/index.ts';
import type { Arena } from '../arena.ts';
import { HeaderBlocks } from '../header-blocks.ts';
import type { RecordLayout } from '../record-layout.ts';
import { MAX_RECORD_CELLS } from '../record-layout.ts';
import type { KernelExports } from './module.ts';
import { buildModule, moduleKey } from './module.ts';
import { PlacedColumn, PlacedRows } from './placed-columns.ts';
import { segmentSlots } from './probe-code.ts';
import type { FusedInput, KernelShape } from './shape.ts';
import { BlockWord, InputWord, inputWord, KeyWord, keyWord } from './shape.ts';

/** What is fed to an aggregate. */
export interface KernelInput {
  /** `undefined`: rows are counted. */
  readonly column: Column | undefined;
  readonly filter: Column | undefined;
}

/** What a kernel is compiled for. Parameters as those of {@link GroupKernel}. */
export function groupShape(
  layout: RecordLayout,
  pageCells: number,
  inputs: readonly FusedInput[],
  merged: readonly FusedInput[] | undefined,
  retracts = false,
  looksUp = false,
): KernelShape {
  return {
    pageBytes: pageCells * 8,
    keys: layout.keys,
    recordCells: layout.cells,
    template: layout.template,
    inputs,
    merged,
    ...(retracts ? { retracts } : {}),
    ...(looksUp ? { looksUp } : {}),
  };
}

/**
 * The compiled code for tables of one layout, and the scratch memory of its calls. All tables of that
 * layout share it: what is bound is meant by the calls that follow.
 */
export class GroupKernel {
  readonly arena: Arena;
  readonly layout: RecordLayout;
  readonly rowCapacity: number;
  /** Hash of the keys of the row at each position. */
  readonly hashes: Int32Array;
  /** First cell of the record of the row at each position. */
  readonly records: Int32Array;
  /** Positions that got a new record in the last `assign`. */
  readonly fresh: Int32Array;
  readonly code: KernelExports;
  /** Where tables have their headers. */
  readonly headers: HeaderBlocks;
  /** Address of the block. */
  readonly block: number;
  readonly shape: KernelShape;
  /** Pages of places that all tables have. */
  placePages = 0;
  /** Whether a bound key column has nulls. */
  hasNullKeys = false;
  readonly #words: Int32Array;
  readonly #inputs: readonly FusedInput[];
  readonly #rows: PlacedRows;
  readonly #keyPlaces: readonly PlacedColumn[];
  readonly #inputPlaces: readonly (readonly [PlacedColumn, PlacedColumn])[];
  #hasNullArguments = false;
  #unhashedFrom = 0;
  #unhashedTo = 0;

  /**
   * @param layout - complete
   * @param inputs - inputs whose aggregates the kernel keeps
   * @param merged - those by which records are merged, where `inputs` are partial aggregates
   * @param retracts - whether rows can be taken back
   * @param looksUp - whether records can be looked for without being made
   */
  constructor(
    memory: KernelMemory,
    arena: Arena,
    layout: RecordLayout,
    inputs: readonly FusedInput[],
    rowCapacity: number,
    merged?: readonly FusedInput[],
    retracts = false,
    looksUp = false,
  ) {
    invariant(layout.cells <= MAX_RECORD_CELLS, `a record of ${layout.cells} cells`);
    const { keys } = layout;
    const shape = groupShape(layout, arena.pageCells, inputs, merged, retracts, looksUp);
    this.shape = shape;
    this.arena = arena;
    this.layout = layout;
    this.rowCapacity = rowCapacity;
    this.headers = new HeaderBlocks(arena);
    this.hashes = memory.words(rowCapacity);
    this.records = memory.words(rowCapacity);
    this.fresh = memory.words(rowCapacity);
    const template = memory.words(2 * layout.cells);
    template.set(layout.template.subarray(0, 2 * layout.cells));
    const mostInputs = Math.max(0, ...inputs.map(({ input }) => input + 1));
    this.#words = memory.words(inputWord(keys.length, mostInputs));
    this.block = this.#words.byteOffset;
    this.#words[BlockWord.RECORDS] = this.records.byteOffset;
    this.#words[BlockWord.HASHES] = this.hashes.byteOffset;
    this.#words[BlockWord.TEMPLATE] = template.byteOffset;
    this.#words[BlockWord.SPLIT] = memory.words(2 * segmentSlots(shape.pageBytes)).byteOffset;
    this.#inputs = inputs;
    this.#rows = new PlacedRows(memory, rowCapacity);
    const place = (): PlacedColumn => new PlacedColumn(memory, rowCapacity);
    this.#keyPlaces = keys.map(place);
    this.#inputPlaces = inputs.map(() => [place(), place()] as const);
    const module = compileModule(moduleKey(shape), () => buildModule(shape));
    const exports: unknown = instantiate(module, memory, { state: arena.memory });
    this.code = exports as KernelExports;
  }

  /** Says which rows are meant, and where their keys lie; floats are canonical. */
  bindKeys(keys: readonly Column[], rows: Uint32Array, from: number, to: number): void {
    const words = this.#words;
    this.bindRows(rows, from, to);
    this.hasNullKeys = false;
    for (let k = 0; k < this.#keyPlaces.length; k++) {
      const column = this.#keyPlaces[k]!.place(keys[k]!, rows, from, to);
      const first = keyWord(k);
      const hasNulls = column.nullCount !== 0;
      if (hasNulls) this.hasNullKeys = true;
      words[first + KeyWord.VALUES] = column.valuesAt;
      words[first + KeyWord.VALIDITY] = hasNulls ? column.validityAt : 0;
      words[first + KeyWord.HEAP] = column.heap.bytes.byteOffset;
    }
  }

  /** Says which rows are meant: `rows[from .. to)`. */
  bindRows(rows: Uint32Array, from: number, to: number): void {
    this.#words[BlockWord.ROWS] = this.#rows.place(rows, from, to);
  }

  /** Says where the inputs of the rows lie; `inputs` are those of the aggregate, by position. */
  bindInputs(inputs: readonly KernelInput[], rows: Uint32Array, from: number, to: number): void {
    const words = this.#words;
    const keys = this.#keyPlaces.length;
    this.#hasNullArguments = false;
    for (let i = 0; i < this.#inputs.length; i++) {
      const { input } = this.#inputs[i]!;
      const { column, filter } = inputs[input]!;
      const first = inputWord(keys, input);
      const [place, filterPlace] = this.#inputPlaces[i]!;
      if (column !== undefined) {
        const hasNulls = column.nullCount !== 0;
        // Of strings no more is needed than which are null.
        const isRead = hasNulls || column.storage !== 'view';
        const argument = isRead ? place.place(column, rows, from, to) : column;
        words[first + InputWord.VALUES] = argument.valuesAt;
        words[first + InputWord.VALIDITY] = hasNulls ? argument.validityAt : 0;
        if (hasNulls) this.#hasNullArguments = true;
      }
      if (filter === undefined) continue;
      const bits = filterPlace.place(filter, rows, from, to);
      words[first + InputWord.FILTER] = bits.valuesAt;
      words[first + InputWord.FILTER_VALIDITY] = bits.nullCount === 0 ? 0 : bits.validityAt;
    }
  }

  /** Whether a bound key or argument has nulls. */
  get hasNulls(): boolean {
    return this.hasNullKeys || this.#hasNullArguments;
  }

  /** Hashes the keys of positions `from .. to`. */
  hash(from: number, to: number): void {
    this.code.hash(this.block, from, to);
  }

  /** Says that positions `from .. to` are to be hashed, where a table needs it. */
  hashLater(from: number, to: number): void {
    this.#unhashedFrom = from;
    this.#unhashedTo = to;
  }

  /** Hashes what was left for later. */
  hashNow(): void {
    if (this.#unhashedFrom < this.#unhashedTo) this.hash(this.#unhashedFrom, this.#unhashedTo);
    this.#unhashedTo = 0;
  }

  /** The last key without a place among dense keys: its low and its high word. */
  get missedKey(): readonly [low: number, high: number] {
    return [this.#words[BlockWord.MISSED_KEY]!, this.#words[BlockWord.MISSED_KEY + 1]!];
  }

  /** Adds the rows at positions `from .. to` to the aggregates of their {@link records}. */
  update(from: number, to: number): void {
    if (this.#inputs.length === 0) return;
    if (this.#hasNullArguments) this.code.updateNull(this.block, from, to);
    else this.code.update(this.block, from, to);
  }

  /** Takes the rows at positions `from .. to` back from the aggregates of their {@link records}. */
  retract(from: number, to: number): void {
    if (this.#inputs.length > 0) this.code.retract!(this.block, from, to);
  }

  /** Adds the aggregates of records to others, pair by pair. Both lists lie in memory. */
  merge(targets: Int32Array, sources: Int32Array, count: number): void {
    if (this.#inputs.length === 0) return;
    this.code.merge(targets.byteOffset, sources.byteOffset, 0, count);
  }

  /** Positions go to {@link fresh} from its front on, in a table of `count` groups. */
  listFresh(count: number): void {
    this.#words[BlockWord.FRESH] = this.fresh.byteOffset - 4 * count;
  }
}
