/** What a source says of its classes and tenants, by lane. @module */

import type { Graph, OfClass } from '../../../core/topology/model.ts';
import { NameReader, type SeqlockAddress, SeqlockReader } from '../../../ringbuf/index.ts';
import type { GatePlan, LanesAddress } from '../../protocol-admission.ts';
import { saidOfClass, utilityOf } from './loss-follower.ts';
import { LaneReader } from './shared-lanes.ts';

/** So much of what is worth least is let in where sums are estimated: nothing is without a chance. */
const ESTIMATE_SHARE = 0.02;

/** Settings of the lanes of one source, filled in as lanes turn up. */
export class LaneSettings {
  /** The smallest share of rows that are kept. */
  readonly minShare: Float64Array;
  /** What a unit of value is worth. */
  readonly utility: Float64Array;
  readonly #lanes: LaneReader;
  readonly #classes: NameReader;
  readonly #shares: readonly OfClass<number>[];
  readonly #graphs: readonly OfClass<Graph>[];
  /** What the worker of the gate says of classes; `undefined`: they have no graphs. */
  readonly #told: SeqlockReader | undefined;
  #version = 0;
  #seen = 0;

  constructor(
    { settings: { minShare, loss }, isWeighted }: GatePlan,
    buffer: SharedArrayBuffer,
    address: LanesAddress,
    utilities: SeqlockAddress | undefined,
  ) {
    const isEstimated = isWeighted && minShare.length === 0;
    this.#shares = isEstimated ? [{ class: undefined, said: ESTIMATE_SHARE }] : minShare;
    this.#lanes = new LaneReader(buffer, address);
    this.#classes = new NameReader(buffer, address.classes);
    this.minShare = new Float64Array(address.capacity);
    this.utility = new Float64Array(address.capacity).fill(1);
    this.#graphs = loss;
    this.#told = utilities && new SeqlockReader(buffer, utilities);
  }

  /** How many lanes there are. */
  get lanes(): number {
    return this.#lanes.count();
  }

  /** Looks for lanes that have turned up. @hot */
  refresh(): void {
    const count = this.#lanes.count();
    for (; this.#seen < count; this.#seen++) {
      const name = this.#classNameOf(this.#seen);
      this.minShare[this.#seen] = saidOfClass(this.#shares, name) ?? 0;
      this.utility[this.#seen] = utilityOf(this.#graphs, name)?.utility ?? 1;
    }
    const version = this.#told?.version() ?? 0;
    if (version === this.#version) return;
    this.#version = version;
    this.#takeUtilities(this.#told!.read());
  }

  /** @param told - by class, 0 while it is not known */
  #takeUtilities(told: Float64Array): void {
    for (let lane = 0; lane < this.#seen; lane++) {
      const utility = told[this.#lanes.classOf(lane)]!;
      if (utility > 0) this.utility[lane] = utility;
    }
  }

  #classNameOf(lane: number): string {
    return this.#classes.read()[this.#lanes.classOf(lane)] ?? '';
  }
}
