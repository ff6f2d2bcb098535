/** Functions whose results are parts of the texts they are given: the bytes stay where they are. @module */

import type { F64, I32, Local, V128 } from '../../../wasm/index.ts';
import { call, choose, f64, i32, i64, i8x16, select, tee, v128 } from '../../../wasm/index.ts';
import { addFind } from './find-code.ts';
import type { TextFunction, TextWriter } from './text-code.ts';
import {
  beforeEnd,
  textFunction,
  ByteSearch,
  VECTOR,
  SliceWriter,
  ViewBytes,
  viewAt,
} from './text-code.ts';
import { TextWord } from './text-frame.ts';

const c = i32.const;

/** The greatest byte, signed, that goes on with a character that others began. */
const LAST_CONTINUATION = -65;

/** Bytes that begin a character. */
export function beginsCharacter(bytes: V128): V128 {
  return i8x16.gtS(bytes, i8x16.splat(c(LAST_CONTINUATION)));
}

/** The variables and places of a function that gives parts of texts. */
export class Slices {
  readonly w: TextWriter;
  readonly bytes: ViewBytes;
  readonly #heap: Local<'i32'>;
  readonly #text: Local<'i32'>;
  readonly #out: Local<'i32'>;
  readonly #view: Local<'i32'>;
  readonly #writer: SliceWriter;

  constructor(w: TextWriter) {
    const { f } = w;
    this.w = w;
    this.bytes = new ViewBytes(f);
    this.#heap = w.word(TextWord.HEAP);
    this.#text = w.word(TextWord.TEXT);
    this.#out = w.word(TextWord.OUT);
    this.#view = f.local('i32');
    this.#writer = new SliceWriter(f);
  }

  /** Does all rows. @param body - moves `bytes.start` and `bytes.end` together */
  eachRow(body: (row: Local<'i32'>) => void): void {
    const { f } = this.w;
    const { bytes } = this;
    this.w.eachRow((row) => {
      f.set(this.#view, viewAt(this.#text, row));
      bytes.take(this.#view, this.#heap);
      body(row);
      this.#writer.write(viewAt(this.#out, row), bytes.start, bytes.end, this.#heap);
    });
  }
}

/** Characters number `from`, from 0, up to `to`. */
export const SLICE_CHARACTERS = textFunction('text sliceCharacters', (w) => {
  const { f } = w;
  const slices = new Slices(w);
  const from = w.argument(0);
  const characters = f.let(i32.sub(w.argument(1), from));
  const search = new ByteSearch(f);
  const { start, end } = slices.bytes;
  const behind = f.local('i32');
  slices.eachRow(() => {
    f.if(from, () => search.moveTo(start, end, from, beginsCharacter));
    f.set(behind, start);
    search.moveTo(behind, end, characters, beginsCharacter);
    f.set(end, behind);
  });
});

/**
 * Characters that columns of integers tell: the address of the first one's numbers, from 1; 1 if these are int64,
 * 0 for int32; the address of the counts, 0 if there are none; 1 if those are int64. Rows with a negative count
 * are left.
 */
export const SLICE_BY_COLUMNS = textFunction('text sliceByColumns', (w) => {
  const { f } = w;
  const slices = new Slices(w);
  const [starts, areStartsWide, counts, areCountsWide] = [0, 1, 2, 3].map((i) => w.argument(i));
  const search = new ByteSearch(f);
  const { start, end } = slices.bytes;
  const behind = f.local('i32');
  const first = f.local('f64');
  const count = f.local('f64');
  const from = f.local('i32');
  const to = f.local('i32');
  /** A number as JavaScript has it, so that sums are rounded as there. */
  const numberAt = (values: I32, isWide: I32, row: I32): F64 =>
    choose(
      isWide,
      f64.convertI64S(i64.load(i32.add(values, i32.shl(row, c(3))))),
      f64.convertI32S(i32.load(i32.add(values, i32.shl(row, c(2))))),
    );
  const place = (number: F64): I32 =>
    i32.truncSatF64S(f64.max(f64.const(0), f64.sub(number, f64.const(1))));
  slices.eachRow((row) => {
    f.set(first, numberAt(starts!, areStartsWide!, row));
    f.set(count, f64.const(Infinity));
    f.if(counts!, () => f.set(count, numberAt(counts!, areCountsWide!, row)));
    w.leaveIf(f64.lt(count, f64.const(0)), row);
    f.set(from, place(first));
    f.set(to, place(f64.add(first, count)));
    f.set(to, select(i32.gtS(from, to), from, to));
    search.moveTo(start, end, from, beginsCharacter);
    f.set(behind, start);
    search.moveTo(behind, end, i32.sub(to, from), beginsCharacter);
    f.set(end, behind);
  });
});

/** The last characters: how many. */
export const LAST_CHARACTERS = textFunction('text lastCharacters', (w) => {
  const { f } = w;
  const slices = new Slices(w);
  const wanted = w.argument(0);
  const search = new ByteSearch(f);
  const { start, end } = slices.bytes;
  const at = f.local('i32');
  const count = f.local('i32');
  slices.eachRow(() => {
    f.set(count, c(0));
    f.set(at, start);
    f.while(i32.ltU(at, end), () => {
      const begins = beforeEnd(i8x16.bitmask(beginsCharacter(v128.load(at))), at, end);
      f.set(count, i32.add(count, i32.popcnt(begins)));
      f.increase(at, VECTOR);
    });
    f.if(i32.gtU(count, wanted), () =>
      search.moveTo(start, end, i32.sub(count, wanted), beginsCharacter),
    );
  });
});

/** Without the bytes of a set at either end: its address, 32 bytes; whether at the start; at the end. */
export const TRIM_BYTES = textFunction('text trimBytes', (w) => {
  const { f } = w;
  const slices = new Slices(w);
  const [set, atStart, atEnd] = [w.argument(0), w.argument(1), w.argument(2)];
  const { start, end } = slices.bytes;
  const byte = f.local('i32');
  /** 1 if there is a byte at an address and it is in the set. */
  const isRemoved = (at: I32): I32 => {
    const bits = i32.load8U(i32.add(set, i32.shrU(tee(byte, i32.load8U(at)), c(3))));
    const bit = i32.and(i32.shrU(bits, i32.and(byte, c(7))), c(1));
    return choose(i32.ltU(start, end), bit, c(0));
  };
  slices.eachRow(() => {
    f.if(atStart, () => f.while(isRemoved(start), () => f.increase(start, 1)));
    f.if(atEnd, () => f.while(isRemoved(i32.sub(end, c(1))), () => f.increase(end, -1)));
  });
});

/** Notes which rows become null. */
export class NullWriter {
  readonly #w: TextWriter;
  readonly #validity: Local<'i32'>;
  readonly #nulls: Local<'i32'>;
  readonly #byteAt: Local<'i32'>;

  constructor(w: TextWriter) {
    this.#w = w;
    this.#validity = w.word(TextWord.VALIDITY);
    this.#nulls = w.word(TextWord.NULLS);
    this.#byteAt = w.f.local('i32');
  }

  /** Makes a row null if the condition, a variable, is 1. */
  nullIf(condition: I32, row: I32): void {
    const { f } = this.#w;
    f.set(this.#byteAt, i32.add(this.#validity, i32.shrU(row, c(3))));
    const bit = i32.shl(condition, i32.and(row, c(7)));
    const kept = i32.and(i32.load8U(this.#byteAt), i32.xor(bit, c(-1)));
    f.do(i32.store8(this.#byteAt, kept));
    f.set(this.#nulls, i32.add(this.#nulls, condition));
  }

  /** Tells how many: behind the last row. */
  tell(): void {
    this.#w.store(TextWord.NULLS, this.#nulls);
  }
}

/**
 * A function that splits.
 *
 * @param separators - what makes the code of two steps: `toPart` moves `start` behind the separator before the
 * part wanted, if any, and says whether there is none; `toNext` moves `end` to the separator behind it
 */
function split(
  name: string,
  separators: (
    w: TextWriter,
    bytes: ViewBytes,
    index: Local<'i32'>,
  ) => { readonly toPart: (isMissing: Local<'i32'>) => void; readonly toNext: () => void },
): TextFunction {
  return textFunction(name, (w) => {
    const { f } = w;
    const slices = new Slices(w);
    const nulls = new NullWriter(w);
    const index = w.argument(0);
    const makesNull = w.argument(2);
    const isMissing = f.local('i32');
    const { bytes } = slices;
    const { toPart, toNext } = separators(w, bytes, index);
    slices.eachRow((row) => {
      f.set(isMissing, c(0));
      f.if(index, () => toPart(isMissing));
      toNext();
      nulls.nullIf(i32.and(isMissing, makesNull), row);
    });
    nulls.tell();
  });
}

/** Part number `index` between separators of one byte: the index; the byte; whether a missing part is null. */
export const SPLIT_AT_BYTE = split('text splitAtByte', (w, { start, end }, index) => {
  const { f } = w;
  const separator = f.let(i8x16.splat(w.argument(1)));
  const search = new ByteSearch(f);
  const next = f.local('i32');
  const isSeparator = (bytes: V128): V128 => i8x16.eq(bytes, separator);
  return {
    toPart: (isMissing) => {
      search.moveTo(start, end, i32.sub(index, c(1)), isSeparator);
      f.set(isMissing, i32.eq(start, end));
      f.set(start, i32.add(start, i32.eqz(isMissing)));
    },
    toNext: () => {
      f.set(next, start);
      search.moveTo(next, end, c(0), isSeparator);
      f.set(end, next);
    },
  };
});

/** The same for longer separators: the index; their address; whether null; their length. */
export const SPLIT_AT_TEXT = split('text splitAtText', (w, { start, end }, index) => {
  const { f } = w;
  const separator = w.argument(1);
  const length = w.argument(3);
  const part = f.local('i32');
  const found = f.local('i32');
  const find = addFind(w.module);
  const next = (): I32 => tee(found, call(find, start, end, separator, length));
  return {
    toPart: (isMissing) => {
      f.set(part, index);
      f.block((done) => {
        f.while(part, () => {
          f.if(i32.eqz(next()), () => {
            f.set(isMissing, c(1));
            f.set(start, end);
            f.branch(done);
          });
          f.set(start, i32.add(found, length));
          f.increase(part, -1);
        });
      });
    },
    toNext: () => f.if(next(), () => f.set(end, found)),
  };
});
