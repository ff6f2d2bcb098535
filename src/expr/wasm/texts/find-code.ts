/** Finding bytes within bytes. @module */

import type { FunctionRef, ModuleBuilder } from '../../../wasm/index.ts';
import { i32, i8x16, v128 } from '../../../wasm/index.ts';
import { beforeEnd, VECTOR } from './text-code.ts';

const c = i32.const;

/**
 * `find(at, end, pattern, length)`: the first address from `at` on where the `length` bytes at `pattern`,
 * at least one, lie before `end`; 0 if there is none.
 *
 * Places are candidates where both the first and the last byte are right, sixteen at a time.
 */
export function addFind(module: ModuleBuilder): FunctionRef<'i32'> {
  return module.function({ params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' }, (f) => {
    const at = f.param(0, 'i32');
    const end = f.param(1, 'i32');
    const pattern = f.param(2, 'i32');
    const length = f.param(3, 'i32');
    const reach = f.let(i32.sub(length, c(1)));
    const mask = f.local('i32');
    const found = f.local('i32');
    const inner = f.local('i32');
    f.if(i32.ltU(i32.sub(end, at), length), () => f.return(c(0)));
    f.set(end, i32.sub(end, reach));
    const first = f.let(v128.load8Splat(pattern));
    const last = f.let(v128.load8Splat(i32.add(pattern, reach)));
    f.while(i32.ltU(at, end), () => {
      const isFirst = i8x16.eq(v128.load(at), first);
      const isLast = i8x16.eq(v128.load(i32.add(at, reach)), last);
      f.set(mask, beforeEnd(i8x16.bitmask(v128.and(isFirst, isLast)), at, end));
      f.while(mask, () => {
        f.set(found, i32.add(at, i32.ctz(mask)));
        f.set(inner, c(1));
        f.block((differs) => {
          f.while(i32.ltU(inner, reach), () => {
            const here = v128.load(i32.add(found, inner));
            const wanted = v128.load(i32.add(pattern, inner));
            const others = i8x16.bitmask(i8x16.ne(here, wanted));
            f.branchIf(differs, beforeEnd(others, inner, reach));
            f.increase(inner, VECTOR);
          });
          f.return(found);
        });
        f.set(mask, i32.and(mask, i32.sub(mask, c(1))));
      });
      f.increase(at, VECTOR);
    });
    f.return(c(0));
  });
}
