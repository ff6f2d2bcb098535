/**
 * The motion of a join whose results are taken back: joins without a bound in time that give rows
 * without a match, or read streams of changes.
 *
 * Of a batch, the rows that take back what was kept before it come first, all at once. What is left are new
 * rows, and rows that take these back: they come in their order, those that do the same one after the
 * other at once. So what is taken back goes before what takes its place, and never before it came.
 *
 * New rows look for their matches and are kept; rows that take back look for themselves first, and then
 * for the pairs they were in. Each row that is kept counts its matches where that is asked: when the
 * count leaves or reaches 0, a row of the result without a match goes or comes.
 *
 * @module
 */

import { OutputWatermark } from '../output-watermark.ts';
import { isRetraction } from '../../core/changes.ts';
import { Batch } from '../../core/batch.ts';
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
import type { ChangeCode } from './change-column.ts';
import { INSERTS, RETRACTS } from './change-column.ts';
import type { ChangesConfig, JoinConfig, Side } from './config.ts';
import { LEFT, otherThan, RIGHT } from './config.ts';
import type { JoinParts } from './join-parts.ts';
import { joinParts } from './join-parts.ts';
import { givesUnmatched, isLeftOnly, tracksMatches } from './kinds.ts';
import { RetractedRows } from './retracted-rows.ts';

type Stage = 'idle' | 'part' | 'probe' | 'own' | 'release';

/** A call goes on with no more than so many parts of a batch. */
const MOST_PARTS = 64;

/** Rows of the result to be handed on: pairs, or rows of one side of them alone. */
interface Chunk {
  readonly rows: Int32Array;
  readonly records: Int32Array;
  count: number;
  isPairs: boolean;
  change: ChangeCode;
}

/** A join that takes rows back. */
export class ChangeJoinKernel implements Kernel {
  readonly #parts: JoinParts;
  readonly #config: JoinConfig;
  readonly #changes: ChangesConfig;
  readonly #counters: KernelCounters;
  readonly #tracks: readonly [boolean, boolean];
  readonly #watermarks: [TimeUs, TimeUs] = [-Infinity, -Infinity];
  readonly #hasEnded: [boolean, boolean] = [false, false];
  readonly #output = new OutputWatermark();
  #stage: Stage = 'idle';
  #side: Side = LEFT;
  /** The batch of the current call, as its only element. */
  readonly #current: Batch[] = [];
  /** Whether rows that take back what was kept before were looked for, and the next row of the others. */
  #hasTakenBack = false;
  #next = 0;
  #partsTaken = 0;
  /** By side: the batch with the rows of the current part alone, and what these do. */
  readonly #part: readonly [Batch, Batch];
  readonly #partRows: Uint32Array;
  /** `#rest[#restFrom .. #restCount)`: rows that have not found what they take back. */
  readonly #rest: Uint32Array;
  #restFrom = 0;
  #restCount = 0;
  #change: ChangeCode = INSERTS;
  readonly #retracted: RetractedRows;
  /** Pairs, and rows of the other side whose first match came or whose last one went. */
  readonly #pairs: Chunk;
  readonly #turned: Chunk;
  /** What is to be handed on, in this order. */
  readonly #waiting: Chunk[] = [];
  /** `#own[#ownFrom .. #ownTo)`: rows of the part that are rows of the result by themselves. */
  readonly #own: Uint32Array;
  #ownFrom = 0;
  #ownTo = 0;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const parts = joinParts(plan, context);
    const { rowCapacity, memory } = context;
    const { config } = parts;
    this.#parts = parts;
    this.#config = config;
    this.#changes = config.changes!;
    this.#counters = context.counters;
    this.#tracks = [tracksMatches(config.kind, LEFT), tracksMatches(config.kind, RIGHT)];
    const [left, right] = plan.inputs;
    this.#part = [Batch.view(rowCapacity, left!.hasTime), Batch.view(rowCapacity, right!.hasTime)];
    this.#partRows = memory.rows(rowCapacity);
    this.#rest = new Uint32Array(rowCapacity);
    this.#retracted = new RetractedRows(parts, memory, rowCapacity);
    const chunk = (): Chunk => ({
      rows: new Int32Array(rowCapacity),
      records: new Int32Array(rowCapacity),
      count: 0,
      isPairs: false,
      change: INSERTS,
    });
    this.#pairs = chunk();
    this.#turned = chunk();
    this.#own = memory.rows(rowCapacity);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    this.#side = port === LEFT ? LEFT : RIGHT;
    this.#current[0] = batch;
    this.#hasTakenBack = this.#changes.inputs[this.#side] === undefined;
    this.#next = 0;
    this.#restFrom = 0;
    this.#restCount = 0;
    this.#stage = 'part';
    return this.resume(out);
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarks[port === LEFT ? LEFT : RIGHT] = watermarkUs;
    this.#stage = 'release';
    return this.resume(out);
  }

  onEnd(port: number, out: Outbox): Progress {
    this.#hasEnded[port === LEFT ? LEFT : RIGHT] = true;
    this.#stage = 'release';
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const { joined, failures } = this.#parts;
    this.#partsTaken = 0;
    do {
      if (this.#partsTaken > MOST_PARTS) return 'yielded';
      if (!joined.flush(out)) return 'blocked';
      if (!failures.flush(out)) return 'blocked';
    } while (this.#goOn());
    this.#output.raise(Math.min(...this.#watermarks), out);
    return 'done';
  }

  *state(io: StateIo): Steps {
    yield* this.#parts.state(io, this.#watermarks, this.#hasEnded);
    this.#output.state(io);
  }

  /** Goes on until there is a chunk to be handed on; false when the call has done all it had to. */
  #goOn(): boolean {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      this.#fill(waiting);
      return true;
    }
    switch (this.#stage) {
      case 'part':
        if (this.#beginPart()) {
          this.#stage = 'probe';
          return true;
        }
        this.#parts.stores[this.#side].rows.compact();
        break;
      case 'probe':
        if (this.#findMatches()) return true;
        this.#listOwn();
        this.#stage = 'own';
        return true;
      case 'own':
        if (this.#fillOwn()) return true;
        this.#keepNew();
        this.#stage = 'part';
        return true;
      case 'release':
        this.#release();
        break;
      case 'idle':
        break;
    }
    this.#stage = 'idle';
    this.#current.length = 0;
    return false;
  }

  /** Begins the next part of the batch; false: there is none. */
  #beginPart(): boolean {
    const batch = this.#current[0]!;
    const side = this.#side;
    const { arriving, stores, probe, failures } = this.#parts;
    const isOld = !this.#hasTakenBack;
    this.#hasTakenBack = true;
    let count = isOld ? this.#listRetractions(batch) : this.#listNext(batch);
    if (count === 0 && isOld) count = this.#listNext(batch);
    if (count === 0) return false;
    this.#partsTaken++;
    const part = this.#part[side];
    part.shareColumns(batch);
    part.selection = this.#partRows;
    part.selected = count;
    const rows = arriving[side];
    const tooLate = rows.take(part, failures);
    this.#countLate(tooLate);
    stores[side].bind(rows.kept, part.selection, count);
    if (this.#change === RETRACTS) this.#findRetracted(isOld);
    probe.begin(side, rows, stores[otherThan(side)]);
    return true;
  }

  #countLate(rows: number): void {
    if (rows > 0 && this.#parts.countsLate[this.#side]) this.#counters.addLate(rows);
  }

  /** Lists all rows of a batch that take others back; how many there are. */
  #listRetractions({ selection, selected, columns }: Batch): number {
    const changes = columns[this.#changes.inputs[this.#side]!]!;
    let count = 0;
    for (let i = 0; i < selected; i++) {
      if (isRetraction(changes, selection[i]!)) this.#partRows[count++] = selection[i]!;
    }
    this.#change = RETRACTS;
    return count;
  }

  /** Lists the next new rows, or the next ones of the rest; how many there are. */
  #listNext({ selection, selected, columns }: Batch): number {
    const change = this.#changes.inputs[this.#side];
    const changes = change === undefined ? undefined : columns[change]!;
    let count = 0;
    for (; this.#next < selected; this.#next++) {
      const row = selection[this.#next]!;
      const retracts = changes !== undefined && isRetraction(changes, row);
      if (retracts && (this.#restFrom === this.#restCount || this.#rest[this.#restFrom] !== row)) {
        continue;
      }
      const does = retracts ? RETRACTS : INSERTS;
      if (count > 0 && does !== this.#change) break;
      this.#change = does;
      if (retracts) this.#restFrom++;
      this.#partRows[count++] = row;
    }
    return count;
  }

  /** Removes the kept rows that those of the part take back. */
  #findRetracted(isOld: boolean): void {
    const side = this.#side;
    const arriving = this.#parts.arriving[side];
    const { unknown } = this.#retracted;
    const count = this.#retracted.find(side);
    if (!isOld) {
      this.#countLate(count);
      return;
    }
    // Nothing is kept of rows without a key, so whether they came before is not known.
    const { keyless, keylessCount } = arriving;
    for (let i = 0; i < keylessCount; i++) unknown[count + i] = keyless[i]!;
    this.#restCount = count + keylessCount;
    this.#rest.set(unknown.subarray(0, this.#restCount).sort());
    arriving.keylessCount = 0;
  }

  /** The next matches of the rows of the part; false: there are no more. */
  #findMatches(): boolean {
    const { joined, probe, failures } = this.#parts;
    const { kind, further } = this.#config;
    const count = probe.next(joined, joined.chunkRows);
    if (count === 0) return false;
    const side = this.#side;
    joined.begin(count, this.#current[0]!.ingestTimeUs);
    if (further !== undefined) {
      joined.gather(LEFT, this.#rowsOf(LEFT));
      joined.gather(RIGHT, this.#rowsOf(RIGHT));
      joined.narrow(failures);
    }
    const pairs = this.#pairs;
    pairs.count = joined.list(side, pairs.rows, pairs.records);
    pairs.isPairs = true;
    pairs.change = this.#change;
    joined.drop();
    this.#count(pairs);
    const hasPairs = !isLeftOnly(kind) && pairs.count > 0;
    if (hasPairs && this.#change === RETRACTS) this.#waiting.push(pairs);
    if (this.#turned.count > 0) this.#waiting.push(this.#turned);
    if (hasPairs && this.#change === INSERTS) this.#waiting.push(pairs);
    return true;
  }

  #rowsOf(side: Side) {
    const { currentRows, keptRows } = this.#parts;
    return side === this.#side ? currentRows[side] : keptRows[side];
  }

  /** Counts matches that came or went, and lists the kept rows for which that makes a difference. @hot */
  #count({ rows, records, count }: Chunk): void {
    const side = this.#side;
    const other = otherThan(side);
    const turned = this.#turned;
    turned.count = 0;
    const isInsert = this.#change === INSERTS;
    if (this.#tracks[side] && isInsert) {
      const { matches } = this.#parts.arriving[side];
      for (let i = 0; i < count; i++) matches[rows[i]!] = matches[rows[i]!]! + 1;
    }
    if (!this.#tracks[other]) return;
    const kept = this.#parts.stores[other].rows;
    for (let i = 0; i < count; i++) {
      const record = records[i]!;
      const before = kept.matchesOf(record);
      const after = isInsert ? before + 1 : before - 1;
      kept.setMatches(record, after);
      if (before !== 0 && after !== 0) continue;
      turned.rows[turned.count] = rows[i]!;
      turned.records[turned.count++] = record;
    }
    // A left row of a semi join comes with its first match; any other goes with it.
    turned.change = isInsert === (this.#config.kind === 'semi') ? INSERTS : RETRACTS;
  }

  /** Lists the rows of the part that are rows of the result by themselves. */
  #listOwn(): void {
    const side = this.#side;
    const { live, liveCount, keyless, keylessCount, matches } = this.#parts.arriving[side];
    const givesOthers = givesUnmatched(this.#config.kind, side);
    const givesMatched = this.#config.kind === 'semi' && side === LEFT;
    this.#ownFrom = 0;
    let count = 0;
    if (givesOthers || givesMatched) {
      for (let i = 0; i < liveCount; i++) {
        const row = live[i]!;
        if ((matches[row] !== 0) === givesMatched) this.#own[count++] = row;
      }
    }
    if (givesOthers) {
      for (let i = 0; i < keylessCount; i++) this.#own[count++] = keyless[i]!;
    }
    this.#ownTo = count;
  }

  /** A chunk of them; false: there is none. */
  #fillOwn(): boolean {
    const count = Math.min(this.#ownTo - this.#ownFrom, this.#parts.joined.chunkRows);
    if (count === 0) return false;
    const { joined, currentRows, arriving } = this.#parts;
    const side = this.#side;
    const rows = joined.rows[side];
    for (let i = 0; i < count; i++) rows[i] = this.#own[this.#ownFrom + i]!;
    this.#ownFrom += count;
    joined.begin(count, this.#current[0]!.ingestTimeUs);
    joined.change = this.#change;
    joined.gather(side, currentRows[side]);
    joined.gatherNulls(otherThan(side));
    if (this.#config.time !== 'none') joined.takeTimes(side, arriving[side]);
    joined.compute(this.#parts.failures);
    return true;
  }

  /** Makes rows of the result of a chunk. */
  #fill({ rows, records, count, isPairs, change }: Chunk): void {
    const { joined, arriving, stores } = this.#parts;
    const side = this.#side;
    const other = otherThan(side);
    copyWords(rows, joined.rows[side], count);
    copyWords(records, joined.rows[other], count);
    joined.begin(count, this.#current[0]!.ingestTimeUs);
    joined.change = change;
    if (!isPairs) {
      joined.gather(other, this.#rowsOf(other));
      joined.gatherNulls(side);
    } else if (joined.isWhole) {
      joined.wait(this.#rowsOf(LEFT), this.#rowsOf(RIGHT));
    } else {
      joined.gather(LEFT, this.#rowsOf(LEFT));
      joined.gather(RIGHT, this.#rowsOf(RIGHT));
    }
    if (this.#config.time !== 'none') {
      joined.takeTimes(side, arriving[side]);
      joined.takeLaterTimes(other, stores[other]);
    }
    joined.compute(this.#parts.failures);
  }

  /** Keeps new rows, where they may find a match or be taken back. */
  #keepNew(): void {
    if (this.#change === RETRACTS) return;
    const side = this.#side;
    const { live, liveCount } = this.#parts.arriving[side];
    if (this.#deadlineUs(side) === Infinity) return;
    this.#parts.stores[side].append(this.#parts.arriving[side], live, liveCount);
  }

  /** Rows of a side before this time are asked for no more, but for those that may be taken back. */
  #deadlineUs(side: Side): TimeUs {
    const isFinal = this.#changes.inputs[side] === undefined;
    const other = otherThan(side);
    if (isFinal) {
      if (this.#hasEnded[other]) return Infinity;
      return this.#parts.reach.deadlineUs(side, this.#watermarks[other]);
    }
    if (this.#hasEnded[side] && this.#hasEnded[other]) return Infinity;
    const ownUs = this.#hasEnded[side] ? Infinity : this.#watermarks[side];
    const otherUs = this.#hasEnded[other] ? Infinity : this.#watermarks[other];
    return this.#parts.reach.deadlineUs(side, Math.min(ownUs, otherUs));
  }

  #release(): void {
    for (const side of [LEFT, RIGHT] as const) {
      const store = this.#parts.stores[side];
      store.release(this.#deadlineUs(side));
      store.rows.compact();
    }
  }
}

/** @hot */
function copyWords(from: Int32Array, to: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[i] = from[i]!;
}
