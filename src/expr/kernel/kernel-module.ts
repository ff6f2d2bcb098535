/**
 * The module of a kernel: a function over a batch's columns.
 *
 * ```
 * run(frame, rows, selection) → rows left
 * ```
 *
 * `frame` is a small block where the caller says where everything lies, see `frame.ts`; `selection` is 0 for
 * the rows 0 to `rows - 1`, or a list of `rows` rows; with aggregates it is always 0.
 *
 * @module
 */

import type { FunctionBuilder, FunctionRef, Local } from '../../wasm/index.ts';
import { ENGINE, Import, ModuleBuilder } from '../../wasm/index.ts';
import type { Helpers } from '../wasm/lanes.ts';
import { RUN } from './frame.ts';
import type { KernelShape } from './kernel-shape.ts';
import { KernelWriter } from './kernel-writer.ts';

/** The bytes of a module. */
export function buildKernel(shape: KernelShape): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  module.function(
    { params: ['i32', 'i32', 'i32'], result: 'i32' },
    (f) => new KernelWriter(f, shape, new ModuleHelpers(module)).write(),
    RUN,
  );
  return module.build();
}

/** The functions that the rows of a module call. */
class ModuleHelpers implements Helpers {
  readonly #module: ModuleBuilder;
  readonly #functions = new Map<string, FunctionRef<'i32'>>();

  constructor(module: ModuleBuilder) {
    this.#module = module;
  }

  helper(
    key: string,
    count: number,
    write: (f: FunctionBuilder, params: readonly Local<'i32'>[]) => void,
  ): FunctionRef<'i32'> {
    let made = this.#functions.get(key);
    if (made === undefined) {
      const params = Array.from({ length: count }, (): 'i32' => 'i32');
      made = this.#module.function({ params, result: 'i32' }, (f) => {
        write(
          f,
          params.map((type, position) => f.param(position, type)),
        );
      });
      this.#functions.set(key, made);
    }
    return made;
  }
}
