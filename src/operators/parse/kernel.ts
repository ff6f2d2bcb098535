/** What `parse` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import { readText } from '../../rows/row-reader.ts';
import { RecordFields } from '../../rows/text/record-fields.ts';
import { TextMembers } from '../../rows/text/text-members.ts';
import { parseJsonText } from '../../rows/values/json.ts';
import { type Expansion, ExpandingKernel, writeValues } from '../expanding-kernel.ts';
import { forColumn, isObject, kindOf } from '../json-values.ts';
import type { CsvField } from './csv-record.ts';
import { splitRecord } from './csv-record.ts';
import { exactIntegers } from './exact-integers.ts';
import { writeField } from './field.ts';
import type { ParseConfig } from './spec.ts';

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
  readonly #write: (text: string, columns: readonly Column[], at: number) => true | string;
  #batch: Batch | undefined;
  #row = 0;

  constructor({ text, columns: schema, format }: ParseConfig) {
    this.#text = text;
    if (format.kind === 'jsonl') {
      this.#plain = new TextMembers(schema);
      this.#write = (json, columns, at) => writeObject(json, columns, at, schema);
    } else {
      const { delimiter, nullText } = format;
      this.#plain = new RecordFields(delimiter, nullText);
      this.#write = (record, columns, at) => {
        const fields = splitRecord(record, delimiter);
        return typeof fields === 'string'
          ? fields
          : writeFields(fields, columns, at, schema, nullText);
      };
    }
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

function writeObject(
  text: string,
  columns: readonly Column[],
  at: number,
  schema: Schema,
): true | string {
  const parsed = parseJsonText(text);
  if (parsed === undefined) return 'expected JSON, found a text that is none';
  const { value } = parsed;
  if (!isObject(value)) return `expected a JSON object, found ${kindOf(value)}`;
  const exact = exactIntegers(text);
  const values = schema.map(({ name, type: { kind } }) => {
    if (!Object.hasOwn(value, name)) return null;
    return (kind === 'int64' ? exact.get(name) : undefined) ?? forColumn(value[name], kind);
  });
  return writeValues(columns, at, values, schema) ?? true;
}

function writeFields(
  fields: readonly CsvField[],
  columns: readonly Column[],
  at: number,
  schema: Schema,
  nullText: string,
): true | string {
  if (fields.length !== columns.length) {
    return `expected ${columns.length} fields, found ${fields.length}`;
  }
  for (const [c, { text, isQuoted }] of fields.entries()) {
    const column = columns[c]!;
    if (!isQuoted && text === nullText) {
      column.setNull(at);
      continue;
    }
    const problem = writeField(column, at, text);
    if (problem !== undefined) return `column '${schema[c]!.name}': ${problem}`;
  }
  return true;
}
