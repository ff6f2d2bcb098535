/** The values that a parameter had, by time. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfItems } from '../../core/state-io.ts';
import type { ParameterValue } from '../../core/topology/model/parameters.ts';
import type { TimeUs } from '../../core/units.ts';

/** Bytes of a change, about. */
const CHANGE_BYTES = 64;

/** The changes of a parameter, in the order of their times; of one time, in that of their arrival. */
export class ParameterHistory {
  #times: TimeUs[] = [-Infinity];
  #values: ParameterValue[];

  constructor(initial: ParameterValue) {
    this.#values = [initial];
  }

  /** What the changes take, about. */
  get bytes(): number {
    return this.#times.length * CHANGE_BYTES;
  }

  /** Number of the change that holds at a time: the last one that is not behind it. */
  at(timeUs: TimeUs): number {
    const times = this.#times;
    let low = 0;
    let high = times.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle]! <= timeUs) low = middle;
      else high = middle;
    }
    return low;
  }

  value(change: number): ParameterValue {
    return this.#values[change]!;
  }

  add(timeUs: TimeUs, value: ParameterValue): void {
    const at = this.at(timeUs) + 1;
    this.#times.splice(at, 0, timeUs);
    this.#values.splice(at, 0, value);
  }

  /** Forgets what held before a time. */
  forget(timeUs: TimeUs): void {
    const first = this.at(timeUs);
    this.#times.splice(0, first);
    this.#values.splice(0, first);
    // From here on backwards the first value is all that is known.
    this.#times[0] = -Infinity;
  }
  *state(io: StateIo): Steps {
    this.#times = yield* stateOfItems(io, this.#times, (timeUs = 0) => io.float(timeUs));
    this.#values = yield* stateOfItems(io, this.#values, (value = null) => stateOfValue(io, value));
  }
}

/** What it is, and the value. */
function stateOfValue(io: StateIo, value: ParameterValue): ParameterValue {
  const kind = io.text(value === null ? '' : typeof value);
  switch (kind) {
    case 'boolean':
      return io.flag(value === true);
    case 'number':
      return io.float(value as number);
    case 'bigint':
      return BigInt(io.text(String(value)));
    case 'string':
      return io.text(value as string);
    default:
      return null;
  }
}
