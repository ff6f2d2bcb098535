/** Code that says which of a row of a batch and a kept row is better. @module */

import type { F64, FunctionBuilder, FunctionRef, I32, ModuleBuilder } from '../../wasm/index.ts';
import { call, f64, i32, i64, select } from '../../wasm/index.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import type { ColumnCode } from '../kernel/loop-code.ts';
import { bitAt, isPresent } from '../kernel/loop-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import type { RowField } from '../rows/row-layout.ts';
import { columnWord } from '../rows/shape.ts';
import { columnsAt } from '../rows/store-code.ts';
import type { BestShape } from './shape.ts';

const { add, shl, sub } = i32;
const c = i32.const;
const here = { memory: COLUMNS };

/** `(columns, row, record)`: less than 0 if the row is better, 0 if both are the same in all columns. */
export type CompareFunction = FunctionRef<'i32'>;

/** Adds code for the order that `RecordOrder` has. */
export function addCompare(module: ModuleBuilder, { rows, order }: BestShape): CompareFunction {
  const { fields } = rows.layout;
  const compareBytes = addCompareBytes(module);
  return module.function({ params: ['i32', 'i32', 'i32'], result: 'i32' }, (f) => {
    const [row, record] = [f.param(1, 'i32'), f.param(2, 'i32')];
    const result = f.local('i32');
    const returnIfDecided = (): void => f.if(result, () => f.return(result));
    const compareField = (k: number, isDescending: boolean): void => {
      const field = fields[k]!;
      const [column] = columnsAt(f, f.param(0, 'i32'), [columnWord(k)]);
      const nulls = i32.load(record, { memory: STATE, offset: field.nullsAt });
      const isThere = f.let(isPresent(column!.validity, row));
      const isKeptThere = f.let(i32.eqz(i32.and(nulls, c(field.nullBit))));
      // Nulls come first.
      f.set(result, sub(isThere, isKeptThere));
      f.if(i32.and(isThere, isKeptThere), () => {
        f.set(result, compareValues(f, field, column!, row, record, compareBytes));
      });
      if (isDescending) f.set(result, sub(c(0), result));
      returnIfDecided();
    };
    for (const { column, direction } of order) compareField(column, direction === -1);
    fields.forEach((field, k) => {
      if (!order.some(({ column }) => column === k)) compareField(k, false);
      if (field.storage !== 'f64') return;
      // −0 and 0 are equal, and yet not the same; nulls have the same bits.
      const [column] = columnsAt(f, f.param(0, 'i32'), [columnWord(k)]);
      f.if(isPresent(column!.validity, row), () => {
        const value = i64.load(add(column!.values, shl(row, c(3))), here);
        const kept = i64.load(record, { memory: STATE, offset: field.at });
        const isNegative = (bits: typeof value): I32 => i64.eq(bits, i64.const(-(1n << 63n)));
        f.set(result, sub(isNegative(kept), isNegative(value)));
        returnIfDecided();
      });
    });
    f.return(c(0));
  });
}

/** -1, 0 or 1. */
function signOf(less: I32, greater: I32): I32 {
  return sub(greater, less);
}

function compareValues(
  f: FunctionBuilder,
  { storage, at }: RowField,
  { values, heap }: ColumnCode,
  row: I32,
  record: I32,
  compareBytes: FunctionRef<'i32'>,
): I32 {
  const there = { memory: STATE, offset: at };
  switch (storage) {
    case 'bits':
    case 'i32': {
      const isBits = storage === 'bits';
      const value = f.let(
        isBits ? bitAt(values, row) : i32.load(add(values, shl(row, c(2))), here),
      );
      const kept = f.let(i32.load(record, there));
      return signOf(i32.ltS(value, kept), i32.gtS(value, kept));
    }
    case 'i64': {
      const value = f.let(i64.load(add(values, shl(row, c(3))), here));
      const kept = f.let(i64.load(record, there));
      return signOf(i64.ltS(value, kept), i64.gtS(value, kept));
    }
    case 'f64': {
      const value = f.let(f64.load(add(values, shl(row, c(3))), here));
      const kept = f.let(f64.load(record, there));
      const isNaN = (x: F64): I32 => f64.ne(x, x);
      const byNumber = f.let(signOf(f64.lt(value, kept), f64.gt(value, kept)));
      // NaN comes after all numbers.
      return select(byNumber, byNumber, sub(isNaN(value), isNaN(kept)));
    }
    case 'view': {
      const view = f.let(add(values, shl(row, c(4))));
      const kept = f.let(add(record, c(at)));
      const length = f.let(i32.load(view, here));
      const keptLength = f.let(i32.load(kept, { memory: STATE }));
      const offset = i32.load(view, { memory: COLUMNS, offset: 12 });
      const keptOffset = i32.load(kept, { memory: STATE, offset: 12 });
      const isLong = i32.gtU(length, c(INLINE_BYTES));
      const isKeptLong = i32.gtU(keptLength, c(INLINE_BYTES));
      const bytes = select(isLong, add(heap, offset), add(view, c(4)));
      const keptBytes = select(isKeptLong, add(record, keptOffset), add(kept, c(4)));
      return call(compareBytes, bytes, length, keptBytes, keptLength);
    }
  }
}

/** `(bytes, length, keptBytes, keptLength)`: by bytes, then by length. */
function addCompareBytes(module: ModuleBuilder): FunctionRef<'i32'> {
  return module.function({ params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' }, (f) => {
    const [a, b] = [f.param(0, 'i32'), f.param(2, 'i32')];
    const [lengthA, lengthB] = [f.param(1, 'i32'), f.param(3, 'i32')];
    const common = f.let(select(i32.ltU(lengthA, lengthB), lengthA, lengthB));
    const at = f.let(c(0));
    const byteA = f.local('i32');
    const byteB = f.local('i32');
    f.block((differ) => {
      f.while(i32.leU(add(at, c(8)), common), () => {
        const wordA = i64.load(add(a, at), here);
        f.branchIf(differ, i64.ne(wordA, i64.load(add(b, at), { memory: STATE })));
        f.increase(at, 8);
      });
    });
    f.while(i32.ltU(at, common), () => {
      f.set(byteA, i32.load8U(add(a, at), here));
      f.set(byteB, i32.load8U(add(b, at), { memory: STATE }));
      f.if(i32.ne(byteA, byteB), () =>
        f.return(signOf(i32.ltU(byteA, byteB), i32.gtU(byteA, byteB))),
      );
      f.increase(at, 1);
    });
    f.return(signOf(i32.ltU(lengthA, lengthB), i32.gtU(lengthA, lengthB)));
  });
}
