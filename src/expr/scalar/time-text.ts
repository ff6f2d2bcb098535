/** Timestamps and durations as text, as in files: ISO 8601. @module */

import { calendarFields, daysFromCivil, daysInMonth, instantUs } from './calendar.ts';
import { divideRounded } from './decimal.ts';
import { fitsInt64 } from './integer.ts';

const TIMESTAMP =
  /^([+-]\d{4,6}|\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * Reads `2026-01-31`, `2026-01-31 23:59[:59[.123456]]` or with `T`, and an optional zone (`Z`,
 * `+02:00`); without one it is UTC. Digits beyond microseconds are dropped.
 *
 * @returns microseconds since 1970, or `undefined` when the text is no timestamp
 */
export function parseTimestamp(text: string): bigint | undefined {
  const match = TIMESTAMP.exec(text.trim());
  if (match === null) return undefined;
  const [, y = '', mo = '', d = '', h = '0', mi = '0', s = '0', fraction = '', zone = 'Z'] = match;
  const [year, month, day] = [Number(y), Number(mo), Number(d)];
  const [hour, minute, second] = [Number(h), Number(mi), Number(s)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offsetMinutes = zoneMinutes(zone);
  if (offsetMinutes === undefined) return undefined;
  const micros = Number(fraction.padEnd(6, '0').slice(0, 6));
  const timeUs = ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1_000_000 + micros;
  const us = instantUs(daysFromCivil(year, month, day), timeUs);
  return fitsInt64(us) ? us : undefined;
}

function zoneMinutes(zone: string): number | undefined {
  if (/^z$/i.test(zone)) return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  if (hours > 18 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** `2026-01-01T00:00:10.000Z`; microseconds only when they are not zero. */
export function formatTimestamp(us: bigint): string {
  const { year, month, day, hour, minute, second, microsecond } = calendarFields(us);
  const fraction = microsecond % 1000 === 0 ? pad(microsecond / 1000, 3) : pad(microsecond, 6);
  const date = `${formatYear(year)}-${pad(month, 2)}-${pad(day, 2)}`;
  return `${date}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${fraction}Z`;
}

/** Four digits, or a sign and six outside the years 0 to 9999, as ISO 8601 has it. */
export function formatYear(year: number): string {
  if (year >= 0 && year <= 9999) return pad(year, 4);
  return `${year < 0 ? '-' : '+'}${pad(Math.abs(year), 6)}`;
}

const NUMBER = String.raw`(\d{1,19}(?:\.\d{1,9})?)`;
const SIMPLE_DURATION = new RegExp(String.raw`^${NUMBER}\s*(us|ms|s|m|min|h|d)$`);
const ISO_DURATION = new RegExp(
  `^(-)?P(?=.)(?:${NUMBER}W)?(?:${NUMBER}D)?(?:T(?=.)(?:${NUMBER}H)?(?:${NUMBER}M)?(?:${NUMBER}S)?)?$`,
);
const SIMPLE_UNITS_US: Readonly<Record<string, bigint>> = {
  us: 1n,
  ms: 1_000n,
  s: 1_000_000n,
  m: 60_000_000n,
  min: 60_000_000n,
  h: 3_600_000_000n,
  d: 86_400_000_000n,
};
const ISO_UNITS_US = [604_800_000_000n, 86_400_000_000n, 3_600_000_000n, 60_000_000n, 1_000_000n];

/** Reads `PT1M30S` or `90s`, exactly; `undefined` when the text is no duration. */
export function parseDuration(text: string): bigint | undefined {
  const trimmed = text.trim();
  const simple = SIMPLE_DURATION.exec(trimmed);
  const us =
    simple === null
      ? parseIsoDuration(trimmed)
      : timesUnit(simple[1]!, SIMPLE_UNITS_US[simple[2]!]!);
  return us !== undefined && fitsInt64(us) ? us : undefined;
}

function parseIsoDuration(text: string): bigint | undefined {
  const match = ISO_DURATION.exec(text);
  if (match === null) return undefined;
  let us = 0n;
  for (const [i, unit] of ISO_UNITS_US.entries()) us += timesUnit(match[i + 2] ?? '0', unit);
  return match[1] === undefined ? us : -us;
}

/** An unsigned number as written, times a unit, to the nearest whole. */
export function timesUnit(number: string, unit: bigint): bigint {
  const [whole = '0', fraction = ''] = number.split('.');
  return divideRounded(BigInt(whole + fraction) * unit, 10n ** BigInt(fraction.length));
}

/** ISO 8601: `PT0S`, `PT1H2M3.5S`, `-P1DT2H`. */
export function formatDuration(us: bigint): string {
  const sign = us < 0n ? '-' : '';
  const magnitude = us < 0n ? -us : us;
  const days = magnitude / 86_400_000_000n;
  const rest = Number(magnitude % 86_400_000_000n);
  const hours = Math.floor(rest / 3_600_000_000);
  const minutes = Math.floor(rest / 60_000_000) % 60;
  const seconds = Math.floor(rest / 1_000_000) % 60;
  const fraction = pad(rest % 1_000_000, 6).replace(/0+$/, '');
  const secondsText = fraction === '' ? `${seconds}` : `${seconds}.${fraction}`;
  const time =
    (hours === 0 ? '' : `${hours}H`) +
    (minutes === 0 ? '' : `${minutes}M`) +
    (secondsText === '0' ? '' : `${secondsText}S`);
  const date = days === 0n ? '' : `${days}D`;
  if (date === '' && time === '') return 'PT0S';
  return `${sign}P${date}${time === '' ? '' : `T${time}`}`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
