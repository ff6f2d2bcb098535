/** What tenants pay for the work of each worker: told by the workers, looked up for lanes of gates. @module */

import { SeqlockReader, SeqlockWriter } from '../../../ringbuf/index.ts';
import type { AdmissionLayout } from '../../protocol-admission.ts';
import { MAX_TENANTS } from '../../protocol-admission.ts';
import { LaneReader } from './shared-lanes.ts';

/** What one worker says of the tenants of one gate. */
interface Told {
  readonly reader: SeqlockReader;
  version: number;
  /** By number at the gate: the part of the worker's price that the tenant pays. */
  parts: Float64Array;
}

/** One for each worker, in plans where tenants have shares. */
export class TenantPrices {
  /** Counts changes of what is read. */
  changes = 0;
  readonly #worker: number;
  /** By worker and gate. */
  readonly #told: readonly (readonly Told[])[];
  /** This worker's, by gate. */
  readonly #writers: readonly SeqlockWriter[];
  readonly #own: readonly Float64Array[];
  readonly #lanes: readonly LaneReader[];
  /** By gate and worker: what a lane pays for a millisecond. */
  readonly #paid: readonly (readonly Float64Array[])[];

  constructor(buffer: SharedArrayBuffer, { lanes, parts }: AdmissionLayout, worker: number) {
    this.#worker = worker;
    this.#told = parts.map((gates) =>
      gates.map((address) => ({
        reader: new SeqlockReader(buffer, address),
        version: 0,
        parts: new Float64Array(MAX_TENANTS).fill(1),
      })),
    );
    this.#writers = parts[worker]!.map((address) => new SeqlockWriter(buffer, address));
    this.#own = this.#told[worker]!.map((told) => told.parts);
    this.#lanes = lanes.map((address) => new LaneReader(buffer, address));
    this.#paid = lanes.map(({ capacity }) => parts.map(() => new Float64Array(capacity)));
  }

  /** Looks at the other workers' words. @hot */
  read(): void {
    for (let n = 0; n < this.#told.length; n++) {
      if (n !== this.#worker) this.#readOf(this.#told[n]!);
    }
  }

  /** @hot */
  #readOf(gates: readonly Told[]): void {
    for (let g = 0; g < gates.length; g++) {
      const told = gates[g]!;
      const version = told.reader.version();
      if (version === told.version) continue;
      told.version = version;
      told.parts = told.reader.read();
      this.changes++;
    }
  }

  /** This worker's parts of a gate's tenants, to be changed. @hot */
  ownParts(gate: number): Float64Array {
    this.changes++;
    return this.#own[gate]!;
  }

  /** Tells the others what {@link ownParts} of a gate say. @hot */
  tell(gate: number): void {
    this.#writers[gate]!.write(this.#own[gate]!);
  }

  /**
   * What the lanes of a gate that there are pay for a millisecond, by worker.
   *
   * @param prices - by worker
   * @hot
   */
  pay(gate: number, prices: Float64Array): readonly Float64Array[] {
    const lanes = this.#lanes[gate]!;
    const paid = this.#paid[gate]!;
    const count = lanes.count();
    for (let n = 0; n < paid.length; n++) {
      const { parts } = this.#told[n]![gate]!;
      const price = prices[n]!;
      const into = paid[n]!;
      for (let lane = 0; lane < count; lane++) into[lane] = price * parts[lanes.tenantOf(lane)]!;
    }
    return paid;
  }
}
