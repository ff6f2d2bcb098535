/**
 * What a chain of operators does: as many passes over a batch as its program takes, mostly one.
 *
 * A batch in which a row may have failed goes through the operators one by one instead, which reports and
 * counts the failure where it happened.
 *
 * @module
 */

import { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import { goOn, tellEnd, tellWatermark } from '../../core/kernel-calls.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { ChainRows } from './chain-rows.ts';
import { FoldedRows } from './folded-rows.ts';
import type { LoadDeferred } from './load-deferred.ts';
import type { ChainProgram } from './program.ts';

/** Counts of the operators of a chain, by their positions. */
export interface ChainCounts {
  rowsIn(member: number, rows: number): void;
  rowsOut(member: number, rows: number): void;
  watermark(member: number, watermarkUs: TimeUs): void;
}

/** One operator of a chain. */
export interface ChainMember {
  readonly plan: OperatorPlan;
  readonly context: KernelContext;
}

/** The last operator of a chain, where it takes aggregates of whole batches instead of their rows. */
export interface FoldingKernel extends Kernel {
  /** Cells of its record. */
  readonly cells: number;
  /** Whether all rows of a batch go to one record. */
  takesWhole(batch: Batch): boolean;
  /** Adds what was kept of the rows of such a batch: at least one. */
  addWhole(batch: Batch, cells: Int32Array): void;
}

/** A chain of operators. */
export class ChainKernel implements Kernel {
  readonly #members: readonly ChainMember[];
  readonly #counts: ChainCounts;
  /** `undefined`: kernels do not cover it. */
  readonly #chain: ChainProgram | undefined;
  readonly #tail: FoldingKernel | undefined;
  readonly #load: LoadDeferred;
  readonly #folded: FoldedRows | undefined;
  #rows: ChainRows | undefined;
  readonly #output: Batch;
  #first: ChainLink | undefined;

  /**
   * @param chain - what the operators compute together; `undefined`: they go one by one
   * @param members - the operators
   * @param tail - the kernel of the last one, if it is an aggregate
   * @param counts - gets all but the rows into the first operator and out of the last
   * @param load - loads what is seldom needed
   */
  constructor(
    chain: ChainProgram | undefined,
    members: readonly ChainMember[],
    tail: Kernel | undefined,
    counts: ChainCounts,
    load: LoadDeferred,
  ) {
    const [{ plan, context }] = members as [ChainMember];
    this.#members = members;
    this.#counts = counts;
    this.#chain = chain;
    this.#load = load;
    this.#tail = tail as FoldingKernel | undefined;
    this.#output = Batch.view(context.rowCapacity, plan.inputs[0]!.hasTime);
    if (chain === undefined) return;
    if (this.#tail === undefined) this.#rows = new ChainRows(chain, context, load);
    else this.#folded = new FoldedRows(chain, this.#tail.cells, context, load);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    const chain = this.#chain;
    if (chain === undefined) return this.#oneByOne(batch, out);
    const tail = this.#tail;
    if (tail !== undefined && tail.takesWhole(batch)) {
      const folded = this.#folded!;
      const kept = folded.run(batch);
      if (kept >= 0) {
        this.#count(batch.selected, folded, chain);
        if (kept > 0) tail.addWhole(batch, folded.cells);
        return 'done';
      }
    }
    return this.#handOn(batch, out, chain);
  }

  #handOn(batch: Batch, out: Outbox, chain: ChainProgram): Progress {
    const rows = (this.#rows ??= new ChainRows(chain, this.#members[0]!.context, this.#load));
    const isPlain = !this.#mayOverflow(batch.columns, chain);
    if (!isPlain || !rows.run(batch)) return this.#oneByOne(batch, out);
    this.#count(batch.selected, rows, chain);
    if (rows.count === 0) return 'done';
    const output = this.#output;
    output.shareRows(batch);
    rows.show(batch, output);
    if (this.#tail !== undefined) return this.#tail.onBatch(0, output, out);
    out.offer(0, output);
    return 'done';
  }

  #count(selected: number, kernel: FoldedRows | ChainRows, { filters }: ChainProgram): void {
    const counts = this.#counts;
    const last = this.#members.length - 1;
    let rows = selected;
    let filter = 0;
    for (let member = 0; member <= last; member++) {
      if (member > 0 && rows > 0) counts.rowsIn(member, rows);
      if (filters[filter] === member) rows = kernel.left(filter++);
      if (member < last && rows > 0) counts.rowsOut(member, rows);
    }
  }

  /** Whether strings of a row may be more than a slot holds, on their way. */
  #mayOverflow(columns: readonly Column[], { checks }: ChainProgram): boolean {
    for (let i = 0; i < checks.length; i++) {
      const { member, columns: positions } = checks[i]!;
      const { slotHeapBytes } = this.#members[member]!.context;
      let used = 0;
      for (let c = 0; c < positions.length; c++) used += columns[positions[c]!]!.heap.used;
      if (used > slotHeapBytes) return true;
    }
    return false;
  }

  #oneByOne(batch: Batch, out: Outbox): Progress {
    this.#first ??= this.#link();
    return this.#first.start(batch, out);
  }

  #link(): ChainLink {
    const counts = this.#counts;
    const { memberKernel } = this.#load();
    let next: ChainLink | undefined;
    for (let member = this.#members.length - 1; member >= 0; member--) {
      const { plan, context } = this.#members[member]!;
      const isTail = this.#tail !== undefined && next === undefined;
      const kernel = isTail ? this.#tail : memberKernel(plan, context);
      next = new ChainLink(member, kernel, next, counts);
    }
    return next!;
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    for (let member = 1; member < this.#members.length; member++) {
      this.#counts.watermark(member, watermarkUs);
    }
    if (this.#tail !== undefined) return tellWatermark(this.#tail, 0, watermarkUs, out);
    out.watermark(watermarkUs);
    return 'done';
  }

  onEnd(_port: number, out: Outbox): Progress {
    return this.#tail === undefined ? 'done' : tellEnd(this.#tail, 0, out);
  }

  resume(out: Outbox): Progress {
    return this.#tail === undefined ? 'done' : goOn(this.#tail, out);
  }

  /** That of the aggregate at its end: filters and maps remember nothing. */
  state(io: StateIo): Steps | undefined {
    return this.#tail?.state?.(io);
  }
}

/** An operator by itself: what it hands on goes to the next. */
class ChainLink implements Outbox {
  readonly #member: number;
  readonly #kernel: Kernel;
  readonly #next: ChainLink | undefined;
  readonly #counts: ChainCounts;
  #out: Outbox | undefined;
  #progress: Progress = 'done';

  constructor(member: number, kernel: Kernel, next: ChainLink | undefined, counts: ChainCounts) {
    this.#member = member;
    this.#kernel = kernel;
    this.#next = next;
    this.#counts = counts;
  }

  /** Hands a batch to the operator, and its results to those behind it. */
  start(batch: Batch, out: Outbox): Progress {
    if (this.#next === undefined) return this.#kernel.onBatch(0, batch, out);
    this.#out = out;
    this.#progress = 'done';
    this.#kernel.onBatch(0, batch, this);
    return this.#progress;
  }

  offer(_port: number, batch: Batch): void {
    if (batch.selected === 0) return;
    this.#counts.rowsOut(this.#member, batch.selected);
    this.#counts.rowsIn(this.#member + 1, batch.selected);
    this.#progress = this.#next!.start(batch, this.#out!);
  }

  claim(): never {
    return unused();
  }

  commit(): void {
    unused();
  }

  watermark(): void {
    unused();
  }
}

function unused(): never {
  throw new Error('filters and maps hand on batches only');
}
