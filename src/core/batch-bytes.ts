/**
 * A dense batch as bytes, for a file: what its rows take and no more.
 *
 * ```
 *   rows, late rows, heap bytes        int32 each, and one of nothing
 *   least and greatest event time, ingest time                float64 each
 *   nulls of each column               int32 each, padded to 8 bytes
 *   event times, and how late          of streams with event time; lateness only where rows are late
 *   by column: values, and validity    validity only where there are nulls; padded to 8 bytes
 *   heap
 * ```
 *
 * @module
 */

import type { Batch } from './batch.ts';
import { type Column, validityBytes, valueBytes } from './column.ts';
import { invariant } from './invariant.ts';

const HEAD_BYTES = 40;
const ROWS = 0;
const LATE = 4;
const HEAP = 8;
const MIN_TIME = 16;
const MAX_TIME = 24;
const INGEST_TIME = 32;

const padded = (bytes: number): number => (bytes + 7) & ~7;

/** The most bytes that a batch of some rows takes. */
export function mostBatchBytes(batch: Batch): number {
  const { rowCapacity: rows, columns, heap } = batch;
  const perColumn = columns.reduce(
    (sum, { storage }) => sum + padded(valueBytes(storage, rows)) + padded(validityBytes(rows)),
    0,
  );
  return HEAD_BYTES + padded(4 * columns.length) + 16 * rows + perColumn + heap.bytes.length;
}

/** Writes a batch, all of whose rows are live; the number of bytes. */
export function writeBatch(batch: Batch, into: Uint8Array): number {
  const { rowCount: rows, columns, heap } = batch;
  const head = new DataView(into.buffer, into.byteOffset, into.byteLength);
  head.setInt32(ROWS, rows, true);
  head.setInt32(LATE, batch.lateCount, true);
  head.setInt32(HEAP, heap.used, true);
  head.setFloat64(MIN_TIME, batch.minTimeUs, true);
  head.setFloat64(MAX_TIME, batch.maxTimeUs, true);
  head.setFloat64(INGEST_TIME, batch.ingestTimeUs, true);
  columns.forEach(({ nullCount }, c) => head.setInt32(HEAD_BYTES + 4 * c, nullCount, true));
  let at = HEAD_BYTES + padded(4 * columns.length);
  const put = (bytes: Uint8Array): void => {
    into.set(bytes, at);
    at += padded(bytes.length);
  };
  forEachPart(batch, rows, batch.lateCount, put);
  into.set(heap.bytes.subarray(0, heap.used), at);
  return at + heap.used;
}

/** Reads what {@link writeBatch} has written into an empty batch of the same layout. */
export function readBatch(bytes: Uint8Array, batch: Batch): void {
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows = head.getInt32(ROWS, true);
  const { columns, heap } = batch;
  invariant(rows <= batch.rowCapacity, `${rows} rows are more than a batch holds`);
  batch.setRowCount(rows);
  batch.lateCount = head.getInt32(LATE, true);
  batch.minTimeUs = head.getFloat64(MIN_TIME, true);
  batch.maxTimeUs = head.getFloat64(MAX_TIME, true);
  batch.ingestTimeUs = head.getFloat64(INGEST_TIME, true);
  columns.forEach((column, c) => {
    column.nullCount = head.getInt32(HEAD_BYTES + 4 * c, true);
  });
  let at = HEAD_BYTES + padded(4 * columns.length);
  forEachPart(batch, rows, batch.lateCount, (part) => {
    part.set(bytes.subarray(at, at + part.length));
    at += padded(part.length);
  });
  heap.used = head.getInt32(HEAP, true);
  heap.bytes.set(bytes.subarray(at, at + heap.used));
}

/** The bytes of times and columns, in order. */
function forEachPart(
  batch: Batch,
  rows: number,
  lateCount: number,
  take: (bytes: Uint8Array) => void,
): void {
  if (batch.hasTime) {
    take(bytesOf(batch.timeWords, 8 * rows));
    if (lateCount > 0) take(bytesOf(batch.lateBy, 8 * rows));
  }
  for (const column of batch.columns) forColumn(column, rows, take);
}

function forColumn(column: Column, rows: number, take: (bytes: Uint8Array) => void): void {
  take(column.bytes.subarray(0, valueBytes(column.storage, rows)));
  if (column.nullCount > 0) take(column.validity.subarray(0, validityBytes(rows)));
}

function bytesOf({ buffer, byteOffset }: ArrayBufferView, bytes: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset, bytes);
}
