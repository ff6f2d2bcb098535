/**
 * Code that finds records of dense integer keys by their places, see `dense-keys.ts`: without a hash, a
 * tag or a comparison.
 *
 * @module
 */

import type { FunctionBuilder, I32, I64, Label, Local, ModuleBuilder } from '../../wasm/index.ts';
import { i32, i64 } from '../../wasm/index.ts';
import type { KeyField } from '../record-layout.ts';
import type { ColumnCode } from './loop-code.ts';
import { keyColumns, rowLoop } from './loop-code.ts';
import type { Places } from './placed-rows-code.ts';
import { countMiss } from './placed-rows-code.ts';
import type { KernelShape } from './shape.ts';
import { BlockWord, COLUMNS, HeaderWord, STATE } from './shape.ts';

const { add, shl } = i32;
const c = i32.const;

/** Where the records of dense keys are, in locals. */
export class DensePlaces implements Places {
  readonly #header: I32;
  readonly #entries: Local<'i32'>;
  readonly #limit: Local<'i32'>;
  readonly #base: Local<'i32'> | Local<'i64'>;
  readonly #key: KeyField;

  constructor(f: FunctionBuilder, { keys }: KernelShape, header: I32) {
    this.#header = header;
    this.#key = keys[0]!;
    const word = (number: number): I32 => i32.load(header, { memory: STATE, offset: 4 * number });
    this.#entries = f.let(word(HeaderWord.PLACES));
    this.#limit = f.let(word(HeaderWord.DENSE_LIMIT));
    const base = { memory: STATE, offset: 4 * HeaderWord.DENSE_BASE };
    this.#base = this.#isWide ? f.let(i64.load(header, base)) : f.let(i32.load(header, base));
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
    const record = f.let(i32.load(this.ofRow(f, column, row, missing, ahead), { memory: STATE }));
    f.branchIf(missing, i32.eqz(record));
    return record;
  }

  put(f: FunctionBuilder, column: ColumnCode, row: I32, record: I32, beyond: Label): void {
    f.do(i32.store(this.ofRow(f, column, row, beyond), record, { memory: STATE }));
  }

  /** Where the address of the record of a row's key lies; branches to `beyond` where there is no place. */
  ofRow(f: FunctionBuilder, { values }: ColumnCode, row: I32, beyond: Label, ahead = 0): I32 {
    const source = { memory: COLUMNS, offset: ahead << (this.#isWide ? 3 : 2) };
    if (!this.#isWide) {
      return this.#of32(f, i32.load(add(values, shl(row, c(2))), source), beyond);
    }
    return this.#of64(f, i64.load(add(values, shl(row, c(3))), source), beyond);
  }

  /** The same for the key of a record. */
  ofRecord(f: FunctionBuilder, record: I32, beyond: Label): I32 {
    const source = { memory: STATE, offset: 8 * this.#key.cell };
    if (!this.#isWide) return this.#of32(f, i32.load(record, source), beyond);
    return this.#of64(f, i64.load(record, source), beyond);
  }

  #of32(f: FunctionBuilder, key: I32, beyond: Label): I32 {
    const place = f.let(i32.sub(key, this.#base as Local<'i32'>));
    f.branchIf(beyond, i32.geU(place, this.#limit));
    return add(this.#entries, shl(place, c(2)));
  }

  #of64(f: FunctionBuilder, key: I64, beyond: Label): I32 {
    const place = f.let(i64.sub(key, this.#base as Local<'i64'>));
    f.branchIf(beyond, i64.geU(place, i64.extendI32U(this.#limit)));
    return add(this.#entries, shl(i32.wrapI64(place), c(2)));
  }

  miss(f: FunctionBuilder, block: I32, { values }: ColumnCode, row: I32): void {
    countMiss(f, this.#header);
    const source = { memory: COLUMNS };
    const key = this.#isWide
      ? i64.load(add(values, shl(row, c(3))), source)
      : i64.load32S(add(values, shl(row, c(2))), source);
    f.do(i64.store(block, key, { memory: COLUMNS, offset: 4 * BlockWord.MISSED_KEY }));
  }
}

/** `touchDense`: loads the records of rows; the loads may all be on their way at once. */
export function addTouchDense(module: ModuleBuilder, shape: KernelShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const [column] = keyColumns(f, block, 1) as [ColumnCode];
      const places = new DensePlaces(f, shape, f.param(1, 'i32'));
      const sum = f.let(c(0));
      rowLoop(f, block, f.param(2, 'i32'), f.param(3, 'i32'), ({ row }) => {
        f.block((beyond) => {
          const record = i32.load(places.ofRow(f, column, row, beyond), { memory: STATE });
          f.set(sum, add(sum, i32.load(record, { memory: STATE })));
        });
      });
      f.return(sum);
    },
    'touchDense',
  );
}

/** `learnDense`: puts records in a list in their places; the position of the first without one, or `to`. */
export function addLearnDense(module: ModuleBuilder, shape: KernelShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const places = new DensePlaces(f, shape, f.param(0, 'i32'));
      const list = f.param(1, 'i32');
      const position = f.param(2, 'i32');
      const to = f.param(3, 'i32');
      f.block((beyond) => {
        f.while(i32.ltS(position, to), () => {
          const at = add(list, shl(position, c(2)));
          const record = f.let(shl(i32.load(at, { memory: COLUMNS }), c(3)));
          f.do(i32.store(places.ofRecord(f, record, beyond), record, { memory: STATE }));
          f.increase(position, 1);
        });
      });
      f.return(position);
    },
    'learnDense',
  );
}
