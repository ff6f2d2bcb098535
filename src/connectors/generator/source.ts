/**
 * Makes rows up: the same seed gives the same rows, whatever the rate and the size of batches.
 *
 * Without a rate rows come as fast as they are taken. With one they come by the clock: rows that
 * were due while nobody took them come at once, with the time at which they were due as the time
 * they entered the engine, so that latencies include the delay.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type {
  Source,
  SourceConnector,
  SourceContext,
  SourceProgress,
} from '../../core/connector.ts';
import { isEventTime } from '../../core/time.ts';
import type {
  Distribution,
  GeneratorSource as GeneratorConfig,
} from '../../core/topology/model.ts';
import type { TimeUs } from '../../core/units.ts';
import { heapBytesOf } from '../../rows/values/cell-parse.ts';
import {
  eventTimeProblem,
  forgetRow,
  hasEventTime,
  tooLargeMessage,
} from '../../rows/values/row-checks.ts';
import { type CellMaker, makeCells } from './cells.ts';
import { makeRuns, type RunMaker } from './runs.ts';
import { Schedule } from './schedule.ts';

/** The parts of a source's configuration that making rows needs. */
export type GeneratorSettings = Pick<GeneratorConfig, 'seed' | 'count' | 'rate' | 'fields'>;

/** Rows that are due within this are given together: a batch of a few rows costs as much as a large one. */
const LEAST_WAIT_MS = 0.1;

/** `connector: "generator"`. */
export const generatorSource: SourceConnector = {
  name: 'generator',
  needsEventLoop: () => false,
  open: (config: unknown, context: SourceContext): Source =>
    new GeneratorSource(config as GeneratorSettings, context),
};

class GeneratorSource implements Source {
  readonly #context: SourceContext;
  readonly #makers: readonly CellMaker[];
  /** By column; `undefined` when rows have to be made one by one. */
  readonly #runs: readonly RunMaker[] | undefined;
  readonly #time: Distribution | undefined;
  readonly #schedule: Schedule | undefined;
  readonly #totalRows: number;
  /** Rows made or rejected so far. */
  #made = 0;
  /** Both clocks at the first read; -1 before. */
  #startMs = -1;
  #startUs: TimeUs = 0;

  constructor({ seed, count, rate, fields }: GeneratorSettings, context: SourceContext) {
    this.#context = context;
    this.#makers = context.stream.schema.map((field, c) => makeCells(field, fields[c]!, seed));
    const runs = this.#makers.map((make, c) =>
      makeRuns(context.stream.schema[c]!, fields[c]!, make, seed, context.memory),
    );
    this.#time = fields[context.timeColumn];
    const isFixed = (run: RunMaker | undefined): run is RunMaker => run !== undefined;
    this.#runs = runs.every(isFixed) ? runs : undefined;
    this.#schedule = rate === undefined ? undefined : new Schedule(rate);
    this.#totalRows = Math.min(count ?? Infinity, this.#schedule?.totalRows ?? Infinity);
  }

  read(batch: Batch): SourceProgress {
    const due = this.#dueRows();
    if (due <= this.#made) return this.#made >= this.#totalRows ? 'end' : this.#waitForNext();
    if (this.#schedule !== undefined) {
      const dueUs = Math.round(this.#startUs + this.#schedule.dueAtUs(this.#made));
      if (dueUs < batch.ingestTimeUs) batch.ingestTimeUs = dueUs;
    }
    if (this.#runs === undefined || !this.#fillRuns(batch, due, this.#runs)) this.#fill(batch, due);
    if (this.#made >= this.#totalRows) return 'end';
    return this.#made < due ? 'more' : this.#waitForNext();
  }

  close(): void {
    // It holds nothing.
  }

  /** How many rows have come by now. */
  #dueRows(): number {
    if (this.#schedule === undefined) return this.#totalRows;
    const { clock } = this.#context;
    if (this.#startMs < 0) {
      this.#startMs = clock.monotonicMs();
      this.#startUs = clock.nowUs();
    }
    const elapsedUs = (clock.monotonicMs() - this.#startMs) * 1000;
    return Math.min(this.#schedule.rowsDue(elapsedUs), this.#totalRows);
  }

  #waitForNext(): SourceProgress {
    const elapsedMs = this.#context.clock.monotonicMs() - this.#startMs;
    const waitMs = (this.#schedule?.dueAtUs(this.#made) ?? 0) / 1000 - elapsedMs;
    this.#context.wakeAfter(Math.max(LEAST_WAIT_MS, waitMs));
    return 'wait';
  }

  /** As {@link #fill}, a column at a time; false when a row might have no event time. */
  #fillRuns(batch: Batch, due: number, runs: readonly RunMaker[]): boolean {
    const row = batch.rowCount;
    const count = Math.min(batch.rowCapacity - row, due - this.#made);
    if (!this.#haveTimes(count)) return false;
    for (let c = 0; c < runs.length; c++) runs[c]!(batch.columns[c]!, row, count, this.#made);
    this.#made += count;
    batch.setRowCount(row + count);
    return true;
  }

  /** Whether the next rows are sure to have event times, if the stream has any. */
  #haveTimes(count: number): boolean {
    const time = this.#time;
    if (time === undefined) return true;
    // Others may give null, or anything.
    if (time.kind !== 'time') return false;
    const { startUs, stepUs, jitterUs } = time;
    const firstUs = startUs + this.#made * stepUs;
    const lastUs = firstUs + count * stepUs;
    return (
      isEventTime(Math.min(firstUs, lastUs) - jitterUs) && isEventTime(Math.max(firstUs, lastUs))
    );
  }

  /** Makes rows until `due` are made, the batch is full, or a row cannot be rejected now. */
  #fill(batch: Batch, due: number): void {
    const { columns, heap, rowCapacity } = batch;
    let row = batch.rowCount;
    // Rejected rows are counted against the batch too, so that the call ends.
    for (let tries = rowCapacity; tries > 0 && row < rowCapacity && this.#made < due; tries--) {
      const heapUsed = heap.used;
      const problem = this.#makeRow(columns, row);
      if (problem === undefined) {
        row++;
        this.#made++;
        continue;
      }
      heap.used = heapUsed;
      forgetRow(columns, row);
      batch.setRowCount(row);
      if (problem === 'full' && heapUsed > 0) return;
      if (!this.#context.canReject()) return;
      const message =
        problem === 'full' ? tooLargeMessage(this.#measure(), heap.capacityBytes) : problem;
      this.#context.reject({ message: `row ${this.#made + 1}: ${message}` });
      this.#made++;
    }
    batch.setRowCount(row);
  }

  /** Writes the next row; returns what is wrong with it. */
  #makeRow(columns: readonly Column[], row: number): string | undefined {
    const makers = this.#makers;
    for (let c = 0; c < makers.length; c++) {
      if (!makers[c]!(columns[c]!, row, this.#made)) return 'full';
    }
    const time = columns[this.#context.timeColumn];
    return time === undefined || hasEventTime(time, row) ? undefined : eventTimeProblem(time, row);
  }

  /** Bytes of the long values of the next row. */
  #measure(): number {
    const columns = this.#context.stream.schema.map((field) => Column.allocate(field.type, 1));
    this.#makeRow(columns, 0);
    return heapBytesOf(columns, 0);
  }
}
