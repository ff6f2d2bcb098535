/** What a worker does for admission beside its tasks: measures, prices its work, tells the others. @module */

import { performance } from 'node:perf_hooks';
import {
  type AdmissionLimits,
  admissionLimits,
  CapacityMeter,
  CoreValue,
  type IngressGate,
  type LateGate,
  type PricedSource,
  QueueContents,
  WorkerPrice,
} from '../../../admission/index.ts';
import type { WorkerJob } from '../../protocol.ts';
import {
  branchesOf,
  type ContentsAddress,
  hasShares,
  PriceWord,
} from '../../protocol-admission.ts';
import { mayDropLate } from './late-look.ts';
import type { HeadCost } from './head-cost.ts';
import { LaneSettings } from './lane-settings.ts';
import type { LossFollower } from './loss-follower.ts';
import type { LedgerWriter } from './ledger-writer.ts';
import { PathWork } from './path-work.ts';
import { Prices } from './prices.ts';
import { SettledLedgers } from './settled-ledgers.ts';
import { WorkClock } from './work-clock.ts';
import { TenantPrices } from './tenant-prices.ts';
import { WorkerTenants } from './worker-tenants.ts';

/** How often costs are told and paths looked at. */
const REFRESH_MS = 10;
/** How often a price is told that only what it was made of has changed. */
const TELL_MS = 5;
/** How often it is told what tenants pay, which may be hundreds of numbers. */
const TELL_PARTS_MS = 1;
/** How often ledgers are published while no price is set; before a worker sleeps for as long in any case. */
const PUBLISH_MS = 10;
/** How much later a price is looked at while the only source's rows do not wait at all. */
const PASSING_MS = 8;
/** With less work waiting a worker may have been idle between two looks: that says nothing of its capacity. */
const BUSY_MS = 2;

/** A head in front of this worker's price. */
interface PricedHead {
  readonly head: number;
  readonly gate: number;
  readonly workMs: Float64Array;
  readonly rest: Float64Array;
}

/** Something that publishes its ledger when a turn ends. */
interface Published {
  readonly writer: LedgerWriter;
  readonly lanes: () => number;
  /** Whether nothing will be added. */
  readonly isOver: () => boolean;
  isSettled: boolean;
}

/** One for each worker of a plan with admission. */
export class WorkerAdmission {
  readonly limits: AdmissionLimits;
  readonly work: PathWork;
  /** How long tasks work. */
  readonly clock: WorkClock;
  /** Work that was done here so far, as it was estimated. */
  doneMs = 0;
  /** Rows of a gate go straight to their reader: none of them wait. */
  isPassing = false;
  readonly #capacity = new CapacityMeter();
  readonly #coreValue: CoreValue;
  readonly #worker: number;
  readonly #prices: Prices;
  readonly #price: WorkerPrice | undefined;
  /** What tenants pay; `undefined`: they have no shares. */
  readonly #tenantPrices: TenantPrices | undefined;
  readonly #tenants: WorkerTenants | undefined;
  /** Gates in front of this worker's price. */
  readonly #pricedGates: readonly number[];
  readonly #pricedHeads: readonly PricedHead[];
  readonly #waiting: Float64Array;
  /** Heads behind operators whose rows bring work to this worker. */
  readonly #behind: readonly number[];
  readonly #contents: readonly (QueueContents | undefined)[];
  /** By gate. */
  readonly #settings: readonly LaneSettings[];
  readonly #costs: HeadCost[] = [];
  readonly #losses: LossFollower[] = [];
  readonly #gathering: GatheringEdge[] = [];
  readonly #ledgers: Published[] = [];
  readonly #settled: SettledLedgers;
  #refreshedMs = -Infinity;
  #updatedMs = -Infinity;
  /** Little waits: the next look is at {@link #dueMs}. */
  #isCalm = false;
  #dueMs = -Infinity;
  /** No other worker sets prices. */
  readonly #isAlone: boolean;
  /** Nor are there other gates whose rows might wait. */
  readonly #isPlain: boolean;
  readonly #calmMs: number;
  #toldMs = -Infinity;
  #pricedMs: number | undefined;
  #refreshes = 0;
  /** How long the rows taken last had waited. */
  #waitedMs = 0;
  #wasFull = false;
  /** When ledgers were published, and whether there may be more to say. */
  #publishedMs = -Infinity;
  #isUnpublished = false;
  #sharedLooks = 0;
  #toldPartsMs = -Infinity;

  constructor(job: WorkerJob, buffer: SharedArrayBuffer) {
    const { worker, plan, shared } = job;
    const { gates, heads } = plan.admission!;
    const layout = shared.admission!;
    this.#worker = worker;
    this.work = new PathWork(job, buffer);
    this.clock = new WorkClock(buffer, layout.busy[worker]!);
    this.#settled = new SettledLedgers(job, buffer);
    this.#settings = gates.map(
      (gate, g) => new LaneSettings(gate, buffer, layout.lanes[g]!, layout.utilities[g]),
    );
    this.#prices = new Prices(buffer, layout.prices, worker);
    const firsts = new Map<number, QueueContents>();
    this.#contents = layout.contents.map((address, head) => {
      const { gate, ring } = heads[head]!;
      if (address === undefined) return undefined;
      // Rings of one branch share what was offered.
      const [first] = branchesOf(gates[gate]!).find((rings) => rings.includes(ring))!;
      const contents = contentsAt(buffer, address, firsts.get(first!));
      if (!firsts.has(first!)) firsts.set(first!, contents);
      return contents;
    });
    const reaching = heads.flatMap((_, head) => (this.work.mayReach(head, worker) ? [head] : []));
    const gated = reaching.filter((head) => heads[head]!.gate >= 0);
    this.#behind = reaching.filter((head) => heads[head]!.gate < 0);
    const goals = (gated.length > 0 ? gated.map((head) => gates[heads[head]!.gate]!) : gates).map(
      ({ settings }) => settings.sloUs / 1000,
    );
    this.limits = admissionLimits(Math.min(...goals));
    this.#isAlone = plan.workers === 1;
    this.#isPlain = this.#isAlone && gates.length === 1;
    this.#calmMs = Math.min(CALM_UPDATE_MS, this.limits.armMs / 5);
    this.#pricedHeads = gated.map((head) => {
      const workMs = this.work.workMs(head, worker);
      return { head, gate: heads[head]!.gate, workMs, rest: new Float64Array(workMs.length) };
    });
    this.#waiting = new Float64Array(gated.length);
    const lanes = this.#pricedHeads.reduce((sum, { workMs }) => sum + workMs.length, 0);
    this.#coreValue = new CoreValue(lanes);
    const pricedGates = new Set(gated.map((head) => heads[head]!.gate));
    this.#pricedGates = [...pricedGates];
    const isShared = gates.some(hasShares);
    this.#tenantPrices = isShared ? new TenantPrices(buffer, layout, worker) : undefined;
    this.#tenants = isShared ? new WorkerTenants(buffer, gates, layout, pricedGates) : undefined;
    this.#price =
      gated.length === 0
        ? undefined
        : new WorkerPrice({
            limits: this.limits,
            sources: this.#pricedHeads.map(({ head, gate, workMs, rest }): PricedSource => ({
              contents: this.#contents[head]!,
              isSettled: !mayDropLate(plan, head),
              workMs,
              rest,
              minShare: this.#settings[gate]!.minShare,
              utility: this.#settings[gate]!.utility,
              ...(this.#tenants && { tenants: this.#tenants.tenantsOf(gate) }),
            })),
            ...(this.#tenants && { fairness: this.#tenants }),
          });
  }

  /** The rows that wait in front of a head behind a gate, by value. */
  contentsOf(head: number): QueueContents {
    return this.#contents[head]!;
  }

  /** Whether rows are being dropped for the sake of this worker. */
  get isOn(): boolean {
    return this.#price?.isOn === true;
  }

  /** What is said of the lanes of a gate. */
  settingsOf(gate: number): LaneSettings {
    return this.#settings[gate]!;
  }

  /** An edge to a gated ring. */
  addEdge(edge: GatheringEdge): void {
    this.#gathering.push(edge);
  }

  /** The losses of a gate of this worker. */
  follow(losses: LossFollower): void {
    this.#losses.push(losses);
  }

  addCost(cost: HeadCost): void {
    this.#costs.push(cost);
  }

  addLedger(writer: LedgerWriter, lanes: () => number, isOver: () => boolean): void {
    this.#ledgers.push({ writer, lanes, isOver, isSettled: false });
  }

  /**
   * How long the worker may sleep: nobody else brings its price down. Before a long sleep ledgers are published.
   *
   * @param wantedMs - how long it would
   */
  sleepMs(wantedMs: number): number {
    if (this.#isUnpublished && wantedMs >= PUBLISH_MS) this.#publish();
    for (const edge of this.#gathering) if (edge.isGathering) return GATHER_LOOK_MS;
    return this.isOn ? IDLE_LOOK_MS : Infinity;
  }

  /** Changes whenever thresholds have to be set anew. */
  get epoch(): number {
    return this.#prices.changes + this.#refreshes + (this.#tenantPrices?.changes ?? 0);
  }

  /**
   * Sets the thresholds of a branch of a gate of this worker.
   *
   * @param g - the gate, by its position among all
   * @param workers - those on the way of its rows
   * @param mustCount - rows are to be counted by value even if no worker says so
   */
  priceGate(gate: IngressGate, g: number, workers: readonly number[], mustCount: boolean): void {
    const isArmed = mustCount || workers.some((worker) => this.#prices.isArmed(worker));
    const { prices } = this.#prices;
    const { lanes } = this.#settings[g]!;
    gate.reprice(prices, isArmed, this.#tenantPrices?.pay(g, prices), lanes);
  }

  /** Sets the thresholds behind a ring of this worker, of rows of a gate. @hot */
  priceLate(gate: LateGate, g: number, workMs: readonly Float64Array[]): void {
    const { prices } = this.#prices;
    const isFull = this.#price?.isFull === true;
    const { lanes } = this.#settings[g]!;
    gate.reprice(prices, workMs, isFull, this.#tenantPrices?.pay(g, prices), lanes);
  }

  /** Rows are taken that have waited for so long. @hot */
  noteWait(waitedMs: number): void {
    this.#waitedMs = waitedMs;
  }

  /** Before each slice of work, and before each batch that is offered. @hot */
  update(nowMs: number): void {
    if (!this.#isAlone) {
      this.#prices.read();
      this.#tenantPrices?.read();
    }
    if (this.#isCalm && nowMs < this.#dueMs + (this.isPassing && this.#isPlain ? PASSING_MS : 0)) {
      return;
    }
    if (nowMs - this.#refreshedMs >= REFRESH_MS || this.#hasNews()) this.#refresh(nowMs);
    const price = this.#price;
    if (price === undefined || nowMs - this.#updatedMs < UPDATE_MS) return;
    this.#updatedMs = nowMs;
    const heads = this.#pricedHeads;
    for (let h = 0; h < heads.length; h++) {
      this.#waiting[h] = this.work.waitingRows(heads[h]!.head);
    }
    const capacity = this.#capacity.update(nowMs, price.backlogMs > BUSY_MS, this.doneMs);
    const { sustained } = this.#capacity;
    price.update(nowMs, this.#waiting, this.#behindMs(), capacity, sustained, this.#waitedMs);
    this.#isCalm = !price.isArmed && price.backlogMs <= BUSY_MS;
    this.#dueMs = nowMs + this.#calmMs;
    this.#setParts(price, nowMs);
    const { own } = this.#prices;
    const isArmed = price.isArmed ? 1 : 0;
    const isOn = price.isOn ? 1 : 0;
    if (price.isFull !== this.#wasFull) {
      this.#wasFull = price.isFull;
      this.#refreshes++;
    }
    this.#takeStock(nowMs, capacity);
    const isSame =
      own[PriceWord.PRICE] === price.price &&
      own[PriceWord.IS_ARMED] === isArmed &&
      own[PriceWord.IS_ON] === isOn;
    if (isSame && nowMs - this.#toldMs < TELL_MS) return;
    this.#toldMs = nowMs;
    own[PriceWord.PRICE] = price.price;
    own[PriceWord.IS_ARMED] = isArmed;
    own[PriceWord.IS_ON] = isOn;
    own[PriceWord.BACKLOG_MS] = price.backlogMs;
    own[PriceWord.KEPT_MS] = price.keptMs;
    own[PriceWord.OFFERED_LOAD] = price.offeredLoad;
    own[PriceWord.CAPACITY] = capacity;
    own[PriceWord.EPOCH] = price.epoch;
    own[PriceWord.OPENED] = price.opened;
    own[PriceWord.CORE_VALUE] = this.#coreValue.perSecond;
    own[PriceWord.CORE_VALUE_TOTAL] = this.#coreValue.total;
    this.#prices.tell();
  }

  /** What prices come to over time. @hot */
  #takeStock(nowMs: number, capacity: number): void {
    const price = this.#price!;
    const { own } = this.#prices;
    if (this.#pricedMs !== undefined) {
      own[PriceWord.PRICE_TIME]! += price.price * (nowMs - this.#pricedMs);
    }
    this.#pricedMs = nowMs;
    if (!this.#coreValue.isDue(nowMs)) return;
    this.#coreValue.add(nowMs, price.isOn ? price.valueOfMore(capacity, capacity) : 0);
  }

  /** Sets what part of the price tenants pay, if that has changed, and tells the others now and then. @hot */
  #setParts({ tenants: shares }: WorkerPrice, nowMs: number): void {
    if (shares === undefined || shares.looks === this.#sharedLooks) return;
    this.#sharedLooks = shares.looks;
    const isDue = !(nowMs - this.#toldPartsMs < TELL_PARTS_MS);
    if (isDue) this.#toldPartsMs = nowMs;
    for (let i = 0; i < this.#pricedGates.length; i++) {
      const gate = this.#pricedGates[i]!;
      this.#tenants!.lookUp(gate, shares.parts, this.#tenantPrices!.ownParts(gate));
      if (isDue) this.#tenantPrices!.tell(gate);
    }
  }

  /**
   * At the end of a turn of the worker: ledgers, and prices while nothing is worked on.
   *
   * @param doneMs - when tasks were done; `Infinity`: they did nothing
   */
  endTurn(doneMs: number, moved: boolean): void {
    if (moved || this.#isBusy()) {
      const nowMs = doneMs === Infinity ? performance.now() : doneMs;
      this.update(nowMs);
      this.clock.tell(nowMs);
    }
    // Nothing is counted in a turn in which nothing moves, and nothing ends.
    if (!moved) return;
    this.#isUnpublished = true;
    if (!this.#isQuiet() || doneMs - this.#publishedMs >= PUBLISH_MS || this.#isAnyOver()) {
      this.#publishedMs = doneMs;
      this.#publish();
    }
  }

  /** Whether nobody asks for a price: then ledgers have nothing to say but how much comes. @hot */
  #isQuiet(): boolean {
    const { prices } = this.#prices;
    for (let n = 0; n < prices.length; n++) if (prices[n]! > 0) return false;
    return true;
  }

  /** @hot */
  #isAnyOver(): boolean {
    for (let l = 0; l < this.#ledgers.length; l++) {
      const ledger = this.#ledgers[l]!;
      if (!ledger.isSettled && ledger.isOver()) return true;
    }
    return false;
  }

  #publish(): void {
    this.#isUnpublished = false;
    for (let l = 0; l < this.#ledgers.length; l++) {
      const ledger = this.#ledgers[l]!;
      const isOver = !ledger.isSettled && ledger.isOver();
      ledger.writer.publish(ledger.lanes());
      if (!isOver) continue;
      ledger.isSettled = true;
      this.#settled.settle();
    }
  }

  /** Whether time alone may change what is told of prices. @hot */
  #isBusy(): boolean {
    const price = this.#price;
    return price !== undefined && (price.isOn || price.isArmed || price.backlogMs > 0);
  }

  /** @hot */
  #behindMs(): number {
    let ms = 0;
    for (let b = 0; b < this.#behind.length; b++) {
      const head = this.#behind[b]!;
      ms += this.work.waitingRows(head) * this.work.meanWorkMs(head, this.#worker);
    }
    return ms;
  }

  /** Whether costs have become known: until they are told, nobody knows how much waits. @hot */
  #hasNews(): boolean {
    for (let c = 0; c < this.#costs.length; c++) if (this.#costs[c]!.isNews) return true;
    return false;
  }

  #refresh(nowMs: number): void {
    this.#refreshedMs = nowMs;
    for (const losses of this.#losses) losses.look(nowMs);
    for (const settings of this.#settings) settings.refresh();
    this.#tenants?.refresh();
    this.#refreshes++;
    for (const cost of this.#costs) cost.publish();
    this.work.refresh();
    for (const priced of this.#pricedHeads) this.#fillRest(priced);
  }

  /** What a row costs at the other workers. */
  #fillRest({ head, gate, rest }: PricedHead): void {
    const { prices } = this.#prices;
    const byLane = this.#tenantPrices?.pay(gate, prices);
    rest.fill(0);
    for (let worker = 0; worker < prices.length; worker++) {
      if (worker === this.#worker || prices[worker] === 0) continue;
      const workMs = this.work.workMs(head, worker);
      const paid = byLane?.[worker];
      for (let lane = 0; lane < rest.length; lane++) {
        rest[lane]! += (paid === undefined ? prices[worker]! : paid[lane]!) * workMs[lane]!;
      }
    }
  }
}

/** An edge in whose open slot rows may wait for others. */
export interface GatheringEdge {
  readonly isGathering: boolean;
}

/** How long a worker without work sleeps while rows wait in an open slot. */
const GATHER_LOOK_MS = 0.5;
/** How often a price is looked at while no rows come. */
const IDLE_LOOK_MS = 2;
/** How often a price is looked at: a batch may be a few rows. */
const UPDATE_MS = 0.1;
/** The same while little waits, at most. A fifth of what makes a worker look closer, if that is less. */
const CALM_UPDATE_MS = 2;

/** @param first - of the same gate */
function contentsAt(
  buffer: SharedArrayBuffer,
  { byteOffset, words, lanes }: ContentsAddress,
  first: QueueContents | undefined,
): QueueContents {
  return new QueueContents(new Int32Array(buffer, byteOffset, words), lanes, first);
}
