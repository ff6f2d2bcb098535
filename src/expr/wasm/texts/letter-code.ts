/** Upper and lower case of ASCII. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { V128 } from '../../../wasm/index.ts';
import { i32, i32x4, i8x16, lanes, v128 } from '../../../wasm/index.ts';
import {
  textFunction,
  firstBytes,
  heapView,
  Room,
  VECTOR,
  ViewBytes,
  viewAt,
} from './text-code.ts';
import { TextWord } from './text-frame.ts';

const c = i32.const;

/** Bits of a mask for the bytes of an inline value, behind its length. */
const VALUE_BITS = 0xfff0;
const VALUE_BYTES = lanes.i32x4(0, -1, -1, -1);

/**
 * Adds or takes away 32 from 26 letters: the first of them. Rows with other bytes than ASCII are left.
 */
export const SHIFT_LETTERS = textFunction('text shiftLetters', (w) => {
  const { f } = w;
  const text = w.word(TextWord.TEXT);
  const heap = w.word(TextWord.HEAP);
  const out = w.word(TextWord.OUT);
  const room = new Room(w);
  const first = f.let(i8x16.splat(w.argument(0)));
  const bytes = new ViewBytes(f);
  const view = f.local('i32');
  const vector = f.local('v128');
  const seen = f.local('v128');
  const isOther = f.local('i32');
  const shifted = (value: V128): V128 => {
    const isLetter = i8x16.ltU(i8x16.sub(value, first), i8x16.splat(c(26)));
    return v128.xor(value, v128.and(isLetter, i8x16.splat(c(32))));
  };
  w.eachRow((row, stop) => {
    f.set(view, viewAt(text, row));
    f.set(vector, v128.load(view));
    f.set(bytes.length, i32x4.extractLane(vector, 0));
    f.if(
      i32.leU(bytes.length, c(INLINE_BYTES)),
      () => {
        w.leaveIf(i32.ne(i32.and(i8x16.bitmask(vector), c(VALUE_BITS)), c(0)), row);
        const value = v128.bitselect(shifted(vector), vector, VALUE_BYTES);
        f.do(v128.store(viewAt(out, row), value));
      },
      () => {
        room.ensure(bytes.length, stop);
        bytes.take(view, heap);
        const target = f.let(i32.add(room.heap, room.used));
        f.set(seen, lanes.i32x4(0, 0, 0, 0));
        f.while(i32.geU(i32.sub(bytes.end, bytes.start), c(VECTOR)), () => {
          f.set(vector, v128.load(bytes.start));
          f.set(seen, v128.or(seen, vector));
          f.do(v128.store(target, shifted(vector)));
          f.increase(bytes.start, VECTOR);
          f.increase(target, VECTOR);
        });
        f.set(vector, v128.load(bytes.start));
        f.set(seen, v128.or(seen, firstBytes(vector, i32.sub(bytes.end, bytes.start))));
        f.do(v128.store(target, shifted(vector)));
        f.set(vector, v128.load(i32.add(room.heap, room.used)));
        f.do(v128.store(viewAt(out, row), heapView(vector, bytes.length, room.used)));
        f.set(isOther, i32.ne(i8x16.bitmask(seen), c(0)));
        w.leaveIf(isOther, row);
        room.take(i32.mul(bytes.length, i32.eqz(isOther)));
      },
    );
  });
  room.tell();
});
