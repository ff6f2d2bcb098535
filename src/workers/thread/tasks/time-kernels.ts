/** Kernels for the usual cases of stamping: event times that never fall, or not far. @module */

import type { KernelMemory } from '../../../core/memory.ts';
import type { I32, I64, V128 } from '../../../wasm/index.ts';
import {
  compileModule,
  ENGINE,
  i32,
  i64,
  i64x2,
  Import,
  instantiate,
  ModuleBuilder,
  select,
  v128,
} from '../../../wasm/index.ts';

/**
 * Copies `rows` int64 values (at least one), as far as they never fall.
 *
 * @param from, to - addresses in the memory of the worker
 * @returns 1 if none fell; else 0, and any of them may have been copied
 */
export type CopyAscending = (from: number, to: number, rows: number) => number;

/**
 * Copies `rows` int64 values (at least one), and writes the least and the greatest to `bounds`, two
 * int64.
 */
export type CopyBounds = (from: number, to: number, rows: number, bounds: number) => void;

/** The kernels over a worker's memory. */
export interface TimeKernels {
  readonly copyAscending: CopyAscending;
  readonly copyBounds: CopyBounds;
}

/** Makes the kernels. */
export function timeKernels(memory: KernelMemory): TimeKernels {
  const functions = instantiate(compileModule('event-times', build), memory);
  return {
    copyAscending: functions['ascending'] as CopyAscending,
    copyBounds: functions['bounds'] as CopyBounds,
  };
}

function build(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  buildAscending(module);
  buildBounds(module);
  return module.build();
}

/** Two rows at a time, each pair compared with the one that begins a row earlier. */
function buildAscending(module: ModuleBuilder): void {
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
    'ascending',
  );
}

/** Two rows at a time; an odd one at the end is looked at twice over. */
function buildBounds(module: ModuleBuilder): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const from = f.param(0, 'i32');
      const to = f.param(1, 'i32');
      const rows = f.param(2, 'i32');
      const bounds = f.param(3, 'i32');
      const end = f.let(i32.add(from, i32.shl(rows, i32.const(3))));
      const pair = f.let(v128.load64Splat(from));
      const least = f.let(pair);
      const most = f.let(pair);
      const take = (): void => {
        f.set(least, v128.bitselect(pair, least, i64x2.gtS(least, pair)));
        f.set(most, v128.bitselect(pair, most, i64x2.gtS(pair, most)));
      };
      f.while(i32.leS(i32.add(from, i32.const(16)), end), () => {
        f.set(pair, v128.load(from));
        f.do(v128.store(to, pair));
        take();
        f.increase(from, 16);
        f.increase(to, 16);
      });
      f.if(i32.ltU(from, end), () => {
        f.set(pair, v128.load64Splat(from));
        f.do(v128.store64Lane(to, pair, 0));
        take();
      });
      const pick = (vector: V128, isFirst: I32): I64 =>
        select(isFirst, i64x2.extractLane(vector, 0), i64x2.extractLane(vector, 1));
      const isLess = (vector: V128): I32 =>
        i64.ltS(i64x2.extractLane(vector, 0), i64x2.extractLane(vector, 1));
      f.do(
        i64.store(bounds, pick(least, isLess(least))),
        i64.store(bounds, pick(most, i32.eqz(isLess(most))), { offset: 8 }),
      );
    },
    'bounds',
  );
}
