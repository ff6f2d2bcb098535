/** Whose work it was that there was no time for: what was shed, dealt out to the tasks behind. @module */

import type { PhysicalPlan } from '../workers/protocol.ts';
import { LOSSES } from '../workers/protocol-ledger.ts';
import type { AdmissionReader } from './admission-stats.ts';
import { tasksBehind } from './plan/behind-gate.ts';

/** A task that works on rows of a source that may shed. */
export interface TaskWork {
  readonly node: string;
  readonly instance: number;
  readonly worker: number;
  /** Milliseconds that it has worked; those of tasks that it called not counted. */
  readonly busyMs: number;
  /** Value that was shed for want of time for this task. */
  readonly valueLost: number;
}

/** A gate, what it had dropped when it was looked at last, and who works on its rows. */
interface SeenGate {
  readonly task: number;
  readonly behind: readonly number[];
  lost: number;
}

/**
 * Deals out the value that was dropped between two looks in proportion to what each task's work cost
 * meanwhile: the time it worked, times the mean price of its worker. Where nobody asked for a price, as where
 * rows are dropped without a look at their value, by time alone.
 */
export class LostValue {
  readonly #plan: PhysicalPlan;
  readonly #reader: AdmissionReader;
  readonly #gates: readonly SeenGate[];
  /** By task: value lost. */
  readonly #lost: Float64Array;
  /** At the last look, by task and by worker. */
  readonly #busyMs: Float64Array;
  readonly #priceTime: Float64Array;

  constructor(plan: PhysicalPlan, reader: AdmissionReader) {
    this.#plan = plan;
    this.#reader = reader;
    this.#gates = (plan.admission?.gates ?? []).map(({ task }) => ({
      task,
      behind: tasksBehind(plan, task),
      lost: 0,
    }));
    this.#lost = new Float64Array(plan.tasks.length);
    this.#busyMs = new Float64Array(plan.tasks.length);
    this.#priceTime = new Float64Array(plan.workers);
  }

  /** Deals out what was dropped since the last look. */
  look(): void {
    const { tasks } = this.#plan;
    const prices = this.#priceTime.map((before, n) => {
      const now = this.#reader.priceTime(n);
      this.#priceTime[n] = now;
      return now - before;
    });
    const busy = this.#busyMs.map((before, task) => {
      const now = this.#reader.busyMs(tasks[task]!);
      this.#busyMs[task] = now;
      return now - before;
    });
    for (const gate of this.#gates) {
      const now = this.#lostAt(gate.task);
      const value = now - gate.lost;
      gate.lost = now;
      if (value === 0) continue;
      const weights = weightsOf([
        gate.behind.map((task) => busy[task]! * prices[tasks[task]!.worker]!),
        gate.behind.map((task) => busy[task]!),
        gate.behind.map(() => 1),
      ]);
      gate.behind.forEach((task, i) => (this.#lost[task]! += value * weights[i]!));
    }
  }

  /**
   * The tasks behind gates. Of tasks that are one kernel only the time of all is known: each has as much as
   * of the rows that they took.
   *
   * @param rowsIn - by task
   */
  tasks(rowsIn: (task: number) => number): readonly TaskWork[] {
    const { tasks, chains } = this.#plan;
    const behind = new Set(this.#gates.flatMap((gate) => gate.behind));
    return [...behind]
      .toSorted((a, b) => a - b)
      .map((id): TaskWork => {
        const { node, instance, worker } = tasks[id]!;
        const chain = chains.find((other) => other.tasks.includes(id))?.tasks ?? [id];
        const [share] = weightsOf([[rowsIn(id), ...chain.filter((t) => t !== id).map(rowsIn)]]);
        const sum = (values: Float64Array): number =>
          chain.reduce((total, task) => total + values[task]!, 0);
        const part = share ?? (chain[0] === id ? 1 : 0);
        const busyMs = part * sum(this.#busyMs);
        return { node, instance, worker, busyMs, valueLost: part * sum(this.#lost) };
      });
  }

  /** Value that was dropped for good. */
  #lostAt(task: number): number {
    const ledger = this.#reader.gateOf(task)!;
    const lanes = ledger.read();
    let value = 0;
    for (const loss of LOSSES) {
      if (loss.reason === 'spilled') continue;
      for (let lane = 0; lane < lanes; lane++) value += ledger.lost(lane, loss).value;
    }
    return value;
  }
}

/** The first of some lists of weights that has any, made to add up to 1; empty when none has. */
function weightsOf(lists: readonly (readonly number[])[]): readonly number[] {
  for (const list of lists) {
    const sum = list.reduce((total, weight) => total + weight, 0);
    if (sum > 0) return list.map((weight) => weight / sum);
  }
  return [];
}
