/** Numbers for pairs of a class and a tenant, told apart on sight. @module */

import type { Column } from '../../../core/column.ts';
import type { NameWriter } from '../../../ringbuf/index.ts';
import { MAX_CLASSES, MAX_TENANTS } from '../../protocol-admission.ts';
import { NameTable } from './name-table.ts';

/** Where the names of lanes go. */
export interface LaneNames {
  readonly classes: NameWriter;
  readonly tenants: NameWriter;
  /** Called once for each lane, in the order of their numbers. */
  readonly add: (classNumber: number, tenantNumber: number) => void;
}

const NONE = -1;

/**
 * Gives each class, or each class of each tenant, a lane. The last lane is that of all pairs for which there
 * was none left.
 */
export class LaneTable {
  readonly #classes: NameTable;
  readonly #tenants: NameTable;
  readonly #names: LaneNames;
  readonly #capacity: number;
  readonly #lanes = new Int16Array(MAX_CLASSES * MAX_TENANTS).fill(NONE);
  #count = 0;

  constructor(capacity: number, names: LaneNames) {
    this.#capacity = capacity;
    this.#names = names;
    this.#classes = new NameTable(MAX_CLASSES, names.classes);
    this.#tenants = new NameTable(MAX_TENANTS, names.tenants);
  }

  /** How many lanes there are. */
  get count(): number {
    return this.#count;
  }

  /** The only lane, where all rows are of one class and one tenant. */
  onlyLane(): number {
    return this.#count === 0 ? this.#add(0, 0) : 0;
  }

  /**
   * Writes the lanes of rows.
   *
   * @param classes - `undefined`: all are of one class
   * @param tenants - `undefined`: all are of one tenant
   * @param into - by row
   * @hot
   */
  find(
    classes: Column | undefined,
    tenants: Column | undefined,
    rows: Uint32Array,
    count: number,
    into: Int32Array,
  ): void {
    const lanes = this.#lanes;
    let all = 0;
    if (tenants === undefined) {
      if (classes === undefined) for (let i = 0; i < count; i++) into[rows[i]!] = this.onlyLane();
      else all = this.#classes.lookUp(classes, rows, count, lanes, MAX_TENANTS, into);
    } else if (classes === undefined) {
      all = this.#tenants.lookUp(tenants, rows, count, lanes, 1, into);
    } else {
      for (let i = 0; i < count; i++) into[rows[i]!] = NONE;
      all = NONE;
    }
    if (all < 0) this.#findEach(classes, tenants, rows, count, into);
  }

  /** Those that are new, and pairs. @hot */
  #findEach(
    classes: Column | undefined,
    tenants: Column | undefined,
    rows: Uint32Array,
    count: number,
    into: Int32Array,
  ): void {
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (into[row] !== NONE) continue;
      const classNumber = classes === undefined ? 0 : this.#classes.numberOf(classes, row);
      const tenantNumber = tenants === undefined ? 0 : this.#tenants.numberOf(tenants, row);
      const lane = this.#lanes[classNumber * MAX_TENANTS + tenantNumber]!;
      into[row] = lane === NONE ? this.#add(classNumber, tenantNumber) : lane;
    }
  }

  #add(classNumber: number, tenantNumber: number): number {
    const isLast = this.#count >= this.#capacity - 1;
    if (this.#count < this.#capacity) {
      // What stands for the rest is called after the first of them.
      this.#names.add(classNumber, tenantNumber);
      this.#count++;
    }
    const lane = isLast ? this.#capacity - 1 : this.#count - 1;
    this.#lanes[classNumber * MAX_TENANTS + tenantNumber] = lane;
    return lane;
  }
}
