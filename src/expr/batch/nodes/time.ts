/** Loops of functions of timestamps. What depends on the day alone is computed once per day. @module */

import type { Column } from '../../../core/column.ts';
import { addMonths, unitOf } from '../../scalar/date-arithmetic.ts';
import type { DatePart } from '../../scalar/date-pattern.ts';
import { formatDate, parseDatePattern } from '../../scalar/date-pattern.ts';
import type { TimeZone } from '../../scalar/time-zone.ts';
import { timeZone } from '../../scalar/time-zone.ts';
import type { TypedExpr } from '../../typed.ts';
import type { Value } from '../../value.ts';
import { fromZone, shiftTimes, toZone, unitsFrom } from '../loops/time.ts';
import { ValueWriter } from '../values.ts';
import type { RowLoop } from './loop-node.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const WORD = 4_294_967_296;

/** Instants below this magnitude are exact in a float64. */
const SAFE = 2 ** 53;

function constantText(expr: TypedExpr): string | undefined {
  return expr.op === 'literal' && typeof expr.value === 'string' ? expr.value : undefined;
}

/** The loop of `AT_TIME_ZONE` for a constant zone. */
export function inZoneLoop([, name]: readonly TypedExpr[]): RowLoop | undefined {
  return zoneLoop(name!, toZone);
}

/** The loop of `FROM_TIME_ZONE` for a constant zone. */
export function fromZoneLoop([, name]: readonly TypedExpr[]): RowLoop | undefined {
  return zoneLoop(name!, fromZone);
}

function zoneLoop(
  name: TypedExpr,
  shiftOf: (zone: TimeZone) => (us: number) => number,
): RowLoop | undefined {
  const text = constantText(name);
  if (text === undefined) return undefined;
  const shift = shiftOf(timeZone(text));
  return (rows, n, out, [t], left) => shiftTimes(rows, n, out.words, t!.words, left, shift);
}

/** Counts of units up to this lead from any exact instant to a timestamp. */
const MOST_MONTHS = 12_000;

/** The loop of `TIMESTAMPADD` of a constant: what is added is the same for all instants of a day. */
export function addLoop([unit, n]: readonly TypedExpr[]): RowLoop | undefined {
  const text = constantText(unit!);
  if (text === undefined || n?.op !== 'literal' || n.value === null) return undefined;
  const count = BigInt(n.value as number);
  const { us, months } = unitOf(text);
  const isFar = months === undefined ? false : Math.abs(Number(months * count)) > MOST_MONTHS;
  const fixed = us === undefined ? 0 : Number(us * count);
  if (isFar || Math.abs(fixed) >= SAFE) return undefined;
  const added = (day: number): number => {
    if (us !== undefined) return fixed;
    const dayStart = BigInt(day) * BigInt(DAY);
    return Number(addMonths(dayStart, months! * count) - dayStart);
  };
  return (rows, rowCount, out, [, , t], left) => {
    const { words } = out;
    let leftCount = 0;
    let day = NaN;
    let delta = 0;
    for (let s = 0; s < rowCount; s++) {
      const row = rows[s]!;
      const instant = t!.getI64AsNumber(row);
      const next = Math.floor(instant / DAY);
      if (Math.abs(instant) < SAFE && next !== day) {
        day = next;
        delta = added(day);
      }
      const sum = instant + delta;
      words[2 * row] = sum | 0;
      words[2 * row + 1] = Math.floor(sum / WORD);
      left[leftCount] = row;
      leftCount += +!(Math.abs(instant) < SAFE && Math.abs(sum) < SAFE);
    }
    return leftCount;
  };
}

/** The loop of `TIMESTAMPDIFF` in units of fixed length. */
export function differenceLoop([unit]: readonly TypedExpr[]): RowLoop | undefined {
  const text = constantText(unit!);
  const us = text === undefined ? undefined : unitOf(text).us;
  if (us === undefined) return undefined;
  const unitUs = Number(us);
  return (rows, n, out, [, from, to], left) =>
    unitsFrom(rows, n, out.words, from!.words, to!.words, left, unitUs);
}

/** The loop of `DATE_FORMAT`: a text is made once for each run of rows in the same unit of time. */
export function dateFormatLoop([, pattern, zone]: readonly TypedExpr[]): RowLoop | undefined {
  const text = constantText(pattern!);
  if (text === undefined || zone !== undefined) return undefined;
  const parts = parseDatePattern(text);
  return oncePerUnit(finestUnit(parts), (us) => formatDate(us as bigint, parts));
}

/** The longest unit within which a pattern gives the same text. */
function finestUnit(parts: readonly DatePart[]): number {
  let unit = DAY;
  for (const part of parts) {
    if ('text' in part) continue;
    if (/[Sn]/.test(part.letter)) unit = 1;
    else if (part.letter === 's') unit = Math.min(unit, SECOND);
    else if (part.letter === 'm') unit = Math.min(unit, MINUTE);
    else if (/[HhKka]/.test(part.letter)) unit = Math.min(unit, HOUR);
  }
  return unit;
}

/** A string that is the same for all instants of a unit of time; rows of a stream lie in few. */
function oncePerUnit(unitUs: number, compute: (us: Value) => Value): RowLoop {
  const writer = new ValueWriter();
  return (rows, count, out, [t]) => {
    let unit = NaN;
    let computed = -1;
    for (let s = 0; s < count; s++) {
      const row = rows[s]!;
      const us = t!.getI64AsNumber(row);
      const next = Math.abs(us) < SAFE ? Math.floor(us / unitUs) : NaN;
      if (next === unit) {
        repeatView(out, computed, row);
      } else {
        writer.write(out, row, compute(t!.i64[row]!));
        unit = next;
        computed = row;
      }
    }
    return 0;
  };
}

/** Gives a row the value of another; long values share their bytes in the heap. */
function repeatView(column: Column, from: number, to: number): void {
  const words = column.words;
  for (let i = 0; i < 4; i++) words[4 * to + i] = words[4 * from + i]!;
}
