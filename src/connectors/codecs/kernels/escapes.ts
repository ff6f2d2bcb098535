/** Code that reads texts with escapes in them: backslashes in JSON, doubled quotes in CSV. @module */

import type {
  FunctionBuilder,
  FunctionRef,
  I32,
  Label,
  Local,
  ModuleBuilder,
} from '../../../wasm/index.ts';
import { call, i32, i8x16, v128 } from '../../../wasm/index.ts';
import { ESCAPES_AT, splatAt, TEXT_AT, Word } from './layout.ts';

/** How a format writes what may not stand in a text. */
export type Escaping = 'backslash' | 'doubled quote';

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const BACKSLASH_U = 0x755c;

const VECTOR_BYTES = 16;

/** Variables of the function. */
interface Copy {
  readonly f: FunctionBuilder;
  readonly at: Local<'i32'>;
  readonly target: Local<'i32'>;
  readonly block: Local<'i32'>;
  readonly code: Local<'i32'>;
  readonly again: Label;
  readonly done: Label;
  readonly slow: Label;
}

/**
 * Adds `unescape(at, target, end, block)`: copies the text up to its closing quote to `target`, without
 * escapes. Puts the length into `Word.LENGTH`, and all bytes that were near the text, joined by OR, to
 * {@link TEXT_AT}. Returns where the quote is, or 0 where the text is not plain, or goes beyond `end`.
 */
export function emitUnescape(module: ModuleBuilder, escaping: Escaping): FunctionRef<'i32'> {
  const hexUnit = emitHexUnit(module);
  return module.function({ params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' }, (f) => {
    const at = f.param(0, 'i32');
    const target = f.param(1, 'i32');
    const end = f.param(2, 'i32');
    const block = f.param(3, 'i32');
    const from = f.let(target);
    const vector = f.local('v128');
    const seen = f.local('v128');
    const stops = f.local('i32');
    const code = f.local('i32');
    const splat = (of: number) => v128.load(block, { offset: splatAt(of) });
    const isStop = (of: number) => i8x16.eq(vector, splat(of));
    const isControl = i8x16.eq(i8x16.minU(vector, splat(0x1f)), vector);
    const isOther =
      escaping === 'backslash' ? v128.or(isStop(BACKSLASH), isControl) : isStop(LINE_FEED);
    f.block((slow) => {
      f.block((done) => {
        f.loop((again) => {
          f.branchIf(slow, i32.geU(target, end));
          f.set(vector, v128.load(at));
          f.do(v128.store(target, vector));
          f.set(seen, v128.or(seen, vector));
          f.set(stops, i8x16.bitmask(v128.or(isStop(QUOTE), isOther)));
          const bytes = f.let(i32.ctz(i32.or(stops, i32.const(1 << VECTOR_BYTES))));
          f.set(at, i32.add(at, bytes));
          f.set(target, i32.add(target, bytes));
          f.branchIf(again, i32.eqz(stops));
          f.branchIf(slow, i32.geU(target, end));
          f.set(code, i32.load8U(at));
          const copy = { f, at, target, block, code, again, done, slow };
          if (escaping === 'backslash') emitBackslash(copy, hexUnit);
          else emitDoubledQuote(copy);
        });
      });
      f.branchIf(slow, i32.gtU(target, end));
      f.do(
        i32.store(block, i32.sub(target, from), { offset: 4 * Word.LENGTH }),
        v128.store(block, seen, { offset: TEXT_AT }),
      );
      f.return(at);
    });
    f.return(i32.const(0));
  });
}

function emitDoubledQuote({ f, at, target, code, again, done, slow }: Copy): void {
  f.branchIf(slow, i32.ne(code, i32.const(QUOTE)));
  f.branchIf(done, i32.ne(i32.load8U(at, { offset: 1 }), i32.const(QUOTE)));
  f.do(i32.store8(target, code));
  f.increase(target, 1);
  f.increase(at, 2);
  f.branch(again);
}

function emitBackslash(copy: Copy, hexUnit: FunctionRef<'i32'>): void {
  const { f, at, target, block, code, again, done, slow } = copy;
  f.branchIf(done, i32.eq(code, i32.const(QUOTE)));
  f.branchIf(slow, i32.ne(code, i32.const(BACKSLASH)));
  f.set(code, i32.load8U(at, { offset: 1 }));
  f.if(i32.eq(code, i32.const(LETTER_U)), () => {
    emitPoint(copy, hexUnit);
    f.branch(again);
  });
  // What an ASCII letter stands for; 0 for nothing.
  f.branchIf(slow, i32.gtU(code, i32.const(0x7f)));
  f.set(code, i32.load8U(i32.add(block, code), { offset: ESCAPES_AT }));
  f.branchIf(slow, i32.eqz(code));
  f.do(i32.store8(target, code));
  f.increase(target, 1);
  f.increase(at, 2);
  f.branch(again);
}

/** Reads a UTF-16 unit in hexadecimal, or two of them for a pair of surrogates, and writes UTF-8. */
function emitPoint({ f, at, target, code, slow }: Copy, hexUnit: FunctionRef<'i32'>): void {
  const isSurrogate = (unit: I32, first: number): I32 =>
    i32.eq(i32.and(unit, i32.const(0xfffffc00)), i32.const(first));
  f.set(code, call(hexUnit, i32.add(at, i32.const(2))));
  f.branchIf(slow, i32.or(i32.ltS(code, i32.const(0)), isSurrogate(code, 0xdc00)));
  f.increase(at, 6);
  f.if(isSurrogate(code, 0xd800), () => {
    f.branchIf(slow, i32.ne(i32.load16U(at), i32.const(BACKSLASH_U)));
    const low = f.let(call(hexUnit, i32.add(at, i32.const(2))));
    f.branchIf(slow, i32.eqz(isSurrogate(low, 0xdc00)));
    f.increase(at, 6);
    const upper = i32.shl(i32.sub(code, i32.const(0xd800)), i32.const(10));
    const lower = i32.sub(low, i32.const(0xdc00));
    f.set(code, i32.add(i32.const(0x10000), i32.or(upper, lower)));
  });
  /** The bytes behind the first, and the first with its marks. */
  const bits = (shift: number): I32 => i32.shrU(code, i32.const(shift));
  const following = (shift: number): I32 =>
    i32.or(i32.const(0x80), i32.and(bits(shift), i32.const(0x3f)));
  const write = (marks: number, shifts: readonly number[]): void => {
    const [first, ...rest] = shifts;
    f.do(
      i32.store8(target, i32.or(i32.const(marks), bits(first!))),
      ...rest.map((shift, i) => i32.store8(target, following(shift), { offset: i + 1 })),
    );
    f.increase(target, shifts.length);
  };
  const below = (limit: number): I32 => i32.ltU(code, i32.const(limit));
  f.if(
    below(0x80),
    () => write(0, [0]),
    () =>
      f.if(
        below(0x800),
        () => write(0xc0, [6, 0]),
        () =>
          f.if(
            below(0x10000),
            () => write(0xe0, [12, 6, 0]),
            () => write(0xf0, [18, 12, 6, 0]),
          ),
      ),
  );
}

/** Adds `hexUnit(at)`: the number of four hexadecimal digits, or -1. */
function emitHexUnit(module: ModuleBuilder): FunctionRef<'i32'> {
  return module.function({ params: ['i32'], result: 'i32' }, (f) => {
    const at = f.param(0, 'i32');
    const value = f.local('i32');
    const byte = f.local('i32');
    const digit = f.local('i32');
    for (let i = 0; i < 4; i++) {
      f.set(byte, i32.load8U(at, { offset: i }));
      f.set(digit, i32.sub(byte, i32.const(0x30)));
      f.if(i32.gtU(digit, i32.const(9)), () => {
        f.set(digit, i32.sub(i32.or(byte, i32.const(0x20)), i32.const(0x61)));
        f.if(i32.gtU(digit, i32.const(5)), () => f.return(i32.const(-1)));
        f.increase(digit, 10);
      });
      f.set(value, i32.or(i32.shl(value, i32.const(4)), digit));
    }
    f.return(value);
  });
}
