/** Replacing a constant text by another. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { I32, Local } from '../../../wasm/index.ts';
import { call, i32, i64, i8x16, select, tee, v128 } from '../../../wasm/index.ts';
import { addFind } from './find-code.ts';
import type { TextFunction, TextWriter } from './text-code.ts';
import {
  beforeEnd,
  textFunction,
  copyVectors,
  heapView,
  inlineView,
  Room,
  VECTOR,
  viewAt,
  ViewBytes,
} from './text-code.ts';
import { LONGEST_BYTES, TextWord } from './text-frame.ts';

const c = i32.const;

/** Bytes that functions that replace need for themselves: a short result, and what is written behind it. */
export const REPLACE_BYTES = 32;

/** What differs between ways to look for a text. */
interface Search {
  /** Sets `count` to the number of occurrences in the value. */
  readonly count: (count: Local<'i32'>) => void;
  /** Writes the result to `target`, which moves behind it. */
  readonly write: (target: Local<'i32'>) => void;
}

/**
 * A function that replaces: the address of the text replaced; its length; the address of the other; its
 * length; room for {@link REPLACE_BYTES}. Rows that would be too long are left.
 */
function replacing(
  name: string,
  search: (w: TextWriter, bytes: ViewBytes) => Search,
): TextFunction {
  return textFunction(name, (w) => {
    const { f } = w;
    const [fromLength, toLength, short] = [w.argument(1), w.argument(3), w.argument(4)];
    const text = w.word(TextWord.TEXT);
    const heap = w.word(TextWord.HEAP);
    const out = w.word(TextWord.OUT);
    const room = new Room(w);
    const bytes = new ViewBytes(f);
    const count = f.local('i32');
    const length = f.local('i32');
    const target = f.local('i32');
    const value = f.local('v128');
    const way = search(w, bytes);
    w.eachRow((row, stop) => {
      bytes.take(f.let(viewAt(text, row)), heap);
      f.set(count, c(0));
      way.count(count);
      const longer = i64.extendI32S(i32.sub(toLength, fromLength));
      const grown = i64.mul(i64.extendI32U(count), longer);
      const sum = f.let(i64.add(i64.extendI32U(bytes.length), grown));
      const isTooLong = f.let(i64.gtS(sum, i64.const(BigInt(LONGEST_BYTES))));
      w.leaveIf(isTooLong, row);
      f.if(i32.eqz(isTooLong), () => {
        f.set(length, i32.wrapI64(sum));
        const isLong = f.let(i32.gtU(length, c(INLINE_BYTES)));
        f.if(isLong, () => room.ensure(length, stop));
        f.set(target, select(isLong, i32.add(room.heap, room.used), short));
        way.write(target);
        f.set(value, v128.load(i32.sub(target, length)));
        const view = select(isLong, heapView(value, length, room.used), inlineView(value, length));
        f.do(v128.store(viewAt(out, row), view));
        f.if(isLong, () => room.take(length));
      });
    });
    room.tell();
  });
}

/** Puts a text in the place of each occurrence of another of any length but 0. */
export const REPLACE_TEXT = replacing('text replaceText', (w, bytes) => {
  const { f } = w;
  const [from, fromLength, to, toLength] = [0, 1, 2, 3].map((i) => w.argument(i));
  const next = f.local('i32');
  const found = f.local('i32');
  const at = f.local('i32');
  const find = addFind(w.module);
  const search = (): I32 => tee(found, call(find, next, bytes.end, from!, fromLength!));
  const each = (body: () => void): void => {
    f.set(next, bytes.start);
    f.while(search(), () => {
      body();
      f.set(next, i32.add(found, fromLength!));
    });
  };
  return {
    count: (count) => each(() => f.increase(count, 1)),
    write: (target) => {
      const append = (source: I32, size: I32): void => {
        copyVectors(f, at, target, source, size);
        f.set(target, i32.add(target, size));
      };
      each(() => {
        append(next, i32.sub(found, next));
        append(to!, toLength!);
      });
      append(next, i32.sub(bytes.end, next));
    },
  };
});

/** The same for one byte, which is looked for in a vector at a time. */
export const REPLACE_BYTE = replacing('text replaceByte', (w, bytes) => {
  const { f } = w;
  const { end } = bytes;
  const byte = f.let(v128.load8Splat(w.argument(0)));
  const [to, toLength] = [w.argument(2), w.argument(3)];
  const block = f.local('i32');
  const mask = f.local('i32');
  const next = f.local('i32');
  const size = f.local('i32');
  const at = f.local('i32');
  const eachBlock = (body: () => void): void => {
    f.set(block, bytes.start);
    f.while(i32.ltU(block, end), () => {
      f.set(mask, beforeEnd(i8x16.bitmask(i8x16.eq(v128.load(block), byte)), block, end));
      body();
      f.increase(block, VECTOR);
    });
  };
  return {
    count: (count) => eachBlock(() => f.set(count, i32.add(count, i32.popcnt(mask)))),
    write: (target) => {
      /** Copies what lies between two occurrences of one block. */
      const append = (till: I32): void => {
        f.set(size, i32.sub(till, next));
        f.do(v128.store(target, v128.load(next)));
        f.set(target, i32.add(target, size));
      };
      eachBlock(() => {
        f.set(next, block);
        f.while(mask, () => {
          append(i32.add(block, i32.ctz(mask)));
          f.set(next, i32.add(i32.add(next, size), c(1)));
          copyVectors(f, at, target, to, toLength);
          f.set(target, i32.add(target, toLength));
          f.set(mask, i32.and(mask, i32.sub(mask, c(1))));
        });
        const blockEnd = i32.add(block, c(VECTOR));
        append(select(i32.ltU(blockEnd, end), blockEnd, end));
      });
    },
  };
});
