/** The gate of a source: rows are valued, and those that are admitted go into rings. @module */

import { performance } from 'node:perf_hooks';
import type { IngressGate, UnitGate, ValuedRows } from '../../../admission/index.ts';
import { hash32 } from '../../../admission/dither.ts';
import { binOfTag, laneOfTag } from '../../../admission/queue-contents.ts';
import { NEVER_DROPPED } from '../../../admission/value-bins.ts';
import { Batch } from '../../../core/batch.ts';
import { Column } from '../../../core/column.ts';
import { FLOAT64 } from '../../../core/types.ts';
import type { TimeUs } from '../../../core/units.ts';
import { TaskMetric } from '../../protocol.ts';
import type { RingEdge } from '../edges/ring-edge.ts';
import { DirectPath } from './direct-path.ts';
import type { GateSteering } from './gate-steering.ts';
import type { SpillGate } from './spill/spill-gate.ts';
import type { IngressParts } from './ingress-parts.ts';

/** Rows that are thinned out fill so much of the room: chance may keep some more. */
const THINNED_FILL = 0.9;
/** No row stands for more than the inverse of this, by thinning. */
const LEAST_SHARE = 0.001;
/** So many rows may wait of which it is not known what they cost, where others can go to disk. */
const MOST_UNJUDGED = 256;
/** Chance of its own. */
const THIN_SEED = 0x2545f491;

/**
 * Takes a source's batches and never refuses one: what the rings have no room for is shed. Only rows that
 * may not be shed make the source wait.
 */
export class Ingress {
  readonly #parts: IngressParts;
  #staging: Batch;
  /** In place of the staging batch while something refers to that. */
  #spare: Batch | undefined;
  /** Rows of the staging batch went past the ring. */
  #hasPassed = false;
  /** By branch: the offered batch with hidden columns behind its own. */
  readonly #views: readonly Batch[];
  /** By branch: rows that wait though they do not fit. */
  readonly #rests: readonly Uint32Array[];
  readonly #rows: Uint32Array;
  readonly #valued: ValuedRows;
  /** By branch: rows that were offered, and those of them that do not go on. */
  readonly #offered: Uint32Array;
  readonly #dropped: Uint32Array;
  /** The batch that is being offered, without hidden columns. */
  #source: Batch;
  #thinned = 0;
  /** By row: how many it stands for. */
  readonly #weights: Column | undefined;
  /** Past everything here while there is nothing to decide; `undefined`: not before rows have gone past the ring. */
  #direct: DirectPath | undefined;

  constructor(parts: IngressParts) {
    const { layout, memory, worth, branches } = parts;
    const { rowCapacity, hasTime } = layout;
    this.#parts = parts;
    this.#staging = Batch.allocate(layout, memory);
    this.#source = this.#staging;
    this.#views = branches.map(() => Batch.view(rowCapacity, hasTime));
    this.#rests = branches.map(() => memory.rows(rowCapacity));
    this.#rows = memory.rows(rowCapacity);
    this.#offered = memory.rows(rowCapacity);
    this.#dropped = memory.rows(rowCapacity);
    this.#weights = parts.isWeighted ? Column.allocate(FLOAT64, rowCapacity, memory) : undefined;
    this.#valued = {
      values: worth.values.f64,
      words: worth.values.words,
      tags: worth.tags.words,
      kept: worth.kept,
      weights: this.#weights?.f64,
      units: parts.units?.windows,
    };
  }

  /** Whether nothing waits: no row that may not be shed, no dead letter. */
  isSettled(): boolean {
    const { outbox, letters } = this.#parts;
    return outbox.isSettled() && letters.flush();
  }

  /** An empty batch to read rows into; `undefined` while {@link isSettled} does not hold. */
  claim(): Batch | undefined {
    if (!this.isSettled()) return undefined;
    if (this.#hasPassed && !this.#parts.branches[0]!.rings[0]!.hasSettled()) {
      const { layout, memory } = this.#parts;
      const spare = this.#spare ?? Batch.allocate(layout, memory);
      this.#spare = this.#staging;
      this.#staging = spare;
    }
    this.#hasPassed = false;
    this.#staging.reset();
    return this.#staging;
  }

  /** The source has nothing more to give just now. */
  renew(): void {
    const { branches } = this.#parts;
    for (let b = 0; b < branches.length; b++) {
      const { rings } = branches[b]!;
      for (let r = 0; r < rings.length; r++) rings[r]!.renew();
    }
  }

  /** Whether rows are on disk, or come from there and have not been worked on. */
  get hasSpilled(): boolean {
    return this.#parts.spill?.isPending === true;
  }

  /** No watermark may pass this. */
  holdUs(): TimeUs {
    return this.#parts.spill?.holdUs() ?? Infinity;
  }

  /**
   * Hands on rows that were on disk, if little waits.
   *
   * @param watermarkUs - of the source: rows behind it are late, unless it waits for them
   * @returns false when there are none, or too much waits
   */
  replay(watermarkUs: TimeUs): boolean {
    const { spill, branches, worth, replayMs } = this.#parts;
    if (spill === undefined) return false;
    // Rows that wait for a ring are not among those that went in, for which a round waits.
    if (!this.isSettled()) return false;
    spill.endRound();
    if (spill.waitingRows === 0) return false;
    for (const { steering } of branches) {
      if (steering.unjudgedRows() > 0 || steering.backlog().backlogMs > replayMs) return false;
    }
    const batch = spill.take();
    if (batch === undefined) return false;
    if (batch.hasTime && !spill.isHolding) markLate(batch, watermarkUs);
    worth.evaluate(batch);
    worth.tagged();
    this.#parts.lanes.refresh();
    this.#direct?.settle();
    const view = this.#viewOf(0, batch);
    const { edges, gate } = branches[0]!;
    spill.noteReplayed(gate, this.#valued, worth.rows, worth.count);
    worth.protect(worth.rows, worth.count);
    view.selection = worth.rows;
    view.selected = worth.count;
    // All edges of the source: a spread deals rows out as it does without a gate.
    const all = branches.length === 1 ? edges : this.#parts.outbox.edgesOf(0);
    for (let e = 0; e < all.length; e++) all[e]!.offer(view);
    return true;
  }

  /** At the end; what is on disk stays there. */
  close(): void {
    this.#parts.spill?.close();
  }

  /** Takes the rows of the claimed batch, or of any other that stays as it is until they have gone. */
  offer(batch: Batch): void {
    if (batch.selected === 0) return;
    const { worth, admission, split } = this.#parts;
    const direct = batch === this.#staging ? this.#direct : undefined;
    const taker = direct?.mayTake(batch) === true ? direct : undefined;
    worth.evaluate(batch);
    if (taker !== undefined && worth.count === batch.selected) {
      this.#showValues();
      taker.take(batch);
      this.#hasPassed = true;
      return;
    }
    this.#direct?.settle();
    this.#source = batch;
    this.#parts.lanes.refresh();
    this.#weights?.f64.fill(1, 0, batch.rowCount);
    this.#parts.units?.windows.open(batch);
    this.#parts.units?.numbers.evaluate(batch);
    const nowMs = performance.now();
    admission.update(nowMs);
    const first = this.#viewOf(0, batch);
    if (split === undefined) {
      if (this.#passAll(batch, first, nowMs)) return;
      this.#rows.set(worth.rows.subarray(0, worth.count));
      this.#offerTo(0, first, this.#rows, worth.count);
      return;
    }
    first.selection = worth.rows;
    first.selected = worth.count;
    split.split(first);
    for (let branch = 0; branch < this.#views.length; branch++) {
      const view = branch === 0 ? first : this.#viewOf(branch, batch);
      this.#offerTo(branch, view, split.lists[branch]!, split.counts[branch]!);
    }
  }

  /**
   * Gives all rows of the staging batch to their only reader at once: what happens while there is nothing to decide. A
   * batch of somebody else's would have to be waited for.
   */
  #passAll(batch: Batch, view: Batch, nowMs: number): boolean {
    const { worth, branches, metrics } = this.#parts;
    const { gate, blind, steering, edges, rings } = branches[0]!;
    const isPlain = blind === undefined && this.#weights === undefined && !batch.isShowing;
    const isAlone = rings.length === 1 && edges[0] === rings[0];
    if (!isPlain || !isAlone || batch !== this.#staging) return false;
    // Rows on which an expression has failed are not there any more.
    if (worth.count < batch.selected) return false;
    steering.beforeBatch(gate);
    if (!gate.isCalm || !rings[0]!.mayPass(view)) return false;
    if (!gate.pass(this.#valued, worth.rows, worth.count, worth.total)) return false;
    metrics.add(TaskMetric.ROWS_OUT, worth.count);
    const workMs = rings[0]!.pass(view, nowMs);
    this.#hasPassed = true;
    if (this.#parts.units === undefined) {
      this.#direct ??= this.#directPath();
      this.#direct.open(worth.count, workMs);
    }
    return true;
  }

  #directPath(): DirectPath {
    const { worth, branches, metrics, admission, lanes } = this.#parts;
    const { gate, rings } = branches[0]!;
    const ring = rings[0]!;
    return new DirectPath({
      gate,
      worth,
      valued: this.#valued,
      metrics,
      admission,
      reader: ring.shortcut!,
      ring,
      lanes,
    });
  }

  /** The batch that was offered last was read and worked on in so many milliseconds; not a number: it is not known. */
  note(elapsedMs: number): void {
    this.#direct?.note(elapsedMs);
  }

  /** They lie in another column for each batch. */
  #showValues(): void {
    const { f64, words } = this.#parts.worth.values;
    this.#valued.values = f64;
    this.#valued.words = words;
  }

  /** Shows the batch with its hidden columns. */
  #viewOf(branch: number, batch: Batch): Batch {
    const { worth } = this.#parts;
    this.#showValues();
    const view = this.#views[branch]!;
    view.shareColumns(batch);
    let next = batch.columns.length;
    if (this.#weights !== undefined) view.columns[next++] = this.#weights;
    const { units } = this.#parts;
    if (units !== undefined) view.columns[next++] = units.numbers.column;
    view.columns[next++] = worth.values;
    view.columns[next] = worth.tags;
    return view;
  }

  /** @param rows - what is kept is moved to its front */
  #offerTo(branch: number, view: Batch, rows: Uint32Array, offered: number): void {
    if (offered === 0) return;
    const { worth, metrics, branches } = this.#parts;
    const { gate, blind, steering, edges, rings, units } = branches[branch]!;
    worth.tagged();
    let passing = offered;
    if (blind === undefined) {
      steering.beforeBatch(gate);
    } else {
      const nowMs = performance.now();
      passing = blind.choose(gate, this.#valued, rows, offered, nowMs, steering.backlog());
    }
    const { weights } = this.#valued;
    const { spill } = this.#parts;
    const room = spill === undefined ? roomOf(rings) : Infinity;
    if (spill !== undefined) this.#offered.set(rows.subarray(0, offered));
    // What was added up is the value of all rows.
    const total = passing === worth.count ? worth.total : Number.NaN;
    let count = gate.admit(
      this.#valued,
      rows,
      passing,
      weights === undefined ? room : Infinity,
      total,
    );
    if (weights !== undefined && count > room) count = this.#thin(gate, weights, rows, count, room);
    if (spill !== undefined) count = this.#cutUnjudged(gate, steering, rows, count);
    if (spill === undefined) metrics.add(TaskMetric.SHED, offered - count);
    else if (count < offered) count = this.#spillRest(spill, gate, rows, count, offered);
    // In front of what goes on, rows and watermarks.
    units?.writer.publish();
    if (count === 0) return;
    metrics.add(TaskMetric.ROWS_OUT, count);
    worth.protect(rows, count);
    view.selection = rows;
    view.selected = count;
    for (let e = 0; e < edges.length; e++) edges[e]!.offer(view);
    // Where a row goes to several rings and has room in some, it waits for the others.
    if (rings.length !== 1) return;
    this.#shedRest(rings[0]!, gate, this.#rests[branch]!, units?.gate);
    units?.writer.publish();
  }

  /**
   * Keeps by chance about as many rows as there is room for, so that those that are kept can stand for the
   * others; how many.
   *
   * @hot
   */
  #thin(
    gate: IngressGate,
    weights: Float64Array,
    rows: Uint32Array,
    count: number,
    room: number,
  ): number {
    const { values, tags, kept } = this.#valued;
    const share = Math.max(LEAST_SHARE, (THINNED_FILL * room) / count);
    let keep = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (kept?.[row] === 1) {
        rows[keep++] = row;
      } else if (hash32(THIN_SEED + this.#thinned++) < share * 2 ** 32) {
        weights[row] = weights[row]! / share;
        rows[keep++] = row;
      } else {
        gate.roomShed.add(laneOfTag(tags[row]!), 1, values[row]!);
      }
    }
    return keep;
  }

  /** Keeps only so many rows as may wait without a price, rows that are not droppable aside; how many. */
  #cutUnjudged(
    gate: IngressGate,
    steering: GateSteering,
    rows: Uint32Array,
    count: number,
  ): number {
    const { values, tags, kept } = this.#valued;
    const unjudged = kept === undefined ? steering.unjudgedRows() : -1;
    if (unjudged < 0) return count;
    const keep = Math.min(count, Math.max(0, MOST_UNJUDGED - unjudged));
    for (let i = keep; i < count; i++) {
      const row = rows[i]!;
      const value = values[row]!;
      gate.shed.add(laneOfTag(tags[row]!), 1, Number.isFinite(value) ? value : 0);
    }
    return keep;
  }

  /** Writes rows to disk that did not pass; how many go on with those that did, since they cannot be written. */
  #spillRest(
    spill: SpillGate,
    gate: IngressGate,
    rows: Uint32Array,
    count: number,
    offered: number,
  ): number {
    const dropped = this.#dropped;
    let kept = 0;
    let rest = 0;
    for (let i = 0; i < offered; i++) {
      const row = this.#offered[i]!;
      if (kept < count && rows[kept] === row) kept++;
      else dropped[rest++] = row;
    }
    const settled = spill.put(this.#source, this.#valued, dropped, rest, gate.shed);
    for (let i = settled; i < rest; i++) rows[count + i - settled] = dropped[i]!;
    const going = count + rest - settled;
    // Ascending, as selections are.
    if (settled < rest) rows.subarray(0, going).sort();
    return going;
  }

  /** Sheds what did not fit, but for rows that may not be shed: they wait. */
  #shedRest(
    ring: RingEdge,
    gate: IngressGate,
    rest: Uint32Array,
    units: UnitGate | undefined,
  ): void {
    const { pending } = ring;
    if (pending === undefined) return;
    const { spill } = this.#parts;
    if (spill !== undefined) {
      this.#spillPending(spill, ring, gate, pending, rest);
      return;
    }
    const { values, tags } = this.#valued;
    let kept = 0;
    let shed = 0;
    for (let i = ring.pendingFrom; i < pending.selected; i++) {
      const row = pending.selection[i]!;
      const tag = tags[row]!;
      if (binOfTag(tag) === NEVER_DROPPED || values[row] === Infinity) {
        rest[kept++] = row;
        continue;
      }
      gate.roomShed.add(laneOfTag(tag), 1, values[row]!);
      units?.drop(this.#parts.units!.windows, row);
      shed++;
    }
    const { metrics } = this.#parts;
    metrics.add(TaskMetric.ROWS_OUT, -shed);
    metrics.add(TaskMetric.SHED, shed);
    pending.selection = rest;
    pending.selected = kept;
    ring.keepPending();
  }

  /** Writes rows to disk that did not fit; those that cannot be written wait. */
  #spillPending(
    spill: SpillGate,
    ring: RingEdge,
    gate: IngressGate,
    pending: Batch,
    rest: Uint32Array,
  ): void {
    const { tags, values } = this.#valued;
    const from = ring.pendingFrom;
    const count = pending.selected - from;
    for (let i = 0; i < count; i++) {
      const row = pending.selection[from + i]!;
      this.#dropped[i] = row;
      gate.roomShed.add(laneOfTag(tags[row]!), 1, Number.isFinite(values[row]!) ? values[row]! : 0);
    }
    const settled = spill.put(this.#source, this.#valued, this.#dropped, count, gate.roomShed);
    for (let i = settled; i < count; i++) rest[i - settled] = this.#dropped[i]!;
    this.#parts.metrics.add(TaskMetric.ROWS_OUT, -settled);
    pending.selection = rest;
    pending.selected = count - settled;
    ring.keepPending();
  }
}

/** Rows behind the watermark are late by now. @hot */
function markLate(batch: Batch, watermarkUs: TimeUs): void {
  for (let row = 0; row < batch.rowCount; row++) {
    batch.setLateBy(row, Math.max(batch.lateByUs(row), watermarkUs - batch.timeUs(row), 0));
  }
}

/** Rows that fit in each of some rings. @hot */
function roomOf(rings: readonly RingEdge[]): number {
  let room = Infinity;
  for (let r = 0; r < rings.length; r++) room = Math.min(room, rings[r]!.roomRows());
  return room;
}
