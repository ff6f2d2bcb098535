/** Code that finds the record of a key in a table, and makes it when it is new. @module */

import type { FunctionBuilder, I32, Label, Local } from '../../wasm/index.ts';
import { i32, i64, memory } from '../../wasm/index.ts';
import type { KeySource } from './key-code.ts';
import type { KernelShape } from './shape.ts';
import { COLUMNS, HeaderWord, Need, SegmentTag, STATE } from './shape.ts';
import { TAG_WORDS } from '../arena.ts';

const { add, and, shl, shrU } = i32;
const c = i32.const;

/** Records of more cells than this are copied from the template, not written by constants. */
const MOST_UNROLLED_CELLS = 32;
/** Every so many slots taken of those of a segment, it is split. */
const SPLIT_AT = 0.5;

/** Slots of a segment that may be taken. */
export function segmentRoom(pageBytes: number): number {
  return (pageBytes / 8) * SPLIT_AT;
}

/** What a function that probes keeps in locals. */
export interface ProbeCode {
  readonly header: I32;
  readonly directory: I32;
  readonly shift: I32;
  /** Address of the list of positions with new records. */
  readonly fresh: I32 | undefined;
  readonly template: I32;
}

/** Reads what does not change while a call runs. */
export function beginProbe(
  f: FunctionBuilder,
  header: I32,
  template: I32,
  fresh: I32 | undefined,
): ProbeCode {
  return {
    header,
    directory: f.let(headerWord(header, HeaderWord.DIRECTORY)),
    shift: f.let(headerWord(header, HeaderWord.SHIFT)),
    fresh,
    template,
  };
}

function headerWord(header: I32, word: number): I32 {
  return i32.load(header, { memory: STATE, offset: 4 * word });
}

/** The address of the first slot to look at. */
export function slotOf(
  { directory, shift }: ProbeCode,
  shape: KernelShape,
  hash: I32,
  segment: Local<'i32'>,
): { readonly segment: I32; readonly slot: I32 } {
  const leading = shrU(shrU(hash, c(1)), shift);
  return {
    segment: i32.load(add(directory, shl(leading, c(2))), { memory: STATE }),
    slot: add(segment, and(shl(hash, c(3)), c(shape.pageBytes - 8))),
  };
}

/**
 * Finds or makes the record of a key. Returns `position` from the function when the table has to make
 * room first.
 *
 * @param hash - a local
 * @returns the record's cell, in a local
 */
export function findOrMake(
  f: FunctionBuilder,
  shape: KernelShape,
  probe: ProbeCode,
  keys: KeySource,
  hash: I32,
  position: I32,
): Local<'i32'> {
  const record = f.local('i32');
  const segment = f.local('i32');
  const slot = f.local('i32');
  const first = slotOf(probe, shape, hash, segment);
  f.set(segment, first.segment);
  f.set(slot, first.slot);
  f.block((found) => {
    f.loop((next) => {
      f.set(record, i32.load(slot, { memory: STATE }));
      f.if(i32.eqz(record), () => {
        const tags = f.let(
          shl(shrU(segment, c(Math.log2(shape.pageBytes))), c(Math.log2(TAG_WORDS * 4))),
        );
        followChain(f, shape, hash, { segment, slot, tags, next });
        makeRecord(f, shape, probe, keys, { hash, position, record, slot, tags });
        f.branch(found);
      });
      f.block((differs) => {
        const slotHash = i32.load(slot, { memory: STATE, offset: 4 });
        f.branchIf(differs, i32.ne(slotHash, hash));
        keys.compare(f, f.let(shl(record, c(3))), differs);
        f.branch(found);
      });
      f.set(slot, add(segment, and(add(slot, c(8)), c(shape.pageBytes - 8))));
      f.branch(next);
    });
  });
  return record;
}

interface Place {
  readonly segment: Local<'i32'>;
  readonly slot: Local<'i32'>;
  readonly tags: I32;
  readonly next: Label;
}

/** Goes on in the segment that took what did not fit in this one, if there is one. */
function followChain(
  f: FunctionBuilder,
  shape: KernelShape,
  hash: I32,
  { segment, slot, tags, next }: Place,
): void {
  const chained = f.let(i32.load(tags, { memory: STATE, offset: 4 * SegmentTag.NEXT }));
  f.if(chained, () => {
    f.set(segment, chained);
    f.set(slot, add(segment, and(shl(hash, c(3)), c(shape.pageBytes - 8))));
    f.branch(next);
  });
}

interface NewRecord {
  readonly hash: I32;
  readonly position: I32;
  readonly record: Local<'i32'>;
  readonly slot: I32;
  readonly tags: I32;
}

/** Makes a record and puts it into the slot; returns from the function where there is no room. */
function makeRecord(
  f: FunctionBuilder,
  shape: KernelShape,
  { header, fresh, template }: ProbeCode,
  keys: KeySource,
  { hash, position, record, slot, tags }: NewRecord,
): void {
  const put = (word: number, value: I32): void => {
    f.do(i32.store(header, value, { memory: STATE, offset: 4 * word }));
  };
  const stopIf = (condition: I32, need: number): void => {
    f.if(condition, () => {
      put(HeaderWord.NEED, c(need));
      f.return(position);
    });
  };
  const taken = f.let(i32.load(tags, { memory: STATE, offset: 4 * SegmentTag.COUNT }));
  stopIf(i32.geU(taken, c(segmentRoom(shape.pageBytes))), Need.SLOTS);
  const left = f.let(headerWord(header, HeaderWord.RECORDS_LEFT));
  stopIf(i32.eqz(left), Need.RECORDS);
  const nextByte = f.let(headerWord(header, HeaderWord.NEXT_BYTE));
  const longBytes = keys.longBytes(f);
  if (longBytes !== undefined) {
    put(HeaderWord.BYTES_NEEDED, longBytes);
    const room = i32.sub(headerWord(header, HeaderWord.END_BYTE), nextByte);
    stopIf(i32.gtU(longBytes, room), Need.BYTES);
  }
  f.set(record, headerWord(header, HeaderWord.NEXT_RECORD));
  const at = f.let(shl(record, c(3)));
  writeTemplate(f, shape, template, at);
  f.do(i32.store(at, hash, { memory: STATE }));
  keys.write(f, at, nextByte);
  if (longBytes !== undefined) put(HeaderWord.NEXT_BYTE, nextByte);
  put(HeaderWord.NEXT_RECORD, add(record, c(shape.recordCells)));
  put(HeaderWord.RECORDS_LEFT, i32.sub(left, c(1)));
  f.do(i32.store(slot, record, { memory: STATE }));
  f.do(i32.store(slot, hash, { memory: STATE, offset: 4 }));
  f.do(i32.store(tags, add(taken, c(1)), { memory: STATE, offset: 4 * SegmentTag.COUNT }));
  const count = f.let(headerWord(header, HeaderWord.COUNT));
  if (fresh !== undefined)
    f.do(i32.store(add(fresh, shl(count, c(2))), position, { memory: COLUMNS }));
  put(HeaderWord.COUNT, add(count, c(1)));
}

function writeTemplate(f: FunctionBuilder, shape: KernelShape, template: I32, at: I32): void {
  if (shape.recordCells > MOST_UNROLLED_CELLS) {
    f.do(
      memory.copy(at, template, c(8 * shape.recordCells), {
        targetMemory: STATE,
        sourceMemory: COLUMNS,
      }),
    );
    return;
  }
  for (let cell = 0; cell < shape.recordCells; cell++) {
    const low = BigInt(shape.template[2 * cell]! >>> 0);
    const high = BigInt(shape.template[2 * cell + 1]!);
    f.do(i64.store(at, i64.const((high << 32n) | low), { memory: STATE, offset: 8 * cell }));
  }
}
