/** What tests of codecs and connectors share: schemas, batches, a decoder that keeps its rejects. */

import type { Column } from '../../src/core/column.ts';
import type { BadRow } from '../../src/core/connector.ts';
import { type ColumnMemory, ownMemory } from '../../src/core/memory.ts';
import type { Schema } from '../../src/core/schema.ts';
import type { CsvFormat, FileFormat } from '../../src/core/topology/model.ts';
import { Batch } from '../../src/core/batch.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { parseTypeName } from '../../src/core/types.ts';
import { createDecoder, createEncoder } from '../../src/connectors/codecs/formats.ts';
import { InputWindow } from '../../src/connectors/codecs/input-window.ts';
import { type RowObject, RowReader } from '../../src/rows/row-reader.ts';
import { RowWriter } from '../../src/rows/row-writer.ts';
import { ByteWriter } from '../../src/rows/values/byte-writer.ts';
import { testMemory } from '../support/memory.ts';

export const CSV: CsvFormat = { kind: 'csv', delimiter: ',', nullText: '', header: true };
export const JSONL: FileFormat = { kind: 'jsonl' };

/** A schema written as in a topology. */
export function schemaOf(columns: Record<string, string>): Schema {
  return Object.entries(columns).map(([name, type]) => {
    const parsed = parseTypeName(type);
    if (parsed === undefined) throw new Error(`no type '${type}'`);
    return { name, type: parsed };
  });
}

/** A column of each type. */
export const EVERY_TYPE = schemaOf({
  b: 'bool',
  i: 'int32',
  l: 'int64',
  f: 'float64',
  d: 'decimal(18,4)',
  t: 'timestamp',
  u: 'duration',
  s: 'string',
  y: 'bytes',
  j: 'json',
});

/** An empty batch in memory of its own. */
export function allocate(
  schema: Schema,
  rowCapacity = 64,
  heapBytes = 1 << 16,
  memory: ColumnMemory = ownMemory,
): Batch {
  const layout = layoutBatch({ schema, hasTime: false }, rowCapacity, heapBytes);
  const batch = Batch.allocate(layout, memory);
  batch.reset();
  return batch;
}

/** A batch that holds rows given as JavaScript values. */
export function batchOf(schema: Schema, rows: readonly unknown[], heapBytes = 1 << 20): Batch {
  const batch = allocate(schema, Math.max(64, (rows.length + 63) & ~63), heapBytes);
  const writer = new RowWriter(schema);
  for (const row of rows) {
    const fault = writer.write(batch, row);
    if (fault !== null) throw new Error(JSON.stringify(fault));
  }
  return batch;
}

/** A value as a text that two values share only if they are the same to the last bit. */
function exact(column: Column, row: number): unknown {
  if (column.isNull(row)) return null;
  switch (column.storage) {
    case 'i64':
      return column.i64[row]!;
    case 'f64':
      return Object.is(column.f64[row]!, -0) ? '-0' : column.f64[row]!;
    default:
      return undefined;
  }
}

/** The rows of a batch, exactly: int64, decimals and times as they are stored. */
export function rowsOf(batch: Batch, schema: Schema): RowObject[] {
  const reader = new RowReader(schema, { int64: 'bigint' });
  return Array.from(batch.selection.subarray(0, batch.selected), (row) => {
    const object = reader.read(batch, row);
    schema.forEach(({ name }, c) => {
      const value = exact(batch.columns[c]!, row);
      if (value !== undefined) object[name] = value;
    });
    return object;
  });
}

/** What came of decoding. */
export interface Decoded {
  readonly rows: RowObject[];
  readonly rejects: BadRow[];
}

/** How a test decodes. */
export interface DecodeOptions {
  readonly timeColumn?: number;
  readonly rowCapacity?: number;
  readonly heapBytes?: number;
  /** Bytes that the decoder gets at a time; all at once by default. */
  readonly pieces?: readonly number[];
  /** Says no every other time. */
  readonly isErrorPortSlow?: boolean;
  readonly rowLimitBytes?: number;
  /** Room of the window; small by default, so that rows cross its end. */
  readonly blockBytes?: number;
  /** Decodes without kernels: row by row, in TypeScript. */
  readonly withoutKernels?: boolean;
}

/** Decodes a whole text, or bytes. */
export function decode(
  format: FileFormat,
  schema: Schema,
  input: string | Uint8Array,
  options: DecodeOptions = {},
): Decoded {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  const { pieces = [bytes.length], rowLimitBytes = 1 << 24 } = options;
  const memory = testMemory(1 << 20);
  const rows: RowObject[] = [];
  const rejects: BadRow[] = [];
  let asked = 0;
  const decoder = createDecoder(format, {
    node: 'source',
    file: 'input.txt',
    schema,
    memory: options.withoutKernels === true ? undefined : memory,
    timeColumn: options.timeColumn ?? -1,
    canReject: () => options.isErrorPortSlow !== true || ++asked % 2 === 0,
    reject: (row) => rejects.push(row),
  });
  const window = new InputWindow(options.blockBytes ?? 64, rowLimitBytes, memory);
  const { rowCapacity = 64, heapBytes = 1 << 16 } = options;
  const batch = allocate(schema, rowCapacity, heapBytes, memory);
  let offset = 0;
  let piece = 0;
  for (let calls = 0; ; calls++) {
    if (calls > 20 * bytes.length + 1000) throw new Error('the decoder makes no progress');
    const progress = decoder.decode(window, batch);
    if (progress === 'batch' || window.isLast) {
      rows.push(...rowsOf(batch, schema));
      batch.reset();
      if (progress === 'input') return { rows, rejects };
    } else if (offset >= bytes.length) {
      window.end();
    } else {
      const room = window.makeRoom();
      const wanted = pieces[piece++ % pieces.length]!;
      const count = Math.min(Math.max(1, wanted), room.length, bytes.length - offset);
      room.set(bytes.subarray(offset, offset + count));
      window.filled(count);
      offset += count;
    }
  }
}

/** The rows of a batch as text. */
export function encode(format: FileFormat, schema: Schema, batch: Batch): string {
  const encoder = createEncoder(format, schema);
  const out = new ByteWriter(16);
  encoder.writeHeader(out);
  for (let i = 0; i < batch.selected; i++) {
    encoder.writeRow(out, batch.columns, batch.selection[i]!);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(out.bytes.subarray(0, out.length));
}
