/**
 * Durations and sizes as people write them, and the units that end names.
 *
 * Event times are microseconds in a JavaScript number: exact up to ±2^53 µs, the years 1684 to
 * 2255. Rows whose event time lies outside are refused where they enter. Timestamp *columns* are
 * int64 and have no such limit.
 *
 * @module
 */

/** Microseconds since 1970-01-01T00:00:00Z; `-Infinity` and `Infinity` occur in watermarks. */
export type TimeUs = number;
/** A length of time in microseconds. */
export type DurationUs = number;

const DURATION_UNITS_US: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  min: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

const ISO_DURATION =
  /^(-)?P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Reads `"250ms"`, `"10s"`, `"5m"`, `"1h"`, `"1d"`, `"PT1M30S"`; `undefined` if it is no duration. */
export function parseDurationUs(text: string): DurationUs | undefined {
  const simple = /^(\d+(?:\.\d+)?)\s*(us|ms|s|m|min|h|d)$/.exec(text);
  if (simple !== null) {
    return Math.round(Number(simple[1]) * (DURATION_UNITS_US[simple[2] ?? ''] ?? NaN));
  }
  const iso = ISO_DURATION.exec(text);
  if (iso === null || text.endsWith('P') || text.endsWith('T')) return undefined;
  const [, sign, weeks = '0', days = '0', hours = '0', minutes = '0', seconds = '0'] = iso;
  const us =
    Number(weeks) * 604_800e6 +
    Number(days) * 86_400e6 +
    Number(hours) * 3_600e6 +
    Number(minutes) * 60e6 +
    Number(seconds) * 1e6;
  return Math.round(sign === undefined ? us : -us);
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

/** Reads `"64MiB"`, `"1.5GB"`, `"4096B"`; `undefined` if it is no size. */
export function parseSizeBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(B|[KMG]iB|kB|[KMG]B)$/.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * (SIZE_UNITS[match[2] ?? ''] ?? NaN));
}
