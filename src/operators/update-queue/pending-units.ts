/** What waits in an update queue: a row, or a window of rows, for each key. @module */

import type { TimeUs } from '../../core/units.ts';
import type { Value } from '../../expr/index.ts';

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
}

const ROW_BYTES = 96;
const VALUE_BYTES = 24;

/** All that waits, as plain values. */
export interface PlainUnits {
  readonly units: readonly (readonly [key: string, rows: readonly PendingRow[]])[];
  /** What has begun to leave. */
  readonly first: readonly PendingRow[];
}

/** Units by key, in the order in which their keys came; a newer one has the place of the older. */
export class PendingUnits {
  readonly #units = new Map<string, Unit>();
  #bytes = 0;
  #first: readonly PendingRow[] | undefined;
  #next = 0;

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
    const bytes = rows.reduce((sum, { values }) => sum + bytesOf(values), 0);
    const old = this.#units.get(key);
    this.#bytes += bytes - (old?.bytes ?? 0);
    this.#units.set(key, { rows, bytes });
    return old?.rows.length ?? 0;
  }

  /** The row that goes next. Once the first of a unit has gone, the others are not replaced. */
  peek(): PendingRow | undefined {
    if (this.#first === undefined) {
      for (const [key, { rows, bytes }] of this.#units) {
        this.#units.delete(key);
        this.#bytes -= bytes;
        this.#first = rows;
        this.#next = 0;
        break;
      }
    }
    return this.#first?.[this.#next];
  }

  /** What waits, to be put into another. */
  toPlain(): PlainUnits {
    const units = Array.from(this.#units, ([key, { rows }]) => [key, rows] as const);
    return { units, first: this.#first?.slice(this.#next) ?? [] };
  }

  /** Takes over what waited in another; here nothing does. */
  restore({ units, first }: PlainUnits): void {
    for (const [key, rows] of units) this.put(key, rows);
    this.#first = first.length === 0 ? undefined : first;
    this.#next = 0;
  }

  /** It has gone. */
  shift(): void {
    this.#next++;
    if (this.#next >= (this.#first?.length ?? 0)) this.#first = undefined;
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
