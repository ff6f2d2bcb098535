/** Groups of which something is kept, in the order in which they began. @module */

import { invariant } from '../../core/invariant.ts';
import type { StateIo } from '../../core/state-io.ts';
import type { Arena, GroupCells } from '../../state/index.ts';

/** The first words of a group are those of the list. */
export const LIST_WORDS = 2;
const BEFORE = 0;
const BEHIND = 1;
/** No group. */
export const NO_GROUP = 0;

/** Groups that are not in the list are forgotten when there are more of them than of others, and so many. */
const MANY_FORGOTTEN = 4096;
/** Groups moved in one call: some hundred µs. */
const MOST_MOVED = 4096;

/** A list through words of the groups; a group that is new there has zeros. */
export class GroupList {
  readonly #words: Int32Array;
  readonly #groups: GroupCells;
  readonly #moving: Int32Array;
  #first = NO_GROUP;
  #last = NO_GROUP;
  #count = 0;
  /** While groups are moved: the next one, the last one moved, and the first of all. */
  #isMoving = false;
  #next = NO_GROUP;
  #movedLast = NO_GROUP;
  #movedFirst = NO_GROUP;

  constructor(arena: Arena, groups: GroupCells) {
    this.#words = arena.words;
    this.#groups = groups;
    this.#moving = new Int32Array(groups.mostListed);
  }

  /** The group that began first. */
  get first(): number {
    return this.#first;
  }

  /** The group behind another. */
  behind(group: number): number {
    return this.#words[group + BEHIND]!;
  }

  /** Puts a group at the end. */
  add(group: number): void {
    const words = this.#words;
    words[group + BEFORE] = this.#last;
    words[group + BEHIND] = NO_GROUP;
    if (this.#last === NO_GROUP) this.#first = group;
    else words[this.#last + BEHIND] = group;
    this.#last = group;
    this.#count++;
  }

  /** Takes a group out. */
  remove(group: number): void {
    const words = this.#words;
    const [before, behind] = [words[group + BEFORE]!, words[group + BEHIND]!];
    if (before === NO_GROUP) this.#first = behind;
    else words[before + BEHIND] = behind;
    if (behind === NO_GROUP) this.#last = before;
    else words[behind + BEFORE] = before;
    this.#count--;
  }

  /** Forgets which groups are in it. */
  clear(): void {
    this.#first = this.#last = NO_GROUP;
    this.#count = 0;
  }

  /** Not while groups are moved. */
  state(io: StateIo): void {
    invariant(!this.#isMoving, 'groups are being moved');
    this.#first = io.int(this.#first);
    this.#last = io.int(this.#last);
    this.#count = io.int(this.#count);
  }

  /**
   * Forgets groups that are not in the list, if there are many; between batches only, since groups get
   * other words.
   *
   * @returns false: there is more to do, call it again
   */
  tidy(): boolean {
    const groups = this.#groups;
    if (!this.#isMoving) {
      const forgotten = groups.count - this.#count;
      if (!groups.canForget || forgotten < MANY_FORGOTTEN || forgotten < this.#count) return true;
      groups.beginMove();
      this.#isMoving = true;
      this.#next = this.#first;
      this.#movedFirst = this.#movedLast = NO_GROUP;
    }
    for (let moved = 0; this.#next !== NO_GROUP;) {
      if (moved >= MOST_MOVED) return false;
      moved += this.#moveSome();
    }
    groups.endMove();
    this.#first = this.#movedFirst;
    this.#last = this.#movedLast;
    this.#isMoving = false;
    return true;
  }

  #moveSome(): number {
    const words = this.#words;
    const moving = this.#moving;
    let count = 0;
    for (; count < moving.length && this.#next !== NO_GROUP; count++) {
      moving[count] = this.#next;
      this.#next = words[this.#next + BEHIND]!;
    }
    this.#groups.move(moving, count);
    for (let i = 0; i < count; i++) {
      const group = moving[i]!;
      words[group + BEFORE] = this.#movedLast;
      words[group + BEHIND] = NO_GROUP;
      if (this.#movedLast === NO_GROUP) this.#movedFirst = group;
      else words[this.#movedLast + BEHIND] = group;
      this.#movedLast = group;
    }
    return count;
  }
}
