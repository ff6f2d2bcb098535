/**
 * Any operator by keys whose state may go to disk: a kernel for each of 32 parts of the keys, or more.
 *
 * ```
 *   batch ──▶ split by hash of the key ──▶ kernels of parts in memory ──▶ results
 *                         │                      ▲ │ written whole, as for a snapshot, where there is no room
 *                         └──▶ rows of parts on disk ──▶ come back in turns, and get their rows
 * ```
 *
 * What a key gives depends on its own rows alone, in their order, and on watermarks, which may come later
 * than they did. So a part that was on disk for a while gives what it would have given, later. The
 * watermark of the output is the least of all parts.
 *
 * A part comes back when as much has come in as it has to read, so that reading and writing take a time that is
 * proportional to the input; or at the end. If it has become so large that it would not fit soon, it is parted in two,
 * where its kernel can do that.
 *
 * @module
 */

import { Batch } from '../../../core/batch.ts';
import { invariant } from '../../../core/invariant.ts';
import { goOn, tellEnd, tellWatermark } from '../../../core/kernel-calls.ts';
import type {
  Kernel,
  KernelContext,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../../core/operator.ts';
import type { SpillStore } from '../../../core/spill-store.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import { stateOfItems, stateOfList } from '../../../core/state-io.ts';
import type { TimeUs } from '../../../core/units.ts';
import { MemoryPool } from '../../../state/index.ts';
import { OutputWatermark } from '../../output-watermark.ts';
import { PARTITIONS } from '../spilled-rows.ts';
import { PartLog } from './part-log.ts';
import { PartOutbox } from './part-outbox.ts';
import { PartSplit } from './part-split.ts';
import type { MakeKernel, PartShared } from './part.ts';
import { Part } from './part.ts';
import { isParting } from './parting.ts';
import { waitsForEnd } from './plan-parts.ts';

/** Of the limit: with more in use parts go to disk, until no more than this is. */
const FULL_SHARE = 3 / 4;
const ROOMY_SHARE = 1 / 2;
/**
 * A larger part is parted in two, which takes half as much more meanwhile, once there are parts on disk or with
 * more in use than this; how large it may be for that, and how often it is done.
 */
const LARGE_SHARE = 3 / 8;
const BUSY_SHARE = 9 / 16;
const HUGE_SHARE = 5 / 8;
const MOST_DEPTH = 24;
/** Kernels that are in memory: each has room for what it computes, beside its state. */
const MOST_KERNELS = 48;
/** What a row and a watermark count for as input, at least. */
const VALUE_BYTES = 8;
const WATERMARK_BYTES = 64 * 1024;
/** Bytes that reading a part costs beside its state. */
const TURN_BYTES = 64 * 1024;

/** Rows that a part gets before it is looked at again: one for so many bytes of the limit, and so many at least. */
const LIMIT_PER_ROW = 16 * 1024;
const FEWEST_ROWS = 16;

/** Work that gives way where it has to. */
type Work = Generator<Progress, void, undefined>;

/** The kernels of one task. */
export class PartsKernel implements Kernel {
  readonly #context: KernelContext;
  readonly #shared: PartShared;
  readonly #waitsForEnd: boolean;
  /** Whether keys are known by the hash by which kernels part them. */
  readonly #canPart: boolean;
  /** By place: its parts. */
  #places: Part[][];
  readonly #ports: readonly number[];
  readonly #splits: readonly PartSplit[];
  readonly #views: readonly Batch[];
  readonly #rowBytes: readonly number[];
  readonly #rowsAtOnce: number;
  readonly #log: PartLog;
  readonly #outbox = new PartOutbox();
  /** Parts on disk, the one that has waited longest first. */
  #waiting: Part[] = [];
  /** Bytes that came in since a part came back. */
  #cameIn = 0;
  /** By input. */
  readonly #watermarksUs: TimeUs[];
  readonly #hasEnded: boolean[];
  readonly #output = new OutputWatermark();
  #work: Work | undefined;

  constructor(plan: OperatorPlan, context: KernelContext, make: MakeKernel, store: SpillStore) {
    const { inputs, spill } = plan;
    invariant(spill?.kind === 'parts', 'the plan does not say what keys are');
    const { columns, hash } = spill;
    const pool = new MemoryPool();
    const buffer = { bytes: new Uint8Array(0) };
    this.#context = context;
    this.#shared = { inputs: inputs.length, make, context, store, pool, buffer };
    this.#waitsForEnd = waitsForEnd(plan);
    this.#canPart = hash === 'table';
    this.#places = Array.from({ length: PARTITIONS }, (_, place) => [
      new Part(place, this.#shared),
    ]);
    this.#ports = [...inputs.keys()];
    this.#splits = inputs.map(
      ({ schema }, port) => new PartSplit(schema, columns[port]!, hash, context),
    );
    this.#views = inputs.map(({ hasTime }) => Batch.view(context.rowCapacity, hasTime));
    this.#rowBytes = inputs.map(({ schema }) => VALUE_BYTES * (schema.length + 2));
    this.#rowsAtOnce = Math.max(FEWEST_ROWS, Math.floor(context.stateLimitBytes / LIMIT_PER_ROW));
    this.#log = new PartLog(plan, store, context);
    this.#watermarksUs = inputs.map(() => -Infinity);
    this.#hasEnded = inputs.map(() => false);
    context.counters.watchState?.(() => this.#usedBytes);
  }

  get #parts(): Part[] {
    return this.#places.flat();
  }

  get #usedBytes(): number {
    let bytes = 0;
    for (const parts of this.#places) for (const part of parts) bytes += part.usedBytes;
    return bytes;
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    if (batch.selected === 0) return 'done';
    return this.#begin(this.#takeBatch(port, batch), out);
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarksUs[port] = watermarkUs;
    return this.#begin(this.#takeWatermark(port), out);
  }

  onEnd(port: number, out: Outbox): Progress {
    this.#hasEnded[port] = true;
    return this.#begin(this.#takeEnd(port), out);
  }

  #begin(work: Work, out: Outbox): Progress {
    this.#work = work;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    this.#outbox.out = out;
    const step = this.#work!.next();
    if (step.done !== true) return step.value;
    this.#work = undefined;
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('state in parts', 1);
    this.#flush();
    for (let place = 0; place < PARTITIONS; place++) {
      const walk = (part: Part | undefined): Steps<Part> => this.#stateOf(io, place, part);
      this.#places[place] = yield* stateOfList(io, this.#places[place]!, walk);
    }
    const parts = this.#parts;
    const waiting = yield* stateOfItems(
      io,
      this.#waiting,
      (part) => parts[io.int(part === undefined ? 0 : parts.indexOf(part))]!,
    );
    this.#waiting = waiting;
    this.#cameIn = io.float(this.#cameIn);
    this.#output.state(io);
    for (const port of this.#ports) {
      this.#watermarksUs[port] = io.float(this.#watermarksUs[port]!);
      this.#hasEnded[port] = io.flag(this.#hasEnded[port]!);
    }
  }

  *#stateOf(io: StateIo, place: number, known: Part | undefined): Steps<Part> {
    const part = known ?? new Part(place, this.#shared);
    yield* part.state(io);
    yield* this.#log.stateOf(io, part.queue);
    return part;
  }

  #flush(): void {
    const queues = this.#waiting.map(({ queue }) => queue);
    this.#log.flush(queues, this.#watermarksUs);
  }

  *#takeBatch(port: number, batch: Batch): Work {
    yield* this.#give(port, batch, undefined);
    yield* this.#takeTurns(batch.selected * this.#rowBytes[port]!);
    this.#raiseWatermark();
  }

  /** Gives rows to the parts that they are of, of which one stays in memory. */
  *#give(port: number, batch: Batch, kept: Part | undefined): Work {
    const split = this.#splits[port]!;
    split.split(batch);
    let to = 0;
    for (let place = 0; place < PARTITIONS; place++) {
      const from = to;
      to = split.endOf(place);
      for (let start = from; start < to; start += this.#rowsAtOnce) {
        yield* this.#makeRoom(0, kept);
        yield* this.#partLarge(place);
        yield* this.#givePlace(place, port, batch, start, Math.min(start + this.#rowsAtOnce, to));
      }
    }
  }

  /** Gives rows that were split, of one place. */
  *#givePlace(place: number, port: number, batch: Batch, from: number, to: number): Work {
    const split = this.#splits[port]!;
    const parts = this.#places[place]!;
    if (parts.length === 1) {
      const rows = split.rows.subarray(from, to);
      yield* this.#giveRows(parts[0]!, port, batch, rows, split.hashes.subarray(from, to));
      return;
    }
    for (const part of parts) {
      const count = split.choose(part, from, to);
      const rows = split.chosen.subarray(0, count);
      if (count === 0) continue;
      yield* this.#giveRows(part, port, batch, rows, split.chosenHashes.subarray(0, count));
    }
  }

  *#giveRows(part: Part, port: number, batch: Batch, rows: Uint32Array, hashes: Int32Array): Work {
    if (part.isOnDisk) {
      this.#log.add(part.queue, port, batch, rows, hashes, rows.length);
      return;
    }
    const view = this.#views[port]!;
    view.shareColumns(batch);
    view.selection = rows;
    view.selected = rows.length;
    const kernel = part.kernel ?? (yield* this.#open(part));
    yield* this.#call(part, () => kernel.onBatch(port, view, this.#outbox));
  }

  *#takeWatermark(port: number): Work {
    const parts = this.#parts;
    // What says how watermarks are passed on.
    if (parts.every(({ kernel, isOnDisk }) => kernel === undefined && !isOnDisk)) {
      yield* this.#open(parts[0]!);
    }
    const us = this.#watermarksUs[port]!;
    for (const part of parts) yield* this.#tellWatermark(part, port, us);
    if (this.#log.isDue) this.#flush();
    yield* this.#takeTurns(WATERMARK_BYTES);
    this.#raiseWatermark();
  }

  *#takeEnd(port: number): Work {
    const isLast = this.#hasEnded.every((has) => has);
    for (const part of this.#parts) {
      yield* this.#tellEnd(part, port);
      if (isLast) part.drop();
    }
    if (!isLast) return;
    for (let part = this.#waiting[0]; part !== undefined; part = this.#waiting[0]) {
      yield* this.#bringBack(part);
      part.drop();
    }
    this.#raiseWatermark();
  }

  /** Tells a part in memory the watermark of an input. */
  *#tellWatermark(part: Part, port: number, us: TimeUs): Work {
    const { kernel } = part;
    if (kernel === undefined || part.told[port] === us) return;
    part.told[port] = us;
    yield* this.#call(part, () => tellWatermark(kernel, port, us, this.#outbox));
  }

  /** Tells a part in memory that an input has ended, if it has. */
  *#tellEnd(part: Part, port: number): Work {
    const { kernel } = part;
    if (kernel === undefined || part.ended[port] === this.#hasEnded[port]) return;
    part.ended[port] = true;
    yield* this.#call(part, () => tellEnd(kernel, port, this.#outbox));
  }

  /** Tells a part in memory what holds now. */
  *#tellAll(part: Part): Work {
    for (const port of this.#ports) {
      yield* this.#tellWatermark(part, port, this.#watermarksUs[port]!);
    }
    for (const port of this.#ports) yield* this.#tellEnd(part, port);
  }

  /** Makes the kernel of a part that has had no rows. */
  *#open(part: Part): Generator<Progress, Kernel, undefined> {
    const kernel = part.open();
    yield 'yielded';
    yield* this.#tellAll(part);
    return kernel;
  }

  /** Calls a part's kernel until all has been handed on. */
  *#call(part: Part, call: () => Progress): Work {
    const outbox = this.#outbox;
    outbox.watermarkUs = undefined;
    for (let progress = call(); progress !== 'done'; progress = goOn(part.kernel!, outbox)) {
      outbox.hasOffered = false;
      outbox.hasWritten = false;
      yield progress;
    }
    part.watermarkUs = outbox.watermarkUs ?? part.watermarkUs;
    const isLong = outbox.hasOffered || outbox.hasWritten;
    outbox.hasOffered = false;
    outbox.hasWritten = false;
    // What was offered may be looked at until this is called again, and to write results takes time.
    if (isLong) yield 'yielded';
  }

  /** Has parts come back for which it is time. */
  *#takeTurns(bytes: number): Work {
    if (this.#waiting.length === 0) {
      this.#cameIn = 0;
      return;
    }
    this.#cameIn += bytes;
    if (this.#waitsForEnd) return;
    for (let turns = this.#waiting.length; turns > 0; turns--) {
      const part = this.#waiting[0]!;
      const cost = part.stored.bytes + TURN_BYTES;
      if (this.#cameIn < cost) return;
      this.#cameIn -= cost;
      yield* this.#bringBack(part);
    }
  }

  /** Writes parts until there is room for a kernel of some bytes; one stays in memory, if only the last. */
  *#makeRoom(bytes: number, kept: Part | undefined): Work {
    const { stateLimitBytes } = this.#context;
    if (!this.#isCrowded && this.#usedBytes + bytes <= stateLimitBytes * FULL_SHARE) return;
    while (this.#isCrowded || this.#usedBytes + bytes > stateLimitBytes * ROOMY_SHARE) {
      const part = this.#largest(kept);
      if (part === undefined) return;
      yield* this.#write(part);
    }
  }

  get #isCrowded(): boolean {
    let kernels = 0;
    for (const parts of this.#places) for (const { kernel } of parts) if (kernel) kernels++;
    return kernels >= MOST_KERNELS;
  }

  #largest(kept: Part | undefined): Part | undefined {
    const inMemory = this.#parts.filter((part) => part.kernel !== undefined && part !== kept);
    if (kept === undefined && inMemory.length < 2) return undefined;
    return inMemory.reduce<Part | undefined>(
      (most, part) => (most === undefined || part.usedBytes > most.usedBytes ? part : most),
      undefined,
    );
  }

  *#write(part: Part): Work {
    yield* asWork(part.stored.write(part.kernel!));
    this.#context.counters.addSpilled?.(0, part.stored.bytes);
    part.drop();
    part.isOnDisk = true;
    this.#waiting.push(part);
    yield 'yielded';
  }

  /** Parts what is too large in a place. */
  *#partLarge(place: number): Work {
    if (!this.#canPart) return;
    const { stateLimitBytes } = this.#context;
    const isBusy = this.#waiting.length > 0 || this.#usedBytes > stateLimitBytes * BUSY_SHARE;
    if (!isBusy) return;
    for (const part of this.#places[place]!) {
      const { kernel, usedBytes, leastBytes, depth } = part;
      if (kernel === undefined || depth === MOST_DEPTH || !isParting(kernel)) continue;
      if (usedBytes <= Math.max(stateLimitBytes * LARGE_SHARE, leastBytes)) continue;
      if (usedBytes > stateLimitBytes * HUGE_SHARE) continue;
      yield* this.#makeRoom(usedBytes / 2, part);
      const other = yield* asWork(part.part());
      this.#context.counters.addSpilled?.(0, other.stored.bytes);
      this.#waiting.push(other);
      this.#places[place] = [...this.#places[place]!, other];
    }
  }

  /** Reads a part and gives it what came meanwhile. */
  *#bringBack(part: Part): Work {
    yield* this.#makeRoom(part.stored.bytes, part);
    this.#flush();
    this.#waiting = this.#waiting.filter((other) => other !== part);
    yield* asWork(part.read());
    yield* this.#replay(part);
    this.#log.forget(part.queue);
    yield* this.#tellAll(part);
  }

  *#replay(part: Part): Work {
    const { queue, depth } = part;
    const given = this.#ports.map(() => 0);
    for (const { pieces, watermarksUs } of queue.marks) {
      for (const port of this.#ports) {
        while (given[port]! < pieces[port]!) {
          yield* this.#makeRoom(0, part);
          yield* this.#partLarge(queue.place);
          const batch = this.#log.read(queue, port, given[port]!++);
          const isWhole = part.depth === depth && batch.selected <= this.#rowsAtOnce;
          if (!isWhole) yield* this.#give(port, batch, part);
          else yield* this.#call(part, () => part.kernel!.onBatch(port, batch, this.#outbox));
          yield 'yielded';
        }
      }
      for (const port of this.#ports) yield* this.#tellWatermark(part, port, watermarksUs[port]!);
    }
  }

  /** Passes on what all parts have passed. */
  #raiseWatermark(): void {
    let leastUs: TimeUs = Infinity;
    for (const { kernel, isOnDisk, watermarkUs } of this.#parts) {
      if ((kernel !== undefined || isOnDisk) && watermarkUs < leastUs) leastUs = watermarkUs;
    }
    this.#output.raise(leastUs, this.#outbox.out);
  }
}

/** Steps one by one, with other tasks between them. */
function* asWork<Result>(steps: Steps<Result>): Generator<Progress, Result, undefined> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    yield 'yielded';
  }
}
