/**
 * Streams of changes: results that may be taken back.
 *
 * Such a stream has a string column that says what its row does to the table that the stream
 * describes, with the kinds of Flink's changelogs. A new version of a row is two rows, the old one
 * taken back and the new one. Both carry the event time of the new version, but for results of windows that
 * change with their rows, as sessions do: of these each carries its own window's. Borealis' revisions are
 * the same: an insertion is `+I`, a replacement is `-U` and `+U`, a deletion is `-D`.
 *
 * The table after any number of rows is the multiset of rows with `+` less the multiset of rows with
 * `-`, the change column left out.
 *
 * @module
 */

import type { Column } from './column.ts';
import type { Field } from './schema.ts';
import { STRING } from './types.ts';

/** What the column is called where an operator adds it. */
export const CHANGE_FIELD: Field = { name: 'change', type: STRING };

/** What a row does. */
export const Change = {
  INSERT: '+I',
  /** Takes back the old version of a row; its new version follows. */
  UPDATE_BEFORE: '-U',
  UPDATE_AFTER: '+U',
  DELETE: '-D',
} as const;

/** A kind of change. */
export type Change = (typeof Change)[keyof typeof Change];

const MINUS = 0x2d;

/** Whether a row takes an earlier one back; null stands for `+I`. @hot */
export function isRetraction(changes: Column, row: number): boolean {
  if (changes.isNull(row) || changes.viewLength(row) === 0) return false;
  return changes.viewSource(row)[changes.viewStart(row)] === MINUS;
}
