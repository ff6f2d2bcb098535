/**
 * The index of a table whose key is one or two numbers of fixed width: probed by a kernel.
 *
 * A place holds the row + 1, an int32, 0 where it is free; the key is that of the row itself. So the
 * index of a thousand rows takes 32 KiB, and stays in the fastest cache beside the keys.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { FunctionBuilder, I32, I64, Local } from '../../wasm/index.ts';
import {
  compileModule,
  ENGINE,
  i32,
  i64,
  Import,
  instantiate,
  ModuleBuilder,
} from '../../wasm/index.ts';

/** More than this would leave too little of the worker's memory for computed columns. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Whether the kernel can be made for a key of a table, and both lie where it finds them. */
export function suitsNumberIndex(
  keys: readonly Column[],
  rows: number,
  memory: KernelMemory,
): boolean {
  const areNumbers = keys.every(({ storage }) => storage === 'i32' || storage === 'i64');
  const bytes = 2 ** bitsFor(rows) * PLACE_BYTES;
  return keys.length <= 2 && areNumbers && areIn(memory, keys) && bytes <= MOST_BYTES;
}

/** Whether columns lie where the kernel finds them. */
export function areIn(memory: KernelMemory, columns: readonly Column[]): boolean {
  for (let c = 0; c < columns.length; c++) {
    if (columns[c]!.buffer !== memory.buffer) return false;
  }
  return true;
}

/** Places a row, so that most keys are found at once: memory is cheap while tables are small. */
const PLACES_PER_ROW = 8;
const LEAST_PLACES = 16;
const PLACE_BYTES = 4;
/** An odd number for each column of the key; its upper bits are the ones that are looked at. */
const MULTIPLIERS = [0x9e37_79b9_7f4a_7c15n, 0xc2b2_ae3d_27d4_eb4fn];

/** Finds rows by number. */
export class NumberIndex {
  readonly #find: (...args: number[]) => number;
  readonly #insert: (...args: number[]) => number;
  readonly #places: number;
  readonly #bits: number;
  /** Where the key's columns lie. */
  readonly #keys: readonly [number, number];

  /**
   * @param keys - the key's columns in the table; rows with a null among them are left out
   * @param rows - rows of the table
   * @param onTwice - called with the row of a key that an earlier row has
   */
  constructor(
    keys: readonly Column[],
    rows: number,
    memory: KernelMemory,
    onTwice: (row: number) => never,
  ) {
    const widths = keys.map(({ storage }) => (storage === 'i32' ? 4 : 8));
    const module = compileModule(`lookup ${widths.join(' ')}`, () => build(widths));
    const functions = instantiate(module, memory);
    this.#find = functions['find']!;
    this.#insert = functions['insert']!;
    this.#bits = bitsFor(rows);
    this.#places = memory.allocate(2 ** this.#bits * PLACE_BYTES).byteOffset;
    this.#keys = addressesOf(keys);
    for (let row = 0; row < rows; row++) {
      if (keys.some((key) => key.isNull(row))) continue;
      if (this.#insert(row, ...this.#keys, this.#places, this.#bits) === 0) onTwice(row);
    }
  }

  /**
   * Finds the table's rows for `rows[0 .. count)` of `keys`, none of which is null.
   *
   * @param found - takes the rows that have a match; may be `rows`
   * @param matches - takes, by position in `found`, the row of the table
   * @returns how many have one
   */
  find(
    keys: readonly Column[],
    rows: Uint32Array,
    count: number,
    found: Uint32Array,
    matches: Int32Array,
  ): number {
    const [first, second] = addressesOf(keys);
    return this.#find(
      rows.byteOffset,
      count,
      first,
      second,
      ...this.#keys,
      this.#places,
      this.#bits,
      found.byteOffset,
      matches.byteOffset,
    );
  }
}

function addressesOf(keys: readonly Column[]): [number, number] {
  return [keys[0]!.valuesAt, keys[1]?.valuesAt ?? 0];
}

function bitsFor(rows: number): number {
  return Math.ceil(Math.log2(Math.max(LEAST_PLACES, rows * PLACES_PER_ROW)));
}

function build(widths: readonly number[]): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  const int32s = (count: number): 'i32'[] => Array.from({ length: count }, () => 'i32');
  module.function({ params: int32s(10), result: 'i32' }, (f) => buildFind(f, widths), 'find');
  module.function({ params: int32s(5), result: 'i32' }, (f) => buildInsert(f, widths), 'insert');
  return module.build();
}

/** An index as a kernel has it. */
interface IndexParts {
  readonly widths: readonly number[];
  /** Addresses of the key's columns in the table. */
  readonly keys: readonly I32[];
  readonly places: I32;
  readonly bits: I32;
}

/** Looking for a key: what the loops over places share. */
class PlaceSearch {
  readonly place: Local<'i32'>;
  /** What is in the place: the row + 1, or 0. */
  readonly taken: Local<'i32'>;
  readonly #f: FunctionBuilder;
  readonly #index: IndexParts;
  readonly #wanted: readonly Local<'i64'>[];
  readonly #end: Local<'i32'>;

  constructor(f: FunctionBuilder, index: IndexParts) {
    this.#f = f;
    this.#index = index;
    this.#wanted = index.widths.map(() => f.local('i64'));
    this.place = f.local('i32');
    this.taken = f.local('i32');
    const bytes = i32.shl(i32.const(PLACE_BYTES), index.bits);
    this.#end = f.let(i32.add(index.places, bytes));
  }

  /** Goes to the place of the key that a row of `columns` has, or to the free one where it would be. */
  run(row: I32, columns: readonly I32[]): void {
    const f = this.#f;
    this.#wanted.forEach((key, k) => f.set(key, this.#load(columns, k, row)));
    const { places } = this.#index;
    f.set(this.place, i32.add(places, i32.mul(this.#hash(), i32.const(PLACE_BYTES))));
    f.block((done) => {
      f.loop((again) => {
        f.set(this.taken, i32.load(this.place));
        f.branchIf(done, i32.eqz(this.taken));
        f.branchIf(done, this.#isEqual());
        f.increase(this.place, PLACE_BYTES);
        f.branchIf(again, i32.ltU(this.place, this.#end));
        f.set(this.place, places);
        f.branch(again);
      });
    });
  }

  /** A number of a key, as int64. */
  #load(columns: readonly I32[], k: number, row: I32): I64 {
    const width = this.#index.widths[k]!;
    const at = i32.add(columns[k]!, i32.mul(row, i32.const(width)));
    return width === 4 ? i64.load32S(at) : i64.load(at);
  }

  #hash(): I32 {
    const products = this.#wanted.map((key, k) => i64.mul(key, i64.const(MULTIPLIERS[k]!)));
    const sum = products.reduce((all, one) => i64.add(all, one));
    const unused = i64.extendI32U(i32.sub(i32.const(64), this.#index.bits));
    return i32.wrapI64(i64.shrU(sum, unused));
  }

  #isEqual(): I32 {
    const row = i32.sub(this.taken, i32.const(1));
    const differs = this.#wanted.map((key, k) =>
      i64.xor(this.#load(this.#index.keys, k, row), key),
    );
    return i64.eqz(differs.reduce((all, one) => i64.or(all, one)));
  }
}

function buildFind(f: FunctionBuilder, widths: readonly number[]): void {
  const param = (position: number): Local<'i32'> => f.param(position, 'i32');
  const [rows, count, found, matches] = [param(0), param(1), param(8), param(9)];
  const keys = [param(4), param(5)];
  const search = new PlaceSearch(f, { widths, keys, places: param(6), bits: param(7) });
  const i = f.local('i32');
  const row = f.local('i32');
  const kept = f.local('i32');
  f.countUp(i, i32.const(0), i32.shl(count, i32.const(2)), 4, () => {
    f.set(row, i32.load(i32.add(rows, i)));
    search.run(row, [param(2), param(3)]);
    f.do(
      i32.store(i32.add(found, kept), row),
      i32.store(i32.add(matches, kept), i32.sub(search.taken, i32.const(1))),
    );
    f.set(kept, i32.add(kept, i32.shl(i32.ne(search.taken, i32.const(0)), i32.const(2))));
  });
  f.return(i32.shrU(kept, i32.const(2)));
}

/** 0 when the key is there already. */
function buildInsert(f: FunctionBuilder, widths: readonly number[]): void {
  const param = (position: number): Local<'i32'> => f.param(position, 'i32');
  const row = param(0);
  const keys = [param(1), param(2)];
  const search = new PlaceSearch(f, { widths, keys, places: param(3), bits: param(4) });
  search.run(row, keys);
  f.if(search.taken, () => f.return(i32.const(0)));
  f.do(i32.store(search.place, i32.add(row, i32.const(1))));
  f.return(i32.const(1));
}
