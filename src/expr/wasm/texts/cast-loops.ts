/** Loops of casts between integers and texts. @module */

import type { DataType } from '../../../core/types.ts';
import { isInteger } from '../../../core/types.ts';
import type { RowLoop } from '../../batch/nodes/loop-node.ts';
import type { BatchOptions } from '../../batch/vector-node.ts';
import { DIGIT_ROOM_BYTES, INTEGERS_TO_TEXTS, TEXTS_TO_INTEGERS } from './integer-code.ts';
import type { Planned } from './text-kernels.ts';
import { TextKernels } from './text-kernels.ts';

/** The loop of a cast; `undefined` when no function does it. */
export function textCastLoop(from: DataType, to: DataType): Planned<RowLoop> | undefined {
  if (isInteger(from) && to.kind === 'string') {
    return { functions: [INTEGERS_TO_TEXTS], make: (options) => integersToTexts(from, options) };
  }
  if (from.kind === 'string' && isInteger(to)) {
    return { functions: [TEXTS_TO_INTEGERS], make: (options) => textsToIntegers(to, options) };
  }
  return undefined;
}

function integersToTexts(from: DataType, options: BatchOptions): RowLoop {
  const kernels = TextKernels.of(options);
  const digits = kernels.constant(new Uint8Array(DIGIT_ROOM_BYTES));
  return (rows, count, out, operands, left) => {
    const values = operands[0]!;
    kernels.begin(rows, count, out);
    kernels.read(values);
    kernels.argument(0, Number(from.kind === 'int64'));
    kernels.argument(1, digits);
    return kernels.runWithHeap(INTEGERS_TO_TEXTS, rows, count, out, left);
  };
}

function textsToIntegers(to: DataType, options: BatchOptions): RowLoop {
  const kernels = TextKernels.of(options);
  return (rows, count, out, operands, left) => {
    const text = operands[0]!;
    kernels.begin(rows, count, out);
    kernels.read(text);
    kernels.argument(0, Number(to.kind === 'int64'));
    return kernels.runAndLeave(TEXTS_TO_INTEGERS, left);
  };
}
