/**
 * The motion of a gather: for each key whose row is incomplete, the rows that have come.
 *
 * ```
 *  group   │ before │ behind │ record with the key │ inputs that have come │ value: float64 │ row of input 0 │ …
 * ```
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { WatermarkMerge } from '../../core/time.ts';
import { storageOf } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { Arena, HeldBlocks } from '../../state/index.ts';
import { GroupCells, HeldRows, NO_RECORD } from '../../state/index.ts';
import { columnNumber } from '../held/column-number.ts';
import { GroupList, LIST_WORDS, NO_GROUP } from '../held/group-list.ts';
import { HeldOutput } from '../held/held-output.ts';
import { allocateHeld } from '../held/held-state.ts';
import { RowFailures } from '../row-failures.ts';
import { nameColumns, rowText } from '../row-text.ts';
import type { GatherConfig } from './spec.ts';
import { Port } from './spec.ts';

/** Words of a group behind those of the list. */
const KEY = LIST_WORDS;
const SEEN = KEY + 1;
const VALUE = SEEN + 1;
const ROWS = VALUE + 2;

/** Chunks of rows that leave in one call. */
const MOST_CHUNKS = 8;

/** Makes the kernel of a gather. */
export function createGatherKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new GatherKernel(plan, context);
}

class GatherKernel implements Kernel {
  readonly #blocks: HeldBlocks;
  readonly #config: GatherConfig;
  readonly #schemas: readonly Schema[];
  readonly #inputs: number;
  readonly #arena: Arena;
  readonly #groups: GroupCells;
  readonly #pending: GroupList;
  /** Keys, then by input the other columns. */
  readonly #keys: HeldRows;
  readonly #rows: readonly HeldRows[];
  /** By input: a row of nulls. */
  readonly #blanks: readonly number[];
  readonly #out: HeldOutput;
  readonly #incomplete: HeldOutput;
  readonly #watermarks: WatermarkMerge;
  readonly #failures: RowFailures;
  readonly #one = new Uint32Array(1);
  /** The batch at work, its input, and the position of the next row. */
  #batch: Batch | undefined;
  #port = 0;
  #at = 0;
  /** Groups with values below are given up; by event time, that watermark is to be passed on. */
  #bound = -Infinity;
  #watermarkUs: TimeUs | undefined;
  #passedUs: TimeUs = -Infinity;
  #openInputs: number;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as GatherConfig;
    const { memory, rowCapacity } = context;
    const advice = 'give it a "timeout", or raise the limit of its state';
    const { arena, blocks } = allocateHeld(context, 'gather', 'rows that are incomplete', advice);
    this.#blocks = blocks;
    const [first] = config.inputs;
    const keySchema = first!.keys.map((column) => plan.inputs[0]!.schema[column]!);
    const words = ROWS + config.inputs.length;
    this.#config = config;
    this.#schemas = plan.inputs.map(({ schema }) => schema);
    this.#inputs = config.inputs.length;
    this.#openInputs = config.inputs.length;
    this.#arena = arena;
    this.#groups = new GroupCells(memory, arena, {
      keys: keySchema.map(({ type }, k) => ({ column: first!.keys[k]!, type })),
      initial: Array.from({ length: words + (words % 2) }, () => 0),
      rowCapacity,
    });
    this.#pending = new GroupList(arena, this.#groups);
    this.#failures = new RowFailures(plan, context);
    this.#watermarks = new WatermarkMerge(config.inputs.length);
    const hold = (schema: Schema, hasTime: boolean): HeldRows =>
      holdAll(blocks, context, schema, hasTime);
    this.#keys = hold(keySchema, false);
    const parts = config.inputs.map(({ others }, i) =>
      others.map((column) => plan.inputs[i]!.schema[column]!),
    );
    this.#rows = parts.map((schema, i) => hold(schema, plan.inputs[i]!.hasTime));
    this.#blanks = this.#rows.map((rows, i) =>
      rows.blank(
        memory,
        parts[i]!.map(({ type }) => type),
      ),
    );
    let next = 0;
    const positions = [keySchema, ...parts].map((schema) => schema.map(() => next++));
    const all = [this.#keys, ...this.#rows].map((rows, p) => ({ rows, positions: positions[p]! }));
    this.#out = new HeldOutput(plan, context, Port.OUT, all);
    this.#incomplete = new HeldOutput(plan, context, Port.INCOMPLETE, all);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    const { keys, others } = this.#config.inputs[port]!;
    const { selection, selected } = batch;
    this.#groups.assign(batch, selection, selected, keys);
    const columns = others.map((column) => batch.columns[column]!);
    this.#rows[port]!.hold(batch, selection, selected, columns);
    this.#out.noteIngest(batch.ingestTimeUs);
    this.#incomplete.noteIngest(batch.ingestTimeUs);
    this.#batch = batch;
    this.#port = port;
    this.#at = 0;
    return this.resume(out);
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    if (!this.#watermarks.update(port, watermarkUs)) return 'done';
    const { mergedUs } = this.#watermarks;
    const { timeoutUs } = this.#config;
    this.#watermarkUs = mergedUs - (timeoutUs ?? 0);
    if (timeoutUs !== undefined) this.#bound = this.#watermarkUs;
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    this.#openInputs--;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    for (let left = MOST_CHUNKS; ; left--) {
      if (!this.#flush(out)) return 'blocked';
      if (left === 0) return 'yielded';
      // At watermarks only: what is given up must not depend on where batches are cut.
      if (this.#watermarkUs !== undefined || this.#openInputs === 0) this.#expire();
      if (this.#batch !== undefined) this.#take(this.#batch);
      if (this.#out.count === 0 && this.#incomplete.count === 0) break;
    }
    if (!this.#failures.flush(out)) return 'blocked';
    if (!this.#pending.tidy()) return 'yielded';
    this.#passWatermark(out);
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('gather', 1);
    yield* this.#blocks.state(io);
    yield* this.#groups.state(io);
    this.#pending.state(io);
    this.#keys.state(io);
    for (const rows of this.#rows) rows.state(io);
    this.#out.state(io);
    this.#incomplete.state(io);
    this.#watermarks.state(io);
    this.#bound = io.float(this.#bound);
    this.#passedUs = io.float(this.#passedUs);
    this.#openInputs = io.int(this.#openInputs);
  }

  #passWatermark(out: Outbox): void {
    const watermarkUs = this.#watermarkUs;
    if (watermarkUs === undefined) return;
    this.#watermarkUs = undefined;
    if (watermarkUs < Infinity) this.#passedUs = watermarkUs;
    out.watermark(watermarkUs);
  }

  #flush(out: Outbox): boolean {
    for (const output of [this.#out, this.#incomplete]) {
      if (output.count === 0) continue;
      if (!output.flush(out)) return false;
      output.letGo(0);
      this.#rows.forEach((rows, i) => {
        const records = output.records[i + 1]!;
        for (let at = 0; at < output.count; at++) {
          if (records[at] !== this.#blanks[i]) rows.letGo(records[at]!);
        }
      });
      output.reset();
    }
    return true;
  }

  /** Takes rows until all are taken or an output is full. */
  #take(batch: Batch): void {
    const { timeoutColumn } = this.#config.inputs[this.#port]!;
    const column = timeoutColumn < 0 ? undefined : batch.columns[timeoutColumn]!;
    for (; this.#at < batch.selected; this.#at++) {
      if (this.#out.isFull || this.#incomplete.isFull) return;
      const row = batch.selection[this.#at]!;
      let value = column === undefined ? 0 : columnNumber(column, row);
      if (column !== undefined) {
        if (value > this.#bound + this.#config.timeoutAfter) {
          this.#bound = value - this.#config.timeoutAfter;
        }
        this.#expire();
        // The output is full: the row's turn comes again.
        if (this.#mustExpire()) return;
      } else if (this.#config.timeoutUs !== undefined) value = batch.timeUs(row);
      this.#takeRow(batch, row, value);
    }
    this.#batch = undefined;
  }

  #takeRow(batch: Batch, row: number, value: number): void {
    const { words, floats } = this.#arena;
    const group = this.#groups.words[this.#at]!;
    const rows = this.#rows[this.#port]!;
    const record = rows.records[this.#at]!;
    if (words[group + SEEN] === 0) {
      words[group + KEY] = this.#holdKey(batch, row);
      floats[(group + VALUE) >>> 1] = value;
      this.#pending.add(group);
    }
    const at = group + ROWS + this.#port;
    if (words[at] === NO_RECORD) {
      words[at] = record;
      words[group + SEEN] = words[group + SEEN]! + 1;
      if (words[group + SEEN] === this.#inputs) this.#leave(group, this.#out);
    } else if (this.#config.duplicates === 'last') {
      rows.letGo(words[at]!);
      words[at] = record;
    } else {
      rows.letGo(record);
      if (this.#config.duplicates === 'error') this.#fail(batch, row);
    }
  }

  #holdKey(batch: Batch, row: number): number {
    const { keys } = this.#config.inputs[this.#port]!;
    this.#one[0] = row;
    const columns = keys.map((column) => batch.columns[column]!);
    this.#keys.hold(batch, this.#one, 1, columns);
    return this.#keys.records[0]!;
  }

  #fail(batch: Batch, row: number): void {
    const { name } = this.#config.inputs[this.#port]!;
    const message = `'${name}' has had a row with this key, and not every other input has`;
    const input = rowText(nameColumns(this.#schemas[this.#port]!, batch.columns), row);
    this.#failures.add({ code: 'ERR_BAD_ROW', message, input });
  }

  /** Whether the row that began first is to be given up. */
  #mustExpire(): boolean {
    const { first } = this.#pending;
    if (first === NO_GROUP) return false;
    return this.#openInputs === 0 || this.#arena.floats[(first + VALUE) >>> 1]! < this.#bound;
  }

  /** Gives up rows in the order in which they began, while there is room for them. */
  #expire(): void {
    while (!this.#incomplete.isFull && this.#mustExpire()) {
      this.#leave(this.#pending.first, this.#incomplete);
    }
  }

  /** Lets the rows of a group leave as one. */
  #leave(group: number, output: HeldOutput): void {
    const { words } = this.#arena;
    const at = output.count;
    let timeUs = -Infinity;
    // One that waited behind a later one may be behind the watermark.
    let markUs = output === this.#incomplete ? this.#passedUs : -Infinity;
    output.records[0]![at] = words[group + KEY]!;
    for (let i = 0; i < this.#inputs; i++) {
      const record = words[group + ROWS + i]!;
      output.records[i + 1]![at] = record === NO_RECORD ? this.#blanks[i]! : record;
      words[group + ROWS + i] = NO_RECORD;
      if (record === NO_RECORD) continue;
      const rowUs = this.#rows[i]!.timeUs(record);
      timeUs = Math.max(timeUs, rowUs);
      markUs = Math.max(markUs, rowUs + this.#rows[i]!.lateByUs(record));
    }
    output.add(timeUs, Math.max(0, markUs - timeUs));
    words[group + KEY] = NO_RECORD;
    words[group + SEEN] = 0;
    this.#pending.remove(group);
  }
}

function holdAll(
  blocks: HeldBlocks,
  { memory, rowCapacity }: KernelContext,
  schema: Schema,
  hasTime: boolean,
): HeldRows {
  const columns = schema.map(({ type }) => storageOf(type));
  return new HeldRows(memory, blocks, { columns, hasTime, rowCapacity });
}
