/** Whole groups of windows are shed, in a simulation; what came of each of them. @module */

import { UnitGate } from '../../../src/admission/index.ts';
import { hash32 } from '../../../src/admission/dither.ts';
import { isWholeUnit, type RowUnits } from '../../../src/admission/unit-gate.ts';
import { UNIT_STRATA, UnitOrder, unitOf } from '../../../src/admission/unit-ranks.ts';
import { binOf } from '../../../src/admission/value-bins.ts';
import type { Policy } from './simulate.ts';
import type { Trace } from './trace.ts';
import { ValuePolicy, type ValuePolicyOptions } from './value-policy.ts';

/** Groups and windows of rows. */
export interface Groups {
  readonly groups: number;
  readonly windowMs: number;
  /** Of windows that overlap. */
  readonly slideMs?: number;
  /** Groups are worth the same; otherwise a group's rows are worth what `worthOf` says. */
  readonly worthOf?: (group: number) => number;
}

/** Units by what became of their rows. */
export interface GroupOutcome {
  readonly units: number;
  /** No row was dropped, by what the gates say. */
  readonly whole: number;
  /** Said to be whole, but not all rows were done. */
  readonly wrong: number;
  /** All rows were done, but not said to be whole. */
  readonly withheld: number;
  /** Rows of whole units, and those that were done. */
  readonly usefulRows: number;
  readonly doneRows: number;
  /** Value of the rows of whole units. */
  readonly value: number;
}

/** {@link ValuePolicy} by whole groups. */
export class GroupPolicy implements Policy {
  readonly values: ValuePolicy;
  readonly #groups: Groups;
  readonly #trace: Trace;
  readonly #order: UnitOrder;
  readonly #rows: RowUnits;
  readonly #gates: readonly UnitGate[];
  /** By row. */
  readonly #done: Uint8Array;
  readonly #ms: Float64Array;
  readonly #group: Int32Array;
  /** The only window of the rows that are offered. */
  #only = NaN;

  constructor(trace: Trace, sloMs: number, groups: Groups, options: ValuePolicyOptions = {}) {
    const { offsets, values, lanes } = trace;
    const count = values.length;
    const slideMs = groups.slideMs ?? groups.windowMs;
    this.#trace = trace;
    this.#groups = groups;
    this.#done = new Uint8Array(count);
    this.#ms = new Float64Array(count);
    this.#group = new Int32Array(count);
    const isEven = groups.worthOf === undefined;
    const units = new Float64Array(count);
    for (let ms = 0; ms + 1 < offsets.length; ms++) {
      for (let row = offsets[ms]!; row < offsets[ms + 1]!; row++) {
        this.#ms[row] = ms;
        // A lane has groups of its own.
        const group = (hash32(row + 7) % groups.groups) * 256 + lanes[row]!;
        this.#group[row] = group;
        values[row] = groups.worthOf?.(group) ?? 1;
        units[row] = unitOf(lanes[row]! % UNIT_STRATA, binOf(values[row]!), hash32(group * 77 + 1));
      }
    }
    this.#rows = {
      units,
      first: (row) => Math.floor((this.#ms[row]! - groups.windowMs) / slideMs) + 1,
      last: (row) => Math.floor(this.#ms[row]! / slideMs),
      oldest: () => -Infinity,
      onlyWindow: () => this.#only,
    };
    this.#order = new UnitOrder(Math.ceil(groups.windowMs / slideMs), isEven);
    const gate = new UnitGate(UNIT_STRATA, this.#order);
    const late = new UnitGate(UNIT_STRATA, this.#order, gate.levels);
    this.#gates = [gate, late];
    this.values = new ValuePolicy(trace, sloMs, {
      ...options,
      units: { rows: this.#rows, gate, late },
    });
  }

  get price(): number {
    return this.values.price;
  }

  offer(nowMs: number, rows: Uint32Array, count: number, waitingRows: number): number {
    const windows = new Set(Array.from(rows.subarray(0, count), (row) => this.#rows.last(row)));
    const isOnly = windows.size === 1 && (this.#groups.slideMs ?? NaN) === this.#groups.windowMs;
    this.#only = isOnly ? [...windows][0]! : NaN;
    return this.values.offer(nowMs, rows, count, waitingRows);
  }

  look(nowMs: number, waitingRows: number): void {
    this.values.look(nowMs, waitingRows);
  }

  take(nowMs: number, rows: Uint32Array, from: number, to: number, arrivedMs: number): number {
    const end = this.values.take(nowMs, rows, from, to, arrivedMs);
    for (let i = from; i < end; i++) this.#done[rows[i]!] = 1;
    return end;
  }

  /** What became of units whose windows lie between two times. */
  outcome(fromMs: number, toMs: number): GroupOutcome {
    const { windowMs, slideMs = windowMs } = this.#groups;
    const units = new Map<
      string,
      { rows: number; done: number; value: number; row: number; window: number }
    >();
    let doneRows = 0;
    for (let row = 0; row < this.#done.length; row++) {
      if (this.#ms[row]! >= fromMs && this.#ms[row]! < toMs) doneRows += this.#done[row]!;
      for (let window = this.#rows.first(row); window <= this.#rows.last(row); window++) {
        if (window * slideMs < fromMs || window * slideMs + windowMs > toMs) continue;
        const key = `${window} ${this.#group[row]!}`;
        const unit = units.get(key) ?? { rows: 0, done: 0, value: 0, row, window };
        units.set(key, unit);
        unit.rows++;
        unit.done += this.#done[row]!;
        unit.value += this.#trace.values[row]!;
      }
    }
    const sum = { units: units.size, whole: 0, wrong: 0, withheld: 0, usefulRows: 0, value: 0 };
    const levels = this.#gates.map((gate) => gate.levels);
    for (const { rows, done, value, row, window } of units.values()) {
      const isWhole = isWholeUnit(levels, this.#rows.units[row]!, window, this.#order);
      if (isWhole && done < rows) sum.wrong++;
      if (!isWhole && done === rows) sum.withheld++;
      if (!isWhole) continue;
      sum.whole++;
      sum.usefulRows += rows;
      sum.value += value;
    }
    return { ...sum, doneRows };
  }
}
