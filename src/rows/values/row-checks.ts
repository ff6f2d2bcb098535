/**
 * What every connector checks of a whole row: that it has an event time, and that it fits a slot.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import { isEventTime } from '../../core/time.ts';

/** Whether a row of the event-time column holds an event time. @hot */
export function hasEventTime(column: Column, row: number): boolean {
  return !column.isNull(row) && isEventTime(column.getI64AsNumber(row));
}

/** Why a row of the event-time column holds no event time. */
export function eventTimeProblem(column: Column, row: number): string {
  if (column.isNull(row)) return 'the event time is missing';
  return `the event time ${column.i64[row]!} µs lies outside the years 1684 to 2255`;
}

/** The message for a row whose long values do not fit an empty slot. */
export function tooLargeMessage(rowBytes: number, limitBytes: number): string {
  return `the tuple has ${rowBytes} bytes of long values, the limit is ${limitBytes}`;
}

/** Takes back the null marks of a row that is not to be. */
export function forgetRow(columns: readonly Column[], row: number): void {
  for (let c = 0; c < columns.length; c++) columns[c]!.setPresent(row);
}
