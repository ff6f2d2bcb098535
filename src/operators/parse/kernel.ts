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
import { splitRecord } from './csv-record.ts';
import { exactIntegers } from './exact-integers.ts';
import { fieldValue } from './field-value.ts';
import type { ParseConfig } from './spec.ts';

/** Makes the kernel of a `parse`. */
export function createParseKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const config = plan.config as ParseConfig;
  return new ExpandingKernel(plan, context, config.kept, new Texts(config));
}

/** A row of values, or why there is none. */
type Outcome = readonly unknown[] | string;

/** The values of one text after the other. */
class Texts implements Expansion {
  readonly isOneToOne = true;
  readonly #text: number;
  readonly #columns: Schema;
  /** Writes those that are plain, which are most. */
  readonly #plain: TextMembers | RecordFields;
  readonly #read: (text: string) => Outcome;
  #batch: Batch | undefined;
  #row = 0;

  constructor({ text, columns, format }: ParseConfig) {
    this.#text = text;
    this.#columns = columns;
    if (format.kind === 'jsonl') {
      this.#plain = new TextMembers(columns);
      this.#read = (json) => readObject(json, columns);
    } else {
      const { delimiter, nullText } = format;
      this.#plain = new RecordFields(delimiter, nullText);
      this.#read = (record) => readRecord(record, columns, delimiter, nullText);
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
    const values = this.#read(readText(column, row));
    if (typeof values === 'string') return values;
    return writeValues(columns, at, values, this.#columns) ?? true;
  }
}

function readObject(text: string, columns: Schema): Outcome {
  const parsed = parseJsonText(text);
  if (parsed === undefined) return 'expected JSON, found a text that is none';
  const { value } = parsed;
  if (!isObject(value)) return `expected a JSON object, found ${kindOf(value)}`;
  const exact = exactIntegers(text);
  return columns.map(({ name, type: { kind } }) => {
    if (!Object.hasOwn(value, name)) return null;
    return (kind === 'int64' ? exact.get(name) : undefined) ?? forColumn(value[name], kind);
  });
}

function readRecord(text: string, columns: Schema, delimiter: string, nullText: string): Outcome {
  const fields = splitRecord(text, delimiter);
  if (typeof fields === 'string') return fields;
  if (fields.length !== columns.length) {
    return `expected ${columns.length} fields, found ${fields.length}`;
  }
  const values: unknown[] = [];
  for (const [c, { text: field, isQuoted }] of fields.entries()) {
    const isNull = !isQuoted && field === nullText;
    const value = isNull ? { value: null } : fieldValue(field, columns[c]!.type);
    if (typeof value === 'string') return `column '${columns[c]!.name}': ${value}`;
    values.push(value.value);
  }
  return values;
}
