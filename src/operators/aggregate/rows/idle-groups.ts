/**
 * Groups whose windows close when no row has come for a while.
 *
 * Where the next row of a group came first, it closes the windows as the watermark would have. Then the group
 * begins anew: nothing is left of it, and where the watermark came first it is forgotten.
 *
 * @module
 */

import type { StateIo, Steps } from '../../../core/state-io.ts';
import type { DurationUs, TimeUs } from '../../../core/units.ts';
import type { Arena, KeyedRecords } from '../../../state/index.ts';
import { GROUP_LIVES, GroupExpiry, NO_GROUP_EXPIRES } from '../../held/group-expiry.ts';
import type { FiredWindows } from './fired.ts';
import { GroupCell } from './layout.ts';
import type { WindowMachine } from './window-machine.ts';

/** Closes windows of groups that are idle. */
export class IdleGroups {
  readonly #expiry: GroupExpiry;
  readonly #machine: WindowMachine;
  readonly #fired: FiredWindows;
  /** Groups that are to be forgotten when their results are written. */
  readonly #leaving: number[] = [];

  /** @param cell - where the cells of groups begin */
  constructor(
    timeoutUs: DurationUs,
    arena: Arena,
    cell: number,
    machine: WindowMachine,
    fired: FiredWindows,
  ) {
    this.#expiry = new GroupExpiry(timeoutUs, arena, {
      unit: 2,
      number: 2 * (cell + GroupCell.STATE) + 1,
      mark: 2 * (cell + GroupCell.MARK),
    });
    this.#machine = machine;
    this.#fired = fired;
  }

  /** Whether there is a timeout. */
  get isOn(): boolean {
    return this.#expiry.isOn;
  }

  /** A row is about to come for a group: closes its windows first, if they have expired. */
  touch(group: number, markUs: TimeUs, ingestUs: TimeUs): void {
    const expiryUs = this.#expiry.expiryUs(group);
    if (markUs >= expiryUs) this.#close(group, expiryUs, ingestUs);
    this.#expiry.touch(group, markUs);
  }

  /** Whether {@link closeNext} may find something. */
  isDue(watermarkUs: TimeUs): boolean {
    const dueUs = this.isOn ? this.dueUs() : Infinity;
    return dueUs < Infinity && dueUs <= watermarkUs;
  }

  /** No group expires before; `Infinity`: none waits. */
  dueUs(): TimeUs {
    return this.#expiry.leastUs;
  }

  *state(io: StateIo): Steps {
    yield* this.#expiry.state(io);
  }

  /** Looks at one group that may have expired, and closes its windows if it has; false: none is left. */
  closeNext(watermarkUs: TimeUs, ingestUs: TimeUs): boolean {
    const group = this.#expiry.take(watermarkUs);
    if (group === NO_GROUP_EXPIRES) return false;
    if (group === GROUP_LIVES) return true;
    this.#close(group, this.#expiry.expiryUs(group), ingestUs);
    this.#leaving.push(group);
    return true;
  }

  /** Results are written: groups that have been closed by a watermark are forgotten. */
  forget(groups: KeyedRecords): void {
    if (this.#leaving.length === 0) return;
    for (const group of this.#leaving) {
      this.#expiry.forget(group);
      if (groups.canForget) groups.remove(group);
    }
    this.#leaving.length = 0;
  }

  #close(group: number, expiryUs: TimeUs, ingestUs: TimeUs): void {
    this.#fired.setTime(expiryUs - 1, 0, ingestUs);
    this.#machine.closeIdle(group);
  }
}
