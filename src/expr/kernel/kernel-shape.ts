/** What a kernel's module is made from, and what tells it from others. @module */

import type { InputShape } from './kernel-inputs.ts';
import type { KernelProgram } from './program.ts';

/** What a module is made from. */
export interface KernelShape extends KernelProgram, InputShape {
  /** Blocks that a step of the loop computes: one, or pairs; with aggregates two at most. */
  readonly blocks: number;
  /** Whether blocks without a row for the aggregates are common enough to look for them. */
  readonly isSparse: boolean;
}

/** What is made for some batches only. */
export type KernelVariant = Pick<KernelShape, 'withNulls' | 'isSparse'>;

/** What tells one module from another. */
export function kernelKey({ inputs, ...rest }: KernelShape): string {
  const read = inputs.map((input) => (input.op === 'column' ? input.index : input));
  return `kernel ${keyText([rest, read])}`;
}

/** Plain data with expressions in it as a text: the same for the same. */
function keyText(data: unknown): string {
  return JSON.stringify(data, (_name, value: unknown) =>
    typeof value === 'bigint'
      ? `${value}n`
      : typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
        ? `f ${Object.is(value, -0) ? '-0' : value}`
        : value,
  );
}
