/**
 * Code of the hash by which rows are spread over tasks. int32 and int64 values that are equal hash
 * alike, so that two inputs of a join meet; so do 0 and −0, and all NaNs. Null is a value like any
 * other. It shares nothing with the hash of tables, or a task's groups would crowd in one part of its
 * table.
 *
 * @module
 */

import type { FunctionBuilder, FunctionRef, I32, Local, ModuleBuilder } from '../../wasm/index.ts';
import { choose, f64, f64x2, i32, i32x4, i64, lanes, v128 } from '../../wasm/index.ts';
import { mix as mixWord } from '../hash.ts';
import type { KeyField } from '../record-layout.ts';
import { addHashBytes, mix, viewHash } from './hash-code.ts';
import type { FourScheme } from './hash-four-code.ts';
import { hashMost, mixFour, times } from './hash-four-code.ts';
import type { ColumnCode } from './loop-code.ts';
import { bitAt, blockWord, isPresent, keyColumns, rowLoop } from './loop-code.ts';
import { BlockWord, COLUMNS } from './shape.ts';

const { add, mul, shl, xor } = i32;
const c = i32.const;

const NULL_HASH = 0x9e37_79b9;
const NAN_HASH = 0x7ff8_0000;
const KEY_FACTOR = 31;
const HIGH_FACTOR = 0x27d4_eb2f;
/** What the high word of a negative int32 comes to; that of others is zero. */
const OF_NEGATIVE = Math.imul(mixWord(-1), HIGH_FACTOR);

/** The same for four rows at a time. */
const spreadScheme: FourScheme = {
  canonical(f, { storage }, pair) {
    if (storage !== 'f64') return pair;
    // Adding 0 turns −0 into 0.
    const value = f.let(f64x2.add(pair, lanes.f64x2(0, 0)));
    const nan = lanes.i64x2(BigInt(NAN_HASH), BigInt(NAN_HASH));
    return f.let(v128.bitselect(value, nan, f64x2.eq(value, value)));
  },
  add(f, hash, { low, high }) {
    const word = v128.xor(
      low,
      high === undefined
        ? v128.and(i32x4.shrS(low, c(31)), i32x4.splat(c(OF_NEGATIVE)))
        : times(mixFour(f, high), HIGH_FACTOR),
    );
    return mixFour(f, hash === undefined ? word : v128.xor(word, times(hash, KEY_FACTOR)));
  },
};

/** Two words that stand for a value that is not null. */
function wordsOf(
  f: FunctionBuilder,
  { storage }: KeyField,
  column: ColumnCode,
  row: I32,
  hashBytes: FunctionRef<'i32'>,
): readonly [low: I32, high: I32] {
  const { values } = column;
  switch (storage) {
    case 'i32': {
      const value = f.let(i32.load(add(values, shl(row, c(2))), { memory: COLUMNS }));
      return [value, i32.shrS(value, c(31))];
    }
    case 'bits':
      return [bitAt(values, row), c(1)];
    case 'view': {
      const length = i32.load(add(column.values, shl(row, c(4))), { memory: COLUMNS });
      return [viewHash(f, column, row, hashBytes), length];
    }
    case 'f64': {
      const value = f.let(f64.load(add(values, shl(row, c(3))), { memory: COLUMNS }));
      // Adding 0 turns −0 into 0.
      const bits = f.let(i64.reinterpretF64(f64.add(value, f64.const(0))));
      const isNumber = f.let(f64.eq(value, value));
      return [
        choose(isNumber, i32.wrapI64(bits), c(NAN_HASH)),
        choose(isNumber, i32.wrapI64(i64.shrU(bits, i64.const(32n))), c(0)),
      ];
    }
    case 'i64': {
      const at = f.let(add(values, shl(row, c(3))));
      return [i32.load(at, { memory: COLUMNS }), i32.load(at, { memory: COLUMNS, offset: 4 })];
    }
  }
}

/** `hash(block, from, to)`: hashes of the keys of all rows, by position. */
export function addSpreadHash(module: ModuleBuilder, keys: readonly KeyField[]): void {
  const hashBytes = addHashBytes(module);
  module.function(
    { params: ['i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const block = f.param(0, 'i32');
      const hashes = blockWord(f, block, BlockWord.HASHES);
      const columns = keyColumns(f, block, keys.length);
      const rows = blockWord(f, block, BlockWord.ROWS);
      hashMost(f, spreadScheme, keys, columns, rows, hashes, f.param(1, 'i32'), f.param(2, 'i32'));
      rowLoop(f, block, f.param(1, 'i32'), f.param(2, 'i32'), ({ position, row }) => {
        const hash = f.let(c(0));
        keys.forEach((key, k) => {
          const column = columns[k]!;
          const low = f.let(c(NULL_HASH));
          const high = f.let(c(1));
          f.if(isPresent(column.validity, row), () =>
            setWords(f, low, high, key, column, row, hashBytes),
          );
          const word = xor(mul(hash, c(KEY_FACTOR)), low);
          f.set(hash, mix(f, xor(word, mul(mix(f, high), c(HIGH_FACTOR)))));
        });
        f.do(i32.store(add(hashes, shl(position, c(2))), hash, { memory: COLUMNS }));
      });
    },
    'hash',
  );
}

function setWords(
  f: FunctionBuilder,
  low: Local<'i32'>,
  high: Local<'i32'>,
  key: KeyField,
  column: ColumnCode,
  row: I32,
  hashBytes: FunctionRef<'i32'>,
): void {
  const [lower, upper] = wordsOf(f, key, column, row, hashBytes);
  f.set(low, lower);
  f.set(high, upper);
}
