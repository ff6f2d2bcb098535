/** A kernel for the usual case of stamping: event times that never fall. @module */

import type { KernelMemory } from '../../../core/memory.ts';
import {
  compileModule,
  ENGINE,
  i32,
  i64,
  i64x2,
  Import,
  instantiate,
  ModuleBuilder,
  v128,
} from '../../../wasm/index.ts';

/**
 * Copies `rows` int64 values (at least one), as far as they never fall.
 *
 * @param from, to - addresses in the memory of the worker
 * @returns 1 if none fell; else 0, and any of them may have been copied
 */
export type CopyAscending = (from: number, to: number, rows: number) => number;

/** The kernel over a worker's memory. */
export function ascendingKernel(memory: KernelMemory): CopyAscending {
  const functions = instantiate(compileModule('ascending-times', build), memory);
  return functions['copy'] as CopyAscending;
}

/** Two rows at a time, each pair compared with the one that begins a row earlier. */
function build(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  module.function(
    { params: ['i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const from = f.param(0, 'i32');
      const to = f.param(1, 'i32');
      const rows = f.param(2, 'i32');
      const end = f.let(i32.add(from, i32.shl(rows, i32.const(3))));
      const falls = f.local('v128');
      const pair = f.local('v128');
      f.do(i64.store(to, i64.load(from)));
      f.increase(from, 8);
      f.increase(to, 8);
      f.while(i32.leS(i32.add(from, i32.const(16)), end), () => {
        f.set(pair, v128.load(from));
        f.set(falls, v128.or(falls, i64x2.gtS(v128.load(i32.sub(from, i32.const(8))), pair)));
        f.do(v128.store(to, pair));
        f.increase(from, 16);
        f.increase(to, 16);
      });
      f.if(i32.ltU(from, end), () => {
        f.do(i64.store(to, i64.load(from)));
        f.if(i64.gtS(i64.load(i32.sub(from, i32.const(8))), i64.load(from)), () =>
          f.return(i32.const(0)),
        );
      });
      f.return(i32.eqz(v128.anyTrue(falls)));
    },
    'copy',
  );
  return module.build();
}
