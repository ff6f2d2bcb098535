/** The admission controller of the engine, in a simulation. @module */

import {
  type AdmissionLimits,
  CapacityMeter,
  type Fairness,
  type GraphPoints,
  IngressGate,
  LateGate,
  LOOK_MS,
  QueueContents,
  type RowUnits,
  type UnitGate,
  type ValuedRows,
  WorkerPrice,
  type WorkerPriceOptions,
  admissionLimits,
  ClassUtility,
} from '../../../src/admission/index.ts';
import type { Policy } from './simulate.ts';
import type { Trace } from './trace.ts';

/** How the controller is disturbed, and what is tried on it. */
export interface ValuePolicyOptions {
  readonly limits?: AdmissionLimits;
  readonly price?: Partial<Omit<WorkerPriceOptions, 'limits' | 'sources'>>;
  /** How much later the source sees a price. */
  readonly delayMs?: number;
  /** The work of a row as the controller believes it, over what it is. */
  readonly costError?: number;
  /** Whether rows are dropped when they are taken, too. */
  readonly lateShed?: boolean;
  /** Whether the price knows that they are not; goes with `lateShed: false`. */
  readonly isSettled?: boolean;
  /** The fraction of rows of each lane that is kept at any price. */
  readonly minShare?: Float64Array;
  /** The tenant of each lane, and how they share. */
  readonly tenants?: Int32Array;
  readonly fairness?: Fairness;
  /** Whole groups are dropped, at both places. */
  readonly units?: { readonly rows: RowUnits; readonly gate: UnitGate; readonly late: UnitGate };
  /** The loss graph of each lane. */
  readonly loss?: readonly GraphPoints[];
  /** Rows that the ring holds. */
  readonly ringRows?: number;
}

/** Sheds what is worth least. */
export class ValuePolicy implements Policy {
  readonly worker: WorkerPrice;
  readonly gate: IngressGate;
  readonly late: LateGate;
  readonly meter = new CapacityMeter();
  readonly #contents: QueueContents;
  readonly #rows: ValuedRows;
  readonly #workMs: Float64Array;
  readonly #work: readonly Float64Array[];
  readonly #lanes: Uint8Array;
  readonly #limits: AdmissionLimits;
  readonly #options: ValuePolicyOptions;
  readonly #waiting = new Float64Array(1);
  /** Work done so far, as estimated. */
  #doneMs = 0;
  readonly #prices = new Float64Array(1);
  readonly #lanePrices: readonly [Float64Array];
  readonly #utility: Float64Array;
  readonly #classes: readonly ClassUtility[];
  #lookedMs = 0;
  /** How long the rows taken last had waited. */
  #waitedMs = 0;
  readonly #history: { at: number; price: number; isArmed: boolean }[] = [];

  constructor(trace: Trace, sloMs: number, options: ValuePolicyOptions = {}) {
    const lanes = trace.workMs.length;
    this.#options = options;
    this.#lanePrices = [new Float64Array(lanes)];
    this.#limits = options.limits ?? admissionLimits(sloMs);
    this.#contents = new QueueContents(new Int32Array(QueueContents.wordsFor(lanes)), lanes);
    this.#classes = (options.loss ?? []).map((points) => new ClassUtility(points));
    this.#utility = new Float64Array(lanes).fill(1);
    this.#classes.forEach(({ utility }, lane) => (this.#utility[lane] = utility));
    this.#workMs = trace.workMs.map((ms) => ms * (options.costError ?? 1));
    this.#work = [this.#workMs];
    const { values } = trace;
    this.#lanes = trace.lanes;
    this.#rows = {
      values,
      words: new Int32Array(values.buffer),
      tags: Int32Array.from(trace.lanes),
      units: options.units?.rows,
    };
    this.gate = new IngressGate({
      lanes,
      paths: [{ workMs: [this.#workMs] }],
      contents: this.#contents,
      units: options.units?.gate,
      utility: this.#utility,
      ...(options.minShare && { minShare: options.minShare }),
    });
    const { minShare, units } = options;
    this.late = new LateGate(this.#contents, minShare, units?.late, this.#utility);
    this.worker = new WorkerPrice({
      limits: this.#limits,
      sources: [
        {
          contents: this.#contents,
          isSettled: options.isSettled === true,
          workMs: this.#workMs,
          utility: this.#utility,
          ...(options.minShare && { minShare: options.minShare }),
          ...(options.tenants && { tenants: options.tenants }),
        },
      ],
      ...(options.fairness && { fairness: options.fairness }),
      ...options.price,
    });
  }

  /** What lanes pay at a price of the worker; `undefined`: all pay it. */
  #pay(price: number): readonly Float64Array[] | undefined {
    const claims = this.worker.tenants;
    const { tenants } = this.#options;
    if (claims === undefined || tenants === undefined) return undefined;
    const [pay] = this.#lanePrices;
    for (let lane = 0; lane < pay.length; lane++) pay[lane] = price * claims.parts[tenants[lane]!]!;
    return this.#lanePrices;
  }

  get price(): number {
    return this.worker.price;
  }

  offer(nowMs: number, rows: Uint32Array, count: number, waitingRows: number): number {
    const { delayMs = 0, ringRows = Infinity } = this.#options;
    const history = this.#history;
    while (history.length > 1 && history[1]!.at <= nowMs - delayMs) history.shift();
    const seen = history[0];
    this.#prices[0] = seen?.price ?? 0;
    this.gate.reprice(this.#prices, seen?.isArmed ?? false, this.#pay(seen?.price ?? 0));
    const kept = this.gate.admit(this.#rows, rows, count, ringRows - waitingRows);
    this.#contents.enter(this.#rows.tags, rows, kept);
    return kept;
  }

  look(nowMs: number, waitingRows: number): void {
    const { worker } = this;
    if (nowMs - this.#lookedMs >= LOOK_MS) this.#lookAtLosses(nowMs);
    this.#waiting[0] = waitingRows;
    const capacity = this.meter.update(nowMs, waitingRows > 0, this.#doneMs);
    worker.update(nowMs, this.#waiting, 0, capacity, this.meter.sustained, this.#waitedMs);
    this.#history.push({ at: nowMs, price: worker.price, isArmed: worker.isArmed });
  }

  #lookAtLosses(nowMs: number): void {
    const { gate, late } = this;
    this.#lookedMs = nowMs;
    this.#classes.forEach((graph, lane) => {
      const lost = [gate.shed, gate.roomShed, late.shed, late.expired];
      const value = lost.reduce((sum, tally) => sum + tally.value(lane), 0);
      this.#utility[lane] = graph.update(gate.offered.value(lane), value);
    });
  }

  take(nowMs: number, rows: Uint32Array, from: number, to: number, arrivedMs: number): number {
    if (this.#options.lateShed === false) this.late.thresholds.clear();
    else {
      this.#prices[0] = this.worker.price;
      const pay = this.#pay(this.worker.price);
      this.late.reprice(this.#prices, this.#work, this.worker.isFull, pay);
    }
    this.#waitedMs = nowMs - arrivedMs;
    const isExpired = this.worker.isOn && nowMs - arrivedMs > this.#limits.expireMs - 1;
    const end = this.late.take(this.#rows, rows, from, to, isExpired);
    for (let i = from; i < end; i++) this.#doneMs += this.#workMs[this.#lanes[rows[i]!]!]!;
    return end;
  }
}
