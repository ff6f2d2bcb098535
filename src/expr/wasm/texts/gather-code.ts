/** Between columns of texts and JavaScript's strings: many texts are decoded by one call. @module */

import { i32, i8x16, lanes, select, v128 } from '../../../wasm/index.ts';
import {
  textFunction,
  firstBytes,
  Room,
  SliceWriter,
  VECTOR,
  viewAt,
  ViewBytes,
} from './text-code.ts';
import { TextWord } from './text-frame.ts';

const c = i32.const;

/**
 * Copies texts one behind the other, as many as there is room for: the address of an int32 for each row, that
 * takes the offset of its text, or -1 if it is not ASCII and was not copied.
 */
export const GATHER_TEXTS = textFunction('text gatherTexts', (w) => {
  const { f } = w;
  const [text, heap] = [w.word(TextWord.TEXT), w.word(TextWord.HEAP)];
  const starts = w.argument(0);
  const room = new Room(w);
  const bytes = new ViewBytes(f);
  const at = f.local('i32');
  const left = f.local('i32');
  const vector = f.local('v128');
  const seen = f.local('v128');
  const isPlain = f.local('i32');
  w.eachRow((row, stop) => {
    bytes.take(f.let(viewAt(text, row)), heap);
    room.ensure(bytes.length, stop);
    const target = f.let(i32.add(room.heap, room.used));
    f.set(seen, lanes.i32x4(0, 0, 0, 0));
    f.set(at, c(0));
    f.while(i32.ltU(at, bytes.length), () => {
      f.set(vector, v128.load(i32.add(bytes.start, at)));
      f.do(v128.store(i32.add(target, at), vector));
      f.set(left, i32.sub(bytes.length, at));
      const inside = select(i32.ltU(left, c(VECTOR)), left, c(VECTOR));
      f.set(seen, v128.or(seen, firstBytes(vector, inside)));
      f.increase(at, VECTOR);
    });
    f.set(isPlain, i32.eqz(i8x16.bitmask(seen)));
    const start = select(isPlain, room.used, c(-1));
    f.do(i32.store(i32.add(starts, i32.shl(row, c(2))), start));
    room.take(i32.mul(bytes.length, isPlain));
  });
  room.tell();
});

/** Parts of texts: the address of two int32 for each row, where in its text they begin and end, in bytes. */
export const CUT_TEXTS = textFunction('text cutTexts', (w) => {
  const { f } = w;
  const [text, heap, out] = [w.word(TextWord.TEXT), w.word(TextWord.HEAP), w.word(TextWord.OUT)];
  const cuts = w.argument(0);
  const bytes = new ViewBytes(f);
  const slice = new SliceWriter(f);
  const cut = f.local('i32');
  w.eachRow((row) => {
    bytes.take(f.let(viewAt(text, row)), heap);
    f.set(cut, i32.add(cuts, i32.shl(row, c(3))));
    f.set(bytes.end, i32.add(bytes.start, i32.load(cut, { offset: 4 })));
    f.set(bytes.start, i32.add(bytes.start, i32.load(cut)));
    slice.write(viewAt(out, row), bytes.start, bytes.end, heap);
  });
});
