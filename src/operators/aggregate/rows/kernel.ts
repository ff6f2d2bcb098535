/**
 * The motion of an aggregate whose windows are opened and closed by rows.
 *
 * Keys, arguments, values and conditions of a batch are computed column by column and the records of
 * its groups are looked up. Then each row, in order, moves the windows of its group; what that means
 * for aggregates is listed and worked off together, and results are written when there are many or
 * the batch is over.
 *
 * - A row for which an expression fails is not there at all; so is one out of order.
 * - Rows are taken in the order in which they come: it is deterministic where all rows of a group
 *   come from one source, over filters and maps.
 * - A result has the event time and the lateness of the row that fired it. One of a timeout has the
 *   last microsecond of it; one of the end of the input has the time of the last row, and as that may
 *   be behind the watermark that was passed on, it may be late.
 *
 * @module
 */

import type { Batch } from '../../../core/batch.ts';
import { MillraceError } from '../../../core/errors.ts';
import type {
  Kernel,
  KernelContext,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../../core/operator.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import type { TimeUs } from '../../../core/units.ts';
import { Arena, KeyedRecords, pageCellsFor } from '../../../state/index.ts';
import { RowEvaluator } from '../../row-evaluator.ts';
import { RowFailures } from '../../row-failures.ts';
import type { AggregatePlanConfig } from '../config.ts';
import { RowInputs } from '../row-inputs.ts';
import { blockCells, createContents, heldBytes } from './create-contents.ts';
import type { Contents } from './contents.ts';
import type { RowWindowConfig } from './config.ts';
import { FiredWindows } from './fired.ts';
import { IdleGroups } from './idle-groups.ts';
import { GroupCell, layoutRowWindows } from './layout.ts';
import { OrderCheck } from './order-check.ts';
import { FiredResults } from './results.ts';
import { RowFacts } from './row-facts.ts';
import { WindowMachine } from './window-machine.ts';

/** Groups that are closed, results that are written in a call: well below a millisecond or two. */
const STEPS_PER_CALL = 8192;
/** Groups that are listed at once at the end of the input. */
const GROUPS_AT_ONCE = 1024;

type Config = AggregatePlanConfig & { readonly rowWindow: RowWindowConfig };

/** Aggregates windows of rows. */
export class RowWindowKernel implements Kernel {
  readonly #config: Config;
  readonly #failures: RowFailures;
  readonly #evaluator: RowEvaluator;
  readonly #inputs: RowInputs;
  readonly #facts: RowFacts;
  readonly #groups: KeyedRecords;
  readonly #arena: Arena;
  readonly #floats: Float64Array;
  /** Where the cells of groups begin. */
  readonly #cell: number;
  readonly #contents: Contents;
  readonly #machine: WindowMachine;
  readonly #order: OrderCheck;
  readonly #idle: IdleGroups;
  readonly #results: FiredResults;
  readonly #fired: FiredWindows;
  readonly #hasTime: boolean;
  /** Groups that are being closed at the end. */
  readonly #ending: Int32Array;
  /** The batch at hand, as its only element, and how many of its rows were taken. */
  readonly #current: Batch[] = [];
  #records: Int32Array = new Int32Array(0);
  #at = 0;
  /** What was done in this call. */
  #steps = 0;
  /** The watermark that timeouts are looked for by; `undefined`: none. */
  #watermarkUs: TimeUs | undefined;
  /** The last finite one that was passed on. */
  #passedUs: TimeUs = -Infinity;
  #lastIngestUs: TimeUs = -Infinity;
  /** Groups that the end of the input has closed; -1: it has not come. */
  #ended = -1;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as Config;
    const { rowWindow } = config;
    const { memory, rowCapacity, stateLimitBytes } = context;
    const keys = config.keys.map(({ expr }) => expr.type);
    const layout = layoutRowWindows(rowWindow);
    const groupCells = KeyedRecords.cells(keys, layout.group.length / 2);
    const mostCells = Math.max(groupCells, layout.window.length / 2, blockCells(config));
    const heldLimit = heldBytes(config, stateLimitBytes);
    const arena = Arena.allocate(
      heldLimit,
      pageCellsFor(mostCells),
      (limitBytes) =>
        stateFull(context.node, limitBytes, this.#groups.count, this.#contents.describe()),
      context.stateMemory,
    );
    context.counters.watchState?.(() => arena.usedBytes);
    this.#config = config;
    this.#hasTime = plan.inputs[0]!.hasTime || plan.time === 'processing';
    this.#failures = new RowFailures(plan, context);
    this.#evaluator = new RowEvaluator(plan.inputs[0]!.schema, context, this.#failures);
    this.#inputs = new RowInputs(config, context);
    this.#facts = new RowFacts(rowWindow, context);
    this.#groups = new KeyedRecords(memory, arena, keys, layout.group, rowCapacity);
    this.#arena = arena;
    this.#floats = arena.floats;
    this.#cell = this.#groups.ownCell;
    const { contents, panes } = createContents(plan, context, arena, this.#cell);
    this.#contents = contents;
    this.#fired = new FiredWindows(rowCapacity);
    this.#machine = new WindowMachine({
      arena,
      config: rowWindow,
      layout,
      groupCell: this.#cell,
      contents,
      panes,
      fired: this.#fired,
      facts: this.#facts,
    });
    this.#order = new OrderCheck(plan, layout, arena, this.#cell, this.#facts, this.#failures);
    this.#idle = new IdleGroups(rowWindow.timeoutUs, arena, this.#cell, this.#machine, this.#fired);
    this.#results = new FiredResults({
      config,
      context,
      failures: this.#failures,
      groups: this.#groups,
      contents,
      fired: this.#fired,
    });
    this.#ending = memory.words(Math.min(rowCapacity, GROUPS_AT_ONCE));
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    const evaluator = this.#evaluator;
    evaluator.begin(batch, batch.selection, batch.selected);
    this.#inputs.evaluate(evaluator);
    this.#facts.evaluate(evaluator);
    const { rows, count } = evaluator;
    this.#facts.bind(batch, rows, count);
    this.#records = this.#groups.assign(this.#inputs.keys, rows, count);
    this.#contents.bind(this.#inputs, rows, count);
    this.#current[0] = batch;
    this.#at = 0;
    return this.resume(out);
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarkUs = watermarkUs;
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    this.#ended = 0;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    this.#steps = 0;
    for (;;) {
      if (this.#fired.count > 0) {
        const progress = this.#results.write(out);
        if (progress !== 'done') return progress;
      }
      this.#idle.forget(this.#groups);
      if (!this.#failures.flush(out)) return 'blocked';
      if (this.#steps > STEPS_PER_CALL) return 'yielded';
      if (!this.#goOn()) break;
      this.#contents.settle();
      this.#steps += this.#fired.count + this.#contents.steps;
      if (this.#fired.count === 0) this.#contents.clear();
    }
    this.#pass(out);
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('aggregate of windows of rows', 1);
    yield* this.#arena.state(io);
    yield* this.#groups.state(io);
    yield* this.#contents.stateOf(io);
    yield* this.#machine.state(io);
    yield* this.#idle.state(io);
    this.#passedUs = io.float(this.#passedUs);
    this.#lastIngestUs = io.float(this.#lastIngestUs);
    this.#ended = io.int(this.#ended);
  }

  dueUs(): TimeUs {
    return this.#idle.dueUs();
  }

  /** Fires windows until there are many results, or nothing is left to do: then it says false. */
  #goOn(): boolean {
    const batch = this.#current[0];
    if (batch !== undefined) {
      this.#takeRows(batch);
      return true;
    }
    if (this.#watermarkUs !== undefined && this.#idle.isDue(this.#watermarkUs)) {
      for (; !this.#fired.isFull && this.#steps <= STEPS_PER_CALL; this.#steps++) {
        if (!this.#idle.closeNext(this.#watermarkUs, this.#lastIngestUs)) break;
      }
      return true;
    }
    // Where there is a timeout, the end of time has closed all windows.
    if (this.#ended < 0 || !this.#config.rowWindow.partial || this.#idle.isOn) return false;
    if (this.#ended === this.#groups.count) return false;
    this.#closeSome();
    return true;
  }

  /** Goes on with the rows of the batch, which it lets go of after the last one. */
  #takeRows(batch: Batch): void {
    const { rows, count } = this.#evaluator;
    const records = this.#records;
    const { ingestTimeUs } = batch;
    if (ingestTimeUs < Infinity && ingestTimeUs > this.#lastIngestUs) {
      this.#lastIngestUs = ingestTimeUs;
    }
    let at = this.#at;
    for (; at < count && !this.#fired.isFull && this.#contents.steps < STEPS_PER_CALL; at++) {
      if (!this.#takeRow(batch, records[at]!, rows[at]!, at)) break;
    }
    this.#at = at;
    if (at < count) return;
    // What is listed refers to the batch.
    this.#contents.settle();
    this.#current.length = 0;
    this.#inputs.clear();
    this.#facts.clear();
  }

  /** @returns false when the row has to be taken again, the list of results being full */
  #takeRow(batch: Batch, group: number, row: number, position: number): boolean {
    if (!this.#order.holds(batch, group, row, position)) return true;
    let timeUs = 0;
    let lateByUs = 0;
    if (this.#hasTime) {
      timeUs = batch.timeUs(row);
      lateByUs = batch.lateByUs(row);
      const mark = group + this.#cell + GroupCell.MARK;
      const markUs = timeUs + lateByUs;
      if (this.#idle.isOn) this.#idle.touch(group, markUs, this.#lastIngestUs);
      if (markUs > this.#floats[mark]!) this.#floats[mark] = markUs;
    }
    this.#fired.setTime(timeUs, lateByUs, batch.ingestTimeUs);
    return this.#machine.step(group, position);
  }

  /** Closes windows of the next groups, at the end of the input. */
  #closeSome(): void {
    const count = Math.min(this.#groups.count - this.#ended, this.#ending.length);
    this.#groups.list(this.#ended, count, this.#ending);
    let closed = 0;
    for (; closed < count && !this.#fired.isFull; closed++) {
      const group = this.#ending[closed]!;
      const markUs = this.#hasTime ? this.#floats[group + this.#cell + GroupCell.MARK]! : 0;
      const lateByUs = Math.max(0, this.#passedUs - markUs);
      this.#fired.setTime(markUs, lateByUs, this.#lastIngestUs);
      this.#machine.closeAll(group);
    }
    this.#ended += closed;
    this.#steps += closed;
  }

  /** Passes a watermark on. One of infinity waits for the end, where results are to come then. */
  #pass(out: Outbox): void {
    const watermarkUs = this.#watermarkUs;
    const isHeld = watermarkUs === Infinity && this.#config.rowWindow.partial;
    if (watermarkUs !== undefined && !isHeld) {
      out.watermark(watermarkUs);
      if (watermarkUs < Infinity) this.#passedUs = watermarkUs;
    } else if (this.#ended >= 0 && this.#config.rowWindow.partial && this.#hasTime) {
      out.watermark(Infinity);
    }
    this.#watermarkUs = undefined;
  }
}

const MIB = 1024 * 1024;

function stateFull(node: string, limitBytes: number, groups: number, held: string): MillraceError {
  return new MillraceError(
    'ERR_LIMIT_EXCEEDED',
    `aggregate '${node}' holds ${groups} groups and ${held}, and more would exceed the limit of its ` +
      `state, ${(limitBytes / MIB).toFixed(1)} MiB (${limitBytes} bytes): group by fewer distinct ` +
      'keys, use smaller windows, spread it over more tasks, or raise the limit',
    { node },
  );
}
