/** Reading what gates let in and drop, and at which prices. @module */

import { NameReader, SeqlockReader, SharedCell } from '../ringbuf/index.ts';
import type { PhysicalPlan, SharedLayout } from '../workers/protocol.ts';
import {
  classOfLane,
  GateFigure,
  LateFigure,
  LEDGER_LANES,
  type LedgerAddress,
  type LanesAddress,
  PriceWord,
  tenantOfLane,
} from '../workers/protocol-admission.ts';

/** Rows, and what they were worth together. */
export interface Worth {
  readonly rows: number;
  readonly value: number;
}

/** Where and why rows of a class of a tenant were dropped. */
export interface AdmissionCell {
  readonly class: string;
  readonly tenant: string;
  readonly offered: Worth;
  /** Let in, and not dropped later. */
  readonly admitted: Worth;
  /** At the gate: worth less than the work that they bring. */
  readonly threshold: Worth;
  /** At the gate: there was no room. */
  readonly room: Worth;
  /** Behind the gate, before they were worked on: worth less than the work that they bring. */
  readonly late: Worth;
  /** Behind the gate: they had waited too long. */
  readonly expired: Worth;
  /** On disk now. */
  readonly spilled: Worth;
}

/** What the gate of a source has done. */
export interface AdmissionStats {
  readonly cells: readonly AdmissionCell[];
}

/** How the work of a worker is priced. */
export interface WorkerPriceStats {
  readonly worker: number;
  /** Value that a millisecond of work must bring; 0 while there is no need to drop anything. */
  readonly price: number;
  /** `open`: everything is let in; `shedding`: what is worth less than its work costs is not. */
  readonly mode: 'open' | 'shedding';
  /** Milliseconds until what waits would be worked off. */
  readonly backlogMs: number;
  /** The same, of what is worth its price. */
  readonly keptMs: number;
  /** Milliseconds of work that come in a millisecond, as far as it is known. */
  readonly offeredLoad: number;
  /** Milliseconds of work that are done in a millisecond while there is enough of it. */
  readonly capacity: number;
  /** How often the price has changed. */
  readonly epoch: number;
  /** How often shedding began. */
  readonly opened: number;
}

/** Rows that were dropped behind the gate of a task. */
export interface DroppedLate {
  readonly shed: number;
  readonly expired: number;
}

const NOTHING: DroppedLate = { shed: 0, expired: 0 };

/** Reads the words of admission; there need not be any. */
export class AdmissionReader {
  readonly #plan: PhysicalPlan;
  readonly #gates: readonly GateReader[];
  readonly #prices: readonly SeqlockReader[];

  constructor(plan: PhysicalPlan, shared: SharedLayout) {
    const buffer = shared.memory.buffer as unknown as SharedArrayBuffer;
    const words = shared.admission;
    this.#plan = plan;
    this.#prices = words?.prices.map((address) => new SeqlockReader(buffer, address)) ?? [];
    this.#gates =
      plan.admission?.gates.map((_, gate) => {
        const late = plan.admission!.heads.flatMap((head, h) =>
          head.gate === gate ? [words!.lateLedgers[h]!] : [],
        );
        return new GateReader(buffer, words!.lanes[gate]!, words!.ledgers[gate]!, late);
      }) ?? [];
  }

  /** Rows of a task that were let in and dropped later. To be read before the counts of the task. */
  droppedLate(task: number): DroppedLate {
    return this.#gateOf(task)?.droppedLate() ?? NOTHING;
  }

  /** By class, tenant, place and reason; `undefined` where there is no gate. */
  statsOf(task: number): AdmissionStats | undefined {
    return this.#gateOf(task)?.stats();
  }

  /** By worker; none in plans without admission. */
  prices(): readonly WorkerPriceStats[] {
    return this.#prices.map((reader, worker) => {
      const words = reader.read();
      return {
        worker,
        price: words[PriceWord.PRICE]!,
        mode: words[PriceWord.IS_ON] === 1 ? 'shedding' : 'open',
        backlogMs: words[PriceWord.BACKLOG_MS]!,
        keptMs: words[PriceWord.KEPT_MS]!,
        offeredLoad: words[PriceWord.OFFERED_LOAD]!,
        capacity: words[PriceWord.CAPACITY]!,
        epoch: words[PriceWord.EPOCH]!,
        opened: words[PriceWord.OPENED]!,
      };
    });
  }

  #gateOf(task: number): GateReader | undefined {
    const gate = this.#plan.admission?.gates.findIndex((other) => other.task === task) ?? -1;
    return this.#gates[gate];
  }
}

class GateReader {
  readonly #classes: NameReader;
  readonly #tenants: NameReader;
  readonly #count: SharedCell;
  readonly #words: Int32Array;
  readonly #branches: readonly LedgerReader[];
  readonly #late: readonly LedgerReader[];

  constructor(
    buffer: SharedArrayBuffer,
    lanes: LanesAddress,
    ledgers: readonly LedgerAddress[],
    late: readonly LedgerAddress[],
  ) {
    this.#classes = new NameReader(buffer, lanes.classes);
    this.#tenants = new NameReader(buffer, lanes.tenants);
    this.#count = new SharedCell(buffer, lanes.count);
    this.#words = new Int32Array(buffer, lanes.words, lanes.capacity);
    this.#branches = ledgers.map((address) => new LedgerReader(buffer, address));
    this.#late = late.map((address) => new LedgerReader(buffer, address));
  }

  droppedLate(): DroppedLate {
    const lanes = this.#count.get();
    let shed = 0;
    let expired = 0;
    for (const ledger of this.#late) {
      ledger.read(lanes);
      for (let lane = 0; lane < lanes; lane++) {
        shed += ledger.get(lane, LateFigure.SHED);
        expired += ledger.get(lane, LateFigure.EXPIRED);
      }
    }
    return { shed, expired };
  }

  stats(): AdmissionStats {
    const lanes = this.#count.get();
    // What was dropped later first: it has been let in before.
    for (const ledger of this.#late) ledger.read(lanes);
    for (const ledger of this.#branches) ledger.read(lanes);
    const classes = this.#classes.read();
    const tenants = this.#tenants.read();
    const cells = Array.from({ length: lanes }, (_, lane): AdmissionCell => {
      const word = this.#words[lane]!;
      const gate = (figure: number): Worth =>
        sumOf(this.#branches.map((ledger) => ledger.worth(lane, figure)));
      const behind = (figure: number): Worth =>
        sumOf(this.#late.map((ledger) => ledger.worth(lane, figure)));
      const offered = gate(GateFigure.OFFERED);
      const dropped = {
        threshold: gate(GateFigure.SHED),
        room: gate(GateFigure.ROOM),
        late: behind(LateFigure.SHED),
        expired: behind(LateFigure.EXPIRED),
      };
      const spilled = gate(GateFigure.SPILLED);
      const { rows, value } = sumOf([...Object.values(dropped), spilled]);
      const admitted = { rows: offered.rows - rows, value: offered.value - value };
      return {
        class: classes[classOfLane(word)] ?? '',
        tenant: tenants[tenantOfLane(word)] ?? '',
        offered,
        admitted,
        ...dropped,
        spilled,
      };
    });
    return { cells };
  }
}

/** Reads figures by lane. */
class LedgerReader {
  readonly #figures: number;
  readonly #parts: readonly SeqlockReader[];
  #values: readonly Float64Array[] = [];

  constructor(buffer: SharedArrayBuffer, { parts, figures }: LedgerAddress) {
    this.#figures = figures;
    this.#parts = parts.map((address) => new SeqlockReader(buffer, address));
  }

  /** Takes a snapshot of the first `lanes` lanes. */
  read(lanes: number): void {
    const parts = Math.ceil(lanes / LEDGER_LANES);
    this.#values = this.#parts.slice(0, parts).map((part) => part.read());
  }

  get(lane: number, figure: number): number {
    const part = this.#values[Math.floor(lane / LEDGER_LANES)]!;
    return part[(lane % LEDGER_LANES) * this.#figures + figure]!;
  }

  /** A count and the value behind it. */
  worth(lane: number, figure: number): Worth {
    return { rows: this.get(lane, figure), value: this.get(lane, figure + 1) };
  }
}

function sumOf(worths: readonly Worth[]): Worth {
  let rows = 0;
  let value = 0;
  for (const worth of worths) {
    rows += worth.rows;
    value += worth.value;
  }
  return { rows, value };
}
