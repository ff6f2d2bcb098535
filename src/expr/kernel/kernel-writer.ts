/**
 * Writes the function of a kernel: a loop over blocks of four rows, and one for the rows that are left behind the last
 * whole step. Without aggregates that is a loop over single rows, which goes over lists as well; with them
 * blocks again, of whose rows only those count that are there.
 *
 * @module
 */

import type { FunctionBuilder, I32, Local, V128 } from '../../wasm/index.ts';
import { i32, i32x4, lanes, v128 } from '../../wasm/index.ts';
import type { Cell } from '../wasm/emitter.ts';
import { Emitter } from '../wasm/emitter.ts';
import type { Counter, Flag, Helpers, Lane, Machine } from '../wasm/lanes.ts';
import { RowMachine } from '../wasm/lanes-scalar.ts';
import { BLOCK_ROWS, BlockMachine } from '../wasm/lanes-simd.ts';
import { Mask } from '../wasm/operations.ts';
import { FoldLanes, TURNS_TO_SETTLE } from './fold-lanes.ts';
import { countWord, FAILED, FrameWord, NULL_CONDITION, nullBit, storedWord } from './frame.ts';
import type { RowInputs } from './kernel-inputs.ts';
import { InputReader } from './kernel-inputs.ts';
import type { KernelShape } from './kernel-shape.ts';

/** A machine with what it keeps from row to row. */
interface Machinery {
  readonly m: Machine;
  readonly failed: Flag;
  /** Rows for which a condition was null. */
  readonly nullConditions: Flag;
  /** Rows for which a result is. */
  readonly nulls: readonly Flag[];
  /** Of all filters but the last, which lists its rows, unless there are aggregates. */
  readonly counters: readonly Counter[];
}

export class KernelWriter {
  readonly #f: FunctionBuilder;
  readonly #helpers: Helpers;
  readonly #shape: KernelShape;
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

  constructor(f: FunctionBuilder, shape: KernelShape, helpers: Helpers) {
    this.#f = f;
    this.#helpers = helpers;
    this.#shape = shape;
    this.#frame = f.param(0, 'i32');
    this.#rows = f.param(1, 'i32');
    this.#selection = f.param(2, 'i32');
    this.#list = this.#word(FrameWord.LIST);
    this.#table = this.#word(FrameWord.TABLE);
    this.#stored = shape.stored.map((_, position) => {
      const word = storedWord(shape, position);
      return [this.#word(word), this.#word(word + 1)] as const;
    });
    this.#inputs = new InputReader(f, this.#frame, FrameWord.INPUTS, shape);
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
    this.#writeOutcome();
  }

  #writeBlocks(at: Local<'i32'>): void {
    const f = this.#f;
    const { blocks } = this.#shape;
    const step = blocks * BLOCK_ROWS;
    const end = f.let(i32.and(this.#rows, i32.const(-step)));
    const machine = new BlockMachine(f, at, this.#table, this.#helpers, blocks);
    const machinery = this.#machineryOf(machine);
    f.while(i32.ltU(at, end), () => {
      for (let block = 0; block < blocks; block++) {
        this.#writeBody(machinery);
        machine.turn();
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

  /** Rows behind the last whole step: what follows them in memory is computed and does not count. */
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

  /** Rows behind the last whole step, or those of a list. */
  #writeRows(at: Local<'i32'>): void {
    const f = this.#f;
    const row = f.local('i32');
    const machinery = this.#machineryOf(new RowMachine(f, row, this.#helpers));
    f.while(i32.ltU(at, this.#rows), () => {
      f.set(row, at);
      f.if(this.#selection, () => {
        f.set(row, i32.load(i32.add(this.#selection, i32.shl(at, i32.const(2)))));
      });
      this.#writeBody(machinery);
      f.increase(at, 1);
    });
  }

  /** In front of a loop. */
  #machineryOf(m: Machine): Machinery {
    const counted = this.#filters - (this.#folds.length > 0 ? 0 : 1);
    const machinery = {
      m,
      failed: m.flag(),
      nullConditions: m.flag(),
      nulls: this.#shape.stored.map(() => m.flag()),
      counters: Array.from({ length: Math.max(0, counted) }, () => m.counter()),
    };
    this.#machinery.push(machinery);
    return machinery;
  }

  /** The code for the rows at hand. @param all - those that are there; all if left out */
  #writeBody({ m, failed, nullConditions, nulls, counters }: Machinery, all?: Lane): void {
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
      if (step.tellsNulls === true) this.#noteNulls(m, nullConditions, cell);
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

  #noteNulls(m: Machine, nulls: Flag, { valid }: Cell): void {
    if (valid !== undefined) m.note(nulls, m.apply(Mask.not, valid));
  }

  #store(m: Machine, cell: Cell, position: number, nulls: Flag): void {
    const [values, validity] = this.#stored[position]!;
    m.store(values, cell.value);
    this.#noteNulls(m, nulls, cell);
    if (cell.valid !== undefined) m.store(validity, cell.valid);
  }

  #fold(m: Machine, emitter: Emitter, inputs: RowInputs, active: Lane | undefined): void {
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

  #writeOutcome(): void {
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
    for (const { failed, nullConditions, nulls } of this.#machinery) {
      flags = i32.or(flags, i32.mul(failed.isSet, i32.const(FAILED)));
      flags = i32.or(flags, i32.mul(nullConditions.isSet, i32.const(NULL_CONDITION)));
      nulls.forEach(({ isSet }, position) => {
        flags = i32.or(flags, i32.mul(isSet, i32.const(nullBit(position))));
      });
    }
    f.do(i32.store(this.#frame, flags, { offset: 4 * FrameWord.FLAGS }));
    const cells = this.#folds.length > 0 ? this.#word(FrameWord.CELLS) : undefined;
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
