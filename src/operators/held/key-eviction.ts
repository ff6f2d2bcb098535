/** Which keys are forgotten when there is hardly room for more. @module */

import type { Arena, GroupCells } from '../../state/index.ts';

/** Of the state's limit: with more in use, keys are forgotten. */
const FULL_SHARE = 0.6;
/** Of the keys: at most so many stay. */
const MOST_KEPT = 0.5;
/** Of the free room: what those that stay may take, while the others are still there. */
const USED_ROOM = 0.8;
/** Keys that are looked at to tell old ones from others. */
const SAMPLE = 2048;

/** Chooses keys by an age: of each the float64 at its words, least in those that go first. */
export class KeyEviction {
  readonly #arena: Arena;
  readonly #groups: GroupCells;

  constructor(arena: Arena, groups: GroupCells) {
    this.#arena = arena;
    this.#groups = groups;
  }

  /** Whether there is so little room that keys should go. */
  get isDue(): boolean {
    const { usedBytes, limitBytes } = this.#arena;
    return usedBytes > limitBytes * FULL_SHARE && this.#groups.count > 1;
  }

  /** Keys of up to this age should go: half of them, or as many more as the room for the rest demands. */
  bound(): number {
    const { floats, usedBytes, limitBytes } = this.#arena;
    const { count } = this.#groups;
    const room = ((limitBytes - usedBytes) / usedBytes) * USED_ROOM;
    const kept = Math.min(MOST_KEPT, room);
    const step = Math.max(1, Math.floor(count / SAMPLE));
    const ages: number[] = [];
    for (let at = 0; at < count; at += step) {
      ages.push(floats[this.#groups.list(at, 1)[0]! >>> 1]!);
    }
    ages.sort((a, b) => a - b);
    return ages[Math.min(ages.length - 1, Math.floor(ages.length * (1 - kept)))]!;
  }
}
