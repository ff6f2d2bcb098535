/** Code of the keys by which rows are ordered: int64 numbers of which the larger is better. @module */

import type { Storage } from '../../core/types.ts';
import type { FunctionBuilder, I32, I64, Local } from '../../wasm/index.ts';
import { f64, i32, i64, select } from '../../wasm/index.ts';
import type { ColumnCode } from '../kernel/loop-code.ts';
import { bitAt, isPresent } from '../kernel/loop-code.ts';
import { COLUMNS } from '../kernel/shape.ts';

const { add, and, or, shl, shrU } = i32;
const c = i32.const;

/** Less than the key of any value, or equal. */
const NULL_KEY = -(1n << 63n);
const NAN_KEY = 0x7ff8_0000_0000_0000n;

/**
 * The key of a row. Values in order have keys in order; different values may have one key: strings that
 * begin alike, 0 and −0, null and the least integer.
 */
export function orderKey(
  f: FunctionBuilder,
  storage: Storage,
  column: ColumnCode,
  row: I32,
  isDescending: boolean,
): Local<'i64'> {
  const key = f.let(i64.const(NULL_KEY));
  f.if(isPresent(column.validity, row), () => f.set(key, ascendingKey(f, storage, column, row)));
  if (!isDescending) f.set(key, i64.xor(key, i64.const(-1n)));
  return key;
}

function ascendingKey(f: FunctionBuilder, storage: Storage, { values }: ColumnCode, row: I32): I64 {
  const from = { memory: COLUMNS };
  switch (storage) {
    case 'i32':
      return i64.extendI32S(i32.load(add(values, shl(row, c(2))), from));
    case 'i64':
      return i64.load(add(values, shl(row, c(3))), from);
    case 'bits':
      return i64.extendI32U(bitAt(values, row));
    case 'f64': {
      // Adding 0 turns −0 into 0.
      const value = f.let(f64.add(f64.load(add(values, shl(row, c(3))), from), f64.const(0)));
      const bits = f.let(i64.reinterpretF64(value));
      const negative = i64.shrU(i64.shrS(bits, i64.const(63n)), i64.const(1n));
      return select(f64.eq(value, value), i64.xor(bits, negative), i64.const(NAN_KEY));
    }
    case 'view': {
      // The first four bytes, as a number that is in order.
      const word = f.let(i32.load(add(values, shl(row, c(4))), { ...from, offset: 4 }));
      const swapped = or(
        or(shl(word, c(24)), shl(and(word, c(0xff00)), c(8))),
        or(and(shrU(word, c(8)), c(0xff00)), shrU(word, c(24))),
      );
      return i64.extendI32U(swapped);
    }
  }
}
