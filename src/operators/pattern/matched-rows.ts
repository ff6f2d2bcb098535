/** Matches on their way out: tested, computed, and handed on. @module */

import { RowCopier } from '../../columns/index.ts';
import type { Batch } from '../../core/batch.ts';
import { identitySelection } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import type { BatchExpression, BatchPredicate } from '../../expr/index.ts';
import { compileBatch, compilePredicate, RowErrors } from '../../expr/index.ts';
import type { HeldRows } from '../../state/index.ts';
import type { RowFailures } from '../row-failures.ts';
import type { PatternConfig } from './config.ts';
import { Port } from './config.ts';
import { MatchColumns } from './match-columns.ts';

/** At most a batch of matches. Fill {@link records} at {@link count}, call {@link add}, flush when {@link isFull}. */
export class MatchedRows {
  /** By event and position: the record. */
  readonly records: readonly Int32Array[];
  readonly #config: PatternConfig;
  readonly #node: string;
  readonly #columns: MatchColumns;
  readonly #names: readonly string[];
  readonly #where: BatchPredicate | undefined;
  /** By output column; `undefined` where it is a column of an event. */
  readonly #select: readonly (BatchExpression | undefined)[];
  readonly #output: Column[] = [];
  readonly #copier: RowCopier;
  readonly #errors: RowErrors;
  readonly #failures: RowFailures;
  readonly #selection: Uint32Array;
  readonly #times: Float64Array;
  readonly #capacity: number;
  #count = 0;
  #selected = 0;
  #flushed = 0;
  #isComputed = false;
  #ingestTimeUs: TimeUs = Infinity;

  /** @param isTested - matches fulfil the condition when they are added */
  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    inputs: readonly HeldRows[],
    failures: RowFailures,
    isTested: boolean,
  ) {
    const config = plan.config as PatternConfig;
    const { memory, rowCapacity } = context;
    const { schema } = plan.outputs[Port.OUT]!.stream;
    this.#config = config;
    this.#node = context.node;
    this.#columns = new MatchColumns(plan, context, inputs, config.slots, rowCapacity);
    this.records = this.#columns.records;
    this.#names = schema.map(({ name }) => name);
    const where = isTested ? undefined : config.where;
    this.#where = where && compilePredicate(where, context);
    this.#select = config.select.map((expr) =>
      expr.op === 'column' ? undefined : compileBatch(expr, context),
    );
    this.#copier = new RowCopier(memory, schema.length);
    this.#errors = new RowErrors(rowCapacity);
    this.#failures = failures;
    this.#selection = memory.rows(rowCapacity);
    this.#times = new Float64Array(rowCapacity);
    this.#capacity = rowCapacity;
  }

  /** Matches that wait to be flushed, or are being flushed. */
  get count(): number {
    return this.#count;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get isFull(): boolean {
    return this.#count === this.#capacity;
  }

  /** Takes note of when rows came that will leave. */
  noteIngest(ingestTimeUs: TimeUs): void {
    if (ingestTimeUs < Infinity) this.#ingestTimeUs = ingestTimeUs;
  }

  /** Between flushes. */
  state(io: StateIo): void {
    this.#ingestTimeUs = io.float(this.#ingestTimeUs);
  }

  /** Adds the match whose records stand at {@link count}. */
  add(timeUs: TimeUs): void {
    this.#times[this.#count++] = timeUs;
  }

  /** Hands the matches on and forgets them; false when the output is full: call it again. */
  flush(out: Outbox): boolean {
    if (!this.#isComputed) this.#compute();
    while (this.#flushed < this.#selected) {
      const batch = out.claim(Port.OUT);
      if (batch === undefined) return false;
      const start = batch.rowCount;
      const from = this.#flushed;
      const added = this.#copier.appendColumns(
        batch,
        this.#output,
        this.#selection,
        from,
        this.#selected,
      );
      if (added === TUPLE_TOO_LARGE) throw this.#tooLarge(batch.heap.capacityBytes);
      this.#writeTimes(batch, start, added);
      if (added > 0 && this.#ingestTimeUs < batch.ingestTimeUs) {
        batch.ingestTimeUs = this.#ingestTimeUs;
      }
      this.#flushed += added;
      out.commit(Port.OUT, this.#flushed < this.#selected);
    }
    this.#count = 0;
    this.#isComputed = false;
    return true;
  }

  #writeTimes(batch: Batch, start: number, added: number): void {
    for (let i = 0; i < added; i++) {
      batch.setTimeUs(start + i, this.#times[this.#selection[this.#flushed + i]!]!);
      batch.setLateBy(start + i, 0);
    }
  }

  #compute(): void {
    const count = this.#count;
    const { batch } = this.#columns;
    this.#columns.gather(count);
    this.#selection.set(identitySelection(this.#capacity).subarray(0, count));
    this.#selected = count;
    this.#flushed = 0;
    this.#isComputed = true;
    if (this.#where !== undefined) {
      const selection = this.#selection;
      this.#selected = this.#where.select(batch, selection, count, selection, this.#errors);
      this.#settle('where');
    }
    const { select } = this.#config;
    for (let c = 0; c < select.length; c++) {
      const expr = select[c]!;
      const compiled = this.#select[c];
      if (compiled === undefined) {
        if (expr.op === 'column') this.#output[c] = batch.columns[expr.index]!;
        continue;
      }
      const selection = this.#selection;
      this.#output[c] = compiled.evaluate(batch, selection, this.#selected, this.#errors);
      this.#settle(this.#names[c]!);
    }
  }

  #settle(field: string): void {
    const errors = this.#errors;
    if (errors.count === 0) return;
    const { named } = this.#columns;
    this.#selected = this.#failures.drop(errors, this.#selection, this.#selected, field, named);
  }

  #tooLarge(limitBytes: number): MillraceError {
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a match of '${this.#node}' has long values of more than the ${limitBytes} bytes that a slot has ` +
        'room for: select fewer or shorter columns, or raise engine.ring.heap',
      { node: this.#node },
    );
  }
}
