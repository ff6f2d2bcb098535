/** The co-operative loop of a worker: a turn lets every task do about a millisecond of work. @module */

import { performance } from 'node:perf_hooks';
import type { ThreadControl } from '../../ringbuf/index.ts';
import type { WorkerAdmission } from './admission/worker-admission.ts';
import type { Edge, Head, Pump, Target, Timed } from './flow.ts';
import { areIdle } from './flow.ts';
import type { TaskMetrics } from './task-metrics.ts';
import type { SinkTask } from './tasks/sink-task.ts';
import type { SourceHead } from './tasks/source-task.ts';

/** How long a head may go on before the next one gets its turn. */
const QUANTUM_MS = 1;
/** Of so many turns, a source takes parts in one at least. */
const TURNS_PER_PART = 8;

/** Everything that one worker runs. */
export interface LoopParts {
  readonly heads: readonly Head[];
  readonly sources: readonly SourceHead[];
  /** Tasks that go by the clock. */
  readonly timed: readonly Timed[];
  readonly sinks: readonly SinkTask[];
  readonly targets: readonly Target[];
  readonly edges: readonly Edge[];
  /** Targets and edges, what is downstream first. */
  readonly pumps: readonly Pump[];
  readonly metrics: readonly TaskMetrics[];
  readonly control: ThreadControl;
  /** `undefined` for plans without admission. */
  readonly admission?: WorkerAdmission | undefined;
}

/** Runs the tasks of a worker, a turn at a time. */
export class TaskLoop {
  readonly #parts: LoopParts;
  readonly #rings: readonly Head[];
  /** Turns in a row behind which some ring was half full. */
  #turnsBehind = 0;

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.#rings = parts.heads.filter((head) => head.isBehind !== undefined);
  }

  /**
   * One turn. First what got stuck, downstream first, then new input.
   *
   * @returns false when there was nothing to do: then everything kept back has been passed on
   */
  turn(): boolean {
    const { control, pumps, timed, heads, edges, metrics } = this.#parts;
    control.beat();
    let moved = false;
    for (let p = 0; p < pumps.length; p++) {
      const pump = pumps[p]!;
      if (!pump.isIdle() && pump.pump()) moved = true;
    }
    for (let t = 0; t < timed.length; t++) if (timed[t]!.tick()) moved = true;
    if (this.#runHeads(heads, this.#turnsBehind % TURNS_PER_PART !== 0)) moved = true;
    // What waits cannot go on: then its worker is not what it waits for.
    else if (this.#turnsBehind > 0 && this.#runHeads(heads, false)) moved = true;
    this.#turnsBehind = this.#isBehind() ? this.#turnsBehind + 1 : 0;
    const nowMs = moved ? performance.now() : Infinity;
    for (let e = 0; e < edges.length; e++) if (edges[e]!.flush(nowMs)) moved = true;
    if (!moved) for (const sink of this.#parts.sinks) sink.flush();
    // Before the counts of tasks: what was dropped behind a ring has been admitted.
    this.#parts.admission?.endTurn(nowMs, moved);
    for (let m = 0; m < metrics.length; m++) metrics[m]!.publish();
    return moved;
  }

  /**
   * Lets every head take in rows.
   *
   * @param leavesParts - but sources whose rows others read as well: this worker has enough to do
   */
  #runHeads(heads: readonly Head[], leavesParts: boolean): boolean {
    let moved = false;
    let deadlineMs = -Infinity;
    for (let h = 0; h < heads.length; h++) {
      const head = heads[h]!;
      if (head.hasEnded() || head.isEmpty?.() === true) continue;
      if (leavesParts && head.sharesParts?.() === true) continue;
      if (deadlineMs === -Infinity) deadlineMs = performance.now() + QUANTUM_MS;
      if (!head.run(deadlineMs)) continue;
      moved = true;
      deadlineMs = -Infinity;
    }
    return moved;
  }

  #isBehind(): boolean {
    for (let r = 0; r < this.#rings.length; r++) if (this.#rings[r]!.isBehind!()) return true;
    return false;
  }

  /** Whether every task has ended and nothing is stuck. */
  isFinished(): boolean {
    const { heads, pumps, targets } = this.#parts;
    for (const head of heads) if (!head.hasEnded()) return false;
    if (!areIdle(pumps)) return false;
    for (const target of targets) if (!target.hasEnded()) return false;
    return true;
  }

  /** How long the worker may sleep at most, when nothing rings. */
  sleepMs(): number {
    let sleepMs = MAX_SLEEP_MS;
    for (const source of this.#parts.sources) sleepMs = Math.min(sleepMs, source.sleepMs());
    for (const task of this.#parts.timed) sleepMs = Math.min(sleepMs, task.sleepMs());
    const { admission } = this.#parts;
    if (admission !== undefined) sleepMs = Math.min(sleepMs, admission.sleepMs(sleepMs));
    return Math.max(MIN_SLEEP_MS, sleepMs);
  }
}

/** Sleeping less takes longer than it says. */
const MIN_SLEEP_MS = 0.02;

/** A net below the bells: a parked worker looks around once a second. */
const MAX_SLEEP_MS = 1000;
