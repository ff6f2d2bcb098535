/** Code that finds rows of a log, and the slot of a hash. @module */

import type { FunctionBuilder, I32, Label, Local } from '../../wasm/index.ts';
import { i32, i32x4, v128 } from '../../wasm/index.ts';
import { TAG_WORDS } from '../arena.ts';
import { blockWord } from '../kernel/loop-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import { NEXT_AT } from './row-layout.ts';
import type { RowShape } from './shape.ts';
import { Bucket, RowWord, SegmentTag } from './shape.ts';

const { add, and, shl, shrU, sub } = i32;
const c = i32.const;

/** What a function keeps in locals of the log. */
export interface LogCode {
  readonly tail: I32;
  /** Cells from the first row to the next one. */
  readonly span: I32;
  readonly table: I32;
  readonly mask: I32;
}

/** Reads what does not change while a call runs. */
export function beginLog(f: FunctionBuilder, block: I32): LogCode {
  const tail = blockWord(f, block, RowWord.TAIL);
  const head = i32.load(block, { memory: COLUMNS, offset: 4 * RowWord.HEAD });
  return {
    tail,
    span: f.let(sub(head, tail)),
    table: blockWord(f, block, RowWord.TABLE),
    mask: blockWord(f, block, RowWord.TABLE_MASK),
  };
}

/** Whether a number is that of a row that is kept. */
export function isKept({ tail, span }: LogCode, row: I32): I32 {
  return i32.ltU(sub(row, tail), span);
}

/** The address of a row's record. */
export function recordOf({ table, mask }: LogCode, shape: RowShape, row: I32): I32 {
  const cells = shape.pageBytes / 8;
  const entry = add(table, and(shrU(row, c(Math.log2(cells) - 2)), mask));
  return add(i32.load(entry, { memory: STATE }), shl(and(row, c(cells - 1)), c(3)));
}

/** The row of the chain before a record's. */
export function rowBefore(record: I32): I32 {
  return i32.load(record, { memory: STATE, offset: NEXT_AT });
}

/** Where slots are found. */
export interface SlotsCode {
  readonly directory: I32;
  readonly shift: I32;
}

export function beginSlots(f: FunctionBuilder, block: I32): SlotsCode {
  return {
    directory: blockWord(f, block, RowWord.DIRECTORY),
    shift: blockWord(f, block, RowWord.SHIFT),
  };
}

/** Where a search has come to; the slot of the row lies {@link Bucket.ROWS_AT} behind that of the hash. */
export interface SlotSearch {
  readonly segment: Local<'i32'>;
  readonly slot: Local<'i32'>;
}

/** The address of the first bucket to look at. */
function firstBucket(
  f: FunctionBuilder,
  { directory, shift }: SlotsCode,
  shape: RowShape,
  hash: I32,
): SlotSearch {
  const leading = shrU(shrU(hash, c(1)), shift);
  const segment = f.let(i32.load(add(directory, shl(leading, c(2))), { memory: STATE }));
  return { segment, slot: f.let(bucketOf(shape, segment, hash)) };
}

function bucketOf(shape: RowShape, segment: I32, hash: I32): I32 {
  return add(
    segment,
    and(shl(hash, c(Math.log2(Bucket.BYTES))), c(shape.pageBytes - Bucket.BYTES)),
  );
}

/** Address of the tags of a segment's page. */
export function tagsOf(shape: RowShape, segment: I32): I32 {
  return shl(shrU(segment, c(Math.log2(shape.pageBytes))), c(Math.log2(TAG_WORDS * 4)));
}

/** Places in a bucket, a bit each, whose hash is this one. */
function matchesIn(bucket: I32, hash: I32): I32 {
  const half = (offset: number): I32 => {
    const hashes = v128.load(bucket, { memory: STATE, offset });
    return i32x4.bitmask(i32x4.eq(hashes, i32x4.splat(hash)));
  };
  return i32.or(half(0), shl(half(16), c(4)));
}

/**
 * Looks for the slot of a hash. Runs `found` at it, or `free` at the slot where it would be. The last that
 * `free` does is branch to `end`, or return.
 *
 * @param needsFree - false: `free` does not care where it is
 */
export function findSlot(
  f: FunctionBuilder,
  slots: SlotsCode,
  shape: RowShape,
  hash: I32,
  needsFree: boolean,
  found: (search: SlotSearch, end: Label) => void,
  free: (search: SlotSearch, end: Label) => void,
): void {
  const search = firstBucket(f, slots, shape, hash);
  const { segment, slot } = search;
  const mask = f.local('i32');
  f.block((end) => {
    f.loop((next) => {
      f.set(mask, matchesIn(slot, hash));
      f.if(mask, () => {
        const place = f.let(add(slot, shl(i32.ctz(mask), c(2))));
        // A free slot looks like one of hash 0; those that are taken lie before it.
        f.if(i32.load(place, { memory: STATE, offset: Bucket.ROWS_AT }), () => {
          f.set(slot, place);
          found(search, end);
          f.branch(end);
        });
      });
      // Slots are taken from the front.
      const last = { memory: STATE, offset: Bucket.BYTES - 4 };
      f.if(i32.eqz(i32.load(slot, last)), () => {
        const chained = f.let(
          i32.load(tagsOf(shape, segment), { memory: STATE, offset: 4 * SegmentTag.NEXT }),
        );
        f.if(chained, () => {
          f.set(segment, chained);
          f.set(slot, bucketOf(shape, segment, hash));
          f.branch(next);
        });
        if (needsFree) {
          f.while(i32.load(slot, { memory: STATE, offset: Bucket.ROWS_AT }), () =>
            f.increase(slot, 4),
          );
        }
        free(search, end);
      });
      const behind = and(add(slot, c(Bucket.BYTES)), c(shape.pageBytes - Bucket.BYTES));
      f.set(slot, add(segment, behind));
      f.branch(next);
    });
  });
}
