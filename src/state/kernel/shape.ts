/**
 * What a group kernel is compiled for, and how it and its table talk.
 *
 * A *block* of words in the engine's memory says where the columns of a call lie; a *header* in the
 * state's memory, at the front of a table's first page, is what the kernel knows of the table.
 *
 * @module
 */

import type { Storage } from '../../core/types.ts';
import type { KeyField } from '../record-layout.ts';

/**
 * Numbers of the memories in the module. Access to the first is the cheapest, so that is the state's.
 */
export const STATE = 0;
export const COLUMNS = 1;

/** Words of the block. Behind them {@link KEY_WORDS} for each key, {@link INPUT_WORDS} for each input. */
export const BlockWord = {
  /** Address of the list of rows; 0: row i is at position i. */
  ROWS: 0,
  RECORDS: 1,
  HASHES: 2,
  /** Address of the list of positions with new records, less four bytes for each group there was. */
  FRESH: 3,
  /** Address of the words of a new record. */
  TEMPLATE: 4,
  /** Address of room for the records of a segment and their hashes. */
  SPLIT: 5,
  /** The last key, of 64 bits, that had no page of dense keys. */
  MISSED_KEY: 6,
} as const;
const BLOCK_WORDS = 8;

/** Words of a key: address of its values, of its validity bitmap or 0, of its heap. */
export const KeyWord = { VALUES: 0, VALIDITY: 1, HEAP: 2 } as const;
export const KEY_WORDS = 3;

/** Words of an input: values and validity of its argument, then of its filter. */
export const InputWord = { VALUES: 0, VALIDITY: 1, FILTER: 2, FILTER_VALIDITY: 3 } as const;
export const INPUT_WORDS = 4;

/** First word of a key in the block. */
export function keyWord(key: number): number {
  return BLOCK_WORDS + KEY_WORDS * key;
}

/** First word of an input in the block. */
export function inputWord(keys: number, input: number): number {
  return keyWord(keys) + INPUT_WORDS * input;
}

/** Words of a table's header. */
export const HeaderWord = {
  /** Address of the directory: an address of a segment for each value of some bits of the hash. */
  DIRECTORY: 0,
  /** The bytes of the directory less four. */
  MASK: 1,
  /** Address of the next new record, and how many fit from there on. */
  NEXT_RECORD: 2,
  RECORDS_LEFT: 3,
  /** Groups in the table. */
  COUNT: 4,
  /** One of {@link Need}. */
  NEED: 5,
  /** Room for long strings: next byte, end, and what was too much. */
  NEXT_BYTE: 6,
  END_BYTE: 7,
  BYTES_NEEDED: 8,
  /**
   * Where addresses of records lie by key, if keys have places. Of dense keys: how many have one, from
   * `DENSE_BASE` on, of 64 bits. Rows whose keys had none.
   */
  PLACES: 9,
  DENSE_LIMIT: 10,
  PLACE_MISSES: 11,
  DENSE_BASE: 12,
  /** Of scattered keys: by how many bits a word of a key is more than the number of a place. */
  PLACE_SHIFT: 14,
} as const;

/** Why a kernel stopped before the last row. */
export const Need = {
  /** No room for a record. */
  RECORDS: 1,
  /** The segment of the next row's hash is full. */
  SLOTS: 2,
  /** No room for long strings. */
  BYTES: 3,
} as const;

/**
 * How the bits of a hash are used: the lowest tell the slots of a chunk apart, those from
 * `DIRECTORY` on choose a segment, the highest a chunk of it.
 */
export const HashBit = { DIRECTORY: 8, END: 32 } as const;

/**
 * A chunk of a segment: one line of the cache.
 *
 * ```
 *   byte  0 │ tags, a byte for each slot taken; 0 │ of slots that are free
 *        12 │ slots taken │ 1: records went on to the next chunk │ 0 0
 *        16 │ addresses of records │ of slots 0 … 11
 * ```
 */
export const Chunk = {
  BYTES: 64,
  SLOTS: 12,
  TAKEN: 12,
  OVERFLOWED: 13,
  RECORDS: 16,
} as const;

/** Words of the tags of a segment's page. */
export const SegmentTag = {
  /** Slots taken, but for those granted. */
  COUNT: 0,
  /** How many bits of the hash, from `HashBit.DIRECTORY` on, all its slots share. */
  DEPTH: 1,
  /** Address of the segment that takes what did not fit; 0: none. */
  NEXT: 2,
  /** Slots taken that `COUNT` leaves out: granted because the segment could not be split when it was due. */
  GRANTED: 3,
} as const;

/** One thing that is kept of an input's values, in cells of its own. */
export interface FusedOp {
  readonly kind:
    | 'exactSum'
    | 'floatSum'
    | 'min'
    | 'max'
    /** Sum of squares of a float64, to twice its digits. */
    | 'squareSum'
    /** Sum of another input's values, and of their products with this one's. */
    | 'otherSum'
    | 'productSum'
    | 'and'
    | 'or'
    | 'xor'
    /** Of partial aggregates: adds an int64 or a float64; adds an unsigned int64 to two cells. */
    | 'add'
    | 'addFloat'
    | 'addLow';
  /** First cell in the record. */
  readonly cell: number;
  /** Position of the other input, a float64 as this one. */
  readonly other?: number;
}

/** Rows that are fed to aggregates: all, or those that pass a filter and have a value. */
export interface FusedInput {
  /** Position among the inputs of the aggregate. */
  readonly input: number;
  /** Storage of the argument; `undefined` for `COUNT(*)`. */
  readonly storage: Storage | undefined;
  readonly hasFilter: boolean;
  /**
   * The cell that counts its rows; `undefined`: the input is one of partial aggregates, or without
   * ops one that belongs to another.
   */
  readonly countCell: number | undefined;
  /** Whether that cell counts the nulls: another input counts all rows. Never with a filter. */
  readonly countsMissing: boolean;
  readonly ops: readonly FusedOp[];
}

/** Everything that the code depends on. */
export interface KernelShape {
  readonly pageBytes: number;
  readonly keys: readonly KeyField[];
  readonly recordCells: number;
  /** Words of a new record. */
  readonly template: Int32Array;
  readonly inputs: readonly FusedInput[];
  /** By which records are merged, where `inputs` are partial aggregates. */
  readonly merged?: readonly FusedInput[] | undefined;
  /** Whether rows can be taken back. */
  readonly retracts?: boolean | undefined;
  /** Whether records can be looked for without being made. */
  readonly looksUp?: boolean | undefined;
}
