/** The header line of a CSV file: which field of a line goes into which column. @module */

import { MillraceError } from '../../../core/errors.ts';
import { nearestName } from '../../../core/nearest-name.ts';
import type { Schema } from '../../../core/schema.ts';
import type { DecoderContext } from '../codec.ts';

/**
 * For each field of a line the column it goes into, -1 where the schema has none of its name.
 *
 * @throws MillraceError `ERR_BAD_ROW` when a column is missing or there twice
 */
export function mapHeader(names: readonly string[], context: DecoderContext): number[] {
  const { schema, file, node } = context;
  const fail = (message: string): never => {
    throw new MillraceError('ERR_BAD_ROW', `${file}:1: ${message}`, { node });
  };
  for (const { name } of schema) {
    const first = names.indexOf(name);
    if (first < 0) fail(missingColumn(name, names, schema));
    if (names.includes(name, first + 1)) fail(`the header names column '${name}' twice`);
  }
  return names.map((name) => schema.findIndex((field) => field.name === name));
}

function missingColumn(name: string, names: readonly string[], schema: Schema): string {
  const strangers = names.filter((found) => schema.every((field) => field.name !== found));
  const near = nearestName(name, strangers);
  const hint = near === undefined ? '' : `; did it mean '${near}'?`;
  return `the header has no column '${name}', it has ${listNames(names)}${hint}`;
}

const MOST_NAMES = 30;

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => `'${name}'`);
  return names.length > MOST_NAMES ? `${shown.join(', ')} …` : shown.join(', ');
}
