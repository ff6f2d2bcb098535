/** The tenants of all sources whose rows bring work to a worker, and how they share it. @module */

import { type Fairness, NO_TENANT } from '../../../admission/index.ts';
import { NameReader } from '../../../ringbuf/index.ts';
import {
  type AdmissionLayout,
  type GatePlan,
  hasShares,
  MAX_TENANTS,
} from '../../protocol-admission.ts';
import { LaneReader } from './shared-lanes.ts';

/** A gate whose rows come here. */
interface SeenGate {
  readonly plan: GatePlan;
  readonly names: NameReader;
  readonly lanes: LaneReader;
  /** By number at the gate: the tenant here. */
  readonly numbers: Int32Array;
  /** By lane: the tenant here. */
  readonly tenants: Int32Array;
  seenNames: number;
  seenLanes: number;
}

/**
 * Numbers tenants as they turn up. Tenants of the same name are one and the same, whichever source they
 * come from; a source that says nothing of tenants is one of its own.
 */
export class WorkerTenants implements Fairness {
  readonly weights: Float64Array;
  readonly fairness: number;
  /** By gate; `undefined`: its rows do not come here. */
  readonly #gates: readonly (SeenGate | undefined)[];
  /** What is said of tenants, by name. */
  readonly #said = new Map<string, number>();
  readonly #numbers = new Map<string, number>();

  /** @param reaching - the gates whose rows come here */
  constructor(
    buffer: SharedArrayBuffer,
    gates: readonly GatePlan[],
    { lanes }: AdmissionLayout,
    reaching: ReadonlySet<number>,
  ) {
    this.#gates = gates.map((plan, g) => {
      if (!reaching.has(g)) return undefined;
      const address = lanes[g]!;
      return {
        plan,
        names: new NameReader(buffer, address.tenants),
        lanes: new LaneReader(buffer, address),
        numbers: new Int32Array(MAX_TENANTS).fill(NO_TENANT),
        tenants: new Int32Array(address.capacity).fill(NO_TENANT),
        seenNames: 0,
        seenLanes: 0,
      };
    });
    const seen = this.#gates.flatMap((gate) => gate ?? []);
    const most = seen.reduce((sum, { plan }) => sum + (hasShares(plan) ? MAX_TENANTS : 1), 0);
    this.weights = new Float64Array(most).fill(1);
    this.fairness = Math.max(
      0,
      ...seen.map(({ plan }) => (hasShares(plan) ? plan.settings.fairness : 0)),
    );
    for (const { plan, numbers } of seen) {
      if (!hasShares(plan)) numbers.fill(this.#numberOf(`source ${plan.node}`));
      for (const { tenant, weight } of plan.settings.weights) {
        this.#said.set(tenant, Math.max(weight, this.#said.get(tenant) ?? 0));
      }
    }
  }

  /** By lane of a gate: its tenant. */
  tenantsOf(gate: number): Int32Array {
    return this.#gates[gate]!.tenants;
  }

  /** Looks for tenants and lanes that have turned up. */
  refresh(): void {
    for (const gate of this.#gates) {
      if (gate === undefined) continue;
      const { plan, names, lanes, numbers, tenants } = gate;
      const count = lanes.count();
      if (count === gate.seenLanes) continue;
      if (hasShares(plan)) {
        const found = names.read();
        for (; gate.seenNames < found.length; gate.seenNames++) {
          const name = found[gate.seenNames]!;
          const number = this.#numberOf(`tenant ${name}`);
          numbers[gate.seenNames] = number;
          this.weights[number] = this.#said.get(name) ?? 1;
        }
      }
      for (; gate.seenLanes < count; gate.seenLanes++) {
        tenants[gate.seenLanes] = numbers[lanes.tenantOf(gate.seenLanes)]!;
      }
    }
  }

  /**
   * Looks up what is said of tenants for those of a gate, by their numbers there.
   *
   * @param said - by tenant
   * @param into - what is there stays for numbers that have not been seen
   * @hot
   */
  lookUp(gate: number, said: Float64Array, into: Float64Array): void {
    const seen = this.#gates[gate];
    if (seen === undefined) return;
    const { numbers } = seen;
    for (let number = 0; number < numbers.length; number++) {
      if (numbers[number] !== NO_TENANT) into[number] = said[numbers[number]!]!;
    }
  }

  #numberOf(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    return number;
  }
}
