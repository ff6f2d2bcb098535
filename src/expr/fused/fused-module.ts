/**
 * The module of a fused program: a function over a batch's columns.
 *
 * ```
 * run(frame, rows, selection) → rows left
 * ```
 *
 * As of one expression (`wasm/kernel-module.ts`): dense batches in blocks, lists of rows row by row. With
 * aggregates it takes dense batches only, to the last row in blocks, and writes no list.
 *
 * @module
 */

import type { FunctionBuilder, I32, Local, V128 } from '../../wasm/index.ts';
import { ENGINE, i32, i32x4, Import, lanes, ModuleBuilder, v128 } from '../../wasm/index.ts';
import type { TypedExpr } from '../typed.ts';
import type { Cell } from '../wasm/emitter.ts';
import { Emitter } from '../wasm/emitter.ts';
import type { InputShape } from '../wasm/kernel-inputs.ts';
import { InputReader } from '../wasm/kernel-inputs.ts';
import { keyText, ModuleHelpers } from '../wasm/kernel-module.ts';
import type { Counter, Flag, Helpers, Lane, Machine } from '../wasm/lanes.ts';
import { RowMachine } from '../wasm/lanes-scalar.ts';
import { BLOCK_ROWS, BlockMachine, PAIR_ROWS } from '../wasm/lanes-simd.ts';
import { Mask } from '../wasm/operations.ts';
import { eachRow } from '../wasm/row-loop.ts';
import type { Fold } from './fold.ts';
import { FoldLanes, TURNS_TO_SETTLE } from './fold-lanes.ts';
import { countWord, FUSED_FAILED, FusedWord, INPUTS_WORD, nullBit, storedWord } from './frame.ts';
import type { FusedStep } from './program.ts';

/** What a module is made from. */
export interface FusedShape extends InputShape {
  readonly steps: readonly FusedStep[];
  /** Computed columns that are written. */
  readonly stored: readonly number[];
  readonly folds: readonly Fold[];
  /** Whether blocks go in pairs. */
  readonly isPaired: boolean;
  /** Whether blocks without a row for the aggregates are common enough to look for them. */
  readonly isSparse: boolean;
}

/** What is made for some batches only. */
export type FusedVariant = Pick<FusedShape, 'withNulls' | 'isSparse'>;

/** What tells one module from another. */
export function fusedKey(shape: FusedShape): string {
  const { inputs, ...rest } = shape;
  return `fused ${keyText([rest, inputs.map((input) => input.op === 'column' && input.index)])}`;
}

/** The bytes of a module. */
export function buildFused(shape: FusedShape): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  module.function(
    { params: ['i32', 'i32', 'i32'], result: 'i32' },
    (f) => new FusedWriter(f, shape, new ModuleHelpers(module)).write(),
    'run',
  );
  return module.build();
}

/** A machine with what it keeps from row to row. */
interface Machinery {
  readonly m: Machine;
  readonly failed: Flag;
  readonly nulls: readonly Flag[];
  /** Of all filters but the last, which lists its rows, unless there are aggregates. */
  readonly counters: readonly Counter[];
}

class FusedWriter {
  readonly #f: FunctionBuilder;
  readonly #helpers: Helpers;
  readonly #shape: FusedShape;
  readonly #frame: Local<'i32'>;
  readonly #rows: Local<'i32'>;
  readonly #selection: Local<'i32'>;
  readonly #list: Local<'i32'>;
  readonly #table: Local<'i32'>;
  readonly #stored: readonly (readonly [values: Local<'i32'>, validity: Local<'i32'>])[];
  readonly #inputs: InputReader;
  readonly #count: Local<'i32'>;
  readonly #folds: readonly FoldLanes[];
  readonly #filters: number;
  readonly #machinery: Machinery[] = [];

  constructor(f: FunctionBuilder, shape: FusedShape, helpers: Helpers) {
    this.#f = f;
    this.#helpers = helpers;
    this.#shape = shape;
    this.#frame = f.param(0, 'i32');
    this.#rows = f.param(1, 'i32');
    this.#selection = f.param(2, 'i32');
    this.#list = this.#word(FusedWord.LIST);
    this.#table = this.#word(FusedWord.TABLE);
    this.#stored = shape.stored.map((_, position) => {
      const word = storedWord(shape, position);
      return [this.#word(word), this.#word(word + 1)] as const;
    });
    this.#inputs = new InputReader(f, this.#frame, INPUTS_WORD, shape);
    this.#count = f.local('i32');
    this.#filters = shape.steps.filter(({ kind }) => kind === 'filter').length;
    this.#folds = shape.folds.map((fold) => new FoldLanes(f, fold));
  }

  write(): void {
    const f = this.#f;
    const at = f.local('i32');
    if (this.#folds.length > 0) {
      this.#writeBlocks(at);
      this.#writeLastBlocks(at);
    } else {
      f.if(i32.eqz(this.#selection), () => this.#writeBlocks(at));
      this.#writeRows(at);
    }
    this.#writeResults();
  }

  #writeBlocks(at: Local<'i32'>): void {
    const f = this.#f;
    const { isPaired } = this.#shape;
    const step = isPaired ? PAIR_ROWS : BLOCK_ROWS;
    const end = f.let(i32.and(this.#rows, i32.const(-step)));
    const blocks = new BlockMachine(f, at, this.#table, this.#helpers, isPaired ? 2 : 1);
    const machinery = this.#machineryOf(blocks);
    f.while(i32.ltU(at, end), () => {
      this.#writeBody(machinery);
      if (isPaired) {
        blocks.turn();
        this.#writeBody(machinery);
        blocks.turn();
      }
      f.increase(at, step);
      this.#settle(at, step * TURNS_TO_SETTLE);
    });
  }

  /** @param rows - settles every so many rows: a power of two */
  #settle(at: Local<'i32'>, rows: number): void {
    const settling = this.#folds.filter(({ settles }) => settles);
    if (settling.length === 0) return;
    this.#f.if(i32.eqz(i32.and(at, i32.const(rows - 1))), () => {
      for (const fold of settling) fold.settle();
    });
  }

  /**
   * Rows behind the last whole step, which may be of two blocks: what follows them in memory is computed and does
   * not count.
   */
  #writeLastBlocks(at: Local<'i32'>): void {
    const f = this.#f;
    const blocks = new BlockMachine(f, at, this.#table, this.#helpers);
    const machinery = this.#machineryOf(blocks);
    f.while(i32.ltU(at, this.#rows), () => {
      const positions = i32x4.add(i32x4.splat(at), lanes.i32x4(0, 1, 2, 3));
      const isRow = f.let(i32x4.ltS(positions, i32x4.splat(this.#rows)));
      this.#writeBody(machinery, { storage: 'bits', parts: [isRow] });
      f.increase(at, BLOCK_ROWS);
    });
  }

  #writeRows(at: Local<'i32'>): void {
    const f = this.#f;
    const row = f.local('i32');
    const machinery = this.#machineryOf(new RowMachine(f, row, this.#helpers));
    const range = { at, rows: this.#rows, selection: this.#selection };
    eachRow(f, range, row, () => this.#writeBody(machinery));
  }

  /** In front of a loop. */
  #machineryOf(m: Machine): Machinery {
    const counted = this.#filters - (this.#folds.length > 0 ? 0 : 1);
    const machinery = {
      m,
      failed: m.flag(),
      nulls: this.#shape.stored.map(() => m.flag()),
      counters: Array.from({ length: Math.max(0, counted) }, () => m.counter()),
    };
    this.#machinery.push(machinery);
    return machinery;
  }

  /** The code for the rows at hand. */
  #writeBody({ m, failed, nulls, counters }: Machinery, all?: Lane): void {
    const inputs = this.#inputs.rows(m);
    const values = new Map<number, Cell>();
    const emitter = new Emitter({
      m,
      input: (expr) =>
        (expr.op === 'column' ? values.get(expr.index) : undefined) ?? inputs.cell(expr),
      text: (expr) => inputs.text(expr),
      fail: (rows) => m.note(failed, rows),
    });
    let active = all;
    let filter = 0;
    for (const step of this.#shape.steps) {
      const cell = emitter.emit(step.expr, active);
      if (step.kind === 'value') {
        values.set(step.column, cell);
        continue;
      }
      active = active === undefined ? cell.value : m.apply(Mask.and, active, cell.value);
      const counter = counters[filter++];
      if (counter !== undefined) m.tally(counter, active);
    }
    this.#shape.stored.forEach((column, position) => {
      this.#store(m, values.get(column)!, position, nulls[position]!);
    });
    if (this.#folds.length > 0) {
      const fold = (): void => this.#fold(m, emitter, inputs, active);
      if (active === undefined || !this.#shape.isSparse) fold();
      else this.#f.if(v128.anyTrue(anyOf(active)), fold);
    } else if (active !== undefined) m.append(this.#list, this.#count, active);
  }

  #store(m: Machine, { value, valid }: Cell, position: number, nulls: Flag): void {
    const [values, validity] = this.#stored[position]!;
    m.store(values, value);
    if (valid === undefined) return;
    m.store(validity, valid);
    m.note(nulls, m.apply(Mask.not, valid));
  }

  #fold(
    m: Machine,
    emitter: Emitter,
    inputs: { text(expr: TypedExpr): { readonly valid?: Lane | undefined } },
    active: Lane | undefined,
  ): void {
    const all = active ?? m.constant('bits', 1);
    this.#shape.folds.forEach(({ argument, filter, storage }, position) => {
      let mask = all;
      let isAll = filter === undefined;
      if (filter !== undefined) {
        const passes = emitter.emit(filter, active).value;
        mask = m.apply(Mask.and, mask, passes);
      }
      let value: Lane | undefined;
      if (argument !== undefined) {
        const isText = storage === 'view';
        const cell = isText ? undefined : emitter.emit(argument, mask);
        const valid = isText ? inputs.text(argument).valid : cell!.valid;
        if (valid !== undefined) {
          mask = m.apply(Mask.and, mask, valid);
          isAll = false;
        }
        value = cell?.value;
      }
      this.#folds[position]!.add(value, mask, isAll);
    });
  }

  #writeResults(): void {
    const f = this.#f;
    const kept = f.let(this.#filters === 0 ? this.#rows : this.#count);
    for (let filter = 0; filter < this.#filters; filter++) {
      const counters = this.#machinery.flatMap(({ counters: all }) => all[filter] ?? []);
      if (counters.length > 0) {
        f.set(
          kept,
          counters.map(({ value }) => value).reduce((a, b) => i32.add(a, b)),
        );
      } else {
        f.set(kept, this.#count);
      }
      f.do(i32.store(this.#frame, kept, { offset: 4 * countWord(this.#shape, filter) }));
    }
    let flags: I32 = i32.const(0);
    for (const { failed, nulls } of this.#machinery) {
      flags = i32.or(flags, i32.mul(failed.isSet, i32.const(FUSED_FAILED)));
      nulls.forEach(({ isSet }, position) => {
        flags = i32.or(flags, i32.mul(isSet, i32.const(nullBit(position))));
      });
    }
    f.do(i32.store(this.#frame, flags, { offset: 4 * FusedWord.FLAGS }));
    const cells = this.#folds.length > 0 ? this.#word(FusedWord.CELLS) : undefined;
    if (cells !== undefined) for (const fold of this.#folds) fold.write(cells, kept);
    f.return(kept);
  }

  #word(index: number): Local<'i32'> {
    return this.#f.let(i32.load(this.#frame, { offset: 4 * index }));
  }
}

/** A vector with a bit where a mask has one. */
function anyOf({ parts }: Lane): V128 {
  return (parts as readonly V128[]).reduce((a, b) => v128.or(a, b));
}
