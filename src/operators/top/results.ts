/** From the best rows of a window to rows of the output. @module */

import { RowCopier } from '../../columns/index.ts';
import type { Batch } from '../../core/batch.ts';
import { identitySelection } from '../../core/batch.ts';
import { Column, Heap } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import { storageOf } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { BestCursor, BestRows } from '../../state/index.ts';
import type { RowsOf } from '../row-gather.ts';
import { RowGather } from '../row-gather.ts';
import { WINDOW_FIELDS } from '../window-scheme.ts';
import type { TopConfig } from './config.ts';
import { Port } from './config.ts';

const LARGEST_HEAP_BYTES = 0x7fff_ffff;

/** Rows, and the window they belong to. */
export interface ResultSource {
  readonly cursor: BestCursor;
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
  /** When the last of the rows entered the engine; `-Infinity`: unknown. */
  readonly lastIngestUs: TimeUs;
}

/** Writes one source after the other. */
export class ResultWriter {
  readonly #config: TopConfig;
  readonly #node: string;
  readonly #gather: RowGather;
  readonly #copier: RowCopier;
  readonly #hasViews: boolean;
  readonly #ranks: Int32Array;
  readonly #rows: RowsOf;
  /** Positions in the output of the columns of a row, and of the rank. */
  readonly #positions: readonly number[];
  readonly #rankPosition: number;
  /** Where rows are gathered that cannot be gathered right into the output. */
  readonly #columns: readonly Column[];
  readonly #heap: Heap;
  readonly #selection: Uint32Array;
  #source: ResultSource | undefined;
  /** Rows of the current chunk, of which `#done` are written; whether they lie in `#columns`. */
  #count = 0;
  #done = 0;
  #isGathered = false;

  constructor(plan: OperatorPlan, { node, rowCapacity, memory }: KernelContext, best: BestRows) {
    const config = plan.config as TopConfig;
    const { schema } = plan.inputs[0]!;
    const output = plan.outputs[Port.OUT]!.stream.schema;
    const first = config.showsWindow ? WINDOW_FIELDS.length : 0;
    this.#config = config;
    this.#node = node;
    this.#gather = new RowGather(memory, rowCapacity);
    this.#copier = new RowCopier(memory, output.length);
    this.#hasViews = schema.some(({ type }) => storageOf(type) === 'view');
    this.#ranks = new Int32Array(rowCapacity);
    this.#rows = { kernel: best.kernel, isKept: true, items: memory.words(rowCapacity) };
    this.#positions = schema.map((_, c) => first + c);
    this.#rankPosition = first + schema.length;
    this.#heap = new Heap(new Uint8Array(0), LARGEST_HEAP_BYTES, memory);
    this.#columns = output.map(({ type }) => {
      const column = Column.allocate(type, rowCapacity, memory);
      column.heap = this.#heap;
      return column;
    });
    this.#selection = identitySelection(rowCapacity);
  }

  /** Begins with rows, which must stay as they are until {@link write} is true. */
  begin(source: ResultSource): void {
    this.#source = source;
    this.#count = 0;
    this.#done = 0;
  }

  /** Goes on writing; false when the output is full, true when all rows are written. */
  write(out: Outbox): boolean {
    const { cursor, endUs, lastIngestUs } = this.#source!;
    for (;;) {
      if (this.#done === this.#count) {
        this.#count = cursor.next(this.#rows.items, this.#ranks);
        this.#done = 0;
        this.#isGathered = false;
        if (this.#count === 0) break;
      }
      const target = out.claim(Port.OUT);
      if (target === undefined) return false;
      const start = target.rowCount;
      const added = this.#append(target);
      if (added === TUPLE_TOO_LARGE) throw this.#tooLarge(target.heap.capacityBytes);
      if (target.hasTime) {
        for (let row = start; row < target.rowCount; row++) {
          target.setTimeUs(row, endUs - 1);
          target.setLateBy(row, 0);
        }
      }
      if (added > 0 && lastIngestUs > -Infinity && lastIngestUs < target.ingestTimeUs) {
        target.ingestTimeUs = lastIngestUs;
      }
      this.#done += added;
      out.commit(Port.OUT, this.#done < this.#count);
    }
    this.#source = undefined;
    return true;
  }

  /** Appends the next rows, as many as fit: see `appendColumns`. */
  #append(target: Batch): number {
    const rows = this.#rows;
    const [from, to] = [this.#done, this.#count];
    if (this.#isGathered || !this.#gather.takes(target)) {
      if (!this.#isGathered) {
        this.#gather.gatherAll(rows, to, this.#columns, this.#positions, this.#heap);
        this.#writeOthers(this.#columns, 0, 0, to);
        this.#isGathered = true;
      }
      return this.#copier.appendColumns(target, this.#columns, this.#selection, from, to);
    }
    const start = target.rowCount;
    const wanted = Math.min(to - from, target.rowCapacity - start);
    const count = this.#hasViews ? this.#gather.fitting(target, [rows], from, wanted) : wanted;
    if (count <= 0) return count;
    this.#gather.gather(rows, from, count, target.columns, this.#positions, start, target.heap);
    this.#writeOthers(target.columns, start, from, count);
    target.setRowCount(start + count);
    return count;
  }

  /** Writes the columns that are not the input's, of rows `from .. from + count`, from `start` on. */
  #writeOthers(columns: readonly Column[], start: number, from: number, count: number): void {
    const { showsWindow, showsRank } = this.#config;
    const { startUs, endUs } = this.#source!;
    if (showsWindow) {
      for (let i = start; i < start + count; i++) {
        columns[0]!.setI64FromNumber(i, startUs);
        columns[1]!.setI64FromNumber(i, endUs);
      }
    }
    if (!showsRank) return;
    const rank = columns[this.#rankPosition]!;
    for (let i = 0; i < count; i++) rank.setI64FromNumber(start + i, this.#ranks[from + i]!);
  }

  #tooLarge(limitBytes: number): MillraceError {
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a row of '${this.#node}' has long values of more than the ${limitBytes} bytes that a slot ` +
        'has room for: raise engine.ring.heap',
      { node: this.#node },
    );
  }
}
