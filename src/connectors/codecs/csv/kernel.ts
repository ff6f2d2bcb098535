/** The kernel for a CSV file. @module */

import type { CsvFormat } from '../../../core/topology/model.ts';
import type { DecoderContext } from '../codec.ts';
import { buildCsvModule } from '../kernels/csv.ts';
import { hasKernelType, makeBlock, MOST_KERNEL_COLUMNS, RowKernel } from '../kernels/row-kernel.ts';

/** Longer null texts are compared in TypeScript only. */
const MOST_NULL_TEXT_BYTES = 32;

/** Whether a delimiter occurs in no number, timestamp or truth value. */
export function isPlainDelimiter(delimiter: string): boolean {
  return !/[-+.:0-9A-Za-z ]/.test(delimiter);
}

/**
 * A kernel for lines with these fields; undefined where no kernel reads such files.
 *
 * @param targets - for each field its column, or -1
 */
export function makeCsvKernel(
  { delimiter, nullText }: CsvFormat,
  targets: Int32Array,
  { schema, timeColumn, memory }: DecoderContext,
): RowKernel | undefined {
  if (memory === undefined || schema.length === 0) return undefined;
  if (!isPlainDelimiter(delimiter) || delimiter.charCodeAt(0) > 0x7f) return undefined;
  const nullBytes = new TextEncoder().encode(nullText);
  const isLarge = targets.length > MOST_KERNEL_COLUMNS || nullBytes.length > MOST_NULL_TEXT_BYTES;
  if (isLarge || !schema.every(hasKernelType)) return undefined;
  const rows = {
    schema,
    timeColumn,
    targets: [...targets],
    delimiter: delimiter.charCodeAt(0),
    nullText: nullBytes,
  };
  const types = schema.map(({ type }) => type);
  const key = `csv ${JSON.stringify([types, timeColumn, rows.targets, delimiter, nullText])}`;
  return new RowKernel(memory, key, () => buildCsvModule(rows), makeBlock(memory, schema.length));
}
