/** Columns as batches, and back. @module */

import type { Batch } from '../../src/core/batch.ts';
import type { KernelMemory } from '../../src/core/memory.ts';
import { type DataType, STRING } from '../../src/core/types.ts';
import { allocateBatches } from './millrace.ts';
import { BATCH_ROWS } from './workshop.ts';

/** The values of a column of fixed width. */
export type Values = Float64Array | Int32Array | BigInt64Array;

/** Batches of columns of fixed width, in the order of `columns`. */
export function batchesOf(
  memory: KernelMemory,
  columns: Readonly<Record<string, { readonly type: DataType; readonly values: Values }>>,
  hasTime = false,
): Batch[] {
  const fields = Object.entries(columns);
  const schema = fields.map(([name, { type }]) => ({ name, type }));
  const rows = fields[0]![1].values.length;
  const batches = allocateBatches(memory, { schema, hasTime }, rows / BATCH_ROWS);
  for (const [b, batch] of batches.entries()) {
    for (const [c, [, { values }]] of fields.entries()) {
      const column = batch.columns[c]!;
      const part = values.subarray(b * BATCH_ROWS, (b + 1) * BATCH_ROWS);
      if (part instanceof Float64Array) column.f64.set(part);
      else if (part instanceof BigInt64Array) column.i64.set(part);
      else column.words.set(part);
    }
    batch.setRowCount(BATCH_ROWS);
  }
  return batches;
}

/** Batches of one column of strings. */
export function viewBatchesOf(memory: KernelMemory, texts: readonly string[]): Batch[] {
  const schema = [{ name: 's', type: STRING }];
  const encoder = new TextEncoder();
  const heapBytes = BATCH_ROWS * 128;
  const batches = allocateBatches(
    memory,
    { schema, hasTime: false },
    texts.length / BATCH_ROWS,
    heapBytes,
  );
  for (const [b, batch] of batches.entries()) {
    for (let row = 0; row < BATCH_ROWS; row++) {
      const bytes = encoder.encode(texts[b * BATCH_ROWS + row]);
      if (!batch.columns[0]!.setView(row, bytes, 0, bytes.length))
        throw new Error('heap too small');
    }
    batch.setRowCount(BATCH_ROWS);
  }
  return batches;
}

/** One piece of many. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
