/** The ledger of a gate as any thread reads it: what came, what was let in, what was dropped where. @module */

import { NameReader, SeqlockReader, SharedCell } from '../ringbuf/index.ts';
import type { SharedLayout } from './protocol.ts';
import {
  type AdmissionPlan,
  classOfLane,
  GateFigure,
  LateFigure,
  LEDGER_LANES,
  type LedgerAddress,
  tenantOfLane,
} from './protocol-admission.ts';

/** Rows, and what they were worth together. */
export interface Worth {
  readonly rows: number;
  readonly value: number;
}

/** Where rows were dropped, or lie, and why. */
export interface Loss {
  readonly reason: 'threshold' | 'room' | 'late' | 'expired' | 'spilled';
  readonly place: 'gate' | 'queue' | 'disk';
}

/** All ways in which rows are not let through. */
export const LOSSES: readonly Loss[] = [
  { reason: 'threshold', place: 'gate' },
  { reason: 'room', place: 'gate' },
  { reason: 'late', place: 'queue' },
  { reason: 'expired', place: 'queue' },
  { reason: 'spilled', place: 'disk' },
];

const GATE_FIGURE_OF: Readonly<Record<Loss['reason'], number>> = {
  threshold: GateFigure.SHED,
  room: GateFigure.ROOM,
  spilled: GateFigure.SPILLED,
  late: LateFigure.SHED,
  expired: LateFigure.EXPIRED,
};

/** Reads the ledger of one gate, and of the rings behind it. */
export class GateLedger {
  readonly #classes: NameReader;
  readonly #tenants: NameReader;
  readonly #count: SharedCell;
  readonly #words: Int32Array;
  readonly #branches: readonly LedgerReader[];
  readonly #late: readonly LedgerReader[];
  #lanes = 0;

  /** @param gate - its position in the plan */
  constructor({ memory, admission }: SharedLayout, { heads }: AdmissionPlan, gate: number) {
    const buffer = memory.buffer as unknown as SharedArrayBuffer;
    const words = admission!;
    const lanes = words.lanes[gate]!;
    this.#classes = new NameReader(buffer, lanes.classes);
    this.#tenants = new NameReader(buffer, lanes.tenants);
    this.#count = new SharedCell(buffer, lanes.count);
    this.#words = new Int32Array(buffer, lanes.words, lanes.capacity);
    const late = heads.flatMap((head, h) => (head.gate === gate ? [words.lateLedgers[h]!] : []));
    this.#branches = words.ledgers[gate]!.map((address) => new LedgerReader(buffer, address));
    this.#late = late.map((address) => new LedgerReader(buffer, address));
  }

  /** Takes a snapshot; how many lanes there are in it. */
  read(): number {
    this.#lanes = this.#count.get();
    // What was dropped later first: it has been let in before.
    for (const ledger of this.#late) ledger.read(this.#lanes);
    for (const ledger of this.#branches) ledger.read(this.#lanes);
    return this.#lanes;
  }

  /** The class of a lane of the snapshot. */
  classOf(lane: number): string {
    return this.#classes.read()[classOfLane(this.#words[lane]!)] ?? '';
  }

  /** The same by its number among the classes of the gate. */
  classNumberOf(lane: number): number {
    return classOfLane(this.#words[lane]!);
  }

  /** The tenant of a lane of the snapshot. */
  tenantOf(lane: number): string {
    return this.#tenants.read()[tenantOfLane(this.#words[lane]!)] ?? '';
  }

  /** What came. */
  offered(lane: number): Worth {
    return sumOf(this.#branches.map((ledger) => ledger.worth(lane, GateFigure.OFFERED)));
  }

  /** What was dropped for a reason, or is on disk. */
  lost(lane: number, { place, reason }: Loss): Worth {
    const ledgers = place === 'queue' ? this.#late : this.#branches;
    const figure = GATE_FIGURE_OF[reason];
    return sumOf(ledgers.map((ledger) => ledger.worth(lane, figure)));
  }

  /** What a row has to be worth to be let in, by the branch that asks most; 0 while all are. */
  threshold(lane: number): number {
    return Math.max(...this.#branches.map((ledger) => ledger.get(lane, GateFigure.THRESHOLD)));
  }

  /** Rows that were dropped behind the gate, of all lanes. Takes a snapshot of no more than that. */
  droppedLate(): { readonly shed: number; readonly expired: number } {
    const lanes = this.#count.get();
    let shed = 0;
    let expired = 0;
    for (const ledger of this.#late) {
      ledger.read(lanes);
      for (let lane = 0; lane < lanes; lane++) {
        shed += ledger.worth(lane, LateFigure.SHED).rows;
        expired += ledger.worth(lane, LateFigure.EXPIRED).rows;
      }
    }
    return { shed, expired };
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

  /** A count and the value behind it. */
  worth(lane: number, figure: number): Worth {
    return { rows: this.get(lane, figure), value: this.get(lane, figure + 1) };
  }

  get(lane: number, figure: number): number {
    const part = this.#values[Math.floor(lane / LEDGER_LANES)]!;
    return part[(lane % LEDGER_LANES) * this.#figures + figure]!;
  }
}

/** All of some together. */
export function sumOf(worths: readonly Worth[]): Worth {
  let rows = 0;
  let value = 0;
  for (const worth of worths) {
    rows += worth.rows;
    value += worth.value;
  }
  return { rows, value };
}
