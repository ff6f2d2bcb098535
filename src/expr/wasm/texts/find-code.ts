/** Finding bytes within bytes, as a function of a module. @module */

import type { FunctionRef, ModuleBuilder } from '../../../wasm/index.ts';
import { find, placedNeedle } from '../strings/find.ts';

/**
 * `find(at, end, pattern, length)`: the first address from `at` on where the `length` bytes at `pattern`,
 * at least one, lie before `end`; 0 if there is none.
 */
export function addFind(module: ModuleBuilder): FunctionRef<'i32'> {
  return module.function({ params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' }, (f) => {
    const [at, end, pattern, length] = [0, 1, 2, 3].map((i) => f.param(i, 'i32'));
    const found = f.local('i32');
    find(f, placedNeedle(f, pattern!, length!), at!, end!, found);
    f.return(found);
  });
}
