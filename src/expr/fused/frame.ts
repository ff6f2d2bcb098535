/** The block of words where a fused kernel is told where everything lies. @module */

import { WORDS_PER_INPUT } from '../wasm/placed-inputs.ts';

/** The first words of a frame. */
export const FusedWord = {
  /** Written by the kernel: {@link FUSED_FAILED}, and from bit 1 on which results have nulls. */
  FLAGS: 0,
  /** Where the rows of blocks by mask lie, see `wasm/scratch.ts`. */
  TABLE: 1,
  /** Where the rows left go. */
  LIST: 2,
  /** Where cell 0 of the aggregates is. */
  CELLS: 3,
} as const;
const FIRST_WORDS = 4;

/** Some row may have failed: nothing that was written counts. */
export const FUSED_FAILED = 1;
/** Results behind so many share their flag. */
const LAST_NULL_BIT = 31;

/** Where the inputs begin in a frame. */
export const INPUTS_WORD = FIRST_WORDS;

/** What of a program decides how long its frame is. */
interface FrameShape {
  readonly inputs: readonly unknown[];
  readonly stored: readonly unknown[];
}

/** The word of a frame with the address of a result's values; that of its validity is the next one. */
export function storedWord({ inputs }: Pick<FrameShape, 'inputs'>, position: number): number {
  return INPUTS_WORD + WORDS_PER_INPUT * inputs.length + 2 * position;
}

/** The word of a frame with the rows that a filter has left, by its position among the filters. */
export function countWord(shape: FrameShape, filter: number): number {
  return storedWord(shape, shape.stored.length) + filter;
}

/** The bit of the flags that says that a result has nulls. */
export function nullBit(position: number): number {
  return 1 << Math.min(1 + position, LAST_NULL_BIT);
}
