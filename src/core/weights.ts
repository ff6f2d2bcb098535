/**
 * Streams of weighted rows: what is left of a stream of which rows were shed.
 *
 * Each row was let in with a known probability, and stands for one row divided by it: its weight, at
 * least 1. So the sum of a column times the weights is an unbiased estimate of what the sum over all
 * rows would have been (Horvitz and Thompson 1952). Rows of sources that say `"windows": "estimate"` carry
 * their weight in a column of its own.
 *
 * @module
 */

import type { Field } from './schema.ts';
import { FLOAT64 } from './types.ts';

/** The column that sources add behind their own. */
export const WEIGHT_FIELD: Field = { name: '$weight', type: FLOAT64 };
