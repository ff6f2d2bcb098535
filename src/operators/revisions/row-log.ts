/** The connection point: rows of the last while, in order of event time. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfList } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { bytesOfText, textOfBytes } from './row-bytes.ts';

/** A row that came. */
export interface KeptRow {
  readonly timeUs: TimeUs;
  readonly port: number;
  /** Its port and values, see `row-bytes.ts`. */
  readonly text: string;
  /** It takes back an equal one. */
  readonly isBack: boolean;
}

/** What a row takes beside its values. */
const ROW_BYTES = 96;

/** Rows that are looked at in one piece of work. */
const ROWS_AT_ONCE = 8192;

/** What changes came to. */
interface Applied {
  /** Rows that are new, in order of time. */
  readonly added: readonly KeptRow[];
  /** Rows that had been there were taken back. */
  readonly hasTaken: boolean;
  /** So many found nothing to take back. */
  readonly missed: number;
}

/** Bytes of a row. */
export function bytesOfRow({ text }: KeptRow): number {
  return ROW_BYTES + text.length;
}

/** Rows that were given to the operator and may be given again. */
export class RowLog {
  #rows: KeptRow[] = [];
  bytes = 0;

  get rows(): readonly KeptRow[] {
    return this.#rows;
  }

  /**
   * Applies changes in the order in which they came. A row is taken back that is equal and has the same
   * time, or else the latest that is equal; rows and what takes them back may come together.
   */
  *apply(changes: readonly KeptRow[]): Steps<Applied> {
    const added = new Places();
    const wanted: KeptRow[] = [];
    for (const change of changes) {
      if (!change.isBack) added.add(change);
      else if (!added.takeAt(change)) wanted.push(change);
    }
    const kept = new Places(wanted);
    for (let i = 0; wanted.length > 0 && i < this.#rows.length; i++) {
      kept.addWanted(this.#rows[i]!);
      if (i % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield;
    }
    const others = wanted.filter((row) => !kept.takeAt(row));
    const missed = others.filter((row) => !added.takeLast(row) && !kept.takeLast(row)).length;
    const { taken } = kept;
    for (const row of taken) this.bytes -= bytesOfRow(row);
    if (taken.size > 0) this.#rows = this.#rows.filter((row) => !taken.has(row));
    const rows = added.left().sort((a, b) => a.timeUs - b.timeUs);
    this.#merge(rows);
    return { added: rows, hasTaken: taken.size > 0, missed };
  }

  #merge(added: readonly KeptRow[]): void {
    for (const row of added) this.bytes += bytesOfRow(row);
    const [first] = added;
    const last = this.#rows.at(-1);
    if (first === undefined || last === undefined || last.timeUs <= first.timeUs) {
      for (const row of added) this.#rows.push(row);
      return;
    }
    const merged: KeptRow[] = [];
    let next = 0;
    for (const row of this.#rows) {
      while (next < added.length && added[next]!.timeUs < row.timeUs) merged.push(added[next++]!);
      merged.push(row);
    }
    while (next < added.length) merged.push(added[next++]!);
    this.#rows = merged;
  }

  /** How many rows lie before a time. */
  countBefore(timeUs: TimeUs): number {
    let [from, to] = [0, this.#rows.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#rows[middle]!.timeUs < timeUs) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Forgets the first rows. */
  forget(count: number): void {
    for (const row of this.#rows.splice(0, count)) this.bytes -= bytesOfRow(row);
  }

  *state(io: StateIo): Steps {
    this.#rows = yield* stateOfRows(io, this.#rows);
    this.bytes = this.#rows.reduce((sum, row) => sum + bytesOfRow(row), 0);
  }
}

/** Writes or reads rows. */
export function* stateOfRows(io: StateIo, rows: readonly KeptRow[]): Steps<KeptRow[]> {
  return yield* stateOfList(io, rows, function* (row): Steps<KeptRow> {
    const timeUs = io.float(row?.timeUs ?? 0);
    const port = io.int(row?.port ?? 0);
    const isBack = io.flag(row?.isBack ?? false);
    const text = textOfBytes(yield* io.bytes(bytesOfText(row?.text ?? '')));
    return { timeUs, port, isBack, text };
  });
}

/** Rows by what they are equal in. */
class Places {
  readonly taken = new Set<KeptRow>();
  readonly #rows: KeptRow[] = [];
  readonly #places = new Map<string, KeptRow[]>();

  /** @param wanted - rows like these are of interest */
  constructor(wanted: readonly KeptRow[] = []) {
    for (const { text } of wanted) this.#places.set(text, []);
  }

  add(row: KeptRow): void {
    this.#rows.push(row);
    const known = this.#places.get(row.text);
    if (known === undefined) this.#places.set(row.text, [row]);
    else known.push(row);
  }

  addWanted(row: KeptRow): void {
    this.#places.get(row.text)?.push(row);
  }

  /** Takes a row that is equal and has the same time; false: there is none. */
  takeAt({ text, timeUs }: KeptRow): boolean {
    const known = this.#places.get(text);
    return this.#take(known, known?.findLastIndex((row) => row.timeUs === timeUs) ?? -1);
  }

  /** Takes the latest that is equal. */
  takeLast({ text }: KeptRow): boolean {
    const known = this.#places.get(text);
    return this.#take(known, known === undefined ? -1 : known.length - 1);
  }

  #take(known: KeptRow[] | undefined, at: number): boolean {
    if (known === undefined || at < 0) return false;
    for (const row of known.splice(at, 1)) this.taken.add(row);
    return true;
  }

  left(): KeptRow[] {
    return this.#rows.filter((row) => !this.taken.has(row));
  }
}
