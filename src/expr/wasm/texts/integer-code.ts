/** Integers as texts and back. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { I32 } from '../../../wasm/index.ts';
import { choose, i32, i64, select, v128 } from '../../../wasm/index.ts';
import {
  textFunction,
  copyVectors,
  heapView,
  inlineView,
  Room,
  viewAt,
  ViewBytes,
} from './text-code.ts';
import { TextWord } from './text-frame.ts';

const c = i32.const;

/** Bytes of room: digits and a sign, and what is read behind them. */
export const DIGIT_ROOM_BYTES = 64;
/** Where in it the last digit ends. */
const DIGITS_END = 32;

const MOST_DIGITS = 18;

const ZERO = 0x30;
const MINUS = 0x2d;

/** Integers in decimal: 1 if they are int64, 0 for int32; the address of room for digits. */
export const INTEGERS_TO_TEXTS = textFunction('text integersToTexts', (w) => {
  const { f } = w;
  const [isWide, digits] = [w.argument(0), w.argument(1)];
  const [values, out] = [w.word(TextWord.TEXT), w.word(TextWord.OUT)];
  const room = new Room(w);
  const end = f.let(i32.add(digits, c(DIGITS_END)));
  const value = f.local('i64');
  const rest = f.local('i64');
  const small = f.local('i32');
  const quotient = f.local('i32');
  const at = f.local('i32');
  const length = f.local('i32');
  const copied = f.local('i32');
  const bytes = f.local('v128');
  const put = (byte: I32): void => {
    f.increase(at, -1);
    f.do(i32.store8(at, byte));
  };
  w.eachRow((row, stop) => {
    const wide = i64.load(i32.add(values, i32.shl(row, c(3))));
    const narrow = i64.extendI32S(i32.load(i32.add(values, i32.shl(row, c(2)))));
    f.set(value, choose(isWide, wide, narrow));
    const isNegative = i64.ltS(value, i64.const(0n));
    f.set(rest, select(isNegative, i64.sub(i64.const(0n), value), value));
    f.set(at, end);
    f.while(i64.ne(i64.shrU(rest, i64.const(32n)), i64.const(0n)), () => {
      const tenth = f.let(i64.divU(rest, i64.const(10n)));
      put(i32.add(i32.wrapI64(i64.sub(rest, i64.mul(tenth, i64.const(10n)))), c(ZERO)));
      f.set(rest, tenth);
    });
    f.set(small, i32.wrapI64(rest));
    f.loop((again) => {
      f.set(quotient, i32.divU(small, c(10)));
      put(i32.add(i32.sub(small, i32.mul(quotient, c(10))), c(ZERO)));
      f.set(small, quotient);
      f.branchIf(again, small);
    });
    f.if(isNegative, () => put(c(MINUS)));
    f.set(length, i32.sub(end, at));
    f.set(bytes, v128.load(at));
    f.if(
      i32.leU(length, c(INLINE_BYTES)),
      () => f.do(v128.store(viewAt(out, row), inlineView(bytes, length))),
      () => {
        room.ensure(length, stop);
        copyVectors(f, copied, i32.add(room.heap, room.used), at, length);
        f.do(v128.store(viewAt(out, row), heapView(bytes, length, room.used)));
        room.take(length);
      },
    );
  });
  room.tell();
});

/** Texts of up to 18 digits behind at most a minus as integers: 1 for int64, 0 for int32. Others are left. */
export const TEXTS_TO_INTEGERS = textFunction('text textsToIntegers', (w) => {
  const { f } = w;
  const isWide = w.argument(0);
  const [text, heap, out] = [w.word(TextWord.TEXT), w.word(TextWord.HEAP), w.word(TextWord.OUT)];
  const bytes = new ViewBytes(f);
  const { start, end } = bytes;
  const isNegative = f.local('i32');
  const isOther = f.local('i32');
  const digit = f.local('i32');
  const value = f.local('i64');
  w.eachRow((row) => {
    bytes.take(f.let(viewAt(text, row)), heap);
    f.set(isNegative, choose(bytes.length, i32.eq(i32.load8U(start), c(MINUS)), c(0)));
    f.set(start, i32.add(start, isNegative));
    f.set(isOther, i32.gtU(i32.sub(i32.sub(end, start), c(1)), c(MOST_DIGITS - 1)));
    f.set(value, i64.const(0n));
    f.block((done) => {
      f.branchIf(done, isOther);
      f.while(i32.ltU(start, end), () => {
        f.set(digit, i32.sub(i32.load8U(start), c(ZERO)));
        f.set(isOther, i32.gtU(digit, c(9)));
        f.branchIf(done, isOther);
        f.set(value, i64.add(i64.mul(value, i64.const(10n)), i64.extendI32U(digit)));
        f.increase(start, 1);
      });
      f.set(value, select(isNegative, i64.sub(i64.const(0n), value), value));
    });
    f.if(
      isWide,
      () => f.do(i64.store(i32.add(out, i32.shl(row, c(3))), value)),
      () => {
        const narrow = f.let(i32.wrapI64(value));
        f.do(i32.store(i32.add(out, i32.shl(row, c(2))), narrow));
        f.set(isOther, i32.or(isOther, i64.ne(i64.extendI32S(narrow), value)));
      },
    );
    w.leaveIf(isOther, row);
  });
});
