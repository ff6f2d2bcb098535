/** What `exec` does. @module */

import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { RowFailures } from '../row-failures.ts';
import { nameColumns, rowText } from '../row-text.ts';
import { Child } from './child.ts';
import { ProcessRows } from './process-rows.ts';
import type { ExecConfig } from './spec.ts';

/** Of a line in a message. */
const MOST_TEXT = 200;

/** Makes the kernel of an `exec`. */
export async function createExecKernel(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<Kernel> {
  const config = plan.config as ExecConfig;
  const start = await context.processes?.();
  if (start === undefined) {
    throw new MillraceError('ERR_INTERNAL', 'there is nobody to start processes');
  }
  const child = new Child(config, context, start);
  return config.per === 'row'
    ? new AnsweringProcess(plan, context, child)
    : new StreamingProcess(plan, context, child);
}

/** Each row is answered by one: a batch waits until all its answers are there. */
class AnsweringProcess implements Kernel {
  readonly #plan: OperatorPlan;
  readonly #child: Child;
  readonly #failures: RowFailures;
  readonly #rows: ProcessRows;
  /** Rows of the batch that have an answer. */
  readonly #good: Uint32Array;
  #batch: Batch | undefined;
  /** Of its selection: the row whose answer comes next. */
  #next = 0;
  #count = 0;
  #hasEnded = false;

  constructor(plan: OperatorPlan, context: KernelContext, child: Child) {
    this.#plan = plan;
    this.#child = child;
    this.#failures = new RowFailures(plan, context);
    this.#rows = new ProcessRows(plan, context, this.#failures);
    this.#good = context.memory.rows(context.rowCapacity);
  }

  onClock(): void {}

  /** Between two batches it may end, or say what it was not asked for. */
  dueUs(): TimeUs {
    return this.#child.hasNews ? -Infinity : Infinity;
  }

  onDue(out: Outbox): Progress {
    return this.resume(out);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    this.#lookBetween();
    this.#batch = batch;
    this.#next = 0;
    this.#count = 0;
    this.#rows.begin();
    this.#ask(batch);
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    this.#hasEnded = true;
    this.#child.end();
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const batch = this.#batch;
    if (batch === undefined) this.#lookBetween();
    else {
      if (!this.#takeAnswers(batch)) return 'waiting';
      this.#child.limit(false);
      this.#batch = undefined;
      this.#rows.output.shareRows(batch);
      this.#rows.handOn(this.#good, this.#count, out);
    }
    if (!this.#failures.flush(out)) return 'blocked';
    return this.#hasEnded && this.#child.isRunning ? 'waiting' : 'done';
  }

  /** Nothing is under way then; what the process remembers is its own. */
  state(io: StateIo): Steps | undefined {
    io.section('exec', 1);
    this.#hasEnded = io.flag(this.#hasEnded);
    return undefined;
  }

  /** Asks for all rows that are not answered, or says that they will not be. */
  #ask(batch: Batch): void {
    if (this.#child.start()) {
      this.#child.write(this.#rows.linesOf(batch, this.#next));
      this.#child.limit(true);
      return;
    }
    for (; this.#next < batch.selected; this.#next++) {
      const input = this.#textOf(batch, batch.selection[this.#next]!);
      const message = `no answer: ${this.#child.lastWords}`;
      this.#failures.add({ code: 'ERR_PROCESS', message, input });
    }
  }

  /** True when there are no more to come. */
  #takeAnswers(batch: Batch): boolean {
    while (this.#next < batch.selected) {
      const line = this.#child.nextLine();
      if (line === undefined) {
        if (!this.#child.hasEnded) return false;
        this.#child.forget();
        this.#ask(batch);
        continue;
      }
      const row = batch.selection[this.#next++]!;
      if (this.#rows.take(line, row, this.#textOf(batch, row))) this.#good[this.#count++] = row;
    }
    return true;
  }

  /**
   * Looks at what the process does while no row waits.
   *
   * @throws MillraceError `ERR_PROCESS` where it says what no row has asked for, or ends badly
   */
  #lookBetween(): void {
    const line = this.#child.nextLine();
    if (line !== undefined) {
      const text = JSON.stringify(line.slice(0, MOST_TEXT));
      const message = `the process gave a line that no row has asked for: ${text}`;
      throw new MillraceError('ERR_PROCESS', message);
    }
    if (this.#child.hasEnded) this.#child.forget();
  }

  #textOf(batch: Batch, row: number): string {
    return rowText(nameColumns(this.#plan.inputs[0]!.schema, batch.columns), row);
  }
}

/** Rows go in as there is room, and come out as they come. */
class StreamingProcess implements Kernel {
  readonly #child: Child;
  readonly #failures: RowFailures;
  readonly #rows: ProcessRows;
  readonly #all: Uint32Array;
  #hasEnded = false;

  constructor(plan: OperatorPlan, context: KernelContext, child: Child) {
    this.#child = child;
    this.#failures = new RowFailures(plan, context);
    this.#rows = new ProcessRows(plan, context, this.#failures);
    this.#all = context.memory.rows(context.rowCapacity).map((_, row) => row);
  }

  onClock(): void {}

  dueUs(): TimeUs {
    return this.#child.hasNews ? -Infinity : Infinity;
  }

  onDue(out: Outbox): Progress {
    return this.resume(out);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected > 0) {
      this.#start();
      this.#child.write(this.#rows.linesOf(batch, 0));
    }
    return this.resume(out);
  }

  /** What counts rows has something to say also of none: it is started now at the latest. */
  onEnd(_port: number, out: Outbox): Progress {
    this.#hasEnded = true;
    this.#start();
    this.#child.end();
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const isAll = this.#takeRows(out);
    if (!this.#failures.flush(out)) return 'blocked';
    if (!isAll) return 'yielded';
    if (this.#child.hasEnded) {
      this.#child.forget();
      if (!this.#hasEnded && !this.#child.mayStart) throw this.#lost();
      return 'done';
    }
    const waits = this.#child.isRunning && (this.#hasEnded || this.#child.isFull);
    return waits ? 'waiting' : 'done';
  }

  state(io: StateIo): Steps | undefined {
    io.section('exec', 1);
    if (!this.#child.isRunning) return undefined;
    const message = 'what a process outside of the engine remembers cannot be written down';
    throw new MillraceError('ERR_STATE', message);
  }

  #start(): void {
    if (!this.#child.start()) throw this.#lost();
  }

  #lost(): MillraceError {
    return new MillraceError('ERR_PROCESS', this.#child.lastWords);
  }

  /** Hands on a batch of what came; false when there may be more. */
  #takeRows(out: Outbox): boolean {
    const rows = this.#rows;
    rows.begin();
    let count = 0;
    let line: string | undefined;
    while (count < this.#all.length && (line = this.#child.nextLine()) !== undefined) {
      if (rows.take(line, count, line.slice(0, MOST_TEXT))) count++;
    }
    if (count === 0) return true;
    rows.output.rowCount = count;
    rows.handOn(this.#all, count, out);
    return false;
  }
}
