/** Code that adds rows to records found by places of integer keys, without a hash or a tag. @module */

import type {
  FunctionBuilder,
  FunctionRef,
  I32,
  Label,
  Local,
  ModuleBuilder,
} from '../../wasm/index.ts';
import { call, choose, i32, perform } from '../../wasm/index.ts';
import { FOUR, loadRows } from './hash-four-code.ts';
import type { ColumnCode } from './loop-code.ts';
import { blockWord, keyColumns } from './loop-code.ts';
import type { KernelShape } from './shape.ts';
import { BlockWord, COLUMNS, HeaderWord, STATE } from './shape.ts';

const { add, shl } = i32;
const c = i32.const;

/** Whether tables of a layout can have places for their keys: one integer, and something to add up. */
export function mayHavePlaces({ keys, inputs }: Pick<KernelShape, 'keys' | 'inputs'>): boolean {
  const [key] = keys;
  const isInteger = key?.storage === 'i32' || key?.storage === 'i64';
  return keys.length === 1 && isInteger && inputs.length > 0;
}

/** The functions that the code calls. */
export interface Calls {
  readonly hash: FunctionRef<undefined>;
  readonly find: FunctionRef<'i32'>;
  readonly update: FunctionRef<undefined>;
}

/** Where the records of keys are. */
export interface Places {
  /** The address of the record of a row's key; branches to `missing` where no place has it. */
  recordOf(
    f: FunctionBuilder,
    column: ColumnCode,
    row: I32,
    missing: Label,
    ahead?: number,
  ): Local<'i32'>;
  /** Puts the record of a row's key in its place; branches to `beyond` where it has none. */
  put(f: FunctionBuilder, column: ColumnCode, row: I32, record: I32, beyond: Label): void;
  /** Notes that a row's key has no place. */
  miss(f: FunctionBuilder, block: I32, column: ColumnCode, row: I32): void;
}

/** Counts a row whose key has no place. */
export function countMiss(f: FunctionBuilder, header: I32): void {
  const misses = { memory: STATE, offset: 4 * HeaderWord.PLACE_MISSES };
  f.do(i32.store(header, add(i32.load(header, misses), c(1)), misses));
}

/** Writes code that adds a row to the record at an address: the row so many behind the one given. */
export type AddTo = (record: I32, row: I32, ahead?: number) => void;

/** What {@link addPlacedRows} is told of the kernel. */
export interface PlacedRowsParts {
  readonly calls: Calls;
  readonly beginPlaces: (f: FunctionBuilder, header: I32) => Places;
  readonly beginUpdate: (f: FunctionBuilder, block: I32) => AddTo;
}

/**
 * Adds a function by which rows are added four at a time where all four have their records in their places,
 * else one by one.
 */
export function addPlacedRows(
  module: ModuleBuilder,
  name: string,
  { calls, beginPlaces, beginUpdate }: PlacedRowsParts,
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
      const places = beginPlaces(f, header);
      const addTo = beginUpdate(f, block);
      const addFours = (isListed: boolean, otherwise: Label): void => {
        f.while(i32.leS(add(position, c(FOUR)), to), () => {
          const listed = isListed ? loadRows(f, rows, position) : undefined;
          const rowAt = (i: number): [row: I32, ahead: number] =>
            listed === undefined ? [position, i] : [listed[i]!, 0];
          const records = [0, 1, 2, 3].map((i) => {
            const [row, ahead] = rowAt(i);
            return places.recordOf(f, column, row, otherwise, ahead);
          });
          records.forEach((record, i) => addTo(record, ...rowAt(i)));
          f.increase(position, FOUR);
        });
      };
      const end = f.local('i32');
      const row = f.local('i32');
      f.loop((again) => {
        f.block((oneByOne) => {
          f.if(
            rows,
            () => addFours(true, oneByOne),
            () => addFours(false, oneByOne),
          );
        });
        f.set(end, i32.add(position, c(FOUR)));
        f.if(i32.gtS(end, to), () => f.set(end, to));
        f.while(i32.ltS(position, end), () => {
          const listed = i32.load(add(rows, shl(position, c(2))), { memory: COLUMNS });
          f.set(row, choose(rows, listed, position));
          f.block((done) => {
            f.block((missing) => {
              addTo(places.recordOf(f, column, row, missing), row);
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
    name,
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
      const records = blockWord(f, block, BlockWord.RECORDS);
      const cell = i32.load(add(records, shl(position, c(2))), { memory: COLUMNS });
      places.put(f, column, row, f.let(shl(cell, c(3))), beyond);
      f.branch(done);
    });
    places.miss(f, block, column, row);
  });
}
