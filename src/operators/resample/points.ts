/**
 * Values over time: for each key a list of points in order of time.
 *
 * ```
 *  group   │ before │ behind │ oldest point │ newest point │
 *          │ the last point not after the last time asked for │ rows that wait, -1 in a new group │
 * ```
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext } from '../../core/operator.ts';
import type { StateIo } from '../../core/state-io.ts';
import type { DataType } from '../../core/types.ts';
import { storageOf } from '../../core/types.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { Arena, HeldBlocks } from '../../state/index.ts';
import { HeldRows, NO_RECORD } from '../../state/index.ts';
import { LIST_WORDS } from '../held/group-list.ts';
import type { ResampleConfig } from './spec.ts';

const OLDEST = LIST_WORDS;
const NEWEST = OLDEST + 1;
const CURSOR = OLDEST + 2;
/** How many rows wait for points of a group: the kernel's. */
export const ROWS = OLDEST + 3;

/** What a group begins as. */
export const NO_POINTS: readonly number[] = [0, 0, NO_RECORD, NO_RECORD, NO_RECORD, -1];

/** The points of all keys. */
export class Points {
  /** The points around a time: the last one not after it, and the first one after it; 0: none near. */
  before = NO_RECORD;
  after = NO_RECORD;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #rows: HeldRows;
  readonly #columns: readonly number[];
  readonly #config: ResampleConfig;

  constructor(
    config: ResampleConfig,
    types: readonly DataType[],
    arena: Arena,
    blocks: HeldBlocks,
    { memory, rowCapacity }: KernelContext,
  ) {
    const columns = types.map(storageOf);
    this.#config = config;
    this.#words = arena.words;
    this.#floats = arena.floats;
    this.#columns = config.values.map(({ column }) => column);
    this.#rows = new HeldRows(memory, blocks, { columns, hasTime: true, rowCapacity });
  }

  /** How many there are. */
  get count(): number {
    return this.#rows.count;
  }

  state(io: StateIo): void {
    this.#rows.state(io);
  }

  /** Adds points of the groups at these positions. */
  add(batch: Batch, rows: Uint32Array, count: number, groups: Int32Array): void {
    const columns = this.#columns.map((column) => batch.columns[column]!);
    this.#rows.hold(batch, rows, count, columns);
    for (let i = 0; i < count; i++) this.#insert(groups[i]!, this.#rows.records[i]!);
  }

  /** Puts a point behind those that are not later. Nearly all are the newest. */
  #insert(group: number, point: number): void {
    const words = this.#words;
    const rows = this.#rows;
    const timeUs = rows.timeUs(point);
    let before = words[group + NEWEST]!;
    while (before !== NO_RECORD && rows.timeUs(before) > timeUs) before = rows.tag(before);
    const after = before === NO_RECORD ? words[group + OLDEST]! : rows.next(before);
    rows.setTag(point, before);
    rows.setNext(point, after);
    if (before === NO_RECORD) words[group + OLDEST] = point;
    else rows.setNext(before, point);
    if (after === NO_RECORD) words[group + NEWEST] = point;
    else rows.setTag(after, point);
    // After a pause of the input points may come before the last time asked for.
    if (words[group + CURSOR] === after) words[group + CURSOR] = before;
  }

  /** Finds {@link before} and {@link after} for a time, not before the last one asked for; forgets points before. */
  find(group: number, timeUs: TimeUs, withinUs: DurationUs): void {
    const words = this.#words;
    const rows = this.#rows;
    let cursor = words[group + CURSOR]!;
    if (cursor !== NO_RECORD && rows.timeUs(cursor) > timeUs) cursor = NO_RECORD;
    let next = cursor === NO_RECORD ? words[group + OLDEST]! : rows.next(cursor);
    while (next !== NO_RECORD && rows.timeUs(next) <= timeUs) {
      cursor = next;
      next = rows.next(next);
    }
    words[group + CURSOR] = cursor;
    this.before =
      cursor !== NO_RECORD && timeUs - rows.timeUs(cursor) <= withinUs ? cursor : NO_RECORD;
    this.after = next !== NO_RECORD && rows.timeUs(next) - timeUs <= withinUs ? next : NO_RECORD;
    if (cursor !== NO_RECORD) this.#forgetBefore(group, cursor);
  }

  #forgetBefore(group: number, point: number): void {
    const words = this.#words;
    while (words[group + OLDEST] !== point) this.#forgetOldest(group);
  }

  #forgetOldest(group: number): void {
    const words = this.#words;
    const rows = this.#rows;
    const oldest = words[group + OLDEST]!;
    const next = rows.next(oldest);
    words[group + OLDEST] = next;
    if (next === NO_RECORD) words[group + NEWEST] = NO_RECORD;
    else rows.setTag(next, NO_RECORD);
    if (words[group + CURSOR] === oldest) words[group + CURSOR] = NO_RECORD;
    rows.letGo(oldest);
  }

  /** Whether nothing is known of a group. */
  isEmpty(group: number): boolean {
    return this.#words[group + OLDEST] === NO_RECORD;
  }

  /** Forgets points of a group that no time from `boundUs` on is near to. */
  forget(group: number, boundUs: TimeUs): void {
    const rows = this.#rows;
    for (;;) {
      const oldest = this.#words[group + OLDEST]!;
      if (oldest === NO_RECORD) return;
      const next = rows.next(oldest);
      const hasBetter = next !== NO_RECORD && rows.timeUs(next) <= boundUs;
      const isFar = boundUs - rows.timeUs(oldest) > this.#config.withinUs;
      if (!hasBetter && !isFar) return;
      this.#forgetOldest(group);
    }
  }

  /** What a value is at a time, by the points that were found; `undefined`: nobody knows. */
  valueAt(index: number, timeUs: TimeUs): number | undefined {
    const { before, after } = this;
    const { method } = this.#config;
    const rows = this.#rows;
    if (before !== NO_RECORD && (method === 'previous' || rows.timeUs(before) === timeUs)) {
      return this.#valueOf(index, before);
    }
    if (method === 'previous') return undefined;
    if (method === 'nearest') {
      if (before === NO_RECORD && after === NO_RECORD) return undefined;
      if (before === NO_RECORD) return this.#valueOf(index, after);
      if (after === NO_RECORD) return this.#valueOf(index, before);
      const isAfter = rows.timeUs(after) - timeUs < timeUs - rows.timeUs(before);
      return this.#valueOf(index, isAfter ? after : before);
    }
    if (before === NO_RECORD || after === NO_RECORD) return undefined;
    const [a, b] = [this.#valueOf(index, before), this.#valueOf(index, after)];
    if (a === undefined || b === undefined) return undefined;
    const [from, to] = [rows.timeUs(before), rows.timeUs(after)];
    return a + (b - a) * ((timeUs - from) / (to - from));
  }

  #valueOf(index: number, point: number): number | undefined {
    const { at, storage, nullsAt, nullBit } = this.#rows.layout.fields[index]!;
    const words = this.#words;
    if ((words[(point + nullsAt) >>> 2]! & nullBit) !== 0) return undefined;
    const value = point + at;
    if (storage === 'f64') return this.#floats[value >>> 3]!;
    if (storage === 'i32') return words[value >>> 2]!;
    const whole = words[(value >>> 2) + 1]! * 4294967296 + (words[value >>> 2]! >>> 0);
    return whole / this.#config.values[index]!.divisor;
  }
}
