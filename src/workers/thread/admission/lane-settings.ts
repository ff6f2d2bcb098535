/** What a source says of its classes and tenants, by lane. @module */

import type { OfClass } from '../../../core/topology/model.ts';
import { NameReader } from '../../../ringbuf/index.ts';
import type { GatePlan, LanesAddress } from '../../protocol-admission.ts';
import { LaneReader } from './shared-lanes.ts';

/** So much of what is worth least is let in where sums are estimated: nothing is without a chance. */
const ESTIMATE_SHARE = 0.02;

/** Settings of the lanes of one source, filled in as lanes turn up. */
export class LaneSettings {
  /** The smallest share of rows that are kept. */
  readonly minShare: Float64Array;
  readonly #lanes: LaneReader;
  readonly #classes: NameReader;
  readonly #shares: readonly OfClass<number>[];
  #seen = 0;

  constructor(
    { settings: { minShare }, isWeighted }: GatePlan,
    buffer: SharedArrayBuffer,
    address: LanesAddress,
  ) {
    const isEstimated = isWeighted && minShare.length === 0;
    this.#shares = isEstimated ? [{ class: undefined, said: ESTIMATE_SHARE }] : minShare;
    this.#lanes = new LaneReader(buffer, address);
    this.#classes = new NameReader(buffer, address.classes);
    this.minShare = new Float64Array(address.capacity);
  }

  /** How many lanes there are. */
  get lanes(): number {
    return this.#lanes.count();
  }

  /** Looks for lanes that have turned up. @hot */
  refresh(): void {
    const count = this.#lanes.count();
    for (; this.#seen < count; this.#seen++) {
      this.minShare[this.#seen] = shareOf(this.#shares, this.#classNameOf(this.#seen));
    }
  }

  #classNameOf(lane: number): string {
    return this.#classes.read()[this.#lanes.classOf(lane)] ?? '';
  }
}

/** What is said of a class by its name, or of all that are not named. */
function shareOf(shares: readonly OfClass<number>[], name: string): number {
  const own = shares.find((share) => share.class === name);
  return (own ?? shares.find((share) => share.class === undefined))?.said ?? 0;
}
