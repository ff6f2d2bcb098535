/**
 * The motion of a top: the best rows of each group, per window or over the whole input.
 *
 * A row is looked at once for each window it counts in, as in an aggregate. It is copied only if it
 * is among the best of its group so far, which is told by the worst of them. When the watermark
 * passes the end of a window, its rows are written, in order.
 *
 * Rows are late as they are for an aggregate: see its kernel.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { DataType } from '../../core/types.ts';
import { storageOf } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import { Arena, BestRows, canonicalFloats, pageCellsFor, recordCells } from '../../state/index.ts';
import { PositionSort } from '../position-sort.ts';
import type { WindowIndex, WindowScheme } from '../window-scheme.ts';
import { startOfEnding, windowScheme } from '../window-scheme.ts';
import type { TopConfig } from './config.ts';
import { Port } from './config.ts';
import type { OpenWindow } from './open-windows.ts';
import { OpenWindows } from './open-windows.ts';
import { ResultWriter } from './results.ts';
import { LateRows } from '../late-rows.ts';

/** The only window of the whole input. */
const WHOLE: WindowIndex = 0;
/** Cells of a group beside its keys and its list. */
const GROUP_CELLS = 4;

/** Makes the kernel of a top. */
export function createTopKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new TopKernel(plan, context);
}

class TopKernel implements Kernel {
  readonly #config: TopConfig;
  readonly #scheme: WindowScheme | undefined;
  readonly #best: BestRows;
  readonly #windows = new OpenWindows();
  readonly #writer: ResultWriter;
  readonly #late: LateRows;
  readonly #lateRows: Uint32Array;
  readonly #lateBy: Float64Array;
  /** Rows that count, and the first and last window of each, by position. */
  readonly #rows: Uint32Array;
  readonly #firsts: Float64Array;
  readonly #lasts: Float64Array;
  #count = 0;
  /** Those of one pass, by window: `#sorted` are rows. */
  readonly #passRows: Uint32Array;
  readonly #buckets: Int32Array;
  readonly #sorted: Uint32Array;
  readonly #found: OpenWindow[] = [];
  readonly #sort: PositionSort;
  readonly #keys: Column[] = [];
  /** By key: where floats go to be hashed. */
  readonly #canonical: readonly (Column | undefined)[];
  /** Windows before this one have closed. */
  #next: WindowIndex = -Infinity;
  #passedUs: TimeUs = -Infinity;
  /** The watermark that windows are being closed for; `undefined`: none. */
  #watermarkUs: TimeUs | undefined;
  #closing: OpenWindow | undefined;
  #isEnding = false;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as TopConfig;
    const { schema } = plan.inputs[0]!;
    const { rowCapacity, memory } = context;
    this.#config = config;
    this.#scheme = config.window === undefined ? undefined : windowScheme(config.window);
    const keys = config.groupBy.map((column) => schema[column]!.type);
    this.#best = new BestRows(memory, this.#allocate(keys, context), {
      columns: schema.map(({ type }) => storageOf(type)),
      groupBy: keys.map(storageOf),
      orderBy: config.orderBy,
      n: config.n,
      ties: config.ties,
      rowCapacity,
    });
    this.#writer = new ResultWriter(plan, context, this.#best);
    this.#canonical = keys.map((type) =>
      type.kind === 'float64' ? Column.allocate(type, rowCapacity, memory) : undefined,
    );
    this.#late = new LateRows(rowCapacity, context.counters, Port.LATE);
    this.#lateRows = new Uint32Array(rowCapacity);
    this.#lateBy = new Float64Array(rowCapacity);
    this.#rows = new Uint32Array(rowCapacity);
    this.#firsts = new Float64Array(rowCapacity);
    this.#lasts = new Float64Array(rowCapacity);
    this.#passRows = new Uint32Array(rowCapacity);
    this.#buckets = new Int32Array(rowCapacity);
    this.#sorted = memory.rows(rowCapacity);
    this.#sort = new PositionSort(rowCapacity);
  }

  #allocate(
    keys: readonly DataType[],
    { node, counters, stateLimitBytes, stateMemory }: KernelContext,
  ): Arena {
    const arena = Arena.allocate(
      stateLimitBytes,
      pageCellsFor(recordCells(keys, []) + GROUP_CELLS),
      (limitBytes) =>
        new MillraceError(
          'ERR_LIMIT_EXCEEDED',
          `top '${node}' keeps ${this.#windows.describe(this.#best)}, and more would exceed the ` +
            `limit of its state, ${limitBytes} bytes: keep fewer rows for a group, group by fewer ` +
            'distinct keys, use smaller windows, or spread it over more tasks',
          { node },
        ),
      stateMemory,
    );
    counters.watchState?.(() => arena.usedBytes);
    return arena;
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    if (!this.#lookAtWhole(batch)) {
      const late = this.#findWindows(batch);
      this.#late.offer(batch, this.#lateRows, late, this.#lateBy, out);
      for (let pass = 0; this.#lookAt(batch, pass); pass++);
    }
    this.#keys.length = 0;
    return this.resume(out);
  }

  /** Where all rows are on time and in the same windows, there is nothing to find for each. */
  #lookAtWhole(batch: Batch): boolean {
    const scheme = this.#scheme;
    let first = WHOLE;
    let last = WHOLE;
    if (scheme !== undefined) {
      if (batch.lateCount !== 0) return false;
      const { minTimeUs, maxTimeUs } = batch;
      last = scheme.lastWindowAt(minTimeUs);
      first = scheme.firstOpenWindow(minTimeUs);
      if (last !== scheme.lastWindowAt(maxTimeUs)) return false;
      if (first !== scheme.firstOpenWindow(maxTimeUs)) return false;
      first = Math.max(first, this.#next);
      if (!(first <= last)) return false;
    }
    const { selected } = batch;
    const rows = this.#sorted;
    rows.set(batch.selection.subarray(0, selected));
    this.#bind(batch, selected);
    this.#found.length = 0;
    for (let index = first; index <= last; index++) {
      const window = this.#found[this.#bucketOf(index, batch.ingestTimeUs)]!;
      this.#best.add(window.state, 0, selected);
    }
    return true;
  }

  /** Says that the first rows of `#sorted` are meant. */
  #bind(batch: Batch, count: number): void {
    this.#readKeys(batch, this.#sorted, count);
    this.#best.bind(batch.columns, this.#keys, this.#sorted, count);
  }

  /** Finds the windows of each row; returns how many are late. */
  #findWindows(batch: Batch): number {
    const { selection, selected } = batch;
    const scheme = this.#scheme;
    this.#count = 0;
    let late = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      let first = WHOLE;
      let last = WHOLE;
      if (scheme !== undefined) {
        const timeUs = batch.timeUs(row);
        const lateByUs = batch.lateByUs(row);
        first = Math.max(scheme.firstOpenWindow(timeUs + lateByUs), this.#next);
        last = scheme.lastWindowAt(timeUs);
        if (first > last) {
          this.#lateRows[late++] = row;
          this.#lateBy[row] = lateByUs > 0 ? lateByUs : this.#passedUs - timeUs;
          continue;
        }
      }
      this.#rows[this.#count] = row;
      this.#firsts[this.#count] = first;
      this.#lasts[this.#count] = last;
      this.#count++;
    }
    return late;
  }

  #readKeys(batch: Batch, rows: Uint32Array, count: number): void {
    this.#config.groupBy.forEach((column, k) => {
      const key = batch.columns[column]!;
      const canonical = this.#canonical[k];
      if (canonical !== undefined) canonicalFloats(key, canonical, rows, 0, count);
      this.#keys[k] = canonical ?? key;
    });
  }

  /** Looks at each row in the `pass`-th window it counts in; false when none has so many. */
  #lookAt(batch: Batch, pass: number): boolean {
    let count = 0;
    let bucket = 0;
    let last: WindowIndex = NaN;
    this.#found.length = 0;
    for (let i = 0; i < this.#count; i++) {
      const index = this.#firsts[i]! + pass;
      if (index > this.#lasts[i]!) continue;
      if (index !== last) bucket = this.#bucketOf(index, batch.ingestTimeUs);
      last = index;
      this.#passRows[count] = this.#rows[i]!;
      this.#buckets[count++] = bucket;
    }
    if (count === 0) return false;
    const sort = this.#sort;
    sort.sort(this.#buckets, count, this.#found.length);
    for (let i = 0; i < count; i++) this.#sorted[i] = this.#passRows[sort.order[i]!]!;
    this.#bind(batch, count);
    for (let b = 0; b < this.#found.length; b++) {
      const from = b === 0 ? 0 : sort.endOf(b - 1);
      this.#best.add(this.#found[b]!.state, from, sort.endOf(b));
    }
    return true;
  }

  #bucketOf(index: WindowIndex, ingestTimeUs: TimeUs): number {
    const known = this.#found.findIndex((window) => window.index === index);
    if (known >= 0) return known;
    const window = this.#windows.at(index, this.#best);
    if (ingestTimeUs < Infinity && ingestTimeUs > window.lastIngestUs) {
      window.lastIngestUs = ingestTimeUs;
    }
    return this.#found.push(window) - 1;
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    return this.resume(out);
  }

  dueUs(): TimeUs {
    const { first } = this.#windows;
    return first === undefined ? Infinity : this.#scheme!.endUs(first.index);
  }

  onEnd(_port: number, out: Outbox): Progress {
    this.#isEnding = true;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const watermarkUs = this.#watermarkUs;
    const last = this.#lastClosed(watermarkUs);
    if (last > -Infinity && !this.#closeUntil(last, out)) return 'blocked';
    if (watermarkUs !== undefined) {
      this.#watermarkUs = undefined;
      this.#passedUs = watermarkUs;
      // Infinity may only mean that the input is idle.
      if (this.#scheme !== undefined && watermarkUs < Infinity) {
        this.#next = Math.max(this.#next, this.#scheme.firstOpenWindow(watermarkUs));
      }
      out.watermark(watermarkUs);
    }
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('top', 1);
    yield* this.#best.state(io);
    yield* this.#windows.state(io, this.#best);
    this.#next = io.float(this.#next);
    this.#passedUs = io.float(this.#passedUs);
    this.#isEnding = io.flag(this.#isEnding);
  }

  /** The last window that is to be closed now; `-Infinity`: none. */
  #lastClosed(watermarkUs: TimeUs | undefined): WindowIndex {
    if (this.#isEnding) return Infinity;
    if (watermarkUs === undefined || this.#scheme === undefined) return -Infinity;
    return this.#scheme.firstOpenWindow(watermarkUs) - 1;
  }

  /** Writes all windows up to one; false when the output is full. */
  #closeUntil(last: WindowIndex, out: Outbox): boolean {
    for (;;) {
      if (this.#closing === undefined) {
        const window = this.#windows.first;
        if (window === undefined || window.index > last) return true;
        this.#closing = window;
        const { shown } = this.#config;
        const endUs = this.#scheme?.endUs(window.index) ?? 0;
        this.#writer.begin({
          cursor: this.#best.cursor(window.state),
          startUs: shown === undefined ? 0 : startOfEnding(shown, endUs),
          endUs,
          lastIngestUs: window.lastIngestUs,
        });
      }
      if (!this.#writer.write(out)) return false;
      this.#windows.close(this.#closing, this.#best);
      if (this.#scheme !== undefined) this.#next = this.#closing.index + 1;
      this.#closing = undefined;
    }
  }
}
