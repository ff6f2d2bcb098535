/** Hashing the keys of rows by compiled code. @module */

import type { Column } from '../core/column.ts';
import type { KernelMemory } from '../core/memory.ts';
import type { Storage } from '../core/types.ts';
import { compileModule, ENGINE, Import, instantiate, ModuleBuilder } from '../wasm/index.ts';
import { addHash } from './kernel/hash-code.ts';
import { PlacedColumn, PlacedRows } from './kernel/placed-columns.ts';
import { BlockWord, inputWord, KeyWord, keyWord } from './kernel/shape.ts';
import { addSpreadHash } from './kernel/spread-hash-code.ts';
import { RecordLayout } from './record-layout.ts';

/** What for: `table` is the hash of `hash.ts`, `spread` that by which rows are spread over tasks. */
type HashKind = 'table' | 'spread';

/** Hashes keys of some types. */
export class KeyHasher {
  /** Hash of the row at each position. */
  readonly hashes: Int32Array;
  readonly #words: Int32Array;
  readonly #rows: PlacedRows;
  readonly #places: readonly PlacedColumn[];
  readonly #hash: (block: number, from: number, to: number) => void;

  constructor(memory: KernelMemory, keys: readonly Storage[], rowCapacity: number, kind: HashKind) {
    const fields = new RecordLayout(keys).keys;
    this.hashes = memory.words(rowCapacity);
    this.#words = memory.words(inputWord(keys.length, 0));
    this.#words[BlockWord.HASHES] = this.hashes.byteOffset;
    this.#rows = new PlacedRows(memory, rowCapacity);
    this.#places = keys.map(() => new PlacedColumn(memory, rowCapacity));
    const module = compileModule(`${kind} hash ${keys.join()}`, () => {
      const builder = new ModuleBuilder();
      // The code takes columns to be in the second memory.
      builder.importMemory(ENGINE, Import.COLUMNS);
      builder.importMemory(ENGINE, Import.COLUMNS);
      if (kind === 'table') addHash(builder, fields);
      else addSpreadHash(builder, fields);
      return builder.build();
    });
    this.#hash = instantiate(module, memory)['hash']!;
  }

  /** Hashes rows `rows[0 .. count)`. For a table, float columns are canonical. */
  hash(columns: readonly Column[], rows: Uint32Array, count: number): void {
    const words = this.#words;
    words[BlockWord.ROWS] = this.#rows.place(rows, 0, count);
    for (let k = 0; k < this.#places.length; k++) {
      const column = this.#places[k]!.place(columns[k]!, rows, 0, count);
      const first = keyWord(k);
      words[first + KeyWord.VALUES] = column.valuesAt;
      words[first + KeyWord.VALIDITY] = column.nullCount === 0 ? 0 : column.validityAt;
      words[first + KeyWord.HEAP] = column.heap.bytes.byteOffset;
    }
    this.#hash(this.#words.byteOffset, 0, count);
  }
}
