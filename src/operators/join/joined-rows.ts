/** A chunk of joined rows: gathered from both sides, filtered, computed, and handed on. @module */

import { RowCopier } from '../../columns/index.ts';
import { Batch, identitySelection } from '../../core/batch.ts';
import { Column, Heap } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import type { TimeUs } from '../../core/units.ts';
import type { BatchExpression, BatchPredicate } from '../../expr/index.ts';
import { compileBatch, compilePredicate, RowErrors } from '../../expr/index.ts';
import type { RowFailures } from '../row-failures.ts';
import type { RowsOf } from '../row-gather.ts';
import { RowGather } from '../row-gather.ts';
import type { NamedColumn } from '../row-text.ts';
import { nameColumns } from '../row-text.ts';
import { floatsOf } from './arriving-rows.ts';
import type { JoinConfig, Side } from './config.ts';
import { LEFT, otherThan, RIGHT } from './config.ts';
import type { SlidingWindows } from '../window-scheme.ts';
import { WINDOW_FIELDS } from '../window-scheme.ts';
import type { GatherPlan } from './gather-plan.ts';
import type { ChangeCode } from './change-column.ts';
import { ChangeColumn, INSERTS } from './change-column.ts';
import { PairTimes } from './pair-times.ts';
import type { Pairs } from './probe.ts';
import type { RowNotes } from './row-notes.ts';
import type { TimeKernels } from './time-kernels.ts';
import { UnmatchedRows } from './unmatched-rows.ts';

const OUT = 0;
/** A chunk with more long strings than this is followed by a smaller one. */
const MOST_HEAP_BYTES = 1 << 20;
const FEWEST_ROWS = 8;

/** The largest heap there can be. */
const LARGEST_HEAP_BYTES = 0x7fff_ffff;

/**
 * One chunk. First `rows` is filled. Where pairs are rows of the output as they are, they are gathered
 * when they are flushed; else {@link gather} and {@link gatherNulls} fetch both sides, then the chunk is
 * narrowed and computed. It is flushed perhaps in several calls.
 */
export class JoinedRows implements Pairs {
  readonly rows: readonly [Int32Array, Int32Array];
  readonly windows: Float64Array;
  readonly bits: readonly [Int32Array, Int32Array];
  /** Fill `rows` of their side, and `windows`, with rows that found no match. */
  readonly unmatched: readonly [UnmatchedRows, UnmatchedRows];
  readonly #times: PairTimes;
  readonly #kernels: TimeKernels;
  /** `#selection[0 .. #selected)` are the pairs that are left. */
  readonly #selection: Uint32Array;
  #selected = 0;
  readonly #config: JoinConfig;
  readonly #node: string;
  readonly #rowCapacity: number;
  /** The columns that are used, as rows `[...left, ...right]`; others are empty. */
  readonly #batch: Batch;
  /** Where long values of each side's columns lie. */
  readonly #heaps: readonly [Heap, Heap];
  readonly #plan: GatherPlan;
  readonly #gather: RowGather;
  /** Both sides of pairs that have still to be gathered. */
  #waiting: readonly [RowsOf, RowsOf | undefined] | undefined;
  /** The columns that are used, for messages. */
  readonly #named: readonly NamedColumn[];
  readonly #further: BatchPredicate | undefined;
  /** By output column; `undefined` where it is a column of a side. */
  readonly #select: readonly (BatchExpression | undefined)[];
  readonly #outputNames: readonly string[];
  readonly #output: Column[] = [];
  readonly #windowScheme: SlidingWindows | undefined;
  readonly #hasTime: boolean;
  readonly #copier: RowCopier;
  readonly #errors: RowErrors;
  readonly #changes: ChangeColumn | undefined;
  #change: ChangeCode = INSERTS;
  #flushed = 0;
  #ingestTimeUs: TimeUs = Infinity;
  #chunkRows: number;

  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    gatherPlan: GatherPlan,
    kernels: TimeKernels,
    windows: SlidingWindows | undefined,
  ) {
    const { node, rowCapacity, memory } = context;
    const config = plan.config as JoinConfig;
    const [left, right] = plan.inputs.map((input) => input.schema) as [Schema, Schema];
    this.#config = config;
    this.#node = node;
    this.#rowCapacity = rowCapacity;
    this.#errors = new RowErrors(rowCapacity);
    this.#chunkRows = rowCapacity;
    this.#windowScheme = windows;
    const { hasTime, schema, change } = plan.outputs[OUT]!.stream;
    if (change !== undefined) this.#changes = new ChangeColumn(change, rowCapacity, memory);
    this.#hasTime = hasTime;
    this.#copier = new RowCopier(memory, schema.length);
    this.rows = [memory.words(rowCapacity), memory.words(rowCapacity)];
    this.windows = floatsOf(memory, rowCapacity);
    const ones = (): Int32Array => new Int32Array(rowCapacity).fill(1);
    this.bits = [ones(), ones()];
    this.unmatched = [
      new UnmatchedRows(this.rows[LEFT], this.windows, windows),
      new UnmatchedRows(this.rows[RIGHT], this.windows, windows),
    ];
    if (windows !== undefined) {
      const columns = WINDOW_FIELDS.map(({ type }) => Column.allocate(type, rowCapacity, memory));
      this.#output.push(...columns);
    }
    this.#times = new PairTimes(memory, rowCapacity, kernels);
    this.#kernels = kernels;
    this.#selection = memory.rows(rowCapacity);
    this.#plan = gatherPlan;
    this.#gather = new RowGather(memory, rowCapacity);
    const heap = (): Heap => new Heap(new Uint8Array(0), LARGEST_HEAP_BYTES, memory);
    this.#heaps = [heap(), heap()];
    this.#batch = Batch.view(rowCapacity, false);
    const isUsed = new Set([
      ...config.sides[LEFT].used,
      ...config.sides[RIGHT].used.map((position) => left.length + position),
    ]);
    this.#batch.columns = [...left, ...right].map(({ type }, c) => {
      const column = Column.allocate(type, isUsed.has(c) ? rowCapacity : 1, memory);
      column.heap = this.#heaps[c < left.length ? LEFT : RIGHT];
      return column;
    });
    const fields = [
      ...left.map(({ name, type }) => ({ name: `l.${name}`, type })),
      ...right.map(({ name, type }) => ({ name: `r.${name}`, type })),
    ];
    this.#named = nameColumns(fields, this.#batch.columns).filter((_, c) => isUsed.has(c));
    this.#further =
      config.further === undefined ? undefined : compilePredicate(config.further, context);
    this.#select = config.select.map((expr) =>
      expr.op === 'column' ? undefined : compileBatch(expr, context),
    );
    this.#outputNames = plan.outputs[OUT]!.stream.schema.map((field) => field.name);
    this.change = INSERTS;
  }

  /** Says what the rows of the chunks to come do, where the output has a change column. */
  set change(change: ChangeCode) {
    const changes = this.#changes;
    this.#change = change;
    if (changes !== undefined) this.#output[changes.position] = changes.columns[change];
  }

  /** Most rows of the next chunk. */
  get chunkRows(): number {
    return this.#chunkRows;
  }

  /** Begins a chunk of `count` pairs. */
  begin(count: number, ingestTimeUs: TimeUs): void {
    this.#batch.rowCount = count;
    this.#selection.set(identitySelection(this.#rowCapacity).subarray(0, count));
    this.#selected = count;
    this.#ingestTimeUs = ingestTimeUs;
    this.#flushed = 0;
    this.#waiting = undefined;
  }

  /** Whether pairs are rows of the output as they are: see {@link wait}. */
  get isWhole(): boolean {
    return this.#plan.isWhole;
  }

  /** Has both sides gathered when the chunk is flushed; no columns of the right one if it is left out. */
  wait(left: RowsOf, right?: RowsOf): void {
    this.#waiting = [left, right];
  }

  /** Fetches the columns of one side, for `rows[side]`. */
  gather(side: Side, rows: RowsOf): void {
    const { inputs } = this.#plan.sides[side];
    const { columns, rowCount } = this.#batch;
    const heap = this.#heaps[side];
    this.#gather.gatherAll(rows, rowCount, columns, inputs, heap);
    this.#fitChunk(heap.used);
  }

  /** Makes the columns of one side null. */
  gatherNulls(side: Side): void {
    for (const position of this.#plan.sides[side].inputs) {
      const target = this.#batch.columns[position]!;
      target.validity.fill(0);
      target.nullCount = this.#batch.rowCount;
    }
  }

  /** Tells one side which of its rows are in the pairs that are left. */
  noteMatches(side: Side, notes: RowNotes): void {
    notes.noteMatches(this.rows[side], this.#selection, this.#selected, this.bits[side]);
  }

  /**
   * Tells one side which of its rows are in the pairs that are left, and leaves out pairs of rows that
   * had found a match before. @hot
   */
  keepFirstMatches(side: Side, notes: RowNotes): void {
    const rows = this.rows[side];
    const bits = this.bits[side];
    const selection = this.#selection;
    let kept = 0;
    for (let i = 0; i < this.#selected; i++) {
      const pair = selection[i]!;
      if (notes.noteMatch(rows[pair]!, bits[pair]!)) selection[kept++] = pair;
    }
    this.#selected = kept;
  }

  /** Moves the pairs that are left to the front, where nothing was gathered of them. */
  compact(): void {
    const [left, right] = this.rows;
    const { windows } = this;
    const count = this.#selected;
    for (let i = 0; i < count; i++) {
      const pair = this.#selection[i]!;
      left[i] = left[pair]!;
      right[i] = right[pair]!;
      windows[i] = windows[pair]!;
    }
    this.begin(count, this.#ingestTimeUs);
  }

  /**
   * Writes the pairs that are left, one after the other.
   *
   * @returns how many they are
   */
  list(side: Side, rows: Int32Array, others: Int32Array): number {
    const from = this.rows[side];
    const from2 = this.rows[otherThan(side)];
    for (let i = 0; i < this.#selected; i++) {
      const pair = this.#selection[i]!;
      rows[i] = from[pair]!;
      others[i] = from2[pair]!;
    }
    return this.#selected;
  }

  /** Leaves out all pairs. */
  drop(): void {
    this.#selected = 0;
  }

  /**
   * Takes event time and lateness of one side's rows for the pairs that are left.
   *
   * The source of the other row had not ruled this one out, so it makes the pair no later.
   */
  takeTimes(side: Side, notes: RowNotes): void {
    this.#times.take(this.rows[side], this.#selection, this.#selected, notes);
  }

  /** Raises times and marks of the pairs that are left to those of one side's rows. */
  takeLaterTimes(side: Side, notes: RowNotes): void {
    this.#times.takeLater(this.rows[side], this.#selection, this.#selected, notes);
  }

  /** Keeps the pairs that fulfil the further condition. */
  narrow(failures: RowFailures): void {
    if (this.#further === undefined) return;
    const [selection, selected] = [this.#selection, this.#selected];
    const errors = this.#errors;
    this.#selected = this.#further.select(this.#batch, selection, selected, selection, errors);
    this.#settle(failures, 'on');
  }

  /** Computes the output's columns for the pairs that are left. */
  compute(failures: RowFailures): void {
    const { select } = this.#config;
    const first = this.#windowScheme === undefined ? 0 : WINDOW_FIELDS.length;
    if (this.#waiting === undefined) this.#writeWindows();
    for (let c = 0; c < select.length; c++) {
      const expr = select[c]!;
      const compiled = this.#select[c];
      if (expr.op === 'column') {
        this.#output[first + c] = this.#batch.columns[expr.index]!;
      } else if (compiled !== undefined) {
        const [selection, selected] = [this.#selection, this.#selected];
        this.#output[first + c] = compiled.evaluate(this.#batch, selection, selected, this.#errors);
        this.#settle(failures, this.#outputNames[first + c]!);
      }
    }
  }

  /** Writes the columns of the windows, if there are any. */
  #writeWindows(): void {
    const scheme = this.#windowScheme;
    if (scheme === undefined) return;
    const [start, end] = this.#output;
    for (let i = 0; i < this.#selected; i++) {
      const pair = this.#selection[i]!;
      start!.setI64FromNumber(pair, scheme.startUs(this.windows[pair]!));
      end!.setI64FromNumber(pair, scheme.endUs(this.windows[pair]!));
    }
  }

  /** Hands the rest of the chunk on; false when the output is full. */
  flush(out: Outbox): boolean {
    while (this.#flushed < this.#selected) {
      const batch = out.claim(OUT);
      if (batch === undefined) return false;
      const start = batch.rowCount;
      const added = this.#append(batch);
      if (added === TUPLE_TOO_LARGE) throw this.#tooLarge(batch.heap.capacityBytes);
      if (this.#hasTime) this.#times.write(batch, start, this.#selection, this.#flushed, added);
      if (added > 0 && this.#ingestTimeUs < batch.ingestTimeUs) {
        batch.ingestTimeUs = this.#ingestTimeUs;
      }
      this.#flushed += added;
      out.commit(OUT, this.#flushed < this.#selected);
    }
    return true;
  }

  /** Appends the next rows, as many as fit: see `appendColumns`. */
  #append(batch: Batch): number {
    if (this.#waiting !== undefined) {
      if (this.#gather.takes(batch)) return this.#appendPairs(batch, this.#waiting);
      this.gather(LEFT, this.#waiting[LEFT]);
      const right = this.#waiting[RIGHT];
      if (right !== undefined) this.gather(RIGHT, right);
      this.#waiting = undefined;
      this.#writeWindows();
    }
    return this.#copier.appendColumns(
      batch,
      this.#output,
      this.#selection,
      this.#flushed,
      this.#selected,
    );
  }

  /** Gathers the next pairs into a batch, as many as fit. */
  #appendPairs(batch: Batch, sides: readonly [RowsOf, RowsOf | undefined]): number {
    const start = batch.rowCount;
    const from = this.#flushed;
    const wanted = Math.min(this.#selected - from, batch.rowCapacity - start);
    const count = this.#plan.hasViews ? this.#gather.fitting(batch, sides, from, wanted) : wanted;
    if (count <= 0) return count;
    const { columns, heap } = batch;
    for (const side of [LEFT, RIGHT] as const) {
      const rows = sides[side];
      if (rows === undefined) continue;
      const { outputs } = this.#plan.sides[side];
      this.#gather.gather(rows, from, count, columns, outputs, start, heap);
    }
    if (this.#windowScheme !== undefined) this.#putWindows(columns, from, start, count);
    this.#changes?.put(columns, this.#change, start, count);
    batch.setRowCount(start + count);
    return count;
  }

  #putWindows([starts, ends]: readonly Column[], from: number, start: number, count: number): void {
    const { offsetUs, sizeUs, slideUs } = this.#windowScheme!.config;
    this.#kernels.putWindows(
      this.#selection.byteOffset + 4 * from,
      count,
      this.windows.byteOffset,
      starts!.valuesAt + 8 * start,
      ends!.valuesAt + 8 * start,
      offsetUs,
      sizeUs,
      slideUs,
    );
  }

  #settle(failures: RowFailures, field: string): void {
    const errors = this.#errors;
    if (errors.count === 0) return;
    this.#selected = failures.drop(errors, this.#selection, this.#selected, field, this.#named);
  }

  /** Keeps scratch memory small where strings are long. */
  #fitChunk(heapBytes: number): void {
    if (heapBytes > MOST_HEAP_BYTES) {
      this.#chunkRows = Math.max(FEWEST_ROWS, this.#batch.rowCount >> 1);
    } else if (heapBytes < MOST_HEAP_BYTES / 4) {
      this.#chunkRows = Math.min(this.#rowCapacity, 2 * this.#chunkRows);
    }
  }

  #tooLarge(limitBytes: number): MillraceError {
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a joined row of '${this.#node}' has long values of more than the ${limitBytes} bytes that ` +
        'a slot has room for: select fewer or shorter columns, or raise engine.ring.heap',
      { node: this.#node },
    );
  }
}
