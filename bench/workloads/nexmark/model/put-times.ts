/** Writing event times. @module */

import type { Column } from '../../../../src/core/column.ts';
import { BASE_TIME_MS, countBefore, eventOf, type Kind, type Timeline } from './timeline.ts';

/** Event times of the kind's rows number `first …`, in runs of equal ones. */
export function putTimes(
  column: Column,
  row: number,
  count: number,
  kind: Kind,
  first: number,
  timeline: Timeline,
): void {
  const { words } = column;
  const end = row + count;
  let offsetMs = timeline.offsetMs(eventOf(kind, first));
  while (row < end) {
    const next = countBefore(kind, timeline.firstEventAt(offsetMs + 1));
    const runEnd = Math.min(end, end - count + (next - first));
    const timeUs = (BASE_TIME_MS + offsetMs) * 1000;
    const high = Math.floor(timeUs / 2 ** 32);
    const low = timeUs - high * 2 ** 32;
    for (; row < runEnd; row++) {
      words[2 * row] = low;
      words[2 * row + 1] = high;
    }
    if (row < end) offsetMs = timeline.offsetMs(eventOf(kind, first + row - (end - count)));
  }
}
