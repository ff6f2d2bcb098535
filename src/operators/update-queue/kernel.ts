/** What `update_queue` does. @module */

import { OutputWatermark } from '../output-watermark.ts';
import { RowCopier } from '../../columns/index.ts';
import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import type {
  Kernel,
  KernelContext,
  KernelCounters,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { readValue, RowError, type Value, ValueWriter } from '../../expr/index.ts';
import { decodeJson, encodeJson } from '../../rows/values/json.ts';
import { forgetRow } from '../../rows/values/row-checks.ts';
import { keyId } from '../key-id.ts';
import {
  bytesOf,
  type PendingRow,
  PendingUnits,
  type PlainUnits,
  type RankOf,
} from './pending-units.ts';
import type { UpdateQueueConfig } from './spec.ts';

const OUT = 0;
/** How long after it found no room it looks again. */
const LOOK_AGAIN_US = 1000;

/** Makes the kernel of an `update_queue`. */
export function createUpdateQueueKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new UpdateQueueKernel(plan, context);
}

/** What the kernel remembers, as plain values. */
interface Waiting {
  readonly pending: PlainUnits;
  readonly open: readonly (readonly [
    endUs: TimeUs,
    windows: readonly (readonly [key: string, rows: readonly PendingRow[]])[],
  ])[];
}

class UpdateQueueKernel implements Kernel {
  readonly #config: UpdateQueueConfig;
  readonly #counters: KernelCounters;
  readonly #limitBytes: number;
  readonly #pending: PendingUnits;
  /** Windows that are open: by their end, then by key. */
  readonly #open = new Map<TimeUs, Map<string, PendingRow[]>>();
  #openBytes = 0;
  readonly #writer = new ValueWriter();
  readonly #copier: RowCopier;
  /** Rows that come while none wait leave in the order in which they came, if there is room. */
  readonly #goesByArrival: boolean;
  #nowUs: TimeUs = -Infinity;
  #triedUs: TimeUs = -Infinity;
  #inputUs: TimeUs = -Infinity;
  readonly #output = new OutputWatermark();
  #hasEnded = false;
  /** Within a call: the output has not been full yet. */
  #hasRoom = true;

  constructor(plan: OperatorPlan, { counters, memory, stateLimitBytes }: KernelContext) {
    const config = plan.config as UpdateQueueConfig;
    this.#config = config;
    this.#copier = new RowCopier(memory, plan.inputs[0]!.schema.length);
    this.#goesByArrival = config.windowUs === undefined && config.policy !== 'priority';
    this.#pending = new PendingUnits(rankOf(config));
    this.#counters = counters;
    this.#limitBytes = stateLimitBytes;
    counters.watchState?.(() => this.#pending.bytes + this.#openBytes);
  }

  onClock(nowUs: TimeUs): void {
    this.#nowUs = nowUs;
  }

  dueUs(): TimeUs {
    return this.#pending.isEmpty ? Infinity : this.#triedUs + LOOK_AGAIN_US;
  }

  onDue(out: Outbox): Progress {
    return this.resume(out);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    this.#hasRoom = true;
    const passed = this.#goesByArrival && this.#pending.isEmpty ? this.#passOn(batch, out) : 0;
    for (let i = passed; i < batch.selected; i++) this.#take(batch, batch.selection[i]!, out);
    const bytes = this.#pending.bytes + this.#openBytes;
    if (bytes > this.#limitBytes) {
      const message = `rows that wait take ${bytes} bytes; the limit is ${this.#limitBytes}`;
      throw new MillraceError('ERR_LIMIT_EXCEEDED', message);
    }
    return this.resume(out);
  }

  onWatermark(_port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#inputUs = watermarkUs;
    this.#hasRoom = true;
    this.#closeWindows(out);
    return this.resume(out);
  }

  onEnd(_port: number, out: Outbox): Progress {
    this.#hasEnded = true;
    return this.resume(out);
  }

  /** Only at the end does it wait for room: until then it takes rows. */
  resume(out: Outbox): Progress {
    this.#triedUs = this.#nowUs;
    const hasRoom = this.#handOn(out);
    this.#passWatermark(out);
    return hasRoom || !this.#hasEnded ? 'done' : 'blocked';
  }

  *state(io: StateIo): Steps {
    io.section('update_queue', 2);
    this.#inputUs = io.float(this.#inputUs);
    this.#output.state(io);
    this.#hasEnded = io.flag(this.#hasEnded);
    const open = Array.from(this.#open, ([endUs, rows]) => [endUs, [...rows]] as const);
    const waiting: Waiting = { pending: this.#pending.toPlain(), open };
    const bytes = yield* io.bytes(encodeJson(waiting)!.slice());
    if (!io.isReading) return;
    const read = decodeJson(bytes) as Waiting;
    this.#pending.restore(read.pending);
    for (const [endUs, windows] of read.open) {
      this.#open.set(endUs, new Map(windows.map(([id, rows]) => [id, [...rows]])));
      for (const [, rows] of windows) this.#openBytes += bytesOfRows(rows);
    }
  }

  /** Hands on the rows that there is room for; how many they are. */
  #passOn(batch: Batch, out: Outbox): number {
    const { selection, selected } = batch;
    let passed = 0;
    while (passed < selected) {
      const target = out.claim(OUT);
      if (target === undefined) {
        this.#hasRoom = false;
        break;
      }
      const isEmpty = target.rowCount === 0 && target.heap.used === 0;
      const count = this.#copier.appendRows(target, batch, selection, passed, selected);
      if (count > 0) passed += count;
      out.commit(OUT, passed < selected);
      // A row for which no slot has room waits, and is an error there.
      if (count <= 0 && isEmpty) break;
    }
    return passed;
  }

  #take(batch: Batch, row: number, out: Outbox): void {
    const { key, windowUs } = this.#config;
    const { columns } = batch;
    const values = columns.map((column) => readValue(column, row));
    const pending: PendingRow = {
      values,
      timeUs: batch.hasTime ? batch.timeUs(row) : Infinity,
      lateByUs: batch.hasTime ? batch.lateByUs(row) : 0,
      ingestTimeUs: batch.ingestTimeUs,
    };
    // Nulls are one key like others.
    const id = keyId(key.map((at) => textOf(values[at]!)))!;
    if (windowUs === undefined) this.#put(id, [pending], out);
    else this.#addToWindow(id, pending, windowUs);
  }

  #addToWindow(id: string, pending: PendingRow, windowUs: number): void {
    const endUs = (Math.floor(pending.timeUs / windowUs) + 1) * windowUs;
    if (pending.lateByUs > 0 && pending.timeUs + pending.lateByUs >= endUs) {
      this.#counters.addLate(1);
      return;
    }
    let windows = this.#open.get(endUs);
    if (windows === undefined) this.#open.set(endUs, (windows = new Map()));
    const rows = windows.get(id);
    if (rows === undefined) windows.set(id, [pending]);
    else rows.push(pending);
    this.#openBytes += bytesOf(pending.values);
  }

  #closeWindows(out: Outbox): void {
    const closed = [...this.#open.keys()].filter((endUs) => endUs <= this.#inputUs);
    for (const endUs of closed.sort((a, b) => a - b)) {
      for (const [id, rows] of this.#open.get(endUs)!) {
        this.#openBytes -= bytesOfRows(rows);
        this.#put(id, rows, out);
      }
      this.#open.delete(endUs);
    }
  }

  #put(id: string, rows: readonly PendingRow[], out: Outbox): void {
    // What there is room for is not replaced.
    if (this.#hasRoom && this.#pending.has(id)) this.#hasRoom = this.#handOn(out);
    const replaced = this.#pending.put(id, rows);
    if (replaced > 0) this.#counters.addEvicted?.(replaced);
  }

  /** Hands on what there is room for; true when that is all. */
  #handOn(out: Outbox): boolean {
    while (!this.#pending.isEmpty) {
      const target = out.claim(OUT);
      if (target === undefined) return false;
      let row = this.#pending.peek();
      while (row !== undefined && this.#write(target, row)) {
        this.#pending.shift();
        row = this.#pending.peek();
      }
      const isStuck = target.rowCount === 0;
      out.commit(OUT, row !== undefined);
      if (!isStuck) continue;
      const message = 'a row that waits is larger than a slot; raise /engine/ring/heap';
      throw new MillraceError('ERR_TUPLE_TOO_LARGE', message);
    }
    return true;
  }

  #write(target: Batch, { values, timeUs, lateByUs, ingestTimeUs }: PendingRow): boolean {
    const at = target.rowCount;
    if (at === target.rowCapacity) return false;
    const heapUsed = target.heap.used;
    try {
      for (let c = 0; c < values.length; c++) {
        const column = target.columns[c]!;
        if (values[c] !== null) column.setPresent(at);
        this.#writer.write(column, at, values[c]!);
      }
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      target.heap.used = heapUsed;
      forgetRow(target.columns, at);
      return false;
    }
    if (target.hasTime) {
      target.setTimeUs(at, timeUs);
      target.setLateBy(at, lateByUs);
    }
    if (ingestTimeUs < target.ingestTimeUs) target.ingestTimeUs = ingestTimeUs;
    target.setRowCount(at + 1);
    return true;
  }

  /** That of the input, but not beyond what waits. */
  #passWatermark(out: Outbox): void {
    if (this.#inputUs === this.#output.us) return;
    const waitingUs = this.#pending.isEmpty ? Infinity : this.#pending.leastUs;
    this.#output.raise(Math.min(this.#inputUs, waitingUs), out);
  }
}

/** Which key goes first, where that is not the one that came first. */
function rankOf({ policy, priority }: UpdateQueueConfig): RankOf | undefined {
  if (policy === 'lineCut') {
    // However often it is renewed, a key lets no more pass than half of those that wait.
    return ({ arrival, updates }, waiting) => arrival + (waiting / 2) * (1 - 1 / (1 + updates));
  }
  if (policy !== 'priority') return undefined;
  return ({ rows }) => {
    let greatest = -Infinity;
    for (const { values } of rows) {
      const value = values[priority];
      // NaN comes after all numbers.
      const number = value === null ? -Infinity : Number(value);
      greatest = Math.max(greatest, Number.isNaN(number) ? Infinity : number);
    }
    return -greatest;
  };
}

function bytesOfRows(rows: readonly PendingRow[]): number {
  return rows.reduce((sum, { values }) => sum + bytesOf(values), 0);
}

function textOf(value: Value): Value {
  if (value === null) return 'n';
  return value instanceof Uint8Array ? `b${value.join()}` : `v${String(value)}`;
}
