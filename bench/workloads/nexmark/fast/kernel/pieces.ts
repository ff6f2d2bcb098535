/** Pieces of code that all three kernels are made of; the meanings are those of `draws.ts`. @module */

import { INLINE_BYTES } from '../../../../../src/core/column.ts';
import type {
  F64,
  FunctionBuilder,
  FunctionRef,
  I32,
  Local,
  ModuleBuilder,
  V128,
  Value,
} from '../../../../../src/wasm/index.ts';
import {
  call,
  f64,
  i32,
  i32x4,
  i64,
  i8x16,
  lanes,
  select,
  v128,
} from '../../../../../src/wasm/index.ts';
import {
  ACTIVE_PEOPLE,
  BASE_TIME_MS,
  FIRST_PERSON_ID,
  HOT_BATCH,
  PERSON_ID_LEAD,
} from '../../model/timeline.ts';
import { Lane } from '../random.ts';
import { PRICE_STEPS_LOG2, SLICE_STARTS_LOG2 } from '../tables.ts';
import type { PlacedTexts } from './placed-tables.ts';

/** What the code of the kernels depends on. */
export interface KernelConstants {
  readonly seed: I32;
  readonly eventsPerMs: F64;
  /** Address of the letters. */
  readonly letters: number;
  /** Address of the prices. */
  readonly prices: number;
}

const c = i32.const;

/** A hash of an event, as in `random.ts`. */
export function hashOf(f: FunctionBuilder, event: I32, seed: I32): Local<'i32'> {
  const x = f.let(i32.add(i32.mul(event, c(0x9e3779b1)), seed));
  f.set(x, i32.xor(x, i32.shrU(x, c(16))));
  f.set(x, i32.mul(x, c(0x7feb352d)));
  f.set(x, i32.xor(x, i32.shrU(x, c(15))));
  f.set(x, i32.mul(x, c(0x846ca68b)));
  f.set(x, i32.xor(x, i32.shrU(x, c(16))));
  return x;
}

/** A lane of a hash. */
export function lane(hash: I32, name: keyof typeof Lane): I32 {
  return i32.mul(hash, c(Lane[name]));
}

/** `bits` (16 of them) scaled to `[0, bound)`. */
export function scale16(bits: I32, bound: I32): I32 {
  return i32.shrU(i32.mul(bits, bound), c(16));
}

/** From 0 to `bound` − 1 by the upper 16 bits of a lane. */
export function below(hash: I32, name: keyof typeof Lane, bound: number): I32 {
  return scale16(i32.shrU(lane(hash, name), c(16)), c(bound));
}

/** Log-uniform from 100 to 10^8. */
export function priceOf(
  f: FunctionBuilder,
  hash: I32,
  name: 'PRICE' | 'RESERVE',
  { prices }: KernelConstants,
): I32 {
  const shareBits = 32 - PRICE_STEPS_LOG2;
  const bits = f.let(lane(hash, name));
  const entry = f.let(i32.add(c(prices), i32.shl(i32.shrU(bits, c(shareBits)), c(4))));
  const share = f64.mul(
    f64.convertI32S(i32.and(bits, c(2 ** shareBits - 1))),
    f64.const(2 ** -shareBits),
  );
  const price = f64.add(f64.load(entry), f64.mul(f64.load(entry, { offset: 8 }), share));
  return i32.truncSatF64S(f64.add(price, f64.const(0.5)));
}

/** Where a slice of the letters begins. */
export function sliceAt(hash: I32, name: keyof typeof Lane, { letters }: KernelConstants): I32 {
  const start = i32.shrU(lane(hash, name), c(32 - SLICE_STARTS_LOG2));
  return i32.add(c(letters), i32.shl(start, c(3)));
}

/** The ids of people that act when `last` is the newest; the hot one is the seller's. */
export interface PersonRange {
  readonly hot: Local<'i32'>;
  readonly first: Local<'i32'>;
  readonly count: Local<'i32'>;
}

/** With the offset of ids. */
export function personRange(f: FunctionBuilder, last: I32): PersonRange {
  const people = f.let(i32.add(last, c(1)));
  const active = f.let(select(i32.ltU(people, c(ACTIVE_PEOPLE)), people, c(ACTIVE_PEOPLE)));
  const first = f.let(i32.add(i32.sub(people, active), c(FIRST_PERSON_ID)));
  const count = f.let(i32.add(active, c(PERSON_ID_LEAD)));
  const hot = f.let(hotOf(last, FIRST_PERSON_ID));
  return { hot, first, count };
}

/** The hot id of a batch of ids. */
export function hotOf(last: I32, firstId: number): I32 {
  return i32.add(i32.mul(i32.divU(last, c(HOT_BATCH)), c(HOT_BATCH)), c(firstId));
}

/** The hot person three times out of four, else any; `hotStep` is added to the hot one. */
export function personOf(f: FunctionBuilder, hash: I32, range: PersonRange, hotStep: number): I32 {
  const bits = f.let(lane(hash, 'PERSON'));
  const any = i32.add(range.first, scale16(i32.and(i32.shrU(bits, c(14)), c(0xffff)), range.count));
  return select(i32.shrU(bits, c(30)), i32.add(range.hot, c(hotStep)), any);
}

/** Length of the text that fills a row up: the bytes missing, give or take a fifth. */
export function extraLengthOf(f: FunctionBuilder, hash: I32, missing: Local<'i32'>): I32 {
  const delta = f.let(i32.divU(i32.add(i32.shl(missing, c(1)), c(5)), c(10)));
  const extent = scale16(i32.shrU(lane(hash, 'EXTRA_LENGTH'), c(16)), i32.shl(delta, c(1)));
  return i32.add(i32.sub(missing, delta), extent);
}

/** Milliseconds from event 0 to this one, a whole number. */
export function offsetMs(event: I32, { eventsPerMs }: KernelConstants): F64 {
  return f64.floor(f64.div(f64.convertI32U(event), eventsPerMs));
}

/** A timestamp from milliseconds after event 0. */
export function timestampOf(milliseconds: F64): Value<'i64'> {
  const timeMs = f64.add(milliseconds, f64.const(BASE_TIME_MS));
  return i64.truncSatF64S(f64.mul(timeMs, f64.const(1000)));
}

/** Stores a whole number of 32 bits as an int64. */
export function storeId(f: FunctionBuilder, address: I32, value: I32): void {
  f.do(i64.store(address, i64.extendI32U(value)));
}

/** The entry of a text in its table. */
export function entryOf({ address, stride }: PlacedTexts, index: I32): I32 {
  return i32.add(i32.mul(index, c(stride)), c(address));
}

/** Bytes up to the next multiple of 8. */
function wholeWords(length: I32): I32 {
  return i32.and(i32.add(length, c(7)), c(-8));
}

/** Copies `vectors` times 16 bytes. */
export function copyVectors(f: FunctionBuilder, to: I32, from: I32, vectors: number): void {
  for (let at = 0; at < vectors; at++) {
    f.do(v128.store(to, v128.load(from, { offset: 16 * at }), { offset: 16 * at }));
  }
}

/** Where long texts go: `heap` is the address of the heap, `used` how much of it is taken. */
export interface HeapPlace {
  readonly heap: Local<'i32'>;
  readonly used: Local<'i32'>;
}

/** The view of a text in the heap, of which `known` has length and prefix. */
function longView(known: V128, { used }: HeapPlace): V128 {
  return i32x4.replaceLane(known, 3, used);
}

/** A text of a table whose texts are all longer than a view holds. */
export function putLongText(
  f: FunctionBuilder,
  view: I32,
  entry: Local<'i32'>,
  { stride }: PlacedTexts,
  place: HeapPlace,
): void {
  f.do(v128.store(view, longView(v128.load(entry), place)));
  const target = f.let(i32.add(place.heap, place.used));
  copyVectors(f, target, i32.add(entry, c(16)), stride / 16 - 1);
  f.set(place.used, i32.add(place.used, wholeWords(i32.load(entry))));
}

/** A text of a table; its length is left in `length`. */
export function putText(
  f: FunctionBuilder,
  view: I32,
  entry: Local<'i32'>,
  texts: PlacedTexts,
  place: HeapPlace,
): void {
  f.if(
    i32.leU(i32.load(entry), c(INLINE_BYTES)),
    () => f.do(v128.store(view, v128.load(entry))),
    () => putLongText(f, view, entry, texts, place),
  );
}

/** A slice of the letters of which it is known that it is longer than a view holds. */
export function putLongSlice(
  f: FunctionBuilder,
  view: I32,
  source: Local<'i32'>,
  length: Local<'i32'>,
  vectors: number,
  place: HeapPlace,
): void {
  storeSliceView(f, view, source, length, place);
  copyVectors(f, f.let(i32.add(place.heap, place.used)), source, vectors);
  f.set(place.used, i32.add(place.used, wholeWords(length)));
}

/** The view of a text in the heap. */
export function storeSliceView(
  f: FunctionBuilder,
  view: I32,
  source: I32,
  length: I32,
  { used }: HeapPlace,
): void {
  f.do(
    i32.store(view, length),
    i32.store(view, i32.load(source), { offset: 4 }),
    i32.store(view, c(0), { offset: 8 }),
    i32.store(view, used, { offset: 12 }),
  );
}

/** The 16 bytes of a view, `length` in front of the text's first bytes and zeros behind. */
function inlineView(source: I32, length: I32): V128 {
  // Lane 0 is the length; a byte of the text at position p stays if p < length.
  const text = v128.load(i32.sub(source, c(4)));
  const positions = lanes.i32x4(-1, 0x03020100, 0x07060504, 0x0b0a0908);
  const isText = i8x16.ltU(positions, i8x16.splat(length));
  return i32x4.replaceLane(v128.and(text, isText), 0, length);
}

/** A function that puts a slice of any length: `(view, source, length, heap, used) → used`. */
export function addPutSlice(module: ModuleBuilder): FunctionRef<'i32'> {
  return module.function({ params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: 'i32' }, (f) => {
    const view = f.param(0, 'i32');
    const source = f.param(1, 'i32');
    const length = f.param(2, 'i32');
    const heap = f.param(3, 'i32');
    const used = f.param(4, 'i32');
    f.if(i32.leU(length, c(INLINE_BYTES)), () => {
      f.do(v128.store(view, inlineView(source, length)));
      f.return(used);
    });
    storeSliceView(f, view, source, length, { heap, used });
    const target = f.let(i32.add(heap, used));
    const at = f.local('i32');
    f.countUp(at, c(0), length, 16, () => {
      f.do(v128.store(i32.add(target, at), v128.load(i32.add(source, at))));
    });
    f.return(i32.add(used, wholeWords(length)));
  });
}

/** Calls what {@link addPutSlice} made. */
export function putSlice(
  f: FunctionBuilder,
  target: FunctionRef<'i32'>,
  view: I32,
  source: I32,
  length: I32,
  { heap, used }: HeapPlace,
): void {
  f.set(used, call(target, view, source, length, heap, used));
}
