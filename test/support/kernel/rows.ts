/** Rows of kernel tests: in and out of batches as JavaScript values. @module */

import { Batch } from '../../../src/core/batch.ts';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import type { Column } from '../../../src/core/column.ts';
import type { ColumnMemory } from '../../../src/core/memory.ts';
import type { StreamType } from '../../../src/core/schema.ts';
import type { DataType } from '../../../src/core/types.ts';

/**
 * A value: int64, decimal (unscaled), timestamp and duration are bigints; bytes and json are what
 * lies in memory.
 */
export type Cell = null | boolean | number | bigint | string | Uint8Array;

/** A row, with event time where its stream has it. */
export interface TestRow {
  readonly values: readonly Cell[];
  readonly timeUs?: number;
  /** 0 when left out: on time. */
  readonly lateByUs?: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Writes a value into a row of a column; throws when the heap is full. */
export function writeCell(column: Column, row: number, cell: Cell): void {
  if (cell === null) {
    column.setNull(row);
    return;
  }
  column.setPresent(row);
  switch (column.storage) {
    case 'bits':
      column.setBool(row, cell as boolean);
      break;
    case 'i32':
      column.words[row] = cell as number;
      break;
    case 'f64':
      column.f64[row] = cell as number;
      break;
    case 'i64':
      column.i64[row] = cell as bigint;
      break;
    case 'view': {
      const bytes = typeof cell === 'string' ? encoder.encode(cell) : (cell as Uint8Array);
      if (!column.setView(row, bytes, 0, bytes.length)) throw new Error('the heap is full');
      break;
    }
  }
}

/** Reads a value of a column. */
export function readCell(column: Column, row: number): Cell {
  if (column.isNull(row)) return null;
  switch (column.storage) {
    case 'bits':
      return column.getBool(row);
    case 'i32':
      return column.words[row]!;
    case 'f64':
      return column.f64[row]!;
    case 'i64':
      return column.i64[row]!;
    case 'view': {
      const start = column.viewStart(row);
      const bytes = column.viewSource(row).slice(start, start + column.viewLength(row));
      return column.type.kind === 'string' ? decoder.decode(bytes) : bytes;
    }
  }
}

/** Reads a row of a batch. */
export function readRow(batch: Batch, row: number): TestRow {
  const values = batch.columns.map((column) => readCell(column, row));
  if (!batch.hasTime) return { values };
  return { values, timeUs: batch.timeUs(row), lateByUs: batch.lateByUs(row) };
}

/** A batch, in memory of its own where none is given. */
export function allocateBatch(
  stream: StreamType,
  rowCapacity: number,
  heapBytes: number,
  memory?: ColumnMemory,
): Batch {
  return Batch.allocate(layoutBatch(stream, rowCapacity, heapBytes), memory);
}

/** Empties a batch and writes rows at the given positions (default: one after the other). */
export function fillBatch(
  batch: Batch,
  rows: readonly TestRow[],
  positions: readonly number[] = rows.map((_, i) => i),
): void {
  batch.reset();
  const last = positions.length === 0 ? -1 : positions[positions.length - 1]!;
  let next = 0;
  for (let row = 0; row <= last; row++) {
    const source = positions[next] === row ? rows[next++] : undefined;
    writeRow(batch, row, source ?? garbage(batch));
  }
  batch.setRowCount(last + 1);
  if (positions.length !== last + 1) {
    batch.selection = Uint32Array.from(positions);
    batch.selected = positions.length;
  }
}

function writeRow(batch: Batch, row: number, source: TestRow): void {
  source.values.forEach((cell, c) => {
    writeCell(batch.columns[c]!, row, cell);
  });
  if (!batch.hasTime) return;
  batch.setTimeUs(row, source.timeUs ?? 0);
  batch.setLateBy(row, source.lateByUs ?? 0);
}

/** A row that no kernel may look at. */
function garbage(batch: Batch): TestRow {
  const values = batch.columns.map(({ type }) => garbageCell(type));
  return { values, timeUs: -77_777, lateByUs: 1e15 };
}

function garbageCell(type: DataType): Cell {
  switch (type.kind) {
    case 'bool':
      return true;
    case 'int32':
      return -2_147_483_648;
    case 'float64':
      return NaN;
    case 'string':
      return 'garbage!';
    case 'bytes':
    case 'json':
      return Uint8Array.of(0xc1, 0xc1, 0xc1);
    default:
      return -9_223_372_036_854_775_808n;
  }
}

/** Overwrites the memory of a batch, to find kernels that keep a reference. */
export function poisonBatch(batch: Batch): void {
  for (const column of batch.columns) {
    column.bytes.fill(0xa5);
    column.heap.bytes.fill(0xa5);
  }
  batch.timeWords.fill(0x5a5a5a5a);
  batch.lateBy.fill(NaN);
}

/** A text that is the same for the same row, for comparing and sorting. */
export function rowKey(row: TestRow): string {
  const cells = row.values.map((cell) => {
    if (typeof cell === 'bigint') return `${cell}n`;
    if (typeof cell === 'number') return Object.is(cell, -0) ? '-0' : String(cell);
    if (cell instanceof Uint8Array) return `bytes:${Buffer.from(cell).toString('hex')}`;
    return JSON.stringify(cell);
  });
  const time = row.timeUs === undefined ? '' : ` @${row.timeUs}`;
  const late = row.lateByUs === undefined || row.lateByUs === 0 ? '' : ` late ${row.lateByUs}`;
  return `${cells.join(' | ')}${time}${late}`;
}
