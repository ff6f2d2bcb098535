/**
 * Where everything lies in a slot.
 *
 * ```
 *  byte 0    ┌───────────────────────────────────────────────────────────────┐
 *            │ rowCount kind epoch sequence heapUsed lateCount (–)(–)        │  8 × int32
 *  byte 32   │ watermarkUs minTimeUs maxTimeUs ingestTimeUs                  │  4 × float64
 *  byte 64   │ nullCount of column 0, 1, 2 …                                 │  int32 each
 *            ├───────────────────────────────────────────────────────────────┤  64-byte aligned
 *            │ event time            int64 × rowCapacity   (streams with     │
 *            │ late by (µs, 0 = no)  float64 × rowCapacity  event time only) │
 *            ├───────────────────────────────────────────────────────────────┤
 *            │ column 0: values │ validity                                   │  each 64-byte
 *            │ column 1: values │ validity                                   │  aligned, and
 *            │ …                                                             │  padded to it
 *            ├───────────────────────────────────────────────────────────────┤
 *            │ heap: long strings of all columns                             │
 *            └───────────────────────────────────────────────────────────────┘
 * ```
 *
 * Values and validity bitmaps are Arrow's, so a column can be handed to Arrow as it is. At least 64
 * bytes follow every column (validity, next column or tail padding), so that a 128-bit load at the
 * last row stays inside the slot.
 *
 * @module
 */

import { validityBytes, valueBytes } from './column.ts';
import { invariant } from './invariant.ts';
import type { Schema, StreamType } from './schema.ts';
import { storageOf } from './types.ts';

/** Int32 positions in the header. */
export const HeaderWord = {
  ROW_COUNT: 0,
  KIND: 1,
  EPOCH: 2,
  SEQUENCE: 3,
  HEAP_USED: 4,
  LATE_COUNT: 5,
  NULL_COUNTS: 16,
} as const;

/** Float64 positions in the header. */
export const HeaderFloat = { WATERMARK: 4, MIN_TIME: 5, MAX_TIME: 6, INGEST_TIME: 7 } as const;

/** What a slot carries. Rows may come with any kind; control kinds usually have none. */
export const BatchKind = { DATA: 0, WATERMARK: 1, BARRIER: 2, END: 3, UNDO: 4 } as const;

/** Byte offsets of one column inside a slot. */
export interface ColumnPlace {
  readonly values: number;
  readonly validity: number;
}

/** Offsets of a slot for a stream type; plain data, so it can be posted to a thread. */
export interface BatchLayout {
  readonly schema: Schema;
  readonly hasTime: boolean;
  readonly rowCapacity: number;
  readonly timeOffset: number;
  readonly lateByOffset: number;
  readonly columns: readonly ColumnPlace[];
  readonly heapOffset: number;
  readonly heapBytes: number;
  /** Size of the whole slot, a multiple of 128. */
  readonly slotBytes: number;
}

const align64 = (offset: number): number => (offset + 63) & ~63;

/** Whether a schema has columns whose long values need a heap. */
export function needsHeap(schema: Schema): boolean {
  return schema.some((field) => storageOf(field.type) === 'view');
}

/**
 * Lays out a slot.
 *
 * @param rowCapacity - most rows of a batch, a multiple of 64
 * @param heapBytes - room for long strings; taken as 0 when no column needs it
 */
export function layoutBatch(
  stream: StreamType,
  rowCapacity: number,
  heapBytes: number,
): BatchLayout {
  invariant(
    rowCapacity > 0 && rowCapacity % 64 === 0,
    `rowCapacity=${rowCapacity} is no multiple of 64`,
  );
  let end = align64((HeaderWord.NULL_COUNTS + stream.schema.length) * 4);
  const take = (bytes: number): number => {
    const offset = end;
    end = align64(end + bytes);
    return offset;
  };
  const timeOffset = stream.hasTime ? take(rowCapacity * 8) : 0;
  const lateByOffset = stream.hasTime ? take(rowCapacity * 8) : 0;
  const columns = stream.schema.map((field) => ({
    values: take(valueBytes(storageOf(field.type), rowCapacity)),
    validity: take(validityBytes(rowCapacity)),
  }));
  const heap = needsHeap(stream.schema) ? align64(heapBytes) : 0;
  const heapOffset = take(heap);
  const slotBytes = (end + 64 + 127) & ~127;
  return {
    schema: stream.schema,
    hasTime: stream.hasTime,
    rowCapacity,
    timeOffset,
    lateByOffset,
    columns,
    heapOffset,
    heapBytes: heap,
    slotBytes,
  };
}
