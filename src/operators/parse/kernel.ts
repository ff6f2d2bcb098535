/** What `parse` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import { readValue } from '../../rows/row-reader.ts';
import { parseJsonText } from '../../rows/values/json.ts';
import { type Expansion, ExpandingKernel } from '../expanding-kernel.ts';
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
  readonly #text: number;
  readonly #columns: Schema;
  readonly #read: (text: string) => Outcome;
  #values: readonly unknown[] | undefined;

  constructor({ text, columns, format }: ParseConfig) {
    this.#text = text;
    this.#columns = columns;
    this.#read =
      format.kind === 'jsonl'
        ? (json) => readObject(json, columns)
        : (record) => readRecord(record, columns, format.delimiter, format.nullText);
  }

  begin(batch: Batch, row: number): string | undefined {
    const text = readValue(batch.columns[this.#text]!, row, { int64: 'bigint' }) as string | null;
    const outcome = text === null ? this.#columns.map(() => null) : this.#read(text);
    this.#values = typeof outcome === 'string' ? undefined : outcome;
    return typeof outcome === 'string' ? outcome : undefined;
  }

  next(): readonly unknown[] | undefined {
    const values = this.#values;
    this.#values = undefined;
    return values;
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
