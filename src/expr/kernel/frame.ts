/** The block of words where a kernel is told where everything lies, and says what became of the rows. @module */

import { WORDS_PER_INPUT } from './placed-inputs.ts';

/** The function of a kernel's module. */
export const RUN = 'run';

/** The first words of a frame. Behind them are those of the inputs, of the results, and of the counts. */
export const FrameWord = {
  /** Written by the kernel: {@link FAILED}, {@link NULL_CONDITION}, and behind them which results have nulls. */
  FLAGS: 0,
  /** Where the rows of blocks by mask lie, see `scratch.ts`. */
  TABLE: 1,
  /** Where the rows left go. */
  LIST: 2,
  /** Where cell 0 of the aggregates is. */
  CELLS: 3,
  /** Where the inputs begin. */
  INPUTS: 4,
} as const;

/** Some row may have failed: nothing that was written counts. */
export const FAILED = 1;
/** A condition that tells so was null for some row. */
export const NULL_CONDITION = 2;
const FIRST_NULL_BIT = 2;
/** Results behind so many share their flag. */
const LAST_NULL_BIT = 31;

/** What of a program decides how long its frame is. */
interface FrameShape {
  readonly inputs: readonly unknown[];
  readonly stored: readonly unknown[];
}

/** The word of a frame with the address of a result's values; that of its validity is the next one. */
export function storedWord({ inputs }: Pick<FrameShape, 'inputs'>, position: number): number {
  return FrameWord.INPUTS + WORDS_PER_INPUT * inputs.length + 2 * position;
}

/** The word of a frame with the rows that a filter has left, by its position among the filters. */
export function countWord(shape: FrameShape, filter: number): number {
  return storedWord(shape, shape.stored.length) + filter;
}

/** Words of a frame. @param shape - no more filters than steps */
export function frameWords(shape: FrameShape & { readonly steps: readonly unknown[] }): number {
  return countWord(shape, shape.steps.length);
}

/** The bit of the flags that says that a result has nulls. */
export function nullBit(position: number): number {
  return 1 << Math.min(FIRST_NULL_BIT + position, LAST_NULL_BIT);
}
