/**
 * Runs of generated values: a column at a time, where that gives the same as a row at a time.
 *
 * A value of fixed width always fits, so nothing has to be undone when a row cannot be made.
 * `bench/pipeline` is fed by it.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { Field } from '../../core/schema.ts';
import type { Distribution } from '../../core/topology/model.ts';
import { storageOf } from '../../core/types.ts';
import { type CellMaker, ColumnRandom } from './cells.ts';
import { runKernels } from './run-kernels.ts';

/** Writes the values of rows `index …` of the stream to `count` rows of a column from `row` on. */
export type RunMaker = (column: Column, row: number, count: number, index: number) => void;

/** Row numbers of a run that the kernels draw for. */
const TWO_32 = 2 ** 32;

/** How runs of a column are made; `undefined` when its values may not fit. */
export function makeRuns(
  field: Field,
  distribution: Distribution,
  make: CellMaker,
  seed: number,
  memory: KernelMemory,
): RunMaker | undefined {
  if (storageOf(field.type) === 'view') return undefined;
  const each: RunMaker = (column, row, count, index) => {
    for (let i = 0; i < count; i++) make(column, row + i, index + i);
  };
  const run = kernelRuns(field, distribution, seed, memory, each);
  if (run === undefined) return each;
  // A column elsewhere than in the worker's memory is none of ours.
  return (column, row, count, index) =>
    (column.buffer === memory.buffer ? run : each)(column, row, count, index);
}

function kernelRuns(
  { type, name }: Field,
  distribution: Distribution,
  seed: number,
  memory: KernelMemory,
  each: RunMaker,
): RunMaker | undefined {
  if (distribution.kind === 'time' && distribution.jitterUs === 0) {
    return timeRuns(distribution.startUs, distribution.stepUs, memory, each);
  }
  if (distribution.kind === 'sequence' && type.kind === 'int32') {
    const { start, step } = distribution;
    const isWhole = Number.isInteger(start) && Number.isInteger(step);
    return isWhole ? sequenceRuns(start, step, memory, each) : undefined;
  }
  if (distribution.kind !== 'uniform') return undefined;
  // The first stream of the column is the only one, as in `cells.ts`.
  const { keyA, keyB } = new ColumnRandom(seed, name).next().keys;
  const { low, high } = distribution;
  const { floats, integers } = runKernels(memory);
  if (type.kind === 'float64') {
    const span = high - low;
    return (column, row, count, index) => {
      if (index + count > TWO_32) each(column, row, count, index);
      else floats(column.valuesAt + 8 * row, count, index | 0, keyA, keyB, low, span);
    };
  }
  if (type.kind !== 'int32') return undefined;
  const first = Math.ceil(low);
  const last = Math.max(first, Math.floor(high));
  const values = last - first + 1;
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last + values)) return undefined;
  return (column, row, count, index) => {
    if (index + count > TWO_32) each(column, row, count, index);
    else integers(column.valuesAt + 4 * row, count, index | 0, keyA, keyB, first, values, last);
  };
}

/** int64 `startUs + index · stepUs`. */
function timeRuns(
  startUs: number,
  stepUs: number,
  memory: KernelMemory,
  each: RunMaker,
): RunMaker | undefined {
  if (!Number.isInteger(startUs) || !Number.isInteger(stepUs)) return undefined;
  const { times } = runKernels(memory);
  return (column, row, count, index) => {
    const first = startUs + index * stepUs;
    const isExact = Number.isSafeInteger(first) && Number.isSafeInteger(first + count * stepUs);
    if (isExact) times(column.valuesAt + 8 * row, count, first, stepUs);
    else each(column, row, count, index);
  };
}

/** int32 `start + index · step`, as long as it is one. */
function sequenceRuns(start: number, step: number, memory: KernelMemory, each: RunMaker): RunMaker {
  const { sequence } = runKernels(memory);
  return (column, row, count, index) => {
    const first = start + index * step;
    const last = first + (count - 1) * step;
    const isInside = Math.max(Math.abs(first), Math.abs(last)) <= 0x7fff_ffff;
    if (isInside) sequence(column.valuesAt + 4 * row, count, first, step);
    else each(column, row, count, index);
  };
}
