/** A text as the values of a row. @module */

import type { Column } from '../../core/column.ts';
import type { Schema } from '../../core/schema.ts';
import type { FileFormat } from '../../core/topology/model.ts';
import { parseJsonText } from '../../rows/values/json.ts';
import { writeValues } from '../expanding-kernel.ts';
import { forColumn, isObject, kindOf } from '../json-values.ts';
import type { CsvField } from './csv-record.ts';
import { splitRecord } from './csv-record.ts';
import { exactIntegers } from './exact-integers.ts';
import { writeField } from './field.ts';

/** Writes the values that a text spells to row `at`; a text: why it does not. */
export type WriteTextRow = (text: string, columns: readonly Column[], at: number) => true | string;

/** How texts of a format become rows. */
export function textRowWriter(schema: Schema, format: FileFormat): WriteTextRow {
  if (format.kind === 'jsonl') {
    return (json, columns, at) => writeObject(json, columns, at, schema);
  }
  const { delimiter, nullText } = format;
  return (record, columns, at) => {
    const fields = splitRecord(record, delimiter);
    if (typeof fields === 'string') return fields;
    return writeFields(fields, columns, at, schema, nullText);
  };
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
