/** Sets the thresholds of a gate before each batch. @module */

import type { IngressGate, PricedPath, QueueContents } from '../../../admission/index.ts';
import type { PhysicalPlan } from '../../protocol.ts';
import type { Backlog } from './blind-gate.ts';
import type { WorkerAdmission } from './worker-admission.ts';

/** A way from a gate: one reader of a ring that gets every row, or the rings of a group together. */
interface Way extends PricedPath {
  readonly heads: readonly { readonly head: number; readonly ring: number }[];
  readonly group: readonly number[];
  readonly workMs: readonly Float64Array[];
}

/** Knows which work the rows of a branch of a gate bring, and what that is worth now. */
export class GateSteering {
  /** What the rows cost, by way. */
  readonly paths: readonly PricedPath[];
  /** What waits behind the first of the rings. */
  readonly contents: QueueContents;
  readonly #admission: WorkerAdmission;
  readonly #g: number;
  readonly #ways: readonly Way[];
  /** Workers on the way. */
  readonly #workers: readonly number[];
  #epoch = -1;
  #isArmed = false;

  /**
   * @param g - the gate, by its position among all
   * @param groups - rings of the branch: each row goes to one of each group
   */
  constructor(
    admission: WorkerAdmission,
    plan: PhysicalPlan,
    g: number,
    groups: readonly (readonly number[])[],
  ) {
    this.#admission = admission;
    this.#g = g;
    const { heads } = plan.admission!;
    const headsOf = (ring: number): Way['heads'] =>
      heads.flatMap((head, h) => (head.ring === ring ? [{ head: h, ring }] : []));
    this.contents = admission.contentsOf(headsOf(groups[0]![0]!)[0]!.head);
    const { lanes } = this.contents;
    const empty = (): Float64Array[] =>
      Array.from({ length: plan.workers }, () => new Float64Array(lanes));
    this.#ways = groups.flatMap((group): Way[] =>
      group.length === 1
        ? headsOf(group[0]!).map((head) => ({ heads: [head], group, workMs: empty() }))
        : [{ heads: group.flatMap(headsOf), group, workMs: empty() }],
    );
    this.paths = this.#ways;
    this.#workers = Array.from({ length: plan.workers }, (_, worker) => worker).filter((worker) =>
      this.#ways.some(({ heads: list }) =>
        list.some(({ head }) => admission.work.mayReach(head, worker)),
      ),
    );
  }

  readonly #backlog = { backlogMs: 0, rowMs: 0 };

  /** @hot */
  beforeBatch(gate: IngressGate): void {
    const admission = this.#admission;
    const isArmed = this.#mustCount();
    if (admission.epoch === this.#epoch && isArmed === this.#isArmed) return;
    this.#epoch = admission.epoch;
    this.#isArmed = isArmed;
    for (let w = 0; w < this.#ways.length; w++) this.#addUp(this.#ways[w]!);
    admission.priceGate(gate, this.#g, this.#workers, isArmed);
  }

  /** What waits, for gates that do not look at values. @hot */
  backlog(): Backlog {
    const { work } = this.#admission;
    const found = this.#backlog;
    found.backlogMs = -1;
    for (let w = 0; w < this.#workers.length; w++) {
      const worker = this.#workers[w]!;
      let backlogMs = 0;
      let rowMs = 0;
      for (let y = 0; y < this.#ways.length; y++) {
        const { heads, group } = this.#ways[y]!;
        for (let h = 0; h < heads.length; h++) {
          const { head, ring } = heads[h]!;
          const ms = work.meanWorkMs(head, worker);
          backlogMs += work.waitingRows(head) * ms;
          rowMs += ms * (heads.length === 1 ? 1 : work.shareOf(ring, group));
        }
      }
      if (backlogMs <= found.backlogMs) continue;
      found.backlogMs = backlogMs;
      found.rowMs = rowMs;
    }
    return found;
  }

  /**
   * Whether rows are to be counted by value, by what waits, whatever the workers say, who may be late. While it is
   * not known what rows cost, they are.
   *
   * @hot
   */
  #mustCount(): boolean {
    const { work, limits } = this.#admission;
    for (let w = 0; w < this.#ways.length; w++) {
      const { heads } = this.#ways[w]!;
      for (let h = 0; h < heads.length; h++) {
        const { head } = heads[h]!;
        const rowMs = work.totalWorkMs(head);
        if (rowMs === 0 || work.waitingRows(head) * rowMs > limits.armMs) return true;
      }
    }
    return false;
  }

  /** Rows that wait for a reader of which it is not known yet what they cost it; -1 if all is known. @hot */
  unjudgedRows(): number {
    const { work } = this.#admission;
    let rows = -1;
    for (let w = 0; w < this.#ways.length; w++) {
      const { heads } = this.#ways[w]!;
      for (let h = 0; h < heads.length; h++) {
        const { head } = heads[h]!;
        if (work.totalWorkMs(head) === 0) rows = Math.max(rows, work.waitingRows(head));
      }
    }
    return rows;
  }

  /** @hot */
  #addUp({ heads, group, workMs }: Way): void {
    const { work } = this.#admission;
    for (let n = 0; n < workMs.length; n++) {
      const sum = workMs[n]!;
      sum.fill(0);
      for (let h = 0; h < heads.length; h++) {
        const { head, ring } = heads[h]!;
        const share = heads.length === 1 ? 1 : work.shareOf(ring, group);
        const ms = work.workMs(head, n);
        for (let lane = 0; lane < sum.length; lane++) sum[lane]! += share * ms[lane]!;
      }
    }
  }
}
