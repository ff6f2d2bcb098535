/**
 * Code that finds records of integer keys by places that are spread over by a product, see
 * `scattered-keys.ts`: without the hash of tables or a tag.
 *
 * @module
 */

import type { FunctionBuilder, I32, I64, Label, Local, ModuleBuilder } from '../../wasm/index.ts';
import { i32, i64 } from '../../wasm/index.ts';
import type { KeyField } from '../record-layout.ts';
import type { ColumnCode } from './loop-code.ts';
import type { Places } from './placed-rows-code.ts';
import { countMiss } from './placed-rows-code.ts';
import type { KernelShape } from './shape.ts';
import { COLUMNS, HeaderWord, STATE } from './shape.ts';

const { add, shl } = i32;
const c = i32.const;

/** 2 to the power of the word's bits, divided by the golden ratio: keys in a row come to lie far apart. */
const FACTOR_32 = 0x9e37_79b1;
const FACTOR_64 = 0x9e37_79b9_7f4a_7c15n;

type Key = I32 | I64;

/** Where the records of scattered keys are: places in pairs, of which the first a key comes to is the likelier. */
export class ScatteredPlaces implements Places {
  readonly #header: I32;
  readonly #entries: I32;
  readonly #shift: Local<'i32'> | Local<'i64'>;
  readonly #key: KeyField;

  /**
   * @param entries - address of the places
   * @param shift - by how many bits a word of the key's width is more than the number of a place
   */
  constructor(f: FunctionBuilder, { keys }: KernelShape, header: I32, entries: I32, shift: I32) {
    this.#header = header;
    this.#key = keys[0]!;
    this.#entries = entries;
    this.#shift = this.#isWide ? f.let(i64.extendI32U(shift)) : f.let(shift);
  }

  get #isWide(): boolean {
    return this.#key.storage === 'i64';
  }

  recordOf(
    f: FunctionBuilder,
    column: ColumnCode,
    row: I32,
    missing: Label,
    ahead = 0,
  ): Local<'i32'> {
    const key = this.#keyOf(f, column, row, ahead);
    const at = f.let(this.#placeOf(key));
    const record = f.let(i32.load(at, { memory: STATE }));
    f.branchIf(missing, i32.eqz(record));
    f.if(this.#differs(record, key), () => {
      f.set(record, i32.load(i32.xor(at, c(4)), { memory: STATE }));
      f.branchIf(missing, i32.eqz(record));
      f.branchIf(missing, this.#differs(record, key));
    });
    return record;
  }

  put(f: FunctionBuilder, column: ColumnCode, row: I32, record: I32, beyond: Label): void {
    this.#put(f, this.#keyOf(f, column, row, 0), record, beyond);
  }

  /** Puts a record in its place; branches to `beyond` where it has none. */
  putRecord(f: FunctionBuilder, record: I32, beyond: Label): void {
    const source = { memory: STATE, offset: 8 * this.#key.cell };
    const key = this.#isWide ? f.let(i64.load(record, source)) : f.let(i32.load(record, source));
    this.#put(f, key, record, beyond);
  }

  miss(f: FunctionBuilder): void {
    countMiss(f, this.#header);
  }

  #put(f: FunctionBuilder, key: Key, record: I32, beyond: Label): void {
    const at = f.let(this.#placeOf(key));
    const isOthers = (): I32 => {
      const there = f.let(i32.load(at, { memory: STATE }));
      return i32.and(i32.ne(there, c(0)), i32.ne(there, record));
    };
    f.if(isOthers(), () => {
      f.set(at, i32.xor(at, c(4)));
      f.branchIf(beyond, isOthers());
    });
    f.do(i32.store(at, record, { memory: STATE }));
  }

  #keyOf(f: FunctionBuilder, { values }: ColumnCode, row: I32, ahead: number): Key {
    const source = { memory: COLUMNS, offset: ahead << (this.#isWide ? 3 : 2) };
    return this.#isWide
      ? f.let(i64.load(add(values, shl(row, c(3))), source))
      : f.let(i32.load(add(values, shl(row, c(2))), source));
  }

  #placeOf(key: Key): I32 {
    const place =
      key.type === 'i64'
        ? i32.wrapI64(i64.shrU(i64.mul(key, i64.const(FACTOR_64)), this.#shift as Local<'i64'>))
        : i32.shrU(i32.mul(key, c(FACTOR_32)), this.#shift as Local<'i32'>);
    return add(this.#entries, shl(place, c(2)));
  }

  #differs(record: I32, key: Key): I32 {
    const at = { memory: STATE, offset: 8 * this.#key.cell };
    return key.type === 'i64'
      ? i64.ne(i64.load(record, at), key)
      : i32.ne(i32.load(record, at), key);
  }
}

/** The places that a table has. */
export function placesOfTable(
  f: FunctionBuilder,
  shape: KernelShape,
  header: I32,
): ScatteredPlaces {
  const word = (number: number): I32 => i32.load(header, { memory: STATE, offset: 4 * number });
  const entries = f.let(word(HeaderWord.PLACES));
  return new ScatteredPlaces(f, shape, header, entries, word(HeaderWord.PLACE_SHIFT));
}

/** `learnScattered`: puts records in a list in their places; those that find both of a pair taken have none. */
export function addLearnScattered(module: ModuleBuilder, shape: KernelShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const places = new ScatteredPlaces(f, shape, c(0), f.param(0, 'i32'), f.param(1, 'i32'));
      const at = f.param(2, 'i32');
      f.while(i32.ltU(at, f.param(3, 'i32')), () => {
        const record = f.let(shl(i32.load(at, { memory: COLUMNS }), c(3)));
        f.block((beyond) => places.putRecord(f, record, beyond));
        f.increase(at, 4);
      });
    },
    'learnScattered',
  );
}
