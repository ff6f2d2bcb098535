/** The lanes of a gate in shared memory: its worker names them, others look them up. @module */

import { NameWriter, SharedCell } from '../../../ringbuf/index.ts';
import {
  classOfLane,
  type LanesAddress,
  laneWord,
  tenantOfLane,
} from '../../protocol-admission.ts';
import type { LaneNames } from './lane-table.ts';

/** Where a gate writes its lanes. */
export function lanesWriter(buffer: SharedArrayBuffer, address: LanesAddress): LaneNames {
  const count = new SharedCell(buffer, address.count);
  const words = new Int32Array(buffer, address.words, address.capacity);
  return {
    classes: new NameWriter(buffer, address.classes),
    tenants: new NameWriter(buffer, address.tenants),
    add: (classNumber, tenantNumber) => {
      const lane = count.get();
      words[lane] = laneWord(classNumber, tenantNumber);
      count.set(lane + 1);
    },
  };
}

/** Looks up the classes and tenants of lanes. */
export class LaneReader {
  readonly #count: SharedCell;
  readonly #words: Int32Array;
  #seen = 0;
  #classes = 0;

  constructor(buffer: SharedArrayBuffer, address: LanesAddress) {
    this.#count = new SharedCell(buffer, address.count);
    this.#words = new Int32Array(buffer, address.words, address.capacity);
  }

  /** How many lanes there are. */
  count(): number {
    return this.#count.get();
  }

  /** How many classes there are among the lanes. @hot */
  classes(): number {
    const count = this.#count.get();
    for (; this.#seen < count; this.#seen++) {
      this.#classes = Math.max(this.#classes, this.classOf(this.#seen) + 1);
    }
    return this.#classes;
  }

  /** The class of a lane below {@link count}. @hot */
  classOf(lane: number): number {
    return classOfLane(this.#words[lane]!);
  }

  /** The tenant of a lane below {@link count}, by its number at the gate. @hot */
  tenantOf(lane: number): number {
    return tenantOfLane(this.#words[lane]!);
  }
}
