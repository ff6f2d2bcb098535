/** Values of a table's rows, copied beside the rows that match them by a kernel. @module */

import type { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { FunctionBuilder, I32, Statement } from '../../wasm/index.ts';
import {
  compileModule,
  ENGINE,
  i32,
  i64,
  Import,
  instantiate,
  ModuleBuilder,
  v128,
} from '../../wasm/index.ts';

/** A function for each width of values, in bytes. */
const WIDTHS = { i32: 4, i64: 8, f64: 8, view: 16 } as const;

/** Copies between columns that lie in one memory. */
export class ValueCopier {
  readonly #memory: KernelMemory;
  readonly #functions: ReturnType<typeof instantiate>;

  constructor(memory: KernelMemory) {
    this.#memory = memory;
    this.#functions = instantiate(compileModule('lookup values', build), memory);
  }

  /** Whether values of a table can be copied where they lie; bools cannot. */
  suits(source: Column): boolean {
    return source.storage !== 'bits' && source.buffer === this.#memory.buffer;
  }

  /**
   * Writes the values of `matches[0 .. count)`, rows of `source`, to `rows[0 .. count)` of `target`; all of these
   * lie in the memory.
   */
  copy(
    target: Column,
    source: Column,
    rows: Uint32Array,
    matches: Int32Array,
    count: number,
  ): void {
    const copy = this.#functions[source.storage]!;
    copy(target.valuesAt, source.valuesAt, rows.byteOffset, matches.byteOffset, count);
  }
}

function build(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  const params = Array.from({ length: 5 }, (): 'i32' => 'i32');
  for (const [storage, width] of Object.entries(WIDTHS)) {
    module.function({ params, result: undefined }, (f) => writeCopy(f, width), storage);
  }
  return module.build();
}

function writeCopy(f: FunctionBuilder, width: number): void {
  const [target, source, rows, matches, count] = [0, 1, 2, 3, 4].map((p) => f.param(p, 'i32'));
  const i = f.local('i32');
  const at = (values: I32, list: I32): I32 =>
    i32.add(values, i32.mul(i32.load(i32.add(list, i)), i32.const(width)));
  f.countUp(i, i32.const(0), i32.shl(count!, i32.const(2)), 4, () => {
    f.do(move(at(target!, rows!), at(source!, matches!), width));
  });
}

function move(to: I32, from: I32, width: number): Statement {
  if (width === 4) return i32.store(to, i32.load(from));
  if (width === 8) return i64.store(to, i64.load(from));
  return v128.store(to, v128.load(from));
}
