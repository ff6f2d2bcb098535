/** Giving rows the values of another column. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { I32, Local } from '../../../wasm/index.ts';
import { i32, v128 } from '../../../wasm/index.ts';
import { HEAP_OFFSET_AT, heapBytesAt } from '../strings/view-code.ts';
import type { TextWriter } from './text-code.ts';
import { textFunction, copyVectors, Room, viewAt } from './text-code.ts';
import { TextWord } from './text-frame.ts';

const c = i32.const;

/** Copies the null marks of rows. */
class NullMover {
  readonly #w: TextWriter;
  /** Address of the bitmap they are copied from; 0 if there are none. */
  readonly from: Local<'i32'>;
  readonly #to: Local<'i32'>;
  readonly #byteAt: Local<'i32'>;
  readonly #isPresent: Local<'i32'>;
  readonly #nulls: Local<'i32'>;

  constructor(w: TextWriter) {
    const { f } = w;
    this.#w = w;
    this.from = w.argument(0);
    this.#to = w.word(TextWord.VALIDITY);
    this.#byteAt = f.local('i32');
    this.#isPresent = f.local('i32');
    this.#nulls = w.word(TextWord.NULLS);
  }

  /** Copies that of a row; 1 if it has a value. */
  move(row: Local<'i32'>): I32 {
    const { f } = this.#w;
    f.set(this.#isPresent, c(1));
    f.if(this.#to, () => {
      const byte = i32.shrU(row, c(3));
      const bit = i32.and(row, c(7));
      f.if(this.from, () => {
        const bits = i32.load8U(i32.add(this.from, byte));
        f.set(this.#isPresent, i32.and(i32.shrU(bits, bit), c(1)));
      });
      f.set(this.#byteAt, i32.add(this.#to, byte));
      const others = i32.and(i32.load8U(this.#byteAt), i32.xor(i32.shl(c(1), bit), c(-1)));
      f.do(i32.store8(this.#byteAt, i32.or(others, i32.shl(this.#isPresent, bit))));
      f.set(this.#nulls, i32.add(this.#nulls, i32.eqz(this.#isPresent)));
    });
    return this.#isPresent;
  }

  /** Tells how many were null. */
  tell(): void {
    this.#w.store(TextWord.NULLS, this.#nulls);
  }
}

/**
 * Copies views, whose bytes stay in their heap: the address of the validity bitmap to copy, 0 if there are no
 * nulls. Nothing is written to that of the target if its address is 0.
 */
export const MOVE_VIEWS = textFunction('text moveViews', (w) => {
  const [text, out] = [w.word(TextWord.TEXT), w.word(TextWord.OUT)];
  const nulls = new NullMover(w);
  w.eachRow((row) => {
    nulls.move(row);
    w.f.do(v128.store(viewAt(out, row), v128.load(viewAt(text, row))));
  });
  nulls.tell();
});

/** Copies views and their bytes: the same argument. */
export const MOVE_BYTES = textFunction('text moveBytes', (w) => {
  const { f } = w;
  const [text, out] = [w.word(TextWord.TEXT), w.word(TextWord.OUT)];
  const heap = w.word(TextWord.HEAP);
  const room = new Room(w);
  const nulls = new NullMover(w);
  const view = f.local('i32');
  const target = f.local('i32');
  const length = f.local('i32');
  const at = f.local('i32');
  w.eachRow((row, stop) => {
    f.if(nulls.move(row), () => {
      f.set(view, viewAt(text, row));
      f.set(target, viewAt(out, row));
      f.set(length, i32.load(view));
      f.if(i32.gtU(length, c(INLINE_BYTES)), () => room.ensure(length, stop));
      f.do(v128.store(target, v128.load(view)));
      f.if(i32.gtU(length, c(INLINE_BYTES)), () => {
        const source = f.let(heapBytesAt(view, heap));
        copyVectors(f, at, f.let(i32.add(room.heap, room.used)), source, length);
        f.do(i32.store(target, room.used, { offset: HEAP_OFFSET_AT }));
        room.take(length);
      });
    });
  });
  nulls.tell();
  room.tell();
});

/**
 * Gives each row the view of one of several columns: the address of an int32 for each row, which says which;
 * that of a table with the address of the values, and of the validity bitmap or 0, of each column.
 */
export const CHOOSE_VIEWS = textFunction('text chooseViews', (w) => {
  const { f } = w;
  const [choices, table] = [w.argument(0), w.argument(1)];
  const out = w.word(TextWord.OUT);
  const nulls = new NullMover(w);
  const entry = f.local('i32');
  w.eachRow((row) => {
    const choice = i32.load(i32.add(choices, i32.shl(row, c(2))));
    f.set(entry, i32.add(table, i32.shl(choice, c(3))));
    f.set(nulls.from, i32.load(entry, { offset: 4 }));
    nulls.move(row);
    f.do(v128.store(viewAt(out, row), v128.load(viewAt(i32.load(entry), row))));
  });
  nulls.tell();
});

/** Lists, as rows left, those whose int32 is a constant: the address of the integers; the constant. */
export const ROWS_WITH = textFunction('text rowsWith', (w) => {
  const [choices, wanted] = [w.argument(0), w.argument(1)];
  w.eachRow((row) => {
    const choice = i32.load(i32.add(choices, i32.shl(row, c(2))));
    w.leaveIf(i32.eq(choice, wanted), row);
  });
});
