/**
 * From a table of groups to rows of the output: a chunk of groups at a time is read into columns,
 * `select` is computed over them, and the rows are appended to claimed batches.
 *
 * @module
 */

import { RowCopier } from '../../columns/index.ts';
import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { KernelContext, KernelCounters, Outbox, Progress } from '../../core/operator.ts';
import type { WholeUnits } from '../../core/subsets.ts';
import type { TimeUs } from '../../core/units.ts';
import type { GroupState, GroupStates } from '../../state/index.ts';
import type { RowFailures } from '../row-failures.ts';
import type { AggregatePlanConfig } from './config.ts';
import { Port } from './config.ts';
import { GroupReader } from './group-reader.ts';
import type { StepBudget } from './step-budget.ts';

/** Rows that were added, of which no two belong to one group. */
export interface EachRow {
  readonly batch: Batch;
  /** `rows[from .. to)` were added, to `records[from .. to)`. */
  readonly rows: Uint32Array;
  readonly records: Int32Array;
  readonly from: number;
  readonly to: number;
}

/** Sessions that have ended, at most as many as a batch has rows: `records[0 .. count)`. */
export interface EndedSessions {
  readonly records: Int32Array;
  readonly startsUs: Float64Array;
  readonly endsUs: Float64Array;
  readonly count: number;
}

/** The state whose groups are being written, and the window they belong to. */
export interface ResultSource {
  readonly state: GroupState;
  /** Only the groups that are in this state too, which was absorbed by the other. */
  readonly changed?: GroupState;
  /** Only the groups of these rows, each at the row's time, if it has one. */
  readonly each?: EachRow;
  /** Only these records, each of a window of its own. */
  readonly sessions?: EndedSessions;
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
  /** When the last of the rows entered the engine; `-Infinity`: unknown. */
  readonly lastIngestUs: TimeUs;
}

/** Writes the results of one state after the other. */
export class ResultWriter {
  readonly #node: string;
  readonly #states: GroupStates;
  readonly #budget: StepBudget;
  readonly #rowCapacity: number;
  readonly #hasTime: boolean;
  /** The aggregate that counts rows, where groups without rows have no result. */
  readonly #rowCount: number | undefined;
  readonly #reader: GroupReader;
  readonly #copier: RowCopier;
  readonly #records: Int32Array;
  /** `undefined`: all groups have results. */
  readonly #whole: WholeUnits | undefined;
  readonly #counters: KernelCounters;
  #source: ResultSource | undefined;
  /** Groups of the source that were read. */
  #read = 0;
  /** Rows of the chunk that were written. */
  #written = 0;

  constructor(
    config: AggregatePlanConfig,
    context: KernelContext,
    states: GroupStates,
    failures: RowFailures,
    budget: StepBudget,
  ) {
    const { rowCapacity, memory } = context;
    this.#node = context.node;
    this.#states = states;
    this.#budget = budget;
    this.#rowCapacity = rowCapacity;
    this.#hasTime = config.hasTime;
    // As in SQL, what no rows at all come to is one row.
    this.#rowCount = config.keys.length > 0 ? config.revision?.rowCount : undefined;
    this.#reader = new GroupReader(config, context, states, failures);
    this.#copier = new RowCopier(memory, this.#reader.groupColumns + config.select.length);
    this.#records = memory.words(rowCapacity);
    this.#whole = config.unit && context.wholeUnits;
    this.#counters = context.counters;
  }

  /** Begins with the groups of a state, which must stay as it is until {@link write} is true. */
  begin(source: ResultSource): void {
    this.#source = source;
    this.#read = 0;
    this.#written = 0;
    this.#reader.begin(0);
    this.#whole?.begin(source.startUs);
  }

  /** Goes on writing; `done` when all groups are written. */
  write(out: Outbox): Progress {
    const source = this.#source!;
    for (;;) {
      if (!this.#append(source, out)) return 'blocked';
      if (this.#read === groupCount(source)) break;
      if (this.#budget.isSpent) return 'yielded';
      this.#readChunk(source);
    }
    this.#source = undefined;
    return 'done';
  }

  /** Appends what is left of the chunk. */
  #append(source: ResultSource, out: Outbox): boolean {
    const { output, rows, selected } = this.#reader;
    while (this.#written < selected) {
      const target = out.claim(Port.OUT);
      if (target === undefined) return false;
      const start = target.rowCount;
      const left = selected - this.#written;
      const count = this.#copier.appendColumns(target, output, rows, this.#written, selected);
      if (count === TUPLE_TOO_LARGE) {
        out.commit(Port.OUT, false);
        throw this.#tooLarge(target);
      }
      if (this.#hasTime) this.#writeTimes(source, target, start, count);
      const ingestUs = source.lastIngestUs;
      if (ingestUs > -Infinity && ingestUs < target.ingestTimeUs) target.ingestTimeUs = ingestUs;
      this.#written += count;
      out.commit(Port.OUT, count < left);
    }
    return true;
  }

  #writeTimes(source: ResultSource, target: Batch, start: number, count: number): void {
    const { each, sessions } = source;
    const { rows } = this.#reader;
    if (each === undefined && sessions === undefined) {
      target.setSameTime(start, count, source.endUs - 1);
      return;
    }
    for (let i = 0; i < count; i++) {
      if (each === undefined) {
        target.setTimeUs(start + i, sessions!.endsUs[rows[this.#written + i]!]! - 1);
        target.setLateBy(start + i, 0);
        continue;
      }
      const row = each.rows[each.from + rows[this.#written + i]!]!;
      target.setTimeUs(start + i, each.batch.timeUs(row));
      target.setLateBy(start + i, each.batch.lateByUs(row));
    }
  }

  #tooLarge(target: Batch): MillraceError {
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a result of '${this.#node}' has long strings of more bytes than a slot has room for ` +
        `(${target.heap.capacityBytes}): ${this.#reader.rowText(this.#reader.rows[this.#written]!)}; raise the ` +
        "ring's heap size or shorten the strings",
      { node: this.#node },
    );
  }

  /** Reads the next groups into columns and computes the output columns. */
  #readChunk(source: ResultSource): void {
    let count = Math.min(groupCount(source) - this.#read, this.#rowCapacity);
    const { state, changed, each, sessions } = source;
    const { table } = changed ?? state;
    const reader = this.#reader;
    if (sessions !== undefined) this.#records.set(sessions.records.subarray(0, count));
    else if (each === undefined) {
      table.listRecords(this.#read, count, this.#records);
      count = this.#states.affordable(this.#records, count);
      this.#budget.takeValues(this.#states.values);
    } else this.#records.set(each.records.subarray(each.from, each.to));
    this.#read += count;
    this.#budget.take(count);
    this.#written = 0;
    reader.begin(count);
    if (sessions === undefined) reader.readWindow(source.startUs, source.endUs);
    else reader.readWindows(sessions.startsUs, sessions.endsUs);
    reader.readKeys(table, this.#records);
    if (changed !== undefined) this.#states.follow(this.#records, count);
    reader.readAggregates(state, this.#records);
    if (this.#rowCount !== undefined) reader.dropEmpty(this.#rowCount);
    if (this.#whole !== undefined) {
      const withheld = reader.dropPartial(this.#whole);
      if (withheld > 0) this.#counters.addWithheld?.(withheld);
    }
    reader.compute();
  }
}

/** How many groups of a source are written. */
function groupCount({ state, changed, each, sessions }: ResultSource): number {
  if (sessions !== undefined) return sessions.count;
  return each === undefined ? (changed ?? state).table.count : each.to - each.from;
}
