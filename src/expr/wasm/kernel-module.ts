/**
 * The module of one expression: a function over a batch's columns.
 *
 * ```
 * run(frame, rows, selection) → rows selected, of a predicate
 * ```
 *
 * `frame` is a small block where the caller says where everything lies, see {@link FrameWord};
 * `selection` is 0 for the rows 0 to `rows - 1`, or a list of `rows` rows. Dense batches are computed in
 * blocks of four rows, some of them in each step, the rest and lists row by row.
 *
 * @module
 */

import type { FunctionBuilder, FunctionRef, I32, Local } from '../../wasm/index.ts';
import { ENGINE, i32, Import, ModuleBuilder } from '../../wasm/index.ts';
import type { TypedExpr } from '../typed.ts';
import { operandsOf } from '../typed.ts';
import { Emitter } from './emitter.ts';
import type { InputShape } from './kernel-inputs.ts';
import { InputReader } from './kernel-inputs.ts';
import type { Flag, Helpers, Machine } from './lanes.ts';
import { RowMachine } from './lanes-scalar.ts';
import { BLOCK_ROWS, BlockMachine } from './lanes-simd.ts';
import { Mask } from './operations.ts';
import { eachRow } from './row-loop.ts';

/** The words of a frame. */
export const FrameWord = {
  /** Written by the kernel: {@link FAILED} and {@link HAS_NULLS}. */
  FLAGS: 0,
  /** Where the rows of a pair of blocks by mask lie, see `scratch.ts`. */
  TABLE: 1,
  /** Where the values of the result go, or the rows selected. */
  OUT: 2,
  OUT_VALIDITY: 3,
  /** From here on, some words for each input. */
  INPUTS: 4,
} as const;

/** Some row may have failed: nothing that was written counts. */
export const FAILED = 1;
/** Some row of the result is null. */
export const HAS_NULLS = 2;

/** The exported function. */
export const RUN = 'run';

/** What a module is made from. */
export interface KernelShape extends InputShape {
  readonly expr: TypedExpr;
  /** Whether rows are selected, rather than values computed. */
  readonly selects: boolean;
}

/** What tells one module from another. */
export function kernelKey({ expr, inputs, withNulls, selects }: KernelShape): string {
  const parts = [expr, inputs.map((input) => (input.op === 'column' ? input.index : input))];
  return `expr ${Number(withNulls)}${Number(selects)} ${keyText(parts)}`;
}

/** Plain data with expressions in it as a text: the same for the same. */
export function keyText(data: unknown): string {
  return JSON.stringify(data, (_name, value: unknown) =>
    typeof value === 'bigint'
      ? `${value}n`
      : typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
        ? `f ${Object.is(value, -0) ? '-0' : value}`
        : value,
  );
}

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
export class ModuleHelpers implements Helpers {
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

/** Largest expression of which a step computes {@link SMALL_BLOCKS}: there the loop itself costs as much. */
const SMALL_NODES = 3;
const SMALL_BLOCKS = 4;

/** Blocks of a step of the loop. */
function blocksOf({ expr, selects }: KernelShape): number {
  if (selects) return 2;
  return countNodes(expr) <= SMALL_NODES ? SMALL_BLOCKS : 1;
}

function countNodes(expr: TypedExpr): number {
  return operandsOf(expr).reduce((sum, operand) => sum + countNodes(operand), 1);
}

class KernelWriter {
  readonly #f: FunctionBuilder;
  readonly #helpers: Helpers;
  readonly #shape: KernelShape;
  readonly #frame: Local<'i32'>;
  readonly #rows: Local<'i32'>;
  readonly #selection: Local<'i32'>;
  readonly #out: Local<'i32'>;
  readonly #outValidity: Local<'i32'>;
  readonly #inputs: InputReader;
  readonly #count: Local<'i32'>;
  /** Flags of both machines. */
  readonly #failed: Flag[] = [];
  readonly #nulls: Flag[] = [];

  constructor(f: FunctionBuilder, shape: KernelShape, helpers: Helpers) {
    this.#f = f;
    this.#helpers = helpers;
    this.#shape = shape;
    this.#frame = f.param(0, 'i32');
    this.#rows = f.param(1, 'i32');
    this.#selection = f.param(2, 'i32');
    this.#out = this.#word(FrameWord.OUT);
    this.#outValidity = this.#word(FrameWord.OUT_VALIDITY);
    this.#inputs = new InputReader(f, this.#frame, FrameWord.INPUTS, shape);
    this.#count = f.local('i32');
  }

  write(): void {
    const f = this.#f;
    const at = f.local('i32');
    f.if(i32.eqz(this.#selection), () => {
      const blocks = blocksOf(this.#shape);
      const step = blocks * BLOCK_ROWS;
      const end = f.let(i32.and(this.#rows, i32.const(-step)));
      const machine = new BlockMachine(f, at, this.#word(FrameWord.TABLE), this.#helpers, blocks);
      const body = this.#bodyOf(machine);
      f.while(i32.ltU(at, end), () => {
        for (let block = 0; block < blocks; block++) {
          body();
          machine.turn();
        }
        f.increase(at, step);
      });
    });
    const row = f.local('i32');
    const body = this.#bodyOf(new RowMachine(f, row, this.#helpers));
    eachRow(f, { at, rows: this.#rows, selection: this.#selection }, row, body);
    const flags = i32.or(this.#any(this.#failed, FAILED), this.#any(this.#nulls, HAS_NULLS));
    f.do(i32.store(this.#frame, flags, { offset: 4 * FrameWord.FLAGS }));
    f.return(this.#count);
  }

  /** Makes the flags of a machine, in front of its loop; then, called within it, the code for its rows. */
  #bodyOf(m: Machine): () => void {
    const failed = m.flag();
    const nulls = m.flag();
    this.#failed.push(failed);
    this.#nulls.push(nulls);
    return () => {
      const rows = this.#inputs.rows(m);
      const emitter = new Emitter({
        m,
        input: (expr) => rows.cell(expr),
        text: (expr) => rows.text(expr),
        fail: (failing) => m.note(failed, failing),
      });
      const { value, valid } = emitter.emit(this.#shape.expr);
      if (this.#shape.selects) m.append(this.#out, this.#count, value);
      else m.store(this.#out, value);
      if (valid === undefined) return;
      m.note(nulls, m.apply(Mask.not, valid));
      if (!this.#shape.selects) m.store(this.#outValidity, valid);
    };
  }

  #word(index: number): Local<'i32'> {
    return this.#f.let(i32.load(this.#frame, { offset: 4 * index }));
  }

  #any(flags: readonly Flag[], bit: number): I32 {
    const isSet = flags.map((flag) => flag.isSet).reduce((a, b) => i32.or(a, b));
    return i32.mul(isSet, i32.const(bit));
  }
}
