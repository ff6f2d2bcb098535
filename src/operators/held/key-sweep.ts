/** Forgetting keys of which nothing is worth knowing any more. @module */

import { invariant } from '../../core/invariant.ts';
import type { StateIo } from '../../core/state-io.ts';
import type { GroupCells } from '../../state/index.ts';

/** With fewer keys there is no sweep. */
const FEWEST_KEYS = 4096;
/** Keys looked at in one call: some hundred µs. */
const MOST_KEYS = 4096;

/** Goes over all keys when there are twice as many as were left the last time. */
export class KeySweep {
  readonly #groups: GroupCells;
  readonly #kept: Int32Array;
  #next = 0;
  #isSweeping = false;
  #nextCount = FEWEST_KEYS;
  #left = 0;

  constructor(groups: GroupCells) {
    this.#groups = groups;
    this.#kept = new Int32Array(groups.mostListed);
  }

  /** Whether a sweep is due or under way. */
  get isDue(): boolean {
    return this.#isSweeping || this.#groups.count >= this.#nextCount;
  }

  /** Not while it is under way. */
  state(io: StateIo): void {
    invariant(!this.#isSweeping, 'keys are being forgotten');
    this.#nextCount = io.int(this.#nextCount);
  }

  /**
   * Looks at some keys, which get other words if they are kept.
   *
   * @param keeps - whether a group is kept
   * @param moved - gets the words of those that are, of now
   * @returns false: there is more to do, call it again before anything else
   */
  step(keeps: (group: number) => boolean, moved: (group: number) => void): boolean {
    const groups = this.#groups;
    const kept = this.#kept;
    if (!this.#isSweeping) {
      groups.beginMove();
      this.#isSweeping = true;
      this.#next = 0;
      this.#left = 0;
    }
    const end = Math.min(groups.count, this.#next + MOST_KEYS);
    while (this.#next < end) {
      const listedCount = Math.min(end - this.#next, groups.mostListed);
      const listed = groups.list(this.#next, listedCount);
      let count = 0;
      for (let g = 0; g < listedCount; g++) if (keeps(listed[g]!)) kept[count++] = listed[g]!;
      groups.move(kept, count);
      for (let g = 0; g < count; g++) moved(kept[g]!);
      this.#next += listedCount;
      this.#left += count;
    }
    if (this.#next < groups.count) return false;
    groups.endMove();
    this.#isSweeping = false;
    this.#nextCount = Math.max(FEWEST_KEYS, 2 * this.#left);
    return true;
  }
}
