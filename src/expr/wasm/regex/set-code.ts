/** Code for sets of characters. @module */

import type { FunctionBuilder, I32, Local } from '../../../wasm/index.ts';
import { i32, i64, i8x16, select, v128 } from '../../../wasm/index.ts';
import type { CharSet } from './char-set.ts';
import { codesOf, complement } from './char-set.ts';

/** Most characters that are compared with one by one. */
const FEW = 4;

/** The ASCII characters of a set, if it has few and no others. */
export function fewCodes(set: CharSet): readonly number[] | undefined {
  const codes = codesOf(set);
  return set.others || codes.length > FEW ? undefined : codes;
}

/** The ASCII characters that are not in a set, if they are few and all others are in it. */
export function fewMissing(set: CharSet): readonly number[] | undefined {
  return set.others && !set.isWithinLine ? fewCodes(complement(set)) : undefined;
}

/** 1 when the character at an address is in a set. */
export function isInSet(f: FunctionBuilder, at: Local<'i32'>, set: CharSet): I32 {
  const byte = f.let(i32.load8U(at));
  const few = fewCodes(set);
  if (few !== undefined) {
    return few.reduce((any: I32, code) => i32.or(any, i32.eq(byte, i32.const(code))), i32.const(0));
  }
  const missing = fewMissing(set);
  if (missing !== undefined) {
    return missing.reduce(
      (all: I32, code) => i32.and(all, i32.ne(byte, i32.const(code))),
      i32.const(1),
    );
  }
  const word = select(i32.and(byte, i32.const(64)), flags(set, 64), flags(set, 0));
  const bit = i32.and(i32.wrapI64(i64.shrU(word, i64.extendI32U(byte))), i32.const(1));
  const others = set.isWithinLine ? i32.eqz(endsLine(at)) : i32.const(Number(set.others));
  return select(i32.ltU(byte, i32.const(128)), bit, others);
}

/** 64 flags of a set. */
function flags({ ascii }: CharSet, from: number) {
  return i64.const(
    ascii.slice(from, from + 64).reduce((bits, is, c) => bits | (BigInt(is) << BigInt(c)), 0n),
  );
}

/** 1 for U+2028 and U+2029, which are E2 80 A8 and E2 80 A9. */
function endsLine(at: I32): I32 {
  const begins = i32.eq(i32.load16U(at), i32.const(0x80e2));
  const last = i32.and(i32.load8U(at, { offset: 2 }), i32.const(0xfe));
  return i32.and(begins, i32.eq(last, i32.const(0xa8)));
}

/** Moves an address to the next byte that is one of a few, or to the end. */
export function skipToAny(
  f: FunctionBuilder,
  at: Local<'i32'>,
  end: Local<'i32'>,
  codes: readonly number[],
): void {
  const bits = f.local('i32');
  f.block((done) => {
    f.while(i32.ltU(at, end), () => {
      const bytes = f.let(v128.load(at));
      const found = codes.map((code) => i8x16.eq(bytes, v128.const(Array<number>(16).fill(code))));
      f.set(bits, i8x16.bitmask(found.reduce((a, b) => v128.or(a, b))));
      f.if(bits, () => {
        f.set(at, i32.add(at, i32.ctz(bits)));
        f.branch(done);
      });
      f.increase(at, 16);
    });
  });
  f.set(at, select(i32.ltU(at, end), at, end));
}
