/**
 * Code that keeps the least or greatest value of a record.
 *
 * In a record of many rows a new extreme is rare: the branch is foretold well, and most rows store
 * nothing. In a record of few it is not; there the code has no branch.
 *
 * @module
 */

import type { F64, FunctionBuilder, I32, I64 } from '../../wasm/index.ts';
import { f64, i32, i64, select } from '../../wasm/index.ts';
import { STATE } from './shape.ts';

/** Which extreme, and where it lies. */
export interface ExtremePlace {
  readonly isMax: boolean;
  /** Address of the record. */
  readonly record: I32;
  readonly cell: number;
}

/** Which rows are added. */
export interface ExtremeRows {
  /** Whether the row counts, 0 or 1; `undefined`: it does. */
  readonly counts: I32 | undefined;
  /** Whether most records have many rows. */
  readonly isSteady: boolean;
}

const and = (counts: I32 | undefined, condition: I32): I32 =>
  counts === undefined ? condition : i32.and(condition, counts);

/** Keeps an i32. */
export function extremeI32(
  f: FunctionBuilder,
  { isMax, record, cell }: ExtremePlace,
  value: I32,
  { counts, isSteady }: ExtremeRows,
): void {
  const at = { memory: STATE, offset: 8 * cell };
  const current = f.let(i32.load(record, at));
  const replaces = and(counts, isMax ? i32.gtS(value, current) : i32.ltS(value, current));
  if (isSteady) f.if(replaces, () => f.do(i32.store(record, value, at)));
  else f.do(i32.store(record, select(replaces, value, current), at));
}

/** Keeps an i64. */
export function extremeI64(
  f: FunctionBuilder,
  { isMax, record, cell }: ExtremePlace,
  value: I64,
  { counts, isSteady }: ExtremeRows,
): void {
  const at = { memory: STATE, offset: 8 * cell };
  const current = f.let(i64.load(record, at));
  const replaces = and(counts, isMax ? i64.gtS(value, current) : i64.ltS(value, current));
  if (isSteady) f.if(replaces, () => f.do(i64.store(record, value, at)));
  else f.do(i64.store(record, select(replaces, value, current), at));
}

/** Keeps a float. NaN is above all numbers: a maximum takes it, a minimum begins with it and lets it go. */
export function extremeF64(
  f: FunctionBuilder,
  { isMax, record, cell }: ExtremePlace,
  value: F64,
  { counts, isSteady }: ExtremeRows,
): void {
  const at = { memory: STATE, offset: 8 * cell };
  const current = f.let(f64.load(record, at));
  const replaces = isMax
    ? i32.or(f64.gt(value, current), f64.ne(value, value))
    : i32.or(f64.lt(value, current), f64.ne(current, current));
  // Adding 0 turns −0 into 0.
  const plain = f64.add(value, f64.const(0));
  if (!isSteady) {
    const bits = [plain, current].map((one) => i64.reinterpretF64(one)) as [I64, I64];
    f.do(i64.store(record, select(and(counts, replaces), ...bits), at));
    return;
  }
  const isWithin = isMax ? f64.le(value, current) : f64.ge(value, current);
  f.if(and(counts, i32.eqz(isWithin)), () =>
    f.if(replaces, () => f.do(f64.store(record, plain, at))),
  );
}
