/** The motion of a pattern: rows wait for the watermark, and are matched in order of time. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { WatermarkMerge } from '../../core/time.ts';
import type { TimeUs } from '../../core/units.ts';
import type { HeldBlocks } from '../../state/index.ts';
import { GroupCells } from '../../state/index.ts';
import { allocateHeld } from '../held/held-state.ts';
import { LateRows } from '../held/late-rows.ts';
import { RowFailures } from '../row-failures.ts';
import type { PatternConfig } from './config.ts';
import { Port } from './config.ts';
import { EventMasks } from './event-masks.ts';
import { MatchedRows } from './matched-rows.ts';
import { Matcher } from './matcher.ts';
import { emptyGroup, OpenMatches } from './open-matches.ts';
import { OrderedRows } from './ordered-rows.ts';

/** Makes the kernel of a pattern. */
export function createPatternKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new PatternKernel(plan, context);
}

class PatternKernel implements Kernel {
  readonly #config: PatternConfig;
  readonly #counters: KernelContext['counters'];
  readonly #blocks: HeldBlocks;
  readonly #groups: GroupCells;
  readonly #ordered: OrderedRows;
  readonly #matched: MatchedRows;
  readonly #open: OpenMatches;
  readonly #matcher: Matcher;
  readonly #masks: EventMasks;
  readonly #failures: RowFailures;
  readonly #watermarks: WatermarkMerge;
  /** `undefined`: late rows are counted alone. */
  readonly #late: LateRows | undefined;
  readonly #kept: Uint32Array;
  /** Rows below come too late: they have been looked at. */
  #passedUs: TimeUs = -Infinity;
  /** To be passed on; NaN: nothing. */
  #watermarkUs = NaN;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as PatternConfig;
    const { memory, rowCapacity } = context;
    const stateLimitBytes = config.stateLimitBytes ?? context.stateLimitBytes;
    const { arena, blocks } = allocateHeld(
      { ...context, stateLimitBytes },
      'pattern',
      'rows and partial matches',
      'a smaller "within", conditions of "events", a "skip", or "onLimit": "evict"',
    );
    this.#config = config;
    this.#counters = context.counters;
    this.#blocks = blocks;
    const [first] = plan.inputs;
    this.#groups = new GroupCells(memory, arena, {
      keys: config.keys[0]!.map((column) => ({ column, type: first!.schema[column]!.type })),
      initial: emptyGroup(config),
      rowCapacity,
    });
    this.#failures = new RowFailures(plan, context);
    this.#ordered = new OrderedRows(plan, context, blocks);
    const { inputs } = this.#ordered;
    const isTested = config.skip !== 'none';
    this.#matched = new MatchedRows(plan, context, inputs, this.#failures, isTested);
    this.#open = new OpenMatches(plan, context, blocks, this.#ordered, this.#groups);
    this.#matcher = new Matcher(
      plan,
      context,
      this.#ordered,
      this.#open,
      this.#matched,
      this.#failures,
    );
    this.#masks = new EventMasks(plan, context, this.#failures);
    this.#watermarks = new WatermarkMerge(plan.inputs.length);
    this.#late = plan.inputs.length === 1 ? new LateRows(context) : undefined;
    this.#kept = memory.rows(rowCapacity);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    const masks = this.#masks;
    const groups = this.#groups;
    const onTime = this.#takeOutLate(batch, out);
    const count = masks.take(port, batch, this.#kept, onTime);
    groups.assign(batch, masks.rows, count, this.#config.keys[port]);
    for (let i = 0; i < count; i++) this.#open.use(groups.words[i]!, 1);
    this.#ordered.keep(port, batch, masks.rows, count, masks.masks, groups.words);
    this.#open.holds.note(this.#ordered.inputs[port]!.records, count);
    this.#matched.noteIngest(batch.ingestTimeUs);
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }

  /** Lists the rows that are not late; counts the others. */
  #takeOutLate(batch: Batch, out: Outbox): number {
    const { selection, selected } = batch;
    const kept = this.#kept;
    const passedUs = this.#passedUs;
    if (batch.lateCount === 0 && batch.minTimeUs >= passedUs) {
      for (let i = 0; i < selected; i++) kept[i] = selection[i]!;
      return selected;
    }
    let count = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      // Behind the watermark lies a row of an input that was idle.
      const lateByUs = Math.max(batch.lateByUs(row), passedUs - batch.timeUs(row));
      if (!(lateByUs > 0)) kept[count++] = row;
      else this.#late?.add(row, lateByUs);
    }
    if (this.#late === undefined) this.#counters.addLate(selected - count);
    else this.#late.offer(Port.LATE, batch, out);
    return count;
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    if (this.#watermarks.update(port, watermarkUs)) {
      const { mergedUs } = this.#watermarks;
      this.#watermarkUs = mergedUs;
      // Infinity may be that of an input that is idle: then the rows say how far it is.
      const aheadUs = mergedUs < Infinity ? mergedUs : this.#ordered.largestUs;
      if (aheadUs > this.#passedUs) this.#passedUs = aheadUs;
    }
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    if (!this.#matched.isEmpty && !this.#matched.flush(out)) return 'blocked';
    const isDone = this.#matcher.advance(this.#watermarks.mergedUs);
    if (!this.#matched.isEmpty && !this.#matched.flush(out)) return 'blocked';
    if (!this.#failures.flush(out)) return 'blocked';
    if (!isDone) return 'yielded';
    const watermarkUs = this.#watermarkUs;
    this.#watermarkUs = NaN;
    if (!Number.isNaN(watermarkUs)) out.watermark(watermarkUs);
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('pattern', 1);
    this.#open.holds.letGo();
    yield* this.#blocks.state(io);
    yield* this.#groups.state(io);
    this.#ordered.state(io);
    this.#matched.state(io);
    this.#open.state(io);
    this.#matcher.state(io);
    this.#watermarks.state(io);
    this.#passedUs = io.float(this.#passedUs);
  }
}
