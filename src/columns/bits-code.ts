/** Code that copies bitmaps: truth values, validity. @module */

import type { FunctionBuilder, FunctionRef, I32, Local, ModuleBuilder } from '../wasm/index.ts';
import { i32, i64, select } from '../wasm/index.ts';

const { add, and, or, shl, shrU, sub, xor } = i32;
const c = i32.const;
const WORD_BITS = 32;

/** Where the next bits of a bitmap go, a word of it at a time. */
interface Word {
  /** Position of the first bit in its word. */
  readonly shift: Local<'i32'>;
  /** Bits that are written in this word. */
  readonly bits: Local<'i32'>;
}

/**
 * Writes `count` bits behind `start` others, which stay as they are, and adds how many more zeros there
 * are than before.
 *
 * @param nextBits - the next `word.bits` bits, lowest first; higher ones may be anything
 */
function writeBits(
  f: FunctionBuilder,
  bitmap: I32,
  start: Local<'i32'>,
  count: Local<'i32'>,
  zeros: Local<'i32'>,
  nextBits: (word: Word) => I32,
): void {
  const shift = f.local('i32');
  const bits = f.local('i32');
  const mask = f.local('i32');
  const at = f.local('i32');
  const before = f.local('i32');
  const after = f.local('i32');
  f.while(i32.gtS(count, c(0)), () => {
    f.set(shift, and(start, c(WORD_BITS - 1)));
    f.set(bits, sub(c(WORD_BITS), shift));
    f.set(bits, select(i32.ltS(count, bits), count, bits));
    f.set(mask, shl(shrU(c(-1), sub(c(WORD_BITS), bits)), shift));
    f.set(after, nextBits({ shift, bits }));
    f.set(at, add(bitmap, shl(shrU(start, c(5)), c(2))));
    f.set(before, i32.load(at));
    // Bits of the mask come from `after`.
    f.set(after, xor(before, and(xor(before, shl(after, shift)), mask)));
    f.do(i32.store(at, after));
    const ones = (word: I32): I32 => i32.popcnt(and(word, mask));
    f.set(zeros, add(zeros, sub(ones(before), ones(after))));
    f.set(start, add(start, bits));
    f.set(count, sub(count, bits));
  });
}

/**
 * `copyBits(target, start, source, rows, first, count)`: copies bits to behind `start` others; how many
 * more zeros there are than before. Rows as in `copy-code.ts`.
 */
export function addCopyBits(module: ModuleBuilder): FunctionRef<'i32'> {
  const params = Array.from({ length: 6 }, () => 'i32' as const);
  return module.function({ params, result: 'i32' }, (f) => {
    const target = f.param(0, 'i32');
    const start = f.param(1, 'i32');
    const source = f.param(2, 'i32');
    const rows = f.param(3, 'i32');
    const first = f.param(4, 'i32');
    const count = f.param(5, 'i32');
    const zeros = f.local('i32');
    f.if(
      rows,
      () => writeBits(f, target, start, count, zeros, (word) => listed(f, source, rows, word)),
      () => writeBits(f, target, start, count, zeros, (word) => adjacent(f, source, first, word)),
    );
    f.return(zeros);
  });
}

/** `setBits(bitmap, start, count)`: sets bits; how many more zeros there are than before. */
export function addSetBits(module: ModuleBuilder): FunctionRef<'i32'> {
  return module.function({ params: ['i32', 'i32', 'i32'], result: 'i32' }, (f) => {
    const zeros = f.local('i32');
    writeBits(f, f.param(0, 'i32'), f.param(1, 'i32'), f.param(2, 'i32'), zeros, () => c(-1));
    f.return(zeros);
  });
}

/** Bits of listed rows, one by one. */
function listed(f: FunctionBuilder, source: I32, rows: Local<'i32'>, { bits }: Word): I32 {
  const word = f.let(c(0));
  const i = f.local('i32');
  const row = f.local('i32');
  f.countUp(i, c(0), bits, 1, () => {
    f.set(row, i32.load(rows));
    const byte = i32.load8U(add(source, shrU(row, c(3))));
    f.set(word, or(word, shl(and(shrU(byte, and(row, c(7))), c(1)), i)));
    f.increase(rows, 4);
  });
  return word;
}

/** Bits of a run of rows: at least 57 of them begin in the byte of the first. */
function adjacent(f: FunctionBuilder, source: I32, first: Local<'i32'>, { bits }: Word): I32 {
  const eight = i64.load(add(source, shrU(first, c(3))));
  const word = f.let(i32.wrapI64(i64.shrU(eight, i64.extendI32U(and(first, c(7))))));
  f.set(first, add(first, bits));
  return word;
}
