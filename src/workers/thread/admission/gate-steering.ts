/** Sets the thresholds of a gate before each batch. @module */

import type { IngressGate, PricedPath } from '../../../admission/index.ts';
import type { PhysicalPlan } from '../../protocol.ts';
import type { WorkerAdmission } from './worker-admission.ts';

/** A way from a gate: one reader of a ring that gets every row, or the rings of a group together. */
interface Way extends PricedPath {
  readonly heads: readonly { readonly head: number; readonly ring: number }[];
  readonly group: readonly number[];
  readonly workMs: readonly Float64Array[];
}

/** Knows which work the rows of a gate bring, and what that is worth now. */
export class GateSteering {
  /** What the gate's rows cost, by way. */
  readonly paths: readonly PricedPath[];
  /** The first head behind the gate. */
  readonly firstHead: number;
  readonly #admission: WorkerAdmission;
  readonly #ways: readonly Way[];
  /** Workers on the way. */
  readonly #workers: readonly number[];
  #epoch = -1;

  constructor(admission: WorkerAdmission, plan: PhysicalPlan, gate: number) {
    this.#admission = admission;
    const { gates, heads } = plan.admission!;
    const headsOf = (ring: number): Way['heads'] =>
      heads.flatMap((head, h) => (head.ring === ring ? [{ head: h, ring }] : []));
    const lanes = admission.contentsOf(headsOf(gates[gate]!.groups[0]![0]!)[0]!.head).lanes;
    const empty = (): Float64Array[] =>
      Array.from({ length: plan.workers }, () => new Float64Array(lanes));
    this.#ways = gates[gate]!.groups.flatMap((group): Way[] =>
      group.length === 1
        ? headsOf(group[0]!).map((head) => ({ heads: [head], group, workMs: empty() }))
        : [{ heads: group.flatMap(headsOf), group, workMs: empty() }],
    );
    this.paths = this.#ways;
    this.firstHead = this.#ways[0]!.heads[0]!.head;
    this.#workers = Array.from({ length: plan.workers }, (_, worker) => worker).filter((worker) =>
      this.#ways.some(({ heads: list }) =>
        list.some(({ head }) => admission.work.mayReach(head, worker)),
      ),
    );
  }

  /** @hot */
  beforeBatch(gate: IngressGate): void {
    const admission = this.#admission;
    admission.update(performance.now());
    if (admission.epoch === this.#epoch) return;
    this.#epoch = admission.epoch;
    for (let w = 0; w < this.#ways.length; w++) this.#addUp(this.#ways[w]!);
    admission.priceGate(gate, this.#workers);
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
