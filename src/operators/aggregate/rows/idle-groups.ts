/**
 * Groups whose windows close when no row has come for a while.
 *
 * A group expires when a time of its rows, or the watermark, has come to that of its last row and the
 * timeout. Its own next row closes the windows as the watermark would have, so that results do not
 * depend on when watermarks come. Then the group begins anew: nothing is left of it, and where the
 * watermark came first it is forgotten.
 *
 * @module
 */

import type { StateIo, Steps } from '../../../core/state-io.ts';
import type { DurationUs, TimeUs } from '../../../core/units.ts';
import type { Arena, KeyedRecords } from '../../../state/index.ts';
import { ExpiryQueue } from '../../../state/index.ts';
import type { FiredWindows } from './fired.ts';
import { GroupCell } from './layout.ts';
import type { WindowMachine } from './window-machine.ts';

/** A group that is in the queue has its number and one in its record. */
const NOT_NUMBERED = 0;

/** Closes windows of groups that are idle. */
export class IdleGroups {
  /** Whether there is a timeout. */
  readonly isOn: boolean;
  readonly #timeoutUs: DurationUs;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #cell: number;
  readonly #machine: WindowMachine;
  readonly #fired: FiredWindows;
  readonly #queue = new ExpiryQueue();
  /** By number: the record of the group, and whether it is in the queue. */
  #groups = new Int32Array(0);
  #isWaiting = new Uint8Array(0);
  #count = 0;
  /** One more than the first number that is free again, in whose place is that of the next; 0: none. */
  #free = 0;
  /** Numbers of groups that are to be forgotten when their results are written. */
  readonly #leaving: number[] = [];

  /** @param cell - where the cells of groups begin */
  constructor(
    timeoutUs: DurationUs,
    arena: Arena,
    cell: number,
    machine: WindowMachine,
    fired: FiredWindows,
  ) {
    this.isOn = timeoutUs < Infinity;
    this.#timeoutUs = timeoutUs;
    this.#words = arena.words;
    this.#floats = arena.floats;
    this.#cell = cell;
    this.#machine = machine;
    this.#fired = fired;
  }

  /** A row is about to come for a group: closes its windows first, if they have expired. */
  touch(group: number, markUs: TimeUs, ingestUs: TimeUs): void {
    const expiryUs = this.#expiryUs(group);
    if (markUs >= expiryUs) this.#close(group, expiryUs, ingestUs);
    const number = this.#numberOf(group);
    if (this.#isWaiting[number] === 1) return;
    this.#isWaiting[number] = 1;
    this.#queue.push(number, Math.max(markUs + this.#timeoutUs, expiryUs));
  }

  /** When windows of a group close, by its last row. */
  #expiryUs(group: number): TimeUs {
    return this.#floats[group + this.#cell + GroupCell.MARK]! + this.#timeoutUs;
  }

  #numberOf(group: number): number {
    const at = 2 * (group + this.#cell + GroupCell.STATE) + 1;
    const known = this.#words[at]!;
    if (known !== NOT_NUMBERED) return known - 1;
    const number = this.#takeNumber();
    this.#groups[number] = group;
    this.#words[at] = number + 1;
    return number;
  }

  #takeNumber(): number {
    const free = this.#free;
    if (free !== 0) {
      this.#free = this.#groups[free - 1]!;
      return free - 1;
    }
    if (this.#count === this.#groups.length) this.#grow();
    return this.#count++;
  }

  #grow(): void {
    const size = Math.max(64, 2 * this.#groups.length);
    const [groups, waiting] = [this.#groups, this.#isWaiting];
    this.#groups = new Int32Array(size);
    this.#groups.set(groups);
    this.#isWaiting = new Uint8Array(size);
    this.#isWaiting.set(waiting);
    this.#queue.grow(size);
  }

  /** Whether {@link closeNext} may find something. */
  isDue(watermarkUs: TimeUs): boolean {
    const dueUs = this.isOn ? this.dueUs() : Infinity;
    return dueUs < Infinity && dueUs <= watermarkUs;
  }

  /** No group expires before; `Infinity`: none waits. */
  dueUs(): TimeUs {
    return this.#queue.leastUs;
  }

  *state(io: StateIo): Steps {
    yield* this.#queue.state(io);
    this.#groups = yield* io.ints(this.#groups);
    this.#isWaiting = yield* io.bytes(this.#isWaiting);
    this.#count = io.int(this.#count);
    this.#free = io.int(this.#free);
  }

  /** Looks at one group that may have expired, and closes its windows if it has; false: none is left. */
  closeNext(watermarkUs: TimeUs, ingestUs: TimeUs): boolean {
    const number = this.#queue.take(watermarkUs + 1);
    if (number < 0) return false;
    this.#isWaiting[number] = 0;
    const group = this.#groups[number]!;
    const expiryUs = this.#expiryUs(group);
    if (expiryUs > watermarkUs) {
      // Rows came meanwhile.
      this.#isWaiting[number] = 1;
      this.#queue.push(number, expiryUs);
      return true;
    }
    this.#close(group, expiryUs, ingestUs);
    this.#leaving.push(number);
    return true;
  }

  /** Results are written: groups that have been closed by a watermark are forgotten. */
  forget(groups: KeyedRecords): void {
    if (this.#leaving.length === 0) return;
    for (const number of this.#leaving) {
      if (!groups.canForget) break;
      groups.remove(this.#groups[number]!);
      this.#groups[number] = this.#free;
      this.#free = number + 1;
    }
    this.#leaving.length = 0;
  }

  #close(group: number, expiryUs: TimeUs, ingestUs: TimeUs): void {
    this.#fired.setTime(expiryUs - 1, 0, ingestUs);
    this.#machine.closeIdle(group);
  }
}
