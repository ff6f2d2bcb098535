/** Joining texts. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import { i32, i32x4, i64, i8x16, lanes, v128 } from '../../../wasm/index.ts';
import {
  textFunction,
  copyVectors,
  heapView,
  POSITIONS,
  Room,
  viewAt,
  ViewBytes,
} from './text-code.ts';
import { LONGEST_BYTES, TextWord } from './text-frame.ts';

const c = i32.const;

/** Words of the table for each column. */
export const PartWord = { VALUES: 0, HEAP: 1 } as const;
export const WORDS_PER_PART = 2;
const PART_BYTES = 4 * WORDS_PER_PART;

/**
 * Joins the rows of columns: the address of their table, and that of its end. Rows that would be too long
 * are left.
 */
export const CONCATENATE = textFunction('text concatenate', (w) => {
  const { f } = w;
  const [first, end] = [w.argument(0), w.argument(1)];
  const out = w.word(TextWord.OUT);
  const room = new Room(w);
  const part = f.local('i32');
  const view = f.local('i32');
  const bytes = new ViewBytes(f);
  const sum = f.local('i64');
  const length = f.local('i32');
  const joined = f.local('v128');
  const at = f.local('i32');
  const target = f.local('i32');
  const eachPart = (row: Parameters<typeof viewAt>[1], body: () => void): void => {
    f.set(part, first);
    f.while(i32.ltU(part, end), () => {
      f.set(view, viewAt(i32.load(part, { offset: 4 * PartWord.VALUES }), row));
      body();
      f.increase(part, PART_BYTES);
    });
  };
  w.eachRow((row, stop) => {
    f.set(sum, i64.const(0n));
    eachPart(row, () => f.set(sum, i64.add(sum, i64.load32U(view))));
    const isTooLong = f.let(i64.gtU(sum, i64.const(BigInt(LONGEST_BYTES))));
    w.leaveIf(isTooLong, row);
    f.if(i32.eqz(isTooLong), () => {
      f.set(length, i32.wrapI64(sum));
      f.if(
        i32.leU(length, c(INLINE_BYTES)),
        () => {
          f.set(joined, lanes.i32x4(0, 0, 0, 0));
          f.set(at, c(0));
          eachPart(row, () => {
            const value = i32x4.replaceLane(v128.load(view), 0, c(0));
            const moved = i8x16.swizzle(value, i8x16.sub(POSITIONS, i8x16.splat(at)));
            f.set(joined, v128.or(joined, moved));
            f.set(at, i32.add(at, i32.load(view)));
          });
          f.do(v128.store(viewAt(out, row), i32x4.replaceLane(joined, 0, length)));
        },
        () => {
          room.ensure(length, stop);
          f.set(target, i32.add(room.heap, room.used));
          eachPart(row, () => {
            bytes.take(view, i32.load(part, { offset: 4 * PartWord.HEAP }));
            copyVectors(f, at, target, bytes.start, bytes.length);
            f.set(target, i32.add(target, bytes.length));
          });
          f.set(joined, v128.load(i32.add(room.heap, room.used)));
          f.do(v128.store(viewAt(out, row), heapView(joined, length, room.used)));
          room.take(length);
        },
      );
    });
  });
  room.tell();
});
