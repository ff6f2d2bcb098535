/** Places by key that a table has beside its chunks, if its keys are integers. @module */

import type { StateIo } from '../core/state-io.ts';
import { DenseKeys } from './dense-keys.ts';
import type { GroupKernel } from './kernel/group-kernel.ts';
import type { Groups } from './place-pages.ts';
import { ScatteredKeys } from './scattered-keys.ts';

/** By the keys themselves where they are close to each other, else by products of them; or none. */
export class KeyPlaces {
  readonly #dense: DenseKeys;
  readonly #scattered: ScatteredKeys;

  constructor(kernel: GroupKernel) {
    this.#dense = new DenseKeys(kernel);
    this.#scattered = new ScatteredKeys(kernel);
  }

  /** Whether records are found by the places of dense keys. */
  get isDense(): boolean {
    return this.#dense.isThere;
  }

  /** Whether records are found by the places of scattered keys. */
  get isScattered(): boolean {
    return this.#scattered.isThere;
  }

  /**
   * Goes after rows that were added.
   *
   * @param header - first word of the table's
   * @param rows - that were added
   * @param isGrowing - whether many of them had new groups
   */
  follow(header: number, groups: Groups, rows: number, isGrowing: boolean): void {
    this.#dense.follow(header, groups, rows);
    if (this.#dense.isThere) this.#scattered.giveWay();
    else if (!isGrowing) this.#scattered.follow(header, groups, rows);
  }

  /** Gives the places back, and makes none until {@link clear}. */
  refuse(header: number): void {
    this.#dense.refuse(header);
    this.#scattered.refuse(header);
  }

  /**
   * Where the places are; the rest is in the arena.
   *
   * @param version - of what is read: before 2 there were no places, before 3 none of scattered keys
   */
  state(io: StateIo, version: number): void {
    if (version > 1) this.#dense.state(io);
    if (version > 2) this.#scattered.state(io);
  }

  /** Gives the places back with the table. */
  clear(header: number): void {
    this.#dense.clear(header);
    this.#scattered.clear(header);
  }
}
