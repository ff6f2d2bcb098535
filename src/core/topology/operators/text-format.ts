/** Rows as text inside a column, as documents write them. @module */

import * as z from 'zod';
import { csvProperties, option } from '../document/parts.ts';
import type { CsvFormat, JsonlFormat } from '../model/parts.ts';
import type { NodeReport } from '../node-report.ts';

/** Properties that say how a row is written in a text. */
export const textFormat = {
  format: option('format', ['json', 'csv']).describe('"json", an object, or "csv", a record.'),
  delimiter: csvProperties.delimiter,
  nullText: csvProperties.nullText,
};

/** These properties as a document has them. */
export type TextFormatDocument = z.input<z.ZodObject<typeof textFormat>>;

/** Only CSV has CSV's properties. */
export function checkTextFormat(node: Partial<TextFormatDocument>, report: NodeReport): void {
  if (node.format !== 'json') return;
  for (const property of ['delimiter', 'nullText'] as const) {
    if (node[property] !== undefined) {
      report.add([property], `'${property}' goes with the format csv only`);
    }
  }
}

/** The normal form: one object a line, or one record. */
export function normalizeTextFormat(node: TextFormatDocument): CsvFormat | JsonlFormat {
  if (node.format === 'json') return { kind: 'jsonl' };
  const { delimiter = ',', nullText = '' } = node;
  return { kind: 'csv', delimiter, nullText, header: false };
}
