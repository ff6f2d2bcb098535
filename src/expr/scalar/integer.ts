/** Integers that do not wrap: a result outside its type is a row error. @module */

import { divisionByZero, overflow } from '../row-error.ts';

/** The least int32. */
export const MIN_INT32 = -0x8000_0000;
/** The greatest int32. */
export const MAX_INT32 = 0x7fff_ffff;
/** The least int64. */
export const MIN_INT64 = -(1n << 63n);
/** The greatest int64. */
export const MAX_INT64 = (1n << 63n) - 1n;

/** Whether an integral number fits an int32. */
export function fitsInt32(value: number): boolean {
  return value >= MIN_INT32 && value <= MAX_INT32;
}

/** Whether an integer fits an int64. */
export function fitsInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_INT64;
}

/**
 * `value` as an int32, never -0.
 *
 * @throws RowError `overflow`
 */
export function checkInt32(value: number): number {
  if (!fitsInt32(value)) throw overflow('int32');
  return value + 0;
}

/**
 * `value` as an int64; `what` names the type in the message.
 *
 * @throws RowError `overflow`
 */
export function checkInt64(value: bigint, what = 'int64'): bigint {
  if (!fitsInt64(value)) throw overflow(what);
  return value;
}

/** Quotient towards zero. @throws RowError `divisionByZero`, `overflow` */
export function divideInt32(a: number, b: number): number {
  if (b === 0) throw divisionByZero();
  return checkInt32(Math.trunc(a / b));
}

/** Remainder with the sign of `a`. @throws RowError `divisionByZero` */
export function remainderInt32(a: number, b: number): number {
  if (b === 0) throw divisionByZero();
  return (a % b) + 0;
}

/** Quotient towards zero. @throws RowError `divisionByZero`, `overflow` */
export function divideInt64(a: bigint, b: bigint, what?: string): bigint {
  if (b === 0n) throw divisionByZero();
  return checkInt64(a / b, what);
}

/** Remainder with the sign of `a`. @throws RowError `divisionByZero` */
export function remainderInt64(a: bigint, b: bigint): bigint {
  if (b === 0n) throw divisionByZero();
  return a % b;
}

/** `value` rounded to a multiple of `unit` (> 0): half away from zero, or towards zero. */
export function roundToMultiple(value: bigint, unit: bigint, towardsZero: boolean): bigint {
  const rest = value % unit;
  const truncated = value - rest;
  const magnitude = rest < 0n ? -rest : rest;
  if (towardsZero || magnitude * 2n < unit) return truncated;
  return value < 0n ? truncated - unit : truncated + unit;
}
