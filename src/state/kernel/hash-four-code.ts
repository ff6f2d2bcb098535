/** Code that hashes the keys of four rows at a time. @module */

import type { FunctionBuilder, I32, Local, V128 } from '../../wasm/index.ts';
import { i32, i32x4, i8x16, v128 } from '../../wasm/index.ts';
import type { KeyField } from '../record-layout.ts';
import type { ColumnCode } from './loop-code.ts';
import { COLUMNS } from './shape.ts';

const { add, shl } = i32;
const c = i32.const;
/** Rows at a time. */
export const FOUR = 4;

/** Whether keys have widths that can be hashed so. */
function areHashedByFour(keys: readonly KeyField[]): boolean {
  return keys.every(({ storage }) => storage === 'i32' || storage === 'i64' || storage === 'f64');
}

/** A product with the same factor in each lane. */
export function times(vector: V128, factor: number): V128 {
  return i32x4.mul(vector, i32x4.splat(c(factor)));
}

function rotate(f: FunctionBuilder, vector: V128, by: number): V128 {
  const kept = f.let(vector);
  return v128.or(i32x4.shl(kept, c(by)), i32x4.shrU(kept, c(32 - by)));
}

/** Murmur3's finaliser. */
export function mixFour(f: FunctionBuilder, value: V128): Local<'v128'> {
  const h = f.let(value);
  f.set(h, times(v128.xor(h, i32x4.shrU(h, c(16))), 0x85eb_ca6b));
  f.set(h, times(v128.xor(h, i32x4.shrU(h, c(13))), 0xc2b2_ae35));
  f.set(h, v128.xor(h, i32x4.shrU(h, c(16))));
  return h;
}

/** One round of Murmur3. */
function round(f: FunctionBuilder, seed: V128 | undefined, word: V128): V128 {
  const k = f.let(times(rotate(f, times(word, 0xcc9e_2d51), 15), 0x1b87_3593));
  const h = rotate(f, seed === undefined ? k : v128.xor(seed, k), 13);
  return i32x4.add(times(h, 5), i32x4.splat(c(0xe654_6b64)));
}

/** Where the values of four rows lie. */
export interface FourRows {
  /** One after the other, from that of the first on. */
  readonly areAdjacent: boolean;
  readonly addressOf: (column: ColumnCode, row: number, log2Bytes: number) => I32;
}

/** Words of four values of four bytes. */
export function loadWords(f: FunctionBuilder, column: ColumnCode, rows: FourRows): V128 {
  const addressOf = rows.addressOf;
  if (rows.areAdjacent) return v128.load(addressOf(column, 0, 2), { memory: COLUMNS });
  const words = f.let(v128.load32Zero(addressOf(column, 0, 2), { memory: COLUMNS }));
  for (let row = 1; row < FOUR; row++) {
    f.set(words, v128.load32Lane(addressOf(column, row, 2), words, row, { memory: COLUMNS }));
  }
  return words;
}

/** Two values of eight bytes. */
export function loadPair(
  f: FunctionBuilder,
  column: ColumnCode,
  first: number,
  rows: FourRows,
): V128 {
  const at = rows.addressOf;
  if (rows.areAdjacent) return f.let(v128.load(at(column, first, 3), { memory: COLUMNS }));
  const pair = f.let(v128.load64Zero(at(column, first, 3), { memory: COLUMNS }));
  f.set(pair, v128.load64Lane(at(column, first + 1, 3), pair, 1, { memory: COLUMNS }));
  return pair;
}

/** The bytes of words of two vectors, for a shuffle. */
export const bytesOf = (...words: readonly number[]): number[] =>
  words.flatMap((word) => [4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3]);

/** The values of a key of four rows, as words. */
export interface FourWords {
  readonly low: V128;
  /** `undefined` for values of four bytes. */
  readonly high: V128 | undefined;
}

/** How the words of a key go into the hash. */
export interface FourScheme {
  /** What two values of eight bytes are taken for, where not for themselves. */
  readonly canonical?: (f: FunctionBuilder, key: KeyField, pair: V128) => V128;
  /** The hash with one key more; `undefined`: this is the first. */
  readonly add: (f: FunctionBuilder, hash: V128 | undefined, words: FourWords) => V128;
}

/** The hash of tables. */
export const tableScheme: FourScheme = {
  add(f, hash, { low, high }) {
    const word = high === undefined ? low : v128.xor(low, round(f, undefined, high));
    const one = mixFour(f, word);
    return hash === undefined ? one : mixFour(f, round(f, hash, one));
  },
};

function wordsOf(
  f: FunctionBuilder,
  scheme: FourScheme,
  key: KeyField,
  column: ColumnCode,
  rows: FourRows,
): FourWords {
  if (key.storage === 'i32') return { low: f.let(loadWords(f, column, rows)), high: undefined };
  const pairOf = (first: number): V128 => {
    const pair = loadPair(f, column, first, rows);
    return scheme.canonical === undefined ? pair : scheme.canonical(f, key, pair);
  };
  const [front, back] = [pairOf(0), pairOf(2)];
  return {
    low: i8x16.shuffle(front, back, bytesOf(0, 2, 4, 6)),
    high: i8x16.shuffle(front, back, bytesOf(1, 3, 5, 7)),
  };
}

/**
 * Hashes rows at positions `from .. to` where that can be done four at a time; sets `from` to the first
 * that is left.
 *
 * @param rows - address of the list of rows; 0: row i is at position i
 */
export function hashMost(
  f: FunctionBuilder,
  scheme: FourScheme,
  keys: readonly KeyField[],
  columns: readonly ColumnCode[],
  rows: I32,
  hashes: I32,
  from: Local<'i32'>,
  to: I32,
): void {
  if (!areHashedByFour(keys)) return;
  const nulls = columns.reduce<I32>((any, { validity }) => i32.or(any, validity), c(0));
  f.if(i32.eqz(nulls), () =>
    f.if(
      rows,
      () => hashByFour(f, scheme, keys, columns, rows, hashes, from, to),
      () => hashByFour(f, scheme, keys, columns, undefined, hashes, from, to),
    ),
  );
}

/**
 * Hashes rows at positions `from .. to`, but for the last few; sets `from` to the first that is left.
 *
 * @param columns - without nulls
 * @param rows - address of the list of rows; `undefined`: row i is at position i
 */
function hashByFour(
  f: FunctionBuilder,
  scheme: FourScheme,
  keys: readonly KeyField[],
  columns: readonly ColumnCode[],
  rows: I32 | undefined,
  hashes: I32,
  from: Local<'i32'>,
  to: I32,
): void {
  const end = f.let(i32.sub(to, c(FOUR - 1)));
  f.while(i32.ltS(from, end), () => {
    const listed = rows === undefined ? undefined : loadRows(f, rows, from);
    const four: FourRows = {
      areAdjacent: listed === undefined,
      addressOf({ values }, row, log2Bytes) {
        const at = listed === undefined ? add(from, c(row)) : listed[row]!;
        return add(values, shl(at, c(log2Bytes)));
      },
    };
    const hash = f.local('v128');
    keys.forEach((key, k) => {
      const words = wordsOf(f, scheme, key, columns[k]!, four);
      f.set(hash, scheme.add(f, k === 0 ? undefined : hash, words));
    });
    f.do(v128.store(add(hashes, shl(from, c(2))), hash, { memory: COLUMNS }));
    f.increase(from, FOUR);
  });
}

/** Four row numbers of a list. */
export function loadRows(f: FunctionBuilder, rows: I32, from: I32): Local<'i32'>[] {
  const at = f.let(add(rows, shl(from, c(2))));
  return Array.from({ length: FOUR }, (_, row) =>
    f.let(i32.load(at, { memory: COLUMNS, offset: 4 * row })),
  );
}
