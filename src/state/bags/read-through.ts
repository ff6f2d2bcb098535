/** Sums and their kin of the distinct values of a bag: added up anew whenever they are read. @module */

import { identitySelection } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import type { ValueAccumulator } from '../accumulators/accumulator.ts';
import type { BagReader } from './bag-accumulator.ts';
import type { Bags } from './bags.ts';

/** Values that are added at once. */
const VALUES = 256;

/** An aggregate over the values of a bag, in cells of the same record. */
export interface Inner {
  readonly accumulator: ValueAccumulator;
  /** The first of its cells in a record, and the words that they begin with. */
  readonly cell: number;
  readonly initial: Int32Array;
}

/** @param argument - type of the values */
export function readThrough(
  bags: Bags,
  { accumulator, cell, initial }: Inner,
  argument: DataType,
): BagReader {
  const { stride } = bags.layout;
  const values = Column.allocate(argument, VALUES);
  const rows = identitySelection(VALUES);
  const records = new Int32Array(VALUES);
  const failed = new Uint8Array(1);
  let result: Column | undefined;
  return {
    read(first, entries, _total, target, row, record) {
      bags.words.set(initial, 2 * (record + cell));
      records.fill(record);
      values.heap.bytes = bags.bytes;
      for (let e = 0, count = 0; e < entries; e++) {
        const entry = first + e * stride;
        if (bags.floats[entry]! > 0) bags.readValue(entry, values, count++);
        if (count < VALUES && e < entries - 1) continue;
        accumulator.add(records, values, rows, count);
        count = 0;
      }
      result ??= Column.allocate(target.type, 1);
      result.clearNulls();
      failed[0] = 0;
      accumulator.read(records, 1, result, failed);
      if (result.isNull(0)) target.setNull(row);
      const words = target.storage === 'i32' ? 1 : 2;
      for (let w = 0; w < words; w++) target.words[words * row + w] = result.words[w]!;
      return failed[0] === 0;
    },
  };
}
