/**
 * Timestamps by float64 arithmetic, exact within ±2^53 µs (the years 1684 to 2255); other rows are
 * left to the scalar rule.
 *
 * @module
 */

import type { TimeZone } from '../../scalar/time-zone.ts';
import { localOffset } from '../../scalar/time-zone.ts';

const WORD = 4294967296;
const SAFE = 9007199254740992;

/** What the clocks of a zone show at instants. */
export function toZone(zone: TimeZone): (us: number) => number {
  return (us) => us + zone.offsetAt(us / 1_000_000) * 1_000_000;
}

/** The instants at which the clocks of a zone show times. */
export function fromZone(zone: TimeZone): (local: number) => number {
  return (local) => local - localOffset(Math.floor(local / 1_000_000), zone) * 1_000_000;
}

/** Moves times. To find where to takes longer than the call. @hot */
export function shiftTimes(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  left: Uint32Array,
  shift: (us: number) => number,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const us = a[2 * row + 1]! * WORD + (a[2 * row]! >>> 0);
    const shifted = shift(us);
    out[2 * row] = shifted | 0;
    out[2 * row + 1] = Math.floor(shifted / WORD);
    left[leftCount] = row;
    leftCount += +!(Math.abs(us) < SAFE && Math.abs(shifted) < SAFE);
  }
  return leftCount;
}

/** @hot Whole units from `a` to `b`, towards zero. */
export function unitsFrom(
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
  unitUs: number,
): number {
  let leftCount = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    const from = a[2 * row + 1]! * WORD + (a[2 * row]! >>> 0);
    const to = b[2 * row + 1]! * WORD + (b[2 * row]! >>> 0);
    const units = Math.trunc((to - from) / unitUs);
    out[2 * row] = units | 0;
    out[2 * row + 1] = Math.floor(units / WORD);
    left[leftCount] = row;
    const isExact = Math.abs(from) < SAFE && Math.abs(to) < SAFE;
    leftCount += +!(isExact && Math.abs(to - from) < SAFE);
  }
  return leftCount;
}
