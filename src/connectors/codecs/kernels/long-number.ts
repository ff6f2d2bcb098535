/** Numbers of 16 bytes and more, which the code of a value does not read itself. @module */

import type { FunctionRef, I32, ModuleBuilder } from '../../../wasm/index.ts';
import { i32, i64 } from '../../../wasm/index.ts';
import { emitDigits, MOST_DIGITS, powerOfTen } from './digits.ts';
import { Word } from './layout.ts';

const MINUS = 0x2d;
const POINT = 0x2e;

/**
 * Adds `longNumber(at, block, hasPoint)`: reads sign and digits, and decimal places if it may have
 * them. The digits come into `Word.VALUE`, without sign, the number of decimal places into
 * `Word.PLACES`. Returns where the number ends, or 0 for one of more than 19 digits.
 */
export function emitLongNumber(module: ModuleBuilder): FunctionRef<'i32'> {
  return module.function({ params: ['i32', 'i32', 'i32'], result: 'i32' }, (f) => {
    const at = f.param(0, 'i32');
    const block = f.param(1, 'i32');
    const hasPoint = f.param(2, 'i32');
    const value = f.local('i64');
    const fraction = f.local('i64');
    const count = f.local('i32');
    const places = f.local('i32');
    f.block((slow) => {
      const reader = {
        f,
        at,
        block,
        word: f.local('i64'),
        marks: f.local('i64'),
        length: f.local('i32'),
        slowIf: (condition: I32) => f.branchIf(slow, condition),
      };
      f.set(at, i32.add(at, i32.eq(i32.load8U(at), i32.const(MINUS))));
      emitDigits(reader, value, count);
      reader.slowIf(i32.eqz(count));
      f.if(i32.and(hasPoint, i32.eq(i32.load8U(at), i32.const(POINT))), () => {
        f.increase(at, 1);
        emitDigits(reader, fraction, places);
        reader.slowIf(i32.eqz(places));
        reader.slowIf(i32.gtU(i32.add(count, places), i32.const(MOST_DIGITS)));
        f.set(value, i64.add(i64.mul(value, powerOfTen(reader, places)), fraction));
      });
      f.do(
        i64.store(block, value, { offset: 4 * Word.VALUE }),
        i32.store(block, places, { offset: 4 * Word.PLACES }),
      );
      f.return(at);
    });
    f.return(i32.const(0));
  });
}
