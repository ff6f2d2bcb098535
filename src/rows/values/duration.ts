/**
 * Durations as text: ISO 8601 (`PT1H30M`, `-PT0.000001S`, `P2W`, `P1DT12H`), or the short form of a
 * topology (`250ms`). A day is 24 hours; months and years have no length and are refused.
 *
 * @module
 */

import type { FaultCode } from './fault.ts';
import { Fault } from './fault.ts';
import { isInt64 } from './int64.ts';
import { scaleText } from './scaled.ts';

const AMOUNT = String.raw`(\d+(?:[.,]\d+)?)`;
const ISO = new RegExp(
  `^([+-])?P(?=.*\\d)(?:${AMOUNT}W)?(?:${AMOUNT}D)?` +
    `(?:T(?=\\d)(?:${AMOUNT}H)?(?:${AMOUNT}M)?(?:${AMOUNT}S)?)?$`,
);
const SHORT = /^([+-])?(\d+(?:\.\d+)?)(us|ms|s|m|min|h|d)$/;

/** Microseconds of W, D, H, M, S. */
const ISO_UNITS = [604_800_000_000n, 86_400_000_000n, 3_600_000_000n, 60_000_000n, 1_000_000n];
const SHORT_UNITS: ReadonlyMap<string, bigint> = new Map([
  ['us', 1n],
  ['ms', 1_000n],
  ['s', 1_000_000n],
  ['m', 60_000_000n],
  ['min', 60_000_000n],
  ['h', 3_600_000_000n],
  ['d', 86_400_000_000n],
]);

/** A duration's text in microseconds, cut off below one; or what is wrong with it. */
export function durationFromText(text: string): bigint | FaultCode {
  const parts: [amount: string, unitUs: bigint][] = [];
  let sign: string | undefined;
  const iso = ISO.exec(text);
  if (iso === null) {
    const short = SHORT.exec(text);
    if (short === null) return Fault.SYNTAX;
    sign = short[1];
    parts.push([short[2]!, SHORT_UNITS.get(short[3]!)!]);
  } else {
    sign = iso[1];
    ISO_UNITS.forEach((unitUs, i) => {
      const amount = iso[i + 2];
      if (amount !== undefined) parts.push([amount.replace(',', '.'), unitUs]);
    });
  }
  let total = 0n;
  for (const [amount, unitUs] of parts) {
    // Twelve decimal places of a unit are enough to be exact to the microsecond.
    const scaled = scaleText(amount, 12, 'round');
    if (typeof scaled === 'number') return scaled;
    total += (scaled * unitUs) / 1_000_000_000_000n;
  }
  const value = sign === '-' ? -total : total;
  return isInt64(value) ? value : Fault.RANGE;
}

/** Microseconds as ISO 8601 in hours, minutes and seconds: `PT36H0.5S`, `-PT1M`, `PT0S`. */
export function durationToText(us: bigint): string {
  if (us === 0n) return 'PT0S';
  const isNegative = us < 0n;
  const magnitude = isNegative ? -us : us;
  const hours = magnitude / 3_600_000_000n;
  const minutes = (magnitude / 60_000_000n) % 60n;
  const seconds = (magnitude / 1_000_000n) % 60n;
  const micros = magnitude % 1_000_000n;
  let text = isNegative ? '-PT' : 'PT';
  if (hours > 0n) text += `${hours}H`;
  if (minutes > 0n) text += `${minutes}M`;
  if (micros > 0n) text += `${seconds}.${String(micros).padStart(6, '0').replace(/0+$/, '')}S`;
  else if (seconds > 0n) text += `${seconds}S`;
  return text;
}
