/**
 * Runs of generated values: a column at a time, where that gives the same as a row at a time.
 *
 * A value of fixed width always fits, so nothing has to be undone when a row cannot be made.
 * `bench/pipeline` is fed by it.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { Field } from '../../core/schema.ts';
import type { Distribution } from '../../core/topology/model.ts';
import { storageOf } from '../../core/types.ts';
import type { CellMaker } from './cells.ts';

/** Writes the values of rows `index …` of the stream to `count` rows of a column from `row` on. */
export type RunMaker = (column: Column, row: number, count: number, index: number) => void;

/** How runs of a column are made; `undefined` when its values may not fit. */
export function makeRuns(
  { type }: Field,
  distribution: Distribution,
  make: CellMaker,
): RunMaker | undefined {
  if (storageOf(type) === 'view') return undefined;
  if (distribution.kind === 'time' && distribution.jitterUs === 0) {
    const { startUs, stepUs } = distribution;
    return (column, row, count, index) => {
      for (let i = 0; i < count; i++) {
        column.setI64FromNumber(row + i, startUs + (index + i) * stepUs);
      }
    };
  }
  if (distribution.kind === 'sequence' && type.kind === 'int32') {
    const { start, step } = distribution;
    if (Number.isInteger(start) && Number.isInteger(step)) return sequenceRuns(start, step, make);
  }
  return (column, row, count, index) => {
    for (let i = 0; i < count; i++) make(column, row + i, index + i);
  };
}

/** int32 `start + index · step`, as long as it is one. */
function sequenceRuns(start: number, step: number, make: CellMaker): RunMaker {
  return (column, row, count, index) => {
    const words = column.words;
    const first = start + index * step;
    const last = first + (count - 1) * step;
    if (Math.max(Math.abs(first), Math.abs(last)) > 0x7fff_ffff) {
      for (let i = 0; i < count; i++) make(column, row + i, index + i);
      return;
    }
    for (let i = 0; i < count; i++) words[row + i] = first + i * step;
  };
}
