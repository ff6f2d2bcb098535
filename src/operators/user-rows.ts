/** Rows as code of the topology's author gives them. @module */

import type { Batch } from '../core/batch.ts';
import { textOf } from '../modules/load-function.ts';
import type { RowOutcome, RowWriter } from '../rows/row-writer.ts';

/** Appends a row. It may have getters of the user's, which may throw. */
export function writeUserRow(writer: RowWriter, target: Batch, row: unknown): RowOutcome {
  try {
    return writer.write(target, row);
  } catch (error) {
    return { message: `reading it threw ${textOf(error)}` };
  }
}

/** Why a row was not written. */
export function misfit({ field, message }: Exclude<RowOutcome, string | null>): string {
  return field === undefined ? message : `field '${field}': ${message}`;
}
