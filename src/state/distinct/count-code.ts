/**
 * The module that counts distinct values for several aggregates of one argument, each with a filter of
 * its own or none.
 *
 * The record of a pair of group and value has a bit for each aggregate, beside the group:
 *
 * ```
 *   cell 1   │ group's record │ which aggregates have counted the value, a bit each │
 * ```
 *
 * @module
 */

import type { FunctionBuilder, I32, ModuleBuilder as Builder } from '../../wasm/index.ts';
import { ENGINE, i32, i64, Import, ModuleBuilder } from '../../wasm/index.ts';
import { bitAt, blockWord, isPresent } from '../kernel/loop-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';

const { add, and, or, shl, shrU } = i32;
const c = i32.const;

/** Word of a pair's record with its bits, and the byte of it: behind the first key, an int32. */
export const BITS_WORD = 3;
const BITS_AT = 4 * BITS_WORD;

/** Words of the block; behind them {@link FILTER_WORDS} for each aggregate. */
export const CountWord = {
  /** Address of the list of rows. */
  ROWS: 0,
  /** Address of the groups' records, by position. */
  RECORDS: 1,
  /** Validity of the argument, or 0. */
  VALIDITY: 2,
  /** Addresses of the lists that `choose` writes: rows, their groups' records, their bits. */
  CHOSEN_ROWS: 3,
  CHOSEN_RECORDS: 4,
  CHOSEN_BITS: 5,
  /** Address of the groups' records, by row. */
  GROUPS: 6,
  /** Address of the pairs' records, by place in those lists. */
  PAIRS: 7,
} as const;
const FIRST_FILTER = 8;
export const FILTER_WORDS = 2;

/** Word of an aggregate's filter; its validity is behind it. */
export function filterWord(aggregate: number): number {
  return FIRST_FILTER + FILTER_WORDS * aggregate;
}

/** One aggregate. */
export interface CountShape {
  /** The cell of a group's record that counts. */
  readonly countCell: number;
  readonly hasFilter: boolean;
}

/** The functions. */
export interface CountFunctions {
  /** Lists the rows at positions `from .. to` that count for some aggregate, and for which; how many. */
  choose(block: number, from: number, to: number): number;
  /** The same where filters or the argument have nulls. */
  chooseNull(block: number, from: number, to: number): number;
  /** Has the first `count` of the lists counted where they had not been. */
  mark(block: number, count: number): void;
}

/** What two shapes have in common that have the same code. */
export function countModuleKey(shape: readonly CountShape[]): string {
  return `distinct counts ${JSON.stringify(shape)}`;
}

/** The bytes of the module. */
export function buildCountModule(shape: readonly CountShape[]): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  // Numbered STATE, COLUMNS.
  module.importMemory(ENGINE, Import.STATE);
  module.importMemory(ENGINE, Import.COLUMNS);
  addChoose(module, shape, false);
  addChoose(module, shape, true);
  addMark(module, shape);
  return module.build();
}

/** The bits of a row. */
function bitsOf(
  f: FunctionBuilder,
  shape: readonly CountShape[],
  block: I32,
  mayBeNull: boolean,
): (row: I32) => I32 {
  const validity = blockWord(f, block, CountWord.VALIDITY);
  const filters = shape.map(({ hasFilter }, aggregate) => {
    if (!hasFilter) return undefined;
    const word = filterWord(aggregate);
    return [blockWord(f, block, word), blockWord(f, block, word + 1)] as const;
  });
  return (row) => {
    let bits: I32 = c(0);
    filters.forEach((filter, aggregate) => {
      let passes: I32 = c(1);
      if (filter !== undefined) {
        passes = bitAt(filter[0], row);
        if (mayBeNull) passes = and(passes, isPresent(filter[1], row));
      }
      bits = or(bits, shl(passes, c(aggregate)));
    });
    // A null counts for none.
    return mayBeNull ? and(bits, i32.sub(c(0), isPresent(validity, row))) : bits;
  };
}

function addChoose(module: Builder, shape: readonly CountShape[], mayBeNull: boolean): void {
  module.function(
    { params: ['i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const rows = blockWord(f, block, CountWord.ROWS);
      const records = blockWord(f, block, CountWord.RECORDS);
      const groups = blockWord(f, block, CountWord.GROUPS);
      const chosenRows = blockWord(f, block, CountWord.CHOSEN_ROWS);
      const chosenRecords = blockWord(f, block, CountWord.CHOSEN_RECORDS);
      const chosenBits = blockWord(f, block, CountWord.CHOSEN_BITS);
      const bitsAt = bitsOf(f, shape, block, mayBeNull);
      const at = f.let(c(0));
      const position = f.local('i32');
      const here = { memory: COLUMNS };
      f.countUp(position, f.param(1, 'i32'), f.param(2, 'i32'), 1, () => {
        const row = f.let(i32.load(add(rows, shl(position, c(2))), here));
        const record = f.let(i32.load(add(records, shl(position, c(2))), here));
        const bits = f.let(bitsAt(row));
        f.do(i32.store(add(groups, shl(row, c(2))), record, here));
        // Written in any case: the next row takes its place if none counts.
        f.do(i32.store(add(chosenRows, at), row, here));
        f.do(i32.store(add(chosenRecords, at), record, here));
        f.do(i32.store(add(chosenBits, at), bits, here));
        f.set(at, add(at, shl(i32.ne(bits, c(0)), c(2))));
      });
      f.return(shrU(at, c(2)));
    },
    mayBeNull ? 'chooseNull' : 'choose',
  );
}

function addMark(module: Builder, shape: readonly CountShape[]): void {
  module.function(
    { params: ['i32', 'i32'], result: undefined },
    (f) => {
      const block = f.param(0, 'i32');
      const pairs = blockWord(f, block, CountWord.PAIRS);
      const chosenRecords = blockWord(f, block, CountWord.CHOSEN_RECORDS);
      const chosenBits = blockWord(f, block, CountWord.CHOSEN_BITS);
      const position = f.local('i32');
      const here = { memory: COLUMNS };
      const bitsPlace = { memory: STATE, offset: BITS_AT };
      f.countUp(position, c(0), f.param(1, 'i32'), 1, () => {
        const at = f.let(shl(position, c(2)));
        const pair = f.let(shl(i32.load(add(pairs, at), here), c(3)));
        const before = f.let(i32.load(pair, bitsPlace));
        const bits = f.let(or(before, i32.load(add(chosenBits, at), here)));
        const fresh = f.let(i32.xor(bits, before));
        f.if(fresh, () => {
          f.do(i32.store(pair, bits, bitsPlace));
          const record = f.let(shl(i32.load(add(chosenRecords, at), here), c(3)));
          shape.forEach(({ countCell }, aggregate) => {
            const cell = { memory: STATE, offset: 8 * countCell };
            const one = i64.extendI32U(and(shrU(fresh, c(aggregate)), c(1)));
            f.do(i64.store(record, i64.add(i64.load(record, cell), one), cell));
          });
        });
      });
    },
    'mark',
  );
}
