/** Code that looks for one string in another. @module */

import type { FunctionBuilder, I32, Local, V128 } from '../../../wasm/index.ts';
import { i32, i64, i8x16, v128 } from '../../../wasm/index.ts';
import { isConstantAt } from './view-code.ts';

/** A string that is looked for, of at least one byte. */
export interface Needle {
  readonly length: I32;
  /** 16 times its first byte, and its last one. */
  readonly first: V128;
  readonly last: V128;
  /** Whether it stands at a place where its first and last byte do. */
  readonly isAt: (at: Local<'i32'>) => I32;
}

/** A constant of at least one byte. */
export function constantNeedle(bytes: Uint8Array): Needle {
  const { length } = bytes;
  return {
    length: i32.const(length),
    first: v128.const(new Uint8Array(16).fill(bytes[0]!)),
    last: v128.const(new Uint8Array(16).fill(bytes[length - 1]!)),
    isAt: (at) => (length <= 2 ? i32.const(1) : isConstantAt(at, bytes.subarray(1, -1), 1)),
  };
}

/** A string in memory, of at least one byte. */
export function placedNeedle(f: FunctionBuilder, at: I32, length: I32): Needle {
  const start = f.let(at);
  const end = i32.add(start, i32.sub(length, i32.const(1)));
  return {
    length,
    first: f.let(i8x16.splat(i32.load8U(start))),
    last: f.let(i8x16.splat(i32.load8U(end))),
    isAt: (place) => sameBytes(f, place, start, length),
  };
}

/**
 * Where a needle first stands in the bytes between two addresses: 16 places a step are tested for its first and
 * last byte.
 *
 * @param found - takes the address, or 0
 */
export function find(
  f: FunctionBuilder,
  needle: Needle,
  from: I32,
  end: I32,
  found: Local<'i32'>,
): void {
  const { length, first, last, isAt } = needle;
  const behindLast = f.let(i32.sub(i32.add(end, i32.const(1)), length));
  const place = f.let(from);
  const bits = f.local('i32');
  f.set(found, i32.const(0));
  f.block((done) => {
    f.while(i32.ltS(i32.sub(place, behindLast), i32.const(0)), () => {
      const begins = i8x16.eq(v128.load(place), first);
      const lastAt = i32.add(place, i32.sub(length, i32.const(1)));
      const ends = i8x16.eq(v128.load(lastAt), last);
      f.set(bits, i8x16.bitmask(v128.and(begins, ends)));
      f.while(bits, () => {
        f.set(found, i32.add(place, i32.ctz(bits)));
        f.if(i32.geU(found, behindLast), () => {
          f.set(found, i32.const(0));
          f.branch(done);
        });
        f.branchIf(done, isAt(found));
        f.set(found, i32.const(0));
        f.set(bits, i32.and(bits, i32.sub(bits, i32.const(1))));
      });
      f.increase(place, 16);
    });
  });
}

/** 1 when two runs of bytes of one length are the same. Reads up to seven bytes behind them. */
export function sameBytes(f: FunctionBuilder, a: I32, b: I32, length: I32): Local<'i32'> {
  const [x, y, left] = [f.let(a), f.let(b), f.let(length)];
  const same = f.let(i32.const(1));
  f.block((done) => {
    f.while(i32.gtS(left, i32.const(0)), () => {
      const difference = i64.xor(i64.load(x), i64.load(y));
      // Bytes behind the end are shifted out.
      const unused = i32.shl(i32.sub(i32.const(8), left), i32.const(3));
      const isLast = i32.ltS(left, i32.const(8));
      const shift = i32.mul(unused, isLast);
      f.set(same, i64.eqz(i64.shl(difference, i64.extendI32U(shift))));
      f.branchIf(done, i32.eqz(same));
      f.increase(x, 8);
      f.increase(y, 8);
      f.increase(left, -8);
    });
  });
  return same;
}
