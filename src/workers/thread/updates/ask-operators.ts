/** Asks operators of a worker what they know, between two turns of its loop. @module */

import { asMillraceError, MillraceError, serializeError } from '../../../core/errors.ts';
import { isAnswering } from '../../../operators/kernels.ts';
import { encodeStructured } from '../../../rows/values/structured.ts';
import type { OperatorAnswer, OperatorQuestion, TaskAnswer } from '../../protocol.ts';
import type { WiredOperator } from './wired-operator.ts';

/** Bytes of one value of an answer. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The answers of all tasks that are asked, or why there are none. Never throws. */
export function askOperators(
  { id, tasks, question }: OperatorQuestion,
  operators: ReadonlyMap<number, WiredOperator>,
): OperatorAnswer {
  try {
    const answers = tasks.map((task) => answerOf(task, question, operators.get(task)));
    return { kind: 'answered', id, answers };
  } catch (error) {
    return {
      kind: 'unanswered',
      id,
      error: serializeError(asMillraceError(error, 'ERR_INTERNAL')),
    };
  }
}

function answerOf(
  task: number,
  question: OperatorQuestion['question'],
  wired: WiredOperator | undefined,
): TaskAnswer {
  if (wired === undefined || !isAnswering(wired.kernel)) {
    throw new MillraceError('ERR_INTERNAL', `task ${task} is no actor of this worker`);
  }
  const { found, values, errors } = wired.kernel.answer(question);
  const written: [string, Uint8Array][] = [];
  const failed: [string, string][] = Object.entries(errors);
  for (const [name, value] of Object.entries(values)) {
    try {
      written.push([name, write(value, name)]);
    } catch (error) {
      failed.push([name, error instanceof Error ? error.message : String(error)]);
    }
  }
  return { task, found, values: written, errors: failed };
}

/** @throws Error for what is more than a value, or too much */
function write(value: unknown, name: string): Uint8Array {
  const bytes = encodeStructured(value, name);
  if (bytes.length <= MOST_BYTES) return bytes;
  throw new Error(`it takes ${bytes.length} bytes; the limit is ${MOST_BYTES}`);
}
