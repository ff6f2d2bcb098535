/** Replacing a constant text by another. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { I32 } from '../../../wasm/index.ts';
import { call, i32, i64, select, tee, v128 } from '../../../wasm/index.ts';
import { addFind } from './find-code.ts';
import {
  textFunction,
  copyVectors,
  heapView,
  inlineView,
  Room,
  viewAt,
  ViewBytes,
} from './text-code.ts';
import { LONGEST_BYTES, TextWord } from './text-frame.ts';

const c = i32.const;

/** Bytes that {@link REPLACE} needs for itself: a short result, and what is written behind it. */
export const REPLACE_BYTES = 32;

/**
 * Puts one text in the place of each occurrence of another: the latter's address; its length, at least 1;
 * the former's address; its length; room for 32 bytes. Rows that would be too long are left.
 */
export const REPLACE = textFunction('text replace', (w) => {
  const { f } = w;
  const [from, fromLength, to, toLength, short] = [0, 1, 2, 3, 4].map((i) => w.argument(i));
  const text = w.word(TextWord.TEXT);
  const heap = w.word(TextWord.HEAP);
  const out = w.word(TextWord.OUT);
  const room = new Room(w);
  const bytes = new ViewBytes(f);
  const next = f.local('i32');
  const found = f.local('i32');
  const count = f.local('i32');
  const length = f.local('i32');
  const target = f.local('i32');
  const at = f.local('i32');
  const value = f.local('v128');
  const find = addFind(w.module);
  const search = (): I32 => tee(found, call(find, next, bytes.end, from!, fromLength!));
  const append = (source: I32, size: I32): void => {
    copyVectors(f, at, target, source, size);
    f.set(target, i32.add(target, size));
  };
  w.eachRow((row, stop) => {
    bytes.take(f.let(viewAt(text, row)), heap);
    f.set(count, c(0));
    f.set(next, bytes.start);
    f.while(search(), () => {
      f.increase(count, 1);
      f.set(next, i32.add(found, fromLength!));
    });
    const longer = i64.extendI32S(i32.sub(toLength!, fromLength!));
    const grown = i64.mul(i64.extendI32U(count), longer);
    const sum = f.let(i64.add(i64.extendI32U(bytes.length), grown));
    const isTooLong = f.let(i64.gtS(sum, i64.const(BigInt(LONGEST_BYTES))));
    w.leaveIf(isTooLong, row);
    f.if(i32.eqz(isTooLong), () => {
      f.set(length, i32.wrapI64(sum));
      const isLong = f.let(i32.gtU(length, c(INLINE_BYTES)));
      f.if(isLong, () => room.ensure(length, stop));
      f.set(target, select(isLong, i32.add(room.heap, room.used), short!));
      f.set(next, bytes.start);
      f.while(search(), () => {
        append(next, i32.sub(found, next));
        append(to!, toLength!);
        f.set(next, i32.add(found, fromLength!));
      });
      append(next, i32.sub(bytes.end, next));
      f.set(value, v128.load(i32.sub(target, length)));
      const view = select(isLong, heapView(value, length, room.used), inlineView(value, length));
      f.do(v128.store(viewAt(out, row), view));
      f.if(isLong, () => room.take(length));
    });
  });
  room.tell();
});
