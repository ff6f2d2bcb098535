/**
 * Code that finds records of dense integer keys by their places, see `dense-keys.ts`: without a hash, a
 * tag or a comparison.
 *
 * @module
 */

import type {
  FunctionBuilder,
  FunctionRef,
  I32,
  I64,
  Label,
  Local,
  ModuleBuilder,
} from '../../wasm/index.ts';
import { call, choose, i32, i64, perform, select } from '../../wasm/index.ts';
import type { KeyField } from '../record-layout.ts';
import { FOUR, loadRows } from './hash-four-code.ts';
import type { ColumnCode } from './loop-code.ts';
import { blockWord, keyColumns, rowLoop } from './loop-code.ts';
import type { KernelShape } from './shape.ts';
import { BlockWord, COLUMNS, HeaderWord, STATE } from './shape.ts';

const { add, shl } = i32;
const c = i32.const;

/** Whether tables of a layout can have places for dense keys: one integer, and something to add up. */
export function mayBeDense({ keys, inputs }: Pick<KernelShape, 'keys' | 'inputs'>): boolean {
  const [key] = keys;
  const isInteger = key?.storage === 'i32' || key?.storage === 'i64';
  return keys.length === 1 && isInteger && inputs.length > 0;
}

/** The functions that the code calls. */
interface Calls {
  readonly hash: FunctionRef<undefined>;
  readonly find: FunctionRef<'i32'>;
  readonly update: FunctionRef<undefined>;
}

/** Where the records of keys are, in locals. */
class Places {
  readonly #header: I32;
  readonly #entries: Local<'i32'>;
  readonly #limit: Local<'i32'>;
  readonly #base: Local<'i32'> | Local<'i64'>;
  readonly #key: KeyField;

  constructor(f: FunctionBuilder, { keys }: KernelShape, header: I32) {
    this.#header = header;
    this.#key = keys[0]!;
    const word = (number: number): I32 => i32.load(header, { memory: STATE, offset: 4 * number });
    this.#entries = f.let(word(HeaderWord.DENSE_ENTRIES));
    this.#limit = f.let(word(HeaderWord.DENSE_LIMIT));
    const base = { memory: STATE, offset: 4 * HeaderWord.DENSE_BASE };
    this.#base = this.#isWide ? f.let(i64.load(header, base)) : f.let(i32.load(header, base));
  }

  get #isWide(): boolean {
    return this.#key.storage === 'i64';
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

  /** Counts a row whose key has no place, and notes which it was. */
  miss(f: FunctionBuilder, block: I32, { values }: ColumnCode, row: I32): void {
    const misses = { memory: STATE, offset: 4 * HeaderWord.DENSE_MISSES };
    f.do(i32.store(this.#header, add(i32.load(this.#header, misses), c(1)), misses));
    const source = { memory: COLUMNS };
    const key = this.#isWide
      ? i64.load(add(values, shl(row, c(3))), source)
      : i64.load32S(add(values, shl(row, c(2))), source);
    f.do(i64.store(block, key, { memory: COLUMNS, offset: 4 * BlockWord.MISSED_KEY }));
  }
}

/** Writes code that adds a row to the record at an address: the row so many behind the one given. */
type AddTo = (record: I32, row: I32, ahead?: number) => void;

/** Adds the functions for dense keys. */
export function addDenseCode(
  module: ModuleBuilder,
  shape: KernelShape,
  calls: Calls,
  beginUpdate: (f: FunctionBuilder, block: I32) => AddTo,
): void {
  addDense(module, shape, calls, beginUpdate);
  addTouchDense(module, shape);
  addLearn(module, shape);
}

/**
 * `addDense`: rows are added four at a time where all four have their records in their places, else one
 * by one.
 */
function addDense(
  module: ModuleBuilder,
  shape: KernelShape,
  calls: Calls,
  beginUpdate: (f: FunctionBuilder, block: I32) => AddTo,
): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const header = f.param(1, 'i32');
      const position = f.param(2, 'i32');
      const to = f.param(3, 'i32');
      const rows = blockWord(f, block, BlockWord.ROWS);
      const [column] = keyColumns(f, block, 1) as [ColumnCode];
      const places = new Places(f, shape, header);
      const addTo = beginUpdate(f, block);
      const addFours = (isListed: boolean, otherwise: Label): void => {
        f.while(i32.leS(add(position, c(FOUR)), to), () => {
          const listed = isListed ? loadRows(f, rows, position) : undefined;
          const rowAt = (i: number): [row: I32, ahead: number] =>
            listed === undefined ? [position, i] : [listed[i]!, 0];
          const records = [0, 1, 2, 3].map((i) => {
            const [row, ahead] = rowAt(i);
            const at = places.ofRow(f, column, row, otherwise, ahead);
            const record = f.let(i32.load(at, { memory: STATE }));
            f.branchIf(otherwise, i32.eqz(record));
            return record;
          });
          records.forEach((record, i) => addTo(record, ...rowAt(i)));
          f.increase(position, FOUR);
        });
      };
      const end = f.local('i32');
      const row = f.local('i32');
      const record = f.local('i32');
      f.loop((again) => {
        f.block((oneByOne) => {
          f.if(
            rows,
            () => addFours(true, oneByOne),
            () => addFours(false, oneByOne),
          );
        });
        f.set(end, add(position, c(FOUR)));
        f.set(end, select(i32.ltS(end, to), end, to));
        f.while(i32.ltS(position, end), () => {
          const listed = i32.load(add(rows, shl(position, c(2))), { memory: COLUMNS });
          f.set(row, choose(rows, listed, position));
          f.block((done) => {
            f.block((missing) => {
              const at = places.ofRow(f, column, row, missing);
              f.set(record, i32.load(at, { memory: STATE }));
              f.branchIf(missing, i32.eqz(record));
              addTo(record, row);
              f.branch(done);
            });
            addMissing(f, calls, { block, header, position, row, column, places });
          });
          f.increase(position, 1);
        });
        f.branchIf(again, i32.ltS(position, to));
      });
      f.return(to);
    },
    'addDense',
  );
}

interface MissingRow {
  readonly block: I32;
  readonly header: I32;
  readonly position: I32;
  readonly row: I32;
  readonly column: ColumnCode;
  readonly places: Places;
}

/**
 * Adds a row whose record is not in its place, and puts it there if there is one. Returns its position from
 * the function where the table has to make room.
 */
function addMissing(
  f: FunctionBuilder,
  { hash, find, update }: Calls,
  { block, header, position, row, column, places }: MissingRow,
): void {
  const next = f.let(add(position, c(1)));
  f.do(perform(hash, block, position, next));
  f.if(i32.eq(call(find, block, header, position, next), position), () => f.return(position));
  f.do(perform(update, block, position, next));
  f.block((done) => {
    f.block((beyond) => {
      const at = f.let(places.ofRow(f, column, row, beyond));
      const records = blockWord(f, block, BlockWord.RECORDS);
      const cell = i32.load(add(records, shl(position, c(2))), { memory: COLUMNS });
      f.do(i32.store(at, shl(cell, c(3)), { memory: STATE }));
      f.branch(done);
    });
    places.miss(f, block, column, row);
  });
}

/** `touchDense`: loads the records of rows; the loads may all be on their way at once. */
function addTouchDense(module: ModuleBuilder, shape: KernelShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const [column] = keyColumns(f, block, 1) as [ColumnCode];
      const places = new Places(f, shape, f.param(1, 'i32'));
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

/** `learn`: puts records in a list in their places; the position of the first without one, or `to`. */
function addLearn(module: ModuleBuilder, shape: KernelShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const places = new Places(f, shape, f.param(0, 'i32'));
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
    'learn',
  );
}
