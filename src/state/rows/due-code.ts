/** Code that finds the rows of a run that are due. @module */

import type { I32, ModuleBuilder } from '../../wasm/index.ts';
import { f64, i32 } from '../../wasm/index.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import type { RowShape } from './shape.ts';
import { RowWord } from './shape.ts';

const { add, shl } = i32;
const c = i32.const;

/**
 * `due(block, record, count, boundUs, records, from)`: goes over `count` adjacent records and lists,
 * from position `from` on, those with times below the bound that were not listed before. The answer
 * is the length of the list; the least time of the others that were not is in the block.
 */
export function addDue(module: ModuleBuilder, { layout }: RowShape): void {
  const { timeAt, toldAt, cellsAt, fixedBytes } = layout;
  module.function(
    { params: ['i32', 'i32', 'i32', 'f64', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const record = f.param(1, 'i32');
      const left = f.param(2, 'i32');
      const bound = f.param(3, 'f64');
      const listed = f.param(5, 'i32');
      if (timeAt === undefined || toldAt === undefined) {
        f.return(listed);
        return;
      }
      const told = { memory: STATE, offset: toldAt };
      const time = f.local('f64');
      const least = f.let(f64.const(Infinity));
      const bytes = (): I32 =>
        cellsAt === undefined
          ? c(fixedBytes)
          : shl(i32.load(record, { memory: STATE, offset: cellsAt }), c(3));
      f.while(left, () => {
        f.if(i32.eqz(i32.load(record, told)), () => {
          f.set(time, f64.load(record, { memory: STATE, offset: timeAt }));
          f.if(
            f64.lt(time, bound),
            () => {
              f.do(i32.store(record, c(1), told));
              const at = add(f.param(4, 'i32'), shl(listed, c(2)));
              f.do(i32.store(at, record, { memory: COLUMNS }));
              f.increase(listed, 1);
            },
            () => f.set(least, f64.min(least, time)),
          );
        });
        f.set(record, add(record, bytes()));
        f.increase(left, -1);
      });
      const block = f.param(0, 'i32');
      f.do(f64.store(block, least, { memory: COLUMNS, offset: 4 * RowWord.LEAST_TIME }));
      f.return(listed);
    },
    'due',
  );
}
