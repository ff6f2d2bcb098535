/** A row kernel over a worker's memory and a task's state. @module */

import type { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import { compileModule, instantiate } from '../../wasm/index.ts';
import type { Arena } from '../arena.ts';
import { PlacedColumn } from '../kernel/placed-columns.ts';
import type { RowFunctions } from './row-module.ts';
import { buildRowModule, rowModuleKey } from './row-module.ts';
import type { RowShape } from './shape.ts';
import { blockWords, columnWord, ColumnWord, probeWord, TargetWord, targetWord } from './shape.ts';

/** The compiled code for one store, and the words by which they talk. */
export class RowKernel {
  readonly code: RowFunctions;
  readonly shape: RowShape;
  /** The block. */
  readonly words: Int32Array;
  /** The block as float64. */
  readonly floats: Float64Array;
  /** Address of the block. */
  readonly block: number;
  readonly #buffer: ArrayBufferLike;
  readonly #columns: readonly PlacedColumn[];
  readonly #keys: readonly PlacedColumn[];

  constructor(memory: KernelMemory, arena: Arena, shape: RowShape, rowCapacity: number) {
    this.shape = shape;
    this.words = memory.words(blockWords(shape));
    this.block = this.words.byteOffset;
    this.floats = new Float64Array(memory.buffer, this.block, this.words.length >>> 1);
    this.#buffer = memory.buffer;
    const place = (): PlacedColumn => new PlacedColumn(memory, rowCapacity);
    this.#columns = shape.layout.fields.map(place);
    this.#keys = shape.keys.map(place);
    const module = compileModule(rowModuleKey(shape), () => buildRowModule(shape));
    const exports: unknown = instantiate(module, memory, { state: arena.memory });
    this.code = exports as RowFunctions;
  }

  /** Says where the columns of a batch lie whose rows may be kept or gathered: `rows[0 .. count)`. */
  bindColumns(columns: readonly Column[], rows: Uint32Array, count: number): void {
    for (let k = 0; k < this.#columns.length; k++) {
      this.#bind(columnWord(k), this.#columns[k]!.place(columns[k]!, rows, 0, count));
    }
  }

  /** Says where the keys lie that rows are looked for by: those of `rows[0 .. count)`, not null. */
  bindKeys(keys: readonly Column[], rows: Uint32Array, count: number): void {
    for (let k = 0; k < this.#keys.length; k++) {
      this.#bind(probeWord(this.shape, k), this.#keys[k]!.place(keys[k]!, rows, 0, count));
    }
  }

  #bind(word: number, column: Column): void {
    const { words } = this;
    words[word + ColumnWord.VALUES] = column.valuesAt;
    words[word + ColumnWord.VALIDITY] = column.nullCount === 0 ? 0 : column.validityAt;
    words[word + ColumnWord.HEAP] = column.heap.bytes.byteOffset;
  }

  /** Says where gathered columns go; false when one of them lies outside the engine's memory. */
  bindTargets(targets: readonly Column[], positions: readonly number[]): boolean {
    const { words } = this;
    for (let g = 0; g < positions.length; g++) {
      const target = targets[positions[g]!]!;
      if (target.buffer !== this.#buffer) return false;
      const word = targetWord(this.shape, g);
      words[word + TargetWord.VALUES] = target.valuesAt;
      words[word + TargetWord.VALIDITY] = target.validityAt;
      words[word + TargetWord.VALIDITY_BYTES] = target.validity.length;
      words[word + TargetWord.NULLS] = target.nullCount;
    }
    return true;
  }

  /** Tells the targets how many nulls they have now. */
  readNulls(targets: readonly Column[], positions: readonly number[]): void {
    for (let g = 0; g < positions.length; g++) {
      const nulls = this.words[targetWord(this.shape, g) + TargetWord.NULLS]!;
      const target = targets[positions[g]!]!;
      if (target.nullCount !== nulls) target.nullCount = nulls;
    }
  }
}
