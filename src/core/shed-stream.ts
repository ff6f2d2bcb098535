/**
 * The stream of what was shed: a source that is there when something reads it. Once a second, and at the end,
 * it has a row for each class of each tenant, place and reason for which rows were dropped meanwhile.
 *
 * @module
 */

import type { Schema } from './schema.ts';
import { FLOAT64, INT64, STRING, TIMESTAMP } from './types.ts';

/** What it is called where it is read; nothing else may be called so. */
export const SHED_STREAM = '$shed';

/** Positions of its columns. */
export const ShedColumn = {
  TIME: 0,
  SOURCE: 1,
  CLASS: 2,
  TENANT: 3,
  PLACE: 4,
  REASON: 5,
  ROWS: 6,
  VALUE: 7,
  THRESHOLD: 8,
  OFFERED: 9,
  OFFERED_VALUE: 10,
} as const;

/** Its columns. */
export const SHED_SCHEMA: Schema = [
  { name: 'time', type: TIMESTAMP },
  { name: 'source', type: STRING },
  { name: 'class', type: STRING },
  { name: 'tenant', type: STRING },
  { name: 'place', type: STRING },
  { name: 'reason', type: STRING },
  { name: 'rows', type: INT64 },
  { name: 'value', type: FLOAT64 },
  { name: 'threshold', type: FLOAT64 },
  { name: 'offered', type: INT64 },
  { name: 'offered_value', type: FLOAT64 },
];
