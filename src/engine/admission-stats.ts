/** Reading what gates let in and drop, and at which prices. @module */

import { type SeqlockAddress, SeqlockReader } from '../ringbuf/index.ts';
import type { PhysicalPlan, SharedLayout, TaskPlan } from '../workers/protocol.ts';
import { LevelsHead, PriceWord } from '../workers/protocol-admission.ts';
import { GateLedger, LOSSES, type Loss, sumOf, type Worth } from '../workers/protocol-ledger.ts';

export type { Worth };

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
  /** Value a second that one more core like it would bring, over the last second. */
  readonly coreValuePerSecond: number;
  /** Value that it would have brought since the start. */
  readonly coreValue: number;
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
  readonly #gates: readonly GateLedger[];
  /** What says of how many windows groups were left out, by place. */
  readonly #levels: readonly { readonly node: string; readonly head: SeqlockReader }[];
  readonly #prices: readonly SeqlockReader[];
  readonly #busy: readonly SeqlockReader[];
  #hasEnded = false;

  constructor(plan: PhysicalPlan, shared: SharedLayout) {
    const buffer = shared.memory.buffer as unknown as SharedArrayBuffer;
    const words = shared.admission;
    this.#plan = plan;
    this.#prices = words?.prices.map((address) => new SeqlockReader(buffer, address)) ?? [];
    this.#busy = words?.busy.map((address) => new SeqlockReader(buffer, address)) ?? [];
    this.#levels = levelsOf(plan, shared).map(({ node, head }) => ({
      node,
      head: new SeqlockReader(buffer, head),
    }));
    this.#gates =
      plan.admission?.gates.map((_, gate) => new GateLedger(shared, plan.admission!, gate)) ?? [];
  }

  /** Rows of a task that were let in and dropped later. To be read before the counts of the task. */
  droppedLate(task: number): DroppedLate {
    return this.gateOf(task)?.droppedLate() ?? NOTHING;
  }

  /** By class, tenant, place and reason; `undefined` where there is no gate. */
  cellsOf(task: number): readonly AdmissionCell[] | undefined {
    const gate = this.gateOf(task);
    if (gate === undefined) return undefined;
    const lanes = gate.read();
    return Array.from({ length: lanes }, (_, lane) => cellOf(gate, lane));
  }

  /**
   * Windows of which groups of a source were left out, at the place where most were; `undefined`: its rows are
   * shed one by one.
   */
  partialWindows(source: string): number | undefined {
    const windows = this.#levels.flatMap(({ node, head }) =>
      node === source ? [head.get(LevelsHead.WINDOWS)] : [],
    );
    return windows.length === 0 ? undefined : Math.max(...windows);
  }

  /** The run has ended: nothing comes, and nothing waits. */
  end(): void {
    this.#hasEnded = true;
  }

  /** By worker; none in plans without admission. */
  prices(): readonly WorkerPriceStats[] {
    return this.#prices.map((reader, worker) => {
      const words = reader.read();
      const now = (word: number): number => (this.#hasEnded ? 0 : words[word]!);
      return {
        worker,
        price: now(PriceWord.PRICE),
        mode: now(PriceWord.IS_ON) === 1 ? 'shedding' : 'open',
        backlogMs: now(PriceWord.BACKLOG_MS),
        keptMs: now(PriceWord.KEPT_MS),
        offeredLoad: now(PriceWord.OFFERED_LOAD),
        capacity: words[PriceWord.CAPACITY]!,
        epoch: words[PriceWord.EPOCH]!,
        opened: words[PriceWord.OPENED]!,
        coreValuePerSecond: now(PriceWord.CORE_VALUE),
        coreValue: words[PriceWord.CORE_VALUE_TOTAL]!,
      };
    });
  }

  /** Sum of a worker's price over time, in milliseconds. */
  priceTime(worker: number): number {
    return this.#prices[worker]!.get(PriceWord.PRICE_TIME);
  }

  /** Milliseconds that a task has worked. */
  busyMs({ id, worker }: TaskPlan): number {
    return this.#busy[worker]!.get(id);
  }

  /** The ledger of a task's gate, if it has one. */
  gateOf(task: number): GateLedger | undefined {
    const gate = this.#plan.admission?.gates.findIndex((other) => other.task === task) ?? -1;
    return this.#gates[gate];
  }
}

function cellOf(gate: GateLedger, lane: number): AdmissionCell {
  const offered = gate.offered(lane);
  const losses = LOSSES.map((loss) => [loss.reason, gate.lost(lane, loss)] as const);
  const { rows, value } = sumOf(losses.map(([, worth]) => worth));
  return {
    class: gate.classOf(lane),
    tenant: gate.tenantOf(lane),
    offered,
    admitted: { rows: offered.rows - rows, value: offered.value - value },
    ...(Object.fromEntries(losses) as Record<Loss['reason'], Worth>),
  };
}

/** Where whole groups are shed, and the source whose they are. */
function levelsOf(
  { admission }: PhysicalPlan,
  shared: SharedLayout,
): readonly { readonly node: string; readonly head: SeqlockAddress }[] {
  if (admission === undefined) return [];
  const { levels, lateLevels } = shared.admission!;
  return admission.gates.flatMap(({ node }, g) => {
    const behind = lateLevels.filter((_, head) => admission.heads[head]!.gate === g);
    return [...(levels[g] ?? []), ...behind].flatMap((address) =>
      address === undefined ? [] : [{ node, head: address.head }],
    );
  });
}
