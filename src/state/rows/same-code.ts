/** Code that tells kept rows that are equal to rows of a batch in all columns. @module */

import type { FunctionRef, I32, Local, ModuleBuilder } from '../../wasm/index.ts';
import { call, choose, i32, i64 } from '../../wasm/index.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import type { ColumnCode } from '../kernel/loop-code.ts';
import { bitAt, isPresent } from '../kernel/loop-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import type { RowField } from './row-layout.ts';
import type { RowShape } from './shape.ts';
import { columnWord } from './shape.ts';
import { columnsAt } from './store-code.ts';

const { add, shl } = i32;
const c = i32.const;

/**
 * `same(block, rows, records, count)`: keeps, in both lists, the pairs of a row of the batch that is
 * bound and a record with the same values in all columns; null equals null, and floats go by their
 * bits. The answer is how many there are.
 */
export function addSame(
  module: ModuleBuilder,
  { layout }: RowShape,
  equalBytes: FunctionRef<'i32'>,
): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const [rows, records] = [f.param(1, 'i32'), f.param(2, 'i32')];
      const columns = columnsAt(
        f,
        block,
        layout.fields.map((_, k) => columnWord(k)),
      );
      const [at, kept] = [f.local('i32'), f.local('i32')];
      const [row, record, isSame] = [f.local('i32'), f.local('i32'), f.local('i32')];
      const place = (list: I32, index: I32): I32 => add(list, shl(index, c(2)));
      f.countUp(at, c(0), f.param(3, 'i32'), 1, () => {
        f.set(row, i32.load(place(rows, at), { memory: COLUMNS }));
        f.set(record, i32.load(place(records, at), { memory: COLUMNS }));
        f.set(isSame, c(1));
        layout.fields.forEach((field, k) => {
          const column = columns[k]!;
          f.if(isSame, () => {
            const nulls = i32.load(record, { memory: STATE, offset: field.nullsAt });
            const isNull = f.let(i32.ne(i32.and(nulls, c(field.nullBit)), c(0)));
            const isThere = f.let(isPresent(column.validity, row));
            f.set(isSame, i32.ne(isNull, isThere));
            f.if(i32.and(isSame, isThere), () => {
              f.set(isSame, sameValue(field, column, row, record, equalBytes));
            });
          });
        });
        f.do(i32.store(place(rows, kept), row, { memory: COLUMNS }));
        f.do(i32.store(place(records, kept), record, { memory: COLUMNS }));
        f.set(kept, add(kept, isSame));
      });
      f.return(kept);
    },
    'same',
  );
}

function sameValue(
  { storage, at }: RowField,
  { values, heap }: ColumnCode,
  row: I32,
  record: Local<'i32'>,
  equalBytes: FunctionRef<'i32'>,
): I32 {
  const here = { memory: COLUMNS };
  const there = { memory: STATE, offset: at };
  switch (storage) {
    case 'i32':
      return i32.eq(i32.load(add(values, shl(row, c(2))), here), i32.load(record, there));
    case 'bits':
      return i32.eq(bitAt(values, row), i32.load(record, there));
    case 'view': {
      const view = add(values, shl(row, c(4)));
      const length = i32.load(view, here);
      const isSameRest = choose(
        i32.leU(length, c(INLINE_BYTES)),
        i64.eq(
          i64.load(view, { memory: COLUMNS, offset: 8 }),
          i64.load(record, { memory: STATE, offset: at + 8 }),
        ),
        call(
          equalBytes,
          add(heap, i32.load(view, { memory: COLUMNS, offset: 12 })),
          add(record, i32.load(record, { memory: STATE, offset: at + 12 })),
          length,
        ),
      );
      return choose(i64.eq(i64.load(view, here), i64.load(record, there)), isSameRest, c(0));
    }
    default: {
      const long = add(values, shl(row, c(3)));
      return i64.eq(i64.load(long, here), i64.load(record, there));
    }
  }
}
