/** The gate of a source: rows are valued, and those that are admitted go into rings. @module */

import type { IngressGate, ValuedRows } from '../../../admission/ingress-gate.ts';
import { NEVER_DROPPED } from '../../../admission/value-bins.ts';
import { binOfTag, laneOfTag } from '../../../admission/queue-contents.ts';
import type { BatchLayout } from '../../../core/batch-layout.ts';
import { Batch } from '../../../core/batch.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import { TaskMetric } from '../../protocol.ts';
import type { RingEdge } from '../edges/ring-edge.ts';
import type { TaskOutbox } from '../outbox.ts';
import type { DeadLetters } from '../tasks/dead-letters.ts';
import type { TaskMetrics } from '../task-metrics.ts';
import type { GateSteering } from './gate-steering.ts';
import type { RowWorth } from './row-worth.ts';

/** What an {@link Ingress} is made of. */
export interface IngressParts {
  /** Of the stream, without hidden columns. */
  readonly layout: BatchLayout;
  readonly memory: KernelMemory;
  readonly outbox: TaskOutbox;
  readonly metrics: TaskMetrics;
  readonly worth: RowWorth;
  readonly gate: IngressGate;
  readonly steering: GateSteering;
  /** All rings behind the gate. */
  readonly rings: readonly RingEdge[];
  readonly letters: DeadLetters;
  /** Each row goes to one ring at most, so that what does not fit in one may be shed alone. */
  readonly isOneOfRings: boolean;
}

const OUT = 0;

/**
 * Takes a source's batches and never refuses one: what the rings have no room for is shed. Only rows that
 * may not be shed make the source wait.
 */
export class Ingress {
  readonly #parts: IngressParts;
  readonly #staging: Batch;
  /** The offered batch with hidden columns behind its own. */
  readonly #view: Batch;
  readonly #rows: Uint32Array;
  /** By ring: rows that wait though they do not fit. */
  readonly #rests: readonly Uint32Array[];
  readonly #valued: ValuedRows;

  constructor(parts: IngressParts) {
    const { layout, memory, worth } = parts;
    this.#parts = parts;
    this.#staging = Batch.allocate(layout, memory);
    this.#view = Batch.view(layout.rowCapacity, layout.hasTime);
    this.#rows = memory.rows(layout.rowCapacity);
    this.#rests = parts.rings.map(() => memory.rows(layout.rowCapacity));
    const values = worth.values.f64;
    this.#valued = {
      values,
      words: new Uint32Array(values.buffer, values.byteOffset, 2 * values.length),
      tags: worth.tags.words,
      kept: worth.kept,
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
    this.#staging.reset();
    return this.#staging;
  }

  /** Takes the rows of the claimed batch, or of any other that stays as it is until they have gone. */
  offer(batch: Batch): void {
    if (batch.selected === 0) return;
    const { worth, gate, steering, outbox, metrics } = this.#parts;
    worth.evaluate(batch);
    this.#rows.set(worth.rows.subarray(0, worth.count));
    steering.beforeBatch(gate);
    const count = gate.admit(this.#valued, this.#rows, worth.count, this.#roomRows());
    metrics.add(TaskMetric.SHED, worth.count - count);
    worth.protect(this.#rows, count);
    const view = this.#view;
    view.shareColumns(batch);
    view.columns[batch.columns.length] = worth.values;
    view.columns[batch.columns.length + 1] = worth.tags;
    view.selection = this.#rows;
    view.selected = count;
    outbox.offer(OUT, view);
    if (!outbox.isSettled()) this.#shedRest();
  }

  /** Rows that fit in every ring. */
  #roomRows(): number {
    const { rings, isOneOfRings } = this.#parts;
    // Of several rings the one that is full may not be the one that a row goes to.
    if (isOneOfRings && rings.length > 1) return Infinity;
    let room = Infinity;
    for (const ring of rings) room = Math.min(room, ring.roomRows());
    return room;
  }

  /** Sheds what did not fit, but for rows that may not be shed: they wait. */
  #shedRest(): void {
    const { rings, isOneOfRings } = this.#parts;
    if (!isOneOfRings) return;
    rings.forEach((ring, r) => {
      const { pending } = ring;
      if (pending !== undefined) this.#shedPending(ring, pending, this.#rests[r]!);
    });
  }

  #shedPending(ring: RingEdge, pending: Batch, rest: Uint32Array): void {
    const { gate, metrics } = this.#parts;
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
      shed++;
    }
    metrics.add(TaskMetric.ROWS_OUT, -shed);
    metrics.add(TaskMetric.SHED, shed);
    pending.selection = rest;
    pending.selected = kept;
    ring.keepPending();
  }
}
