/**
 * What host and threads share of admission: who is gated, which rings rows wait in, and where the words lie
 * by which workers tell each other how much that is. Only plans with a source that sheds or spills have any.
 *
 * @module
 */

import type { Admission } from '../core/topology/model.ts';
import type { UnitWindows } from '../core/subsets.ts';
import type { CounterAddress, NamesAddress, SeqlockAddress } from '../ringbuf/index.ts';

/** Columns behind those of the stream in a gated ring: what a row is worth, and its tag. */
export const HIDDEN_COLUMNS = 2;
/** The hidden column of values, counted from the first hidden one: float64, `Infinity` if never shed. */
export const VALUE_COLUMN = 0;
/** The hidden column of tags, counted likewise: int32. */
export const TAG_COLUMN = 1;

/** Classes of a source that are told apart; rows of further ones are of the last. */
export const MAX_CLASSES = 64;
/** Tenants of a source that are told apart; rows of further ones are of the last. */
export const MAX_TENANTS = 256;

/** What a plan with admission has beside its tasks and rings. */
export interface AdmissionPlan {
  readonly gates: readonly GatePlan[];
  readonly heads: readonly HeadPlan[];
}

/** Where a gate keeps rows on disk. */
export interface SpillPlan {
  /** Relative to the topology's folder; nobody else's. */
  readonly directory: string;
  readonly limitBytes: number;
  /** The watermark waits for rows on disk; otherwise they come late. */
  readonly isHolding: boolean;
  /** Rows for which there is no room on disk are shed; otherwise the source waits. */
  readonly mayShed: boolean;
}

/** How a gate sheds whole groups, see `core/subsets.ts`. */
export interface UnitsPlan {
  /** The aggregate that makes results of them. */
  readonly aggregate: string;
  /** `undefined`: one result of each group. */
  readonly windows: UnitWindows | undefined;
  /** Most windows that a row is in. */
  readonly windowsPerRow: number;
  /** All groups are worth the same. */
  readonly isEven: boolean;
  readonly strata: number;
}

/** What a gate computes of each row: typed expressions. */
export interface GateProgram<Expr = unknown> {
  /** Of type float64. */
  readonly value: Expr | undefined;
  readonly class: Expr | undefined;
  readonly droppable: Expr | undefined;
  readonly tenant: Expr | undefined;
  /** What says which group a row is of, where whole groups are shed. */
  readonly keys?: readonly Expr[];
}

/** A task of a source that sheds or spills: its rows pass a gate into rings. */
export interface GatePlan {
  readonly task: number;
  readonly node: string;
  readonly settings: Admission;
  /** Where rows go that there is no room for; `undefined`: they are shed. */
  readonly spill: SpillPlan | undefined;
  /** The last column of the stream says how many rows each row stands for. */
  readonly isWeighted: boolean;
  /** The last column of the stream says which group each row is of; `undefined`: there is none. */
  readonly units?: UnitsPlan | undefined;
  readonly program: GateProgram;
  /** The rings behind the gate: each row goes to one of each group. */
  readonly groups: readonly (readonly number[])[];
}

/** Whether the tenants of a gate have shares of what workers can do. */
export function hasShares({ program, settings }: GatePlan): boolean {
  return program.tenant !== undefined && settings.policy === 'value' && settings.fairness > 0;
}

/**
 * The rings behind each branch of a gate. Where a row goes to one of several rings, each is a branch with
 * thresholds of its own; where it goes to several, they are one.
 */
export function branchesOf({ groups }: GatePlan): readonly (readonly number[])[] {
  return groups.length === 1 ? groups[0]!.map((ring) => [ring]) : [groups.flat()];
}

/** A cursor of a ring that a worker reads. */
export interface HeadPlan {
  readonly ring: number;
  readonly cursor: number;
  readonly task: number;
  readonly worker: number;
  /** Position among the gates of the one whose rows come this way; -1: a ring behind operators. */
  readonly gate: number;
  /** Rings that what is made of its rows on its worker may go to; workers read them. */
  readonly feeds: readonly number[];
}

/** Where the shared words of admission lie. */
export interface AdmissionLayout {
  /** By ring: rows that went in. */
  readonly rowsIn: readonly CounterAddress[];
  /** By head, see {@link RowsOut}. */
  readonly rowsOut: readonly CounterAddress[];
  /** By head: what a row costs, see {@link costWord}. */
  readonly costs: readonly SeqlockAddress[];
  /** By head: what waits in its ring by value; `undefined` where operators put the rows. */
  readonly contents: readonly (ContentsAddress | undefined)[];
  /** By head, likewise. */
  readonly lateLedgers: readonly (LedgerAddress | undefined)[];
  /** By gate. */
  readonly lanes: readonly LanesAddress[];
  /** By gate and branch. */
  readonly ledgers: readonly (readonly LedgerAddress[])[];
  /** By gate and branch: which units have lost rows there; `undefined` where rows are shed one by one. */
  readonly levels: readonly (readonly LevelsAddress[] | undefined)[];
  /** By head, likewise. */
  readonly lateLevels: readonly (LevelsAddress | undefined)[];
  /** By worker: see {@link PriceWord}. */
  readonly prices: readonly SeqlockAddress[];
  /** By worker: milliseconds that each task of the plan has worked there. */
  readonly busy: readonly SeqlockAddress[];
  /** A cell that counts ledgers to which nothing will be added, of `ledgerCount`. */
  readonly settled: number;
  readonly ledgerCount: number;
  /** By gate: what a unit of value of each class is worth, 0 while that is not known; `undefined`: always 1. */
  readonly utilities: readonly (SeqlockAddress | undefined)[];
  /**
   * By worker and gate: what part of the worker's price the gate's tenants pay, by their numbers there. Empty
   * where no source {@link hasShares}.
   */
  readonly parts: readonly (readonly SeqlockAddress[])[];
}

/** Counters of a head: rows that were taken from the ring, and those of them that were worked on. */
export const RowsOut = { TAKEN: 0, WORKED: 1 } as const;
export const ROWS_OUT_COUNTERS = 2;

/** Counts of waiting rows, see `admission/queue-contents.ts`. */
export interface ContentsAddress {
  readonly byteOffset: number;
  readonly words: number;
  readonly lanes: number;
}

/** The classes and tenants of a source, and which pairs of them its lanes are. */
export interface LanesAddress {
  readonly classes: NamesAddress;
  readonly tenants: NamesAddress;
  /** A cell with the number of lanes, and behind it a word for each: see {@link laneWord}. */
  readonly count: number;
  readonly words: number;
  readonly capacity: number;
}

/** The word of a lane: its class and tenant, by their numbers. */
export function laneWord(classNumber: number, tenantNumber: number): number {
  return classNumber | (tenantNumber << 8);
}

/** The class of a lane's word. */
export function classOfLane(word: number): number {
  return word & 0xff;
}

/** The tenant of a lane's word. */
export function tenantOfLane(word: number): number {
  return word >>> 8;
}

/** Figures by lane, in snapshots of some lanes each. */
export interface LedgerAddress {
  readonly parts: readonly SeqlockAddress[];
  readonly figures: number;
}

/** Levels of windows, see `admission/unit-levels.ts`. */
export interface LevelsAddress {
  /** See {@link LevelsHead}. */
  readonly head: SeqlockAddress;
  /** By slot: whether it has an owner, the owner, and its level by stratum. */
  readonly slots: readonly SeqlockAddress[];
  readonly strata: number;
}

/** In front of levels: how often they have changed, the newest window, and how many there were. */
export const LevelsHead = { CHANGES: 0, NEWEST: 1, WINDOWS: 2 } as const;
export const LEVELS_HEAD_WORDS = 3;
/** Words of a slot in front of its levels. */
export const LevelsSlot = { IS_OWNED: 0, OWNER: 1, LEVELS: 2 } as const;

/** The most lanes of a snapshot of a ledger. */
export const LEDGER_LANES = 16;

/** Figures of a gate's ledger: counts with values, and what a row has to be worth to be let in. */
export const GATE_FIGURES = 9;
export const GateFigure = {
  OFFERED: 0,
  OFFERED_VALUE: 1,
  SHED: 2,
  SHED_VALUE: 3,
  ROOM: 4,
  ROOM_VALUE: 5,
  SPILLED: 6,
  SPILLED_VALUE: 7,
  THRESHOLD: 8,
} as const;

/** Figures of the ledger behind a ring. */
export const LATE_FIGURES = 4;
export const LateFigure = { SHED: 0, SHED_VALUE: 1, EXPIRED: 2, EXPIRED_VALUE: 3 } as const;

/** Position of a class's cost among those of a head, in milliseconds, 0 for the mean, which is in front of them. */
export function costWord(classNumber: number): number {
  return 1 + classNumber;
}
export const COST_WORDS = 1 + MAX_CLASSES;

/** What a worker says of the price of its work. */
export const PriceWord = {
  /** Value of a millisecond. */
  PRICE: 0,
  IS_ARMED: 1,
  IS_ON: 2,
  BACKLOG_MS: 3,
  KEPT_MS: 4,
  OFFERED_LOAD: 5,
  CAPACITY: 6,
  EPOCH: 7,
  OPENED: 8,
  /** Sum of the price over time, in milliseconds. */
  PRICE_TIME: 9,
  /** What one more core would bring: a second, and in all. */
  CORE_VALUE: 10,
  CORE_VALUE_TOTAL: 11,
} as const;
export const PRICE_WORDS = 12;
