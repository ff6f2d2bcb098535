/**
 * What tasks and edges are to each other inside one worker.
 *
 * Rows move by direct calls: an edge calls the task behind it, whose kernel calls the edges behind
 * that. What cannot go on (a ring is full) waits where it is, by reference, and everything upstream
 * of it stands still until it has gone on: an edge's pending batch refers to memory of tasks
 * upstream, which therefore must not run. {@link areIdle} over everything downstream is that test.
 *
 * The graph has no cycles and a ring's consumer never waits for its own output's consumer, so
 * something can always go on, or the engine is done.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { TimeUs } from '../../core/units.ts';

/** Something that may have unfinished work. */
export interface Pump {
  /** True when nothing is left over from earlier calls. */
  isIdle(): boolean;
  /** Tries to go on with unfinished work; true when anything moved. */
  pump(): boolean;
}

/** Whether a list of pumps has nothing unfinished. @hot */
export function areIdle(pumps: readonly Pump[]): boolean {
  for (let i = 0; i < pumps.length; i++) if (!pumps[i]!.isIdle()) return false;
  return true;
}

/** A task that takes rows: operators and sinks. A channel is one of its inputs' upstream tasks. */
export interface Target extends Pump {
  /** False while earlier work is unfinished, here or downstream: offer nothing. */
  canAccept(): boolean;
  /** Takes the selected rows. Only after {@link canAccept}. */
  accept(channel: number, batch: Batch): void;
  /** The watermark of a channel changed. Always taken; acted on once earlier work is finished. */
  acceptWatermark(channel: number, watermarkUs: TimeUs): void;
  /** The channel has ended. Always taken, like a watermark. */
  acceptEnd(channel: number): void;
  /** True when all channels have ended and everything has been handed on. */
  hasEnded(): boolean;
}

/** A way out of a task. At most one batch is offered before the edge is idle again. */
export interface Edge extends Pump {
  /** Hands on the selected rows; they stay pending, by reference, if they cannot go yet. */
  offer(batch: Batch): void;
  /** Hands on a watermark behind the rows offered so far. */
  watermark(watermarkUs: TimeUs): void;
  /** Hands on the end behind everything else. */
  end(): void;
  /**
   * Passes on what the edge keeps back to fill larger batches.
   *
   * @param nowMs - monotonic; `Infinity` to pass on everything
   */
  flush(nowMs: number): boolean;
}

/** A task that has to be told when it is time for something. */
export interface Timed {
  /** How long until {@link tick} has something to do; `Infinity`: until something else happens. */
  sleepMs(): number;
  /** Does what is due; true when anything moved. */
  tick(): boolean;
}

/** Where a worker's input comes from: sources and rings. */
export interface Head {
  /** Takes in rows until `deadlineMs`, a few batches at least; true when anything moved. */
  run(deadlineMs: number): boolean;
  /** True when nothing more will come. */
  hasEnded(): boolean;
  /** Of a ring: whether as much waits as one half of it holds. */
  isBehind?(): boolean;
  /** Of a ring that is written on this worker: whether nothing waits in it. */
  isEmpty?(): boolean;
  /** Of a source: whether what it does not read is read by another of its name. */
  sharesParts?(): boolean;
}
