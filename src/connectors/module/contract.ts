/**
 * What a module exports for `connector: "module"`: a source that its author wrote.
 *
 * It runs on a worker thread, called by the worker's loop. It fills batches a column at a time, so
 * that a row costs what filling it costs; the engine adds the stamping of event time.
 *
 * @module
 */

import type { Clock } from '../../core/clock.ts';
import type { ColumnToFill } from '../../core/column-to-fill.ts';
import type { BadRow, SourceProgress } from '../../core/connector.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { Schema } from '../../core/schema.ts';
import type { JsonValue } from '../../core/topology/model.ts';

/**
 * The exported function: opens the source, once for each run and, with `parallel`, each part.
 *
 * What it returns is a {@link SourceModule}, or an iterable of rows as objects, which is simpler and
 * slower: `export function* open({ count }) { for (…) yield { id: 1n }; }`.
 */
export type OpenSourceModule = (
  options: SourceModuleOptions,
  context: SourceModuleContext,
) =>
  | SourceModule
  | Iterable<SourceModuleRow>
  | Promise<SourceModule>
  | Promise<Iterable<SourceModuleRow>>;

/** `options` of the topology, as they are written there. */
export type SourceModuleOptions = Readonly<Record<string, JsonValue>>;

/** A row by column name; values as `push` of an embedded input takes them. */
export type SourceModuleRow = Readonly<Record<string, unknown>>;

/** What a source gets when it is opened. */
export interface SourceModuleContext {
  /** The source's name in the topology. */
  readonly node: string;
  /** Which of the `parallel` sources of this name it is, from 0 on: each gives its own part of the rows. */
  readonly instance: number;
  /** How many there are. */
  readonly instances: number;
  /**
   * The number of the next part: 0, 1, 2, … in turn, each given once among the sources of this name, to
   * the one that asks first. For rows that are made or read in parts, dealt out as the sources get on:
   * none ends long before the others, whatever else their workers have to do. Take a part when the one
   * before is done. Parts must follow one another in time, but for the `lateness`; else it depends on
   * who got which of them whether a row is late. Up to 2^31 parts.
   */
  nextPart(): number;
  /** The columns that it fills, in order. */
  readonly schema: Schema;
  /** Position of the column that carries event time, or -1. Every row needs a value there. */
  readonly timeColumn: number;
  /** Folder of the topology file. */
  readonly baseDirectory: string;
  /** Most rows of a batch. */
  readonly rowCapacity: number;
  /** The engine's clocks. */
  readonly clock: Clock;
  /**
   * Makes a column of the type of a column of the schema, with room for as many rows as a batch has,
   * to be shown by batches. It lies in the worker's memory and lives as long as the run.
   */
  createColumn(position: number): SourceColumn;
  /**
   * The worker's memory: batches, and what {@link createColumn} makes, lie in it. For a source that
   * fills columns by WebAssembly of its own, which imports `memory.memory`, a shared memory; what
   * its kernels work on is allocated here.
   */
  readonly memory: KernelMemory;
  /**
   * Asks for another call of `read` after `wait`, from a callback of the event loop; for a source
   * with `needsEventLoop`.
   */
  wake(): void;
  /** Before `wait`: asks for another call of `read` after so many milliseconds, or fractions of one. */
  wakeAfter(delayMs: number): void;
  /** Refuses a row; it is handled by the node's `onError`. With `stop` this throws: let it pass. */
  reject(row: BadRow): void;
  /** False when the `errors` port has no room: return `more`, and go on with the next call. */
  canReject(): boolean;
}

/** A running source. */
export interface SourceModule {
  /** True when `wake` is called from callbacks: the worker then never blocks. False by default. */
  readonly needsEventLoop?: boolean;
  /**
   * Appends rows from `batch.rowCount` up to the batch's capacity, then calls `batch.setRowCount`.
   * Returns within about 1 ms, and keeps neither the batch nor its columns.
   *
   * A row whose long strings do not fit the batch is left for the next call: return `more`.
   *
   * @returns `more`: call again as soon as there is room; `wait`: nothing to give now, `wake` or
   * `wakeAfter` was or will be called; `end`: everything has been given
   */
  read(batch: SourceBatch): SourceProgress;
  /** Releases what the source holds; also after a failure. Called once. */
  close?(): void | Promise<void>;
}

/** Where a source puts its rows. Rows that are there already must stay as they are. */
export interface SourceBatch {
  /** Most rows; a multiple of 64. */
  readonly rowCapacity: number;
  /** Rows that are there. */
  readonly rowCount: number;
  /** In the order of the schema. */
  readonly columns: readonly SourceColumn[];
  /**
   * When the oldest row entered, in microseconds since 1970; `Infinity` until somebody says so, and
   * then taken for now. A source whose rows are due by the clock lowers it to when the first row
   * that it adds was due: latencies then include what the row waited for.
   */
  ingestTimeUs: number;
  /**
   * Gives the rows from `rowCount` on the first `rows` values of a column that the source keeps, see
   * {@link SourceModuleContext.createColumn}: for rows that come again and again. Where it can be, the
   * batch refers to that column and nothing is copied; leave it as it is until the next `read`.
   *
   * @returns false when there is no room: leave the rows for the next call
   */
  show(position: number, values: SourceColumn, rows: number): boolean;
  /** Says how many rows there are now. */
  setRowCount(rows: number): void;
}

/** A column of a batch. */
export type SourceColumn = ColumnToFill;
