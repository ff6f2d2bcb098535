/** What `iterate` does: it gathers as many rows as a batch has room for, one batch a call. @module */

import { layoutBatch } from '../../core/batch-layout.ts';
import { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import { appendRows, TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import { CompiledExpr, RowEvaluator } from '../row-evaluator.ts';
import { RowFailures } from '../row-failures.ts';
import { nameColumns, rowText } from '../row-text.ts';
import type { IterateConfig } from './spec.ts';

const OUT = 0;

/** Makes the kernel of an `iterate`. */
export function createIterateKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new IterateKernel(plan, context);
}

class IterateKernel implements Kernel {
  readonly #plan: OperatorPlan;
  readonly #config: IterateConfig;
  readonly #failures: RowFailures;
  readonly #bounds: RowEvaluator;
  readonly #checks: RowEvaluator;
  readonly #from: CompiledExpr;
  readonly #to: CompiledExpr | undefined;
  readonly #while: CompiledExpr | undefined;
  /** Rows of the input whose range is known, and their ranges. */
  readonly #rows: Uint32Array;
  readonly #next: Float64Array;
  readonly #last: Float64Array;
  /** Rows that each has given. */
  readonly #given: Float64Array;
  #count = 0;
  /** Position in `#rows` of the first whose range is not done. */
  #at = 0;
  /** Where the rows that were chosen last end: the first place whose range goes on behind them. */
  #end = 0;
  #batch: Batch | undefined;
  readonly #work: Batch;
  /** By row of `#work`: the row it was made from, its position in `#rows`, and its number. */
  readonly #sources: Uint32Array;
  readonly #places: Uint32Array;
  readonly #numbers: Float64Array;
  readonly #kept: Uint32Array;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as IterateConfig;
    const { rowCapacity, memory, slotHeapBytes } = context;
    const { stream } = plan.outputs[OUT]!;
    this.#plan = plan;
    this.#config = config;
    this.#failures = new RowFailures(plan, context);
    this.#bounds = new RowEvaluator(plan.inputs[0]!.schema, context, this.#failures);
    this.#checks = new RowEvaluator(stream.schema, context, this.#failures);
    this.#from = new CompiledExpr(config.from, 'from', context);
    this.#to = config.to && new CompiledExpr(config.to, 'to', context);
    this.#while = config.while && new CompiledExpr(config.while, 'while', context);
    this.#rows = memory.rows(rowCapacity);
    this.#next = new Float64Array(rowCapacity);
    this.#last = new Float64Array(rowCapacity);
    this.#given = new Float64Array(rowCapacity);
    this.#work = Batch.allocate(layoutBatch(stream, rowCapacity, slotHeapBytes), memory);
    this.#sources = memory.rows(rowCapacity);
    this.#places = new Uint32Array(rowCapacity);
    this.#numbers = new Float64Array(rowCapacity);
    this.#kept = memory.rows(rowCapacity);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    this.#batch = batch;
    this.#findRanges(batch);
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    if (this.#batch !== undefined && this.#at < this.#count) {
      if (this.#makeRows(this.#batch)) out.offer(OUT, this.#work);
      if (this.#at < this.#count) return 'yielded';
    }
    this.#batch = undefined;
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }

  /** What each row's range is. */
  #findRanges(batch: Batch): void {
    const bounds = this.#bounds;
    bounds.begin(batch, batch.selection, batch.selected);
    const from = bounds.evaluate(this.#from);
    const to = this.#to && bounds.evaluate(this.#to);
    let count = 0;
    for (let i = 0; i < bounds.count; i++) {
      const row = bounds.rows[i]!;
      if (from.isNull(row) || to?.isNull(row) === true) continue;
      this.#rows[count] = row;
      this.#next[count] = wholeAt(from, row);
      this.#last[count] = to === undefined ? Infinity * this.#config.step : wholeAt(to, row);
      this.#given[count] = 0;
      count++;
    }
    this.#count = count;
    this.#at = 0;
  }

  /** Fills `#work`; false when nothing of it is to be handed on. */
  #makeRows(batch: Batch): boolean {
    const work = this.#work;
    work.reset();
    const wanted = this.#choose(work.rowCapacity);
    const made = wanted === 0 ? 0 : appendRows(work, batch, this.#sources, 0, wanted);
    if (made === TUPLE_TOO_LARGE) {
      this.#fail(batch, this.#places[0]!, 'ERR_TUPLE_TOO_LARGE', 'it is too large for a slot');
      return false;
    }
    const numbers = work.columns[work.columns.length - 1]!;
    for (let i = 0; i < made; i++) {
      numbers.setI64FromNumber(i, this.#numbers[i]!);
      this.#given[this.#places[i]!]!++;
    }
    this.#advance(made, wanted);
    if (this.#while !== undefined) this.#cut(work);
    const { limit } = this.#config;
    if (this.#at < this.#count && this.#given[this.#at]! >= limit && this.#hasMore(this.#at)) {
      this.#fail(batch, this.#at, 'ERR_LIMIT_EXCEEDED', `it gives more than ${limit} rows`);
    }
    return work.selected > 0;
  }

  /**
   * Says which rows come next, as many as there is room for, up to the limit of one range; ranges that
   * are empty are passed.
   */
  #choose(room: number): number {
    const { step, limit } = this.#config;
    let count = 0;
    let at = this.#at;
    for (; at < this.#count && count < room; at++) {
      const last = this.#last[at]!;
      const most = Math.min(room, count + limit - this.#given[at]!);
      let number = this.#next[at]!;
      while (count < most && (step > 0 ? number <= last : number >= last)) {
        this.#sources[count] = this.#rows[at]!;
        this.#places[count] = at;
        this.#numbers[count++] = number;
        number += step;
      }
      if (step > 0 ? number <= last : number >= last) break;
    }
    this.#end = at;
    return count;
  }

  /** Moves behind the rows that were made. */
  #advance(made: number, wanted: number): void {
    const last = made === 0 ? this.#at : this.#places[made - 1]!;
    if (made > 0) this.#next[last] = this.#numbers[made - 1]! + this.#config.step;
    this.#at = made === wanted ? this.#end : last;
  }

  #hasMore(at: number): boolean {
    const [next, last] = [this.#next[at]!, this.#last[at]!];
    return this.#config.step > 0 ? next <= last : next >= last;
  }

  #fail(
    batch: Batch,
    at: number,
    code: 'ERR_TUPLE_TOO_LARGE' | 'ERR_LIMIT_EXCEEDED',
    message: string,
  ): void {
    const named = nameColumns(this.#plan.inputs[0]!.schema, batch.columns);
    this.#failures.add({ code, message, input: rowText(named, this.#rows[at]!) });
    this.#at = at + 1;
  }

  /** Ends each range before the first row for which the condition is not true. */
  #cut(work: Batch): void {
    const checks = this.#checks;
    checks.begin(work, work.selection, work.selected);
    const holds = checks.evaluate(this.#while!);
    let kept = 0;
    let checked = 0;
    let ended = -1;
    for (let i = 0; i < work.rowCount; i++) {
      const place = this.#places[i]!;
      const isChecked = checked < checks.count && checks.rows[checked] === i;
      if (isChecked) checked++;
      if (place === ended) continue;
      if (isChecked && !holds.isNull(i) && holds.getBool(i)) this.#kept[kept++] = i;
      else ended = place;
    }
    work.selection = this.#kept;
    work.selected = kept;
    if (ended === this.#at) this.#at++;
  }
}

function wholeAt(column: Column, row: number): number {
  return column.storage === 'i32' ? column.words[row]! : column.getI64AsNumber(row);
}
