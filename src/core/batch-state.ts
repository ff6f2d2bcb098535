/** The rows of a batch, written or read. @module */

import type { Batch } from './batch.ts';
import { validityBytes, valueBytes } from './column.ts';
import type { StateIo, Steps } from './state-io.ts';

/** The rows of a dense batch with memory of its own; when reading, one of the same layout that is empty. */
export function* stateOfBatch(io: StateIo, batch: Batch): Steps {
  const { columns, heap, timeWords, lateBy } = batch;
  const rows = io.int(batch.rowCount);
  if (rows < 0 || rows > batch.rowCapacity) {
    io.fail(`a batch of ${rows} rows, and here there is room for ${batch.rowCapacity}`);
  }
  batch.setRowCount(rows);
  batch.lateCount = io.int(batch.lateCount);
  batch.watermarkUs = io.float(batch.watermarkUs);
  batch.minTimeUs = io.float(batch.minTimeUs);
  batch.maxTimeUs = io.float(batch.maxTimeUs);
  batch.ingestTimeUs = io.float(batch.ingestTimeUs);
  const used = io.int(heap.used);
  if (io.isReading && heap.reserve(used) !== 0) io.fail(`long values of ${used} bytes`);
  yield* io.memory(heap.bytes.subarray(0, used));
  if (batch.hasTime) yield* io.memory(bytesOf(timeWords, 8 * rows));
  if (batch.lateCount > 0) yield* io.memory(bytesOf(lateBy, 8 * rows));
  for (const column of columns) {
    column.nullCount = io.int(column.nullCount);
    yield* io.memory(column.bytes.subarray(0, valueBytes(column.storage, rows)));
    if (column.nullCount === 0) continue;
    // Rows that come behind are present unless they say otherwise.
    if (io.isReading) column.validity.fill(0xff);
    yield* io.memory(column.validity.subarray(0, validityBytes(rows)));
  }
}

function bytesOf({ buffer, byteOffset }: ArrayBufferView, length: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
