/** Code that finds rows of a log, and the slot of a hash. @module */

import type { FunctionBuilder, I32, Label, Local } from '../../wasm/index.ts';
import { i32 } from '../../wasm/index.ts';
import { TAG_WORDS } from '../arena.ts';
import { blockWord } from '../kernel/loop-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import { NEXT_AT } from './row-layout.ts';
import type { RowShape } from './shape.ts';
import { RowWord, SegmentTag } from './shape.ts';

const { add, and, shl, shrU, sub } = i32;
const c = i32.const;
const SLOT_BYTES = 8;

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

/** Where a search has come to. */
export interface SlotSearch {
  readonly segment: Local<'i32'>;
  readonly slot: Local<'i32'>;
}

/** The address of the first slot to look at. */
export function firstSlot(
  { directory, shift }: SlotsCode,
  shape: RowShape,
  hash: I32,
  segment: Local<'i32'>,
): { readonly segment: I32; readonly slot: I32 } {
  const leading = shrU(shrU(hash, c(1)), shift);
  return {
    segment: i32.load(add(directory, shl(leading, c(2))), { memory: STATE }),
    slot: add(segment, and(shl(hash, c(3)), c(shape.pageBytes - SLOT_BYTES))),
  };
}

/** Address of the tags of a segment's page. */
export function tagsOf(shape: RowShape, segment: I32): I32 {
  return shl(shrU(segment, c(Math.log2(shape.pageBytes))), c(Math.log2(TAG_WORDS * 4)));
}

/**
 * Looks for the slot of a hash. Runs `found` at it, or `free` at the slot where it would be.
 *
 * @param free - what it does last is branch to `end`, or return
 */
export function findSlot(
  f: FunctionBuilder,
  slots: SlotsCode,
  shape: RowShape,
  hash: I32,
  found: (search: SlotSearch, end: Label) => void,
  free: (search: SlotSearch, end: Label) => void,
): void {
  const search = { segment: f.local('i32'), slot: f.local('i32') };
  const { segment, slot } = search;
  const first = firstSlot(slots, shape, hash, segment);
  f.set(segment, first.segment);
  f.set(slot, first.slot);
  f.block((end) => {
    f.loop((next) => {
      f.if(i32.eqz(i32.load(slot, { memory: STATE })), () => {
        const tags = tagsOf(shape, segment);
        const chained = f.let(i32.load(tags, { memory: STATE, offset: 4 * SegmentTag.NEXT }));
        f.if(chained, () => {
          f.set(segment, chained);
          f.set(slot, add(segment, and(shl(hash, c(3)), c(shape.pageBytes - SLOT_BYTES))));
          f.branch(next);
        });
        free(search, end);
      });
      f.if(i32.eq(i32.load(slot, { memory: STATE, offset: 4 }), hash), () => {
        found(search, end);
        f.branch(end);
      });
      f.set(slot, add(segment, and(add(slot, c(SLOT_BYTES)), c(shape.pageBytes - SLOT_BYTES))));
      f.branch(next);
    });
  });
}
