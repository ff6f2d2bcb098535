/** Pieces of code that functions over columns of texts are made of. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { FunctionBuilder, I32, Local, V128 } from '../../../wasm/index.ts';
import {
  choose,
  ENGINE,
  i32,
  i32x4,
  i8x16,
  Import,
  lanes,
  ModuleBuilder,
  select,
  v128,
} from '../../../wasm/index.ts';
import { heapBytesAt, VIEW_BYTES_AT } from '../strings/view-code.ts';
import { SLACK_BYTES, TextWord } from './text-frame.ts';

const c = i32.const;

/** Bytes of a vector. */
export const VECTOR = 16;

/** Positions of the bytes of a vector. */
export const POSITIONS = v128.const(Array.from({ length: VECTOR }, (_, i) => i));

/** The bytes of a value: variables that hold addresses. */
export interface Bytes {
  readonly start: Local<'i32'>;
  readonly end: Local<'i32'>;
}

/** The body of a function over a column of texts. Its parameter is the address of a frame. */
export class TextWriter {
  readonly f: FunctionBuilder;
  /** For other functions that it calls. */
  readonly module: ModuleBuilder;
  readonly #frame: Local<'i32'>;
  readonly #list: Local<'i32'>;
  readonly #left: Local<'i32'>;

  constructor(f: FunctionBuilder, module: ModuleBuilder) {
    this.f = f;
    this.module = module;
    this.#frame = f.param(0, 'i32');
    this.#list = this.word(TextWord.LEFT);
    this.#left = this.word(TextWord.LEFT_COUNT);
  }

  /** A variable with a word of the frame. */
  word(index: number): Local<'i32'> {
    return this.f.let(this.#load(index));
  }

  /** A variable with an argument. */
  argument(position: number): Local<'i32'> {
    return this.word(TextWord.ARGUMENTS + position);
  }

  /**
   * Does all rows; the last statement of a body.
   *
   * @param body - `stop` leaves the function at this row, to be called again with more room
   */
  eachRow(body: (row: Local<'i32'>, stop: () => void) => void): void {
    const { f } = this;
    const rows = this.word(TextWord.ROWS);
    const selection = this.word(TextWord.SELECTION);
    const at = this.word(TextWord.POSITION);
    const row = f.local('i32');
    f.block((end) => {
      f.while(i32.ltU(at, rows), () => {
        f.set(row, choose(selection, i32.load(i32.add(selection, i32.shl(at, c(2)))), at));
        body(row, () => f.branch(end));
        f.increase(at, 1);
      });
    });
    this.store(TextWord.POSITION, at);
    this.store(TextWord.LEFT_COUNT, this.#left);
  }

  /** Leaves a row to the scalar rule if the condition is 1. */
  leaveIf(condition: I32, row: I32): void {
    const { f } = this;
    f.do(i32.store(i32.add(this.#list, i32.shl(this.#left, c(2))), row));
    f.set(this.#left, i32.add(this.#left, condition));
  }

  store(index: number, value: I32): void {
    this.f.do(i32.store(this.#frame, value, { offset: 4 * index }));
  }

  #load(index: number): I32 {
    return i32.load(this.#frame, { offset: 4 * index });
  }
}

/** A function over columns of texts: a module that has nothing else, and whose name it bears. */
export interface TextFunction {
  readonly name: string;
  readonly build: () => Uint8Array<ArrayBuffer>;
}

/** A function. @param body - writes it; it has read the frame and does {@link TextWriter.eachRow} */
export function textFunction(name: string, body: (w: TextWriter) => void): TextFunction {
  const build = (): Uint8Array<ArrayBuffer> => {
    const module = new ModuleBuilder();
    module.importMemory(ENGINE, Import.COLUMNS);
    const signature = { params: ['i32'], result: undefined } as const;
    module.function(signature, (f) => body(new TextWriter(f, module)), name);
    return module.build();
  };
  return { name, build };
}

/** The address of the view of a row. */
export function viewAt(values: I32, row: I32): I32 {
  return i32.add(values, i32.shl(row, c(4)));
}

/** Variables for the bytes of a view at an address. */
export class ViewBytes implements Bytes {
  readonly start: Local<'i32'>;
  readonly end: Local<'i32'>;
  readonly length: Local<'i32'>;
  readonly #f: FunctionBuilder;

  constructor(f: FunctionBuilder) {
    this.#f = f;
    this.start = f.local('i32');
    this.end = f.local('i32');
    this.length = f.local('i32');
  }

  /** Takes those of a view. @param view - a variable */
  take(view: I32, heap: I32): void {
    const f = this.#f;
    const isInline = i32.leU(this.length, c(INLINE_BYTES));
    f.set(this.length, i32.load(view));
    const inView = i32.add(view, c(VIEW_BYTES_AT));
    f.set(this.start, select(isInline, inView, heapBytesAt(view, heap)));
    f.set(this.end, i32.add(this.start, this.length));
  }
}

/** The bytes at the places below `length` of a vector of bytes, others zero. */
export function firstBytes(bytes: V128, length: I32): V128 {
  return v128.and(bytes, i8x16.ltU(POSITIONS, i8x16.splat(length)));
}

/** Bytes of the first operand moved four places up; those of the second, zeros, in front. */
const BEHIND_LENGTH = [16, 16, 16, 16, ...Array.from({ length: INLINE_BYTES }, (_, i) => i)];

/** The view of up to 12 bytes: the first of a vector. @param length - a variable */
export function inlineView(bytes: V128, length: I32): V128 {
  const shifted = i8x16.shuffle(firstBytes(bytes, length), lanes.i32x4(0, 0, 0, 0), BEHIND_LENGTH);
  return i32x4.replaceLane(shifted, 0, length);
}

/** The view of bytes in the heap. @param bytes - a variable: the first of them */
export function heapView(bytes: V128, length: I32, offset: I32): V128 {
  const prefix = i8x16.shuffle(bytes, lanes.i32x4(0, 0, 0, 0), [
    ...BEHIND_LENGTH.slice(0, 8),
    ...BEHIND_LENGTH.slice(0, 8).fill(16),
  ]);
  return i32x4.replaceLane(i32x4.replaceLane(prefix, 0, length), 3, offset);
}

/** Variables for a view of part of a value, whose bytes stay where they are. */
export class SliceWriter {
  readonly #f: FunctionBuilder;
  readonly #length: Local<'i32'>;
  readonly #bytes: Local<'v128'>;

  constructor(f: FunctionBuilder) {
    this.#f = f;
    this.#length = f.local('i32');
    this.#bytes = f.local('v128');
  }

  /** Writes a view of `start` to `end`, both variables, which lie in the heap if they are long. */
  write(target: I32, start: I32, end: I32, heap: I32): void {
    const f = this.#f;
    f.set(this.#length, i32.sub(end, start));
    f.set(this.#bytes, v128.load(start));
    const long = heapView(this.#bytes, this.#length, i32.sub(start, heap));
    const isLong = i32.gtU(this.#length, c(INLINE_BYTES));
    f.do(v128.store(target, select(isLong, long, inlineView(this.#bytes, this.#length))));
  }
}

/**
 * Copies bytes in whole vectors: up to 15 more are written behind them.
 *
 * @param length - computed in each turn; of a value that ends before `target` begins, or is elsewhere
 */
export function copyVectors(
  f: FunctionBuilder,
  at: Local<'i32'>,
  target: I32,
  source: I32,
  length: I32,
): void {
  f.set(at, c(0));
  f.while(i32.ltU(at, length), () => {
    f.do(v128.store(i32.add(target, at), v128.load(i32.add(source, at))));
    f.increase(at, VECTOR);
  });
}

/** The bits of `mask` for the bytes of a vector at `at` that lie before `end`. */
export function beforeEnd(mask: I32, at: I32, end: I32): I32 {
  const left = i32.sub(end, at);
  const bits = i32.sub(i32.shl(c(1), left), c(1));
  return i32.and(mask, select(i32.ltU(left, c(VECTOR)), bits, c(-1)));
}

/** Variables of a search for one of the bytes that a mask tells. */
export class ByteSearch {
  readonly #f: FunctionBuilder;
  readonly #mask: Local<'i32'>;
  readonly #found: Local<'i32'>;
  readonly #count: Local<'i32'>;

  constructor(f: FunctionBuilder) {
    this.#f = f;
    this.#mask = f.local('i32');
    this.#found = f.local('i32');
    this.#count = f.local('i32');
  }

  /**
   * Moves `at` to byte number `number`, from 0, of those from `at` on, or to `end` when there are no
   * more than as many.
   *
   * @param at - not beyond `end`
   * @param isMeant - a vector whose lanes are all ones where a byte counts
   */
  moveTo(at: Local<'i32'>, end: I32, number: I32, isMeant: (bytes: V128) => V128): void {
    const f = this.#f;
    const [mask, found, count] = [this.#mask, this.#found, this.#count];
    f.set(count, number);
    f.block((done) => {
      f.while(i32.ltU(at, end), () => {
        f.set(mask, beforeEnd(i8x16.bitmask(isMeant(v128.load(at))), at, end));
        f.set(found, i32.popcnt(mask));
        f.if(i32.ltU(count, found), () => {
          // Bits without a gap, as those of ASCII characters are.
          f.if(i32.eqz(i32.and(mask, i32.add(mask, c(1)))), () => {
            f.set(at, i32.add(at, count));
            f.branch(done);
          });
          f.while(count, () => {
            f.set(mask, i32.and(mask, i32.sub(mask, c(1))));
            f.increase(count, -1);
          });
          f.set(at, i32.add(at, i32.ctz(mask)));
          f.branch(done);
        });
        f.set(count, i32.sub(count, found));
        f.increase(at, VECTOR);
      });
      f.set(at, end);
    });
  }
}

/** Whether there is no room in the heap; then the number of bytes missing is told. */
export class Room {
  readonly #w: TextWriter;
  readonly heap: Local<'i32'>;
  /** Bytes in use: the next value goes behind them. */
  readonly used: Local<'i32'>;
  readonly #limit: Local<'i32'>;

  constructor(w: TextWriter) {
    this.#w = w;
    this.heap = w.word(TextWord.OUT_HEAP);
    this.used = w.word(TextWord.USED);
    this.#limit = w.word(TextWord.LIMIT);
  }

  /** Stops if there is no room for a value of `length` bytes; it may not be 2^31 or more. */
  ensure(length: I32, stop: () => void): void {
    const { f } = this.#w;
    const end = i32.add(i32.add(this.used, length), c(SLACK_BYTES));
    f.if(i32.gtU(end, this.#limit), () => {
      this.#w.store(TextWord.NEEDED, length);
      stop();
    });
  }

  /** Takes the bytes of a value that was written behind the others. */
  take(length: I32): void {
    this.#w.f.set(this.used, i32.add(this.used, length));
  }

  /** Tells how many bytes are in use: behind the last row. */
  tell(): void {
    this.#w.store(TextWord.USED, this.used);
  }
}
