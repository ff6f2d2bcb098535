/** What `parse` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { readText } from '../../rows/row-reader.ts';
import { RecordFields } from '../../rows/text/record-fields.ts';
import { TextMembers } from '../../rows/text/text-members.ts';
import { type Expansion, ExpandingKernel } from '../expanding-kernel.ts';
import type { ParseConfig } from './spec.ts';
import { textRowWriter, type WriteTextRow } from './text-row.ts';

/** Makes the kernel of a `parse`. */
export function createParseKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const config = plan.config as ParseConfig;
  return new ExpandingKernel(plan, context, config.kept, new Texts(config));
}

/** The values of one text after the other. */
class Texts implements Expansion {
  readonly isOneToOne = true;
  readonly #text: number;
  /** Writes those that are plain, which are most. */
  readonly #plain: TextMembers | RecordFields;
  /** Writes any. */
  readonly #write: WriteTextRow;
  #batch: Batch | undefined;
  #row = 0;

  constructor({ text, columns: schema, format }: ParseConfig) {
    this.#text = text;
    this.#write = textRowWriter(schema, format);
    this.#plain =
      format.kind === 'jsonl'
        ? new TextMembers(schema)
        : new RecordFields(format.delimiter, format.nullText);
  }

  begin(batch: Batch, row: number): undefined {
    this.#batch = batch;
    this.#row = row;
  }

  next(columns: readonly Column[], at: number): true | string {
    const column = this.#batch!.columns[this.#text]!;
    const row = this.#row;
    if (column.isNull(row)) {
      for (let c = 0; c < columns.length; c++) columns[c]!.setNull(at);
      return true;
    }
    const from = column.viewStart(row);
    const to = from + column.viewLength(row);
    if (this.#plain.write(columns, at, column.viewSource(row), from, to)) return true;
    return this.#write(readText(column, row), columns, at);
  }
}
