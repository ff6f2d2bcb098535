/** Reads points in time as a topology writes them. @module */

import type { TimeUs } from '../units.ts';

const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?:(Z)|([+-])(\d\d):?(\d\d))?)?$/;

/**
 * Reads `2026-01-01`, `2026-01-01T00:00:10.5Z`, `2026-01-01 00:00:10+02:00`; without a zone it is
 * UTC. `undefined` if the text is none of these, or there is no such day or hour.
 */
export function parseTimestampUs(text: string): TimeUs | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = match;
  const [sign, zoneHours = '0', zoneMinutes = '0'] = match.slice(9);
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (h > 23 || m > 59 || s > 59 || Number(zoneHours) > 23 || Number(zoneMinutes) > 59) {
    return undefined;
  }
  const dayMs = dayStartMs(Number(year), Number(month), Number(day));
  if (dayMs === undefined) return undefined;
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1);
  const seconds = dayMs / 1000 + (h * 60 + m - zone) * 60 + s;
  return seconds * 1e6 + Number(fraction.padEnd(6, '0'));
}

/** Start of a day of the Gregorian calendar, if there is such a day. */
function dayStartMs(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isThere = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isThere ? date.getTime() : undefined;
}
