/** A parameter as a column: the value that holds for each row of a batch. @module */

import type { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { DataType } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { Value } from '../../expr/index.ts';
import { ValueWriter } from '../../expr/index.ts';
import type { ParameterHistory } from './history.ts';

/** Lies in the worker's memory, where kernels read it. Written only where a value changes. */
export class ParameterColumn {
  readonly column: Column;
  readonly #writer = new ValueWriter();
  /** What all rows hold; `undefined`: they differ. */
  #value: Value | undefined;

  constructor(type: DataType, rowCapacity: number, memory: KernelMemory) {
    this.column = Column.allocate(type, rowCapacity, memory);
  }

  /** Gives all rows one value. */
  fill(value: Value): void {
    if (this.#value === value) return;
    this.#value = value;
    const { column } = this;
    column.heap.used = 0;
    column.nullCount = 0;
    if (value === null) {
      column.validity.fill(0);
      column.nullCount = column.capacity;
      return;
    }
    this.#writer.write(column, 0, value);
    if (column.storage === 'bits') {
      column.bytes.fill(value === true ? 0xff : 0);
      return;
    }
    // Rows of a view may share their bytes in the heap.
    const width = column.bytes.length / column.capacity;
    for (let filled = width; filled < column.bytes.length; filled *= 2) {
      const end = Math.min(filled, column.bytes.length - filled);
      column.bytes.copyWithin(filled, 0, end);
    }
  }

  /** Gives each selected row the value that held at its time. */
  fillByTime(batch: Batch, history: ParameterHistory, historyUs: TimeUs): void {
    const { column } = this;
    const { selection, selected } = batch;
    this.#value = undefined;
    column.heap.used = 0;
    column.nullCount = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      const change = history.at(lookUpTime(batch, row, historyUs));
      const value = history.value(change);
      if (value !== null) column.setPresent(row);
      this.#writer.write(column, row, value);
    }
  }
}

/**
 * The time by which a row finds its parameters: its own, but for a row that is later than the history
 * reaches, which finds the oldest.
 */
export function lookUpTime(batch: Batch, row: number, historyUs: TimeUs): TimeUs {
  const timeUs = batch.timeUs(row);
  const lateByUs = batch.lateByUs(row);
  return lateByUs > historyUs ? timeUs + lateByUs - historyUs : timeUs;
}
