/** What waits in an update queue: a row, or a window of rows, for each key. @module */

import type { TimeUs } from '../../core/units.ts';
import type { Value } from '../../expr/index.ts';
import { KeyRanks } from './key-ranks.ts';

/** A row that waits. */
export interface PendingRow {
  readonly values: readonly Value[];
  readonly timeUs: TimeUs;
  readonly lateByUs: number;
  readonly ingestTimeUs: TimeUs;
}

/** Rows that leave together, or not at all. */
interface Unit {
  readonly rows: readonly PendingRow[];
  readonly bytes: number;
  /** When its key came to wait, as a number that rises. */
  readonly arrival: number;
  /** How often it has taken the place of another since then. */
  readonly updates: number;
  /** The less, the sooner. */
  readonly rank: number;
}

/**
 * Which of the keys that wait goes first: the less, the sooner.
 *
 * @param waiting - keys that wait, with this one
 */
export type RankOf = (unit: Pick<Unit, 'rows' | 'arrival' | 'updates'>, waiting: number) => number;

const ROW_BYTES = 96;
const VALUE_BYTES = 24;

/** A unit, as plain values. */
type PlainUnit = Pick<Unit, 'rows' | 'arrival' | 'updates' | 'rank'>;

/** All that waits, as plain values. */
export interface PlainUnits {
  readonly units: readonly (readonly [key: string, unit: PlainUnit])[];
  /** Keys that have come to wait so far. */
  readonly arrivals: number;
  /** What has begun to leave. */
  readonly first: readonly PendingRow[];
}

/** Units by key, in the order in which their keys came, or by rank; a newer one has the place of the older. */
export class PendingUnits {
  readonly #units = new Map<string, Unit>();
  readonly #rankOf: RankOf | undefined;
  readonly #ranks = new KeyRanks();
  #arrivals = 0;
  #bytes = 0;
  #first: readonly PendingRow[] | undefined;
  #next = 0;

  /** @param rankOf - `undefined`: keys go as they came */
  constructor(rankOf?: RankOf) {
    this.#rankOf = rankOf;
  }

  get isEmpty(): boolean {
    return this.#first === undefined && this.#units.size === 0;
  }

  /** About. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The least time of what waits. */
  get leastUs(): TimeUs {
    let least = Infinity;
    const lower = ({ timeUs }: PendingRow): void => void (least = Math.min(least, timeUs));
    this.#first?.slice(this.#next).forEach(lower);
    for (const { rows } of this.#units.values()) rows.forEach(lower);
    return least;
  }

  /** Whether something waits under a key that could be replaced. */
  has(key: string): boolean {
    return this.#units.has(key);
  }

  /**
   * Has rows wait under a key, in the place of those that do.
   *
   * @returns how many were replaced
   */
  put(key: string, rows: readonly PendingRow[]): number {
    const old = this.#units.get(key);
    const updates = old === undefined ? 0 : old.updates + 1;
    const arrival = old?.arrival ?? this.#arrivals++;
    const waiting = this.#units.size + (old === undefined ? 1 : 0);
    const rank = this.#rankOf?.({ rows, arrival, updates }, waiting) ?? 0;
    this.#bytes -= old?.bytes ?? 0;
    this.#set(key, { rows, arrival, updates, rank });
    return old?.rows.length ?? 0;
  }

  #set(key: string, unit: PlainUnit): void {
    const bytes = unit.rows.reduce((sum, { values }) => sum + bytesOf(values), 0);
    this.#bytes += bytes;
    this.#units.set(key, { ...unit, bytes });
    if (this.#rankOf !== undefined) this.#ranks.set(key, unit.rank, unit.arrival);
  }

  /** The key that goes next. */
  get #nextKey(): string | undefined {
    return this.#rankOf === undefined ? this.#units.keys().next().value : this.#ranks.first();
  }

  /** The row that goes next. */
  peek(): PendingRow | undefined {
    if (this.#first !== undefined) return this.#first[this.#next];
    const key = this.#nextKey;
    return key === undefined ? undefined : this.#units.get(key)!.rows[0];
  }

  /** What waits, to be put into another. */
  toPlain(): PlainUnits {
    const byArrival = [...this.#units].toSorted(([, a], [, b]) => a.arrival - b.arrival);
    const units = byArrival.map(([key, { rows, arrival, updates, rank }]) => {
      return [key, { rows, arrival, updates, rank }] as const;
    });
    return { units, arrivals: this.#arrivals, first: this.#first?.slice(this.#next) ?? [] };
  }

  /** Takes over what waited in another; here nothing does. */
  restore({ units, arrivals, first }: PlainUnits): void {
    for (const [key, unit] of units) this.#set(key, unit);
    this.#arrivals = arrivals;
    this.#first = first.length === 0 ? undefined : first;
    this.#next = 0;
  }

  /** It has gone. Once the first of a unit has, the others are not replaced. */
  shift(): void {
    if (this.#first === undefined) {
      const key = this.#nextKey!;
      const { rows, bytes } = this.#units.get(key)!;
      this.#units.delete(key);
      this.#ranks.delete(key);
      this.#bytes -= bytes;
      this.#first = rows;
      this.#next = 0;
    }
    this.#next++;
    if (this.#next >= this.#first.length) this.#first = undefined;
  }
}

/** About. */
export function bytesOf(values: readonly Value[]): number {
  let bytes = ROW_BYTES + VALUE_BYTES * values.length;
  for (const value of values) {
    if (typeof value === 'string') bytes += 2 * value.length;
    else if (value instanceof Uint8Array) bytes += value.length;
  }
  return bytes;
}
