/** Code that goes over the rows of a call. @module */

import type { FunctionBuilder, I32, Local } from '../../wasm/index.ts';
import { choose, i32 } from '../../wasm/index.ts';
import { BlockWord, COLUMNS, InputWord, inputWord, KeyWord, keyWord } from './shape.ts';

const { add, and, shl, shrU } = i32;
const c = i32.const;

/** Where a column lies. */
export interface ColumnCode {
  readonly values: Local<'i32'>;
  /** 0: no nulls. */
  readonly validity: Local<'i32'>;
  readonly heap: Local<'i32'>;
}

/** Reads a word of the block into a local. */
export function blockWord(f: FunctionBuilder, block: I32, word: number): Local<'i32'> {
  return f.let(i32.load(block, { memory: COLUMNS, offset: 4 * word }));
}

/** Where the key columns lie. */
export function keyColumns(f: FunctionBuilder, block: I32, keys: number): ColumnCode[] {
  return Array.from({ length: keys }, (_, k) => ({
    values: blockWord(f, block, keyWord(k) + KeyWord.VALUES),
    validity: blockWord(f, block, keyWord(k) + KeyWord.VALIDITY),
    heap: blockWord(f, block, keyWord(k) + KeyWord.HEAP),
  }));
}

/** Where an input lies. */
export interface InputCode {
  readonly values: Local<'i32'>;
  readonly validity: Local<'i32'>;
  readonly filter: Local<'i32'>;
  readonly filterValidity: Local<'i32'>;
}

/** Where the columns of one input lie. */
export function inputColumns(
  f: FunctionBuilder,
  block: I32,
  keys: number,
  input: number,
): InputCode {
  const first = inputWord(keys, input);
  return {
    values: blockWord(f, block, first + InputWord.VALUES),
    validity: blockWord(f, block, first + InputWord.VALIDITY),
    filter: blockWord(f, block, first + InputWord.FILTER),
    filterValidity: blockWord(f, block, first + InputWord.FILTER_VALIDITY),
  };
}

/** A bit of a bitmap: 0 or 1. */
export function bitAt(bitmap: I32, row: I32): I32 {
  const byte = i32.load8U(add(bitmap, shrU(row, c(3))), { memory: COLUMNS });
  return and(shrU(byte, and(row, c(7))), c(1));
}

/** Whether a row of a column is not null. */
export function isPresent(validity: I32, row: I32): I32 {
  return choose(i32.eqz(validity), c(1), bitAt(validity, row));
}

/** What the body of a loop over rows reads. */
export interface RowLoop {
  readonly position: Local<'i32'>;
  readonly row: Local<'i32'>;
}

/** Writes the body twice: for rows in a list, and for all rows in order. */
export function rowLoop(
  f: FunctionBuilder,
  block: I32,
  from: I32,
  to: I32,
  body: (loop: RowLoop) => void,
): void {
  const rows = blockWord(f, block, BlockWord.ROWS);
  const position = f.local('i32');
  f.if(
    rows,
    () => {
      const row = f.local('i32');
      f.countUp(position, from, to, 1, () => {
        f.set(row, i32.load(add(rows, shl(position, c(2))), { memory: COLUMNS }));
        body({ position, row });
      });
    },
    () => f.countUp(position, from, to, 1, () => body({ position, row: position })),
  );
}
