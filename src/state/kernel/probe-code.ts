/** Code that finds the record of a key in a table, and makes it when it is new. @module */

import type { FunctionBuilder, I32, Label, Local, V128 } from '../../wasm/index.ts';
import { i32, i64, i8x16, memory, v128 } from '../../wasm/index.ts';
import type { KeySource } from './key-code.ts';
import type { KernelShape } from './shape.ts';
import { Chunk, COLUMNS, HashBit, HeaderWord, Need, SegmentTag, STATE } from './shape.ts';
import { TAG_WORDS } from '../arena.ts';

const { add, and, shl, shrU } = i32;
const c = i32.const;

/** Records of more cells than this are copied from the template, not written by constants. */
const MOST_UNROLLED_CELLS = 32;
/**
 * Slots of a chunk, on average, of a segment that is full: then it is split. One record in thirty has gone on to
 * the next chunk by then.
 */
const FULL_CHUNK = 9;
const ALL_SLOTS = (1 << Chunk.SLOTS) - 1;

/** Slots of a segment that may be taken before it is split. */
export function segmentRoom(pageBytes: number): number {
  return (pageBytes / Chunk.BYTES) * FULL_CHUNK;
}

/** All its slots. */
export function segmentSlots(pageBytes: number): number {
  return (pageBytes / Chunk.BYTES) * Chunk.SLOTS;
}

/** What a function that probes keeps in locals. */
export interface ProbeCode {
  readonly header: I32;
  readonly directory: I32;
  readonly mask: I32;
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
    mask: f.let(headerWord(header, HeaderWord.MASK)),
    fresh,
    template,
  };
}

function headerWord(header: I32, word: number): I32 {
  return i32.load(header, { memory: STATE, offset: 4 * word });
}

/** The segment of a hash. */
export function segmentOf({ directory, mask }: ProbeCode, hash: I32): I32 {
  const entry = and(shrU(hash, c(HashBit.DIRECTORY - 2)), mask);
  return i32.load(add(directory, entry), { memory: STATE });
}

/** Where the first chunk to look at lies in its segment. */
export function chunkOf({ pageBytes }: KernelShape, hash: I32): I32 {
  return and(shrU(hash, c(HashBit.END - Math.log2(pageBytes))), c(pageBytes - Chunk.BYTES));
}

/** The slots of a chunk whose tag is that of a hash, a bit each; free ones have the tag 0. */
export function matchingSlots(chunk: I32, tag: V128): I32 {
  const tags = v128.load(chunk, { memory: STATE });
  return and(i8x16.bitmask(i8x16.eq(tags, tag)), c(ALL_SLOTS));
}

/** The address of the record in the first of some slots; 0: it is free, and so are all behind it. */
export function firstRecord(chunk: I32, slots: I32): I32 {
  const at = add(chunk, shl(i32.ctz(slots), c(2)));
  return i32.load(at, { memory: STATE, offset: Chunk.RECORDS });
}

/**
 * Finds or makes the record of a key. Returns `position` from the function when the table has to make
 * room first.
 *
 * @param hash - a local
 * @param position - left out: no record is made
 * @returns the record's address, in a local; 0: there is none
 */
export function findOrMake(
  f: FunctionBuilder,
  shape: KernelShape,
  probe: ProbeCode,
  keys: KeySource,
  hash: I32,
  position: I32 | undefined,
): Local<'i32'> {
  const record = f.local('i32');
  const segment = f.let(segmentOf(probe, hash));
  const chunk = f.let(add(segment, chunkOf(shape, hash)));
  const slots = f.local('i32');
  const goOn = (): void => nextChunk(f, shape, segment, chunk);
  f.block((found) => {
    f.loop((next) => {
      f.set(slots, matchingSlots(chunk, i8x16.splat(hash)));
      f.block((none) => {
        f.while(slots, () => {
          f.set(record, firstRecord(chunk, slots));
          f.branchIf(none, i32.eqz(record));
          f.block((differs) => {
            keys.compare(f, record, hash, differs);
            f.branch(found);
          });
          f.set(slots, and(slots, i32.sub(slots, c(1))));
        });
      });
      f.if(chunkByte(chunk, Chunk.OVERFLOWED), () => {
        goOn();
        f.branch(next);
      });
      const tags = f.let(
        shl(shrU(segment, c(Math.log2(shape.pageBytes))), c(Math.log2(TAG_WORDS * 4))),
      );
      followChain(f, shape, hash, { segment, chunk, tags, next });
      if (position === undefined) {
        f.set(record, c(0));
        return;
      }
      makeRecord(f, shape, probe, keys, { hash, position, record, tags });
      putSlot(f, chunk, hash, record, goOn);
    });
  });
  return record;
}

/** A byte of a chunk. */
export function chunkByte(chunk: I32, at: number): I32 {
  return i32.load8U(chunk, { memory: STATE, offset: at });
}

/** Goes to the next chunk of a segment. */
export function nextChunk(
  f: FunctionBuilder,
  { pageBytes }: KernelShape,
  segment: I32,
  chunk: Local<'i32'>,
): void {
  f.set(chunk, add(segment, and(add(chunk, c(Chunk.BYTES)), c(pageBytes - Chunk.BYTES))));
}

interface Place {
  readonly segment: Local<'i32'>;
  readonly chunk: Local<'i32'>;
  readonly tags: I32;
  readonly next: Label;
}

/** Goes on in the segment that took what did not fit in this one, if there is one. */
function followChain(
  f: FunctionBuilder,
  shape: KernelShape,
  hash: I32,
  { segment, chunk, tags, next }: Place,
): void {
  const chained = f.let(i32.load(tags, { memory: STATE, offset: 4 * SegmentTag.NEXT }));
  f.if(chained, () => {
    f.set(segment, chained);
    f.set(chunk, add(segment, chunkOf(shape, hash)));
    f.branch(next);
  });
}

/**
 * Takes the first free slot from a chunk on; the segment has one.
 *
 * @param goOn - writes code that goes to the next chunk
 */
export function putSlot(
  f: FunctionBuilder,
  chunk: I32,
  hash: I32,
  record: I32,
  goOn: () => void,
): void {
  const taken = f.let(chunkByte(chunk, Chunk.TAKEN));
  f.while(i32.eq(taken, c(Chunk.SLOTS)), () => {
    f.do(i32.store8(chunk, c(1), { memory: STATE, offset: Chunk.OVERFLOWED }));
    goOn();
    f.set(taken, chunkByte(chunk, Chunk.TAKEN));
  });
  f.do(
    i32.store8(chunk, add(taken, c(1)), { memory: STATE, offset: Chunk.TAKEN }),
    i32.store8(add(chunk, taken), hash, { memory: STATE }),
    i32.store(add(chunk, shl(taken, c(2))), record, { memory: STATE, offset: Chunk.RECORDS }),
  );
}

interface NewRecord {
  readonly hash: I32;
  readonly position: I32;
  readonly record: Local<'i32'>;
  readonly tags: I32;
}

/** Makes a record; returns from the function where there is no room. */
function makeRecord(
  f: FunctionBuilder,
  shape: KernelShape,
  { header, fresh, template }: ProbeCode,
  keys: KeySource,
  { hash, position, record, tags }: NewRecord,
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
  writeTemplate(f, shape, template, record);
  f.do(i32.store(record, hash, { memory: STATE }));
  keys.write(f, record, nextByte);
  if (longBytes !== undefined) put(HeaderWord.NEXT_BYTE, nextByte);
  put(HeaderWord.NEXT_RECORD, add(record, c(8 * shape.recordCells)));
  put(HeaderWord.RECORDS_LEFT, i32.sub(left, c(1)));
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
