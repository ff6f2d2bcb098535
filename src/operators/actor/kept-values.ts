/** Values that instances keep beyond their lives. @module */

import { MillraceError } from '../../core/errors.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfList } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';

import { stateOfValue } from '../user-state.ts';

interface Kept {
  readonly value: unknown;
  readonly untilUs: TimeUs;
}

/** Most values that a task keeps. */
const MOST_VALUES = 1_000_000;

/** The values of one task, by key. */
export class KeptValues {
  readonly #values = new Map<string, Kept>();
  readonly #node: string;

  constructor(node: string) {
    this.#node = node;
  }

  set(key: string, value: unknown, untilUs: TimeUs, nowUs: TimeUs): void {
    if (this.#values.size >= MOST_VALUES && !this.#values.has(key)) this.#forgetExpired(nowUs);
    this.#values.set(key, { value, untilUs });
  }

  get(key: string, nowUs: TimeUs): unknown {
    const kept = this.#values.get(key);
    if (kept === undefined) return undefined;
    if (kept.untilUs > nowUs) return kept.value;
    this.#values.delete(key);
    return undefined;
  }

  *state(io: StateIo): Steps {
    const walk = (known: readonly [string, Kept] | undefined): Steps<readonly [string, Kept]> =>
      this.#stateOf(io, known);
    const read = yield* stateOfList(io, [...this.#values], walk);
    if (!io.isReading) return;
    this.#values.clear();
    for (const [key, kept] of read) this.#values.set(key, kept);
  }

  *#stateOf(
    io: StateIo,
    known: readonly [string, Kept] | undefined,
  ): Steps<readonly [string, Kept]> {
    const key = io.text(known?.[0] ?? '');
    const untilUs = io.float(known?.[1].untilUs ?? 0);
    const advice = 'keep plain objects, lists, maps and sets of values';
    const path = `what an instance of '${this.#node}' keeps as '${key}'`;
    return [key, { value: yield* stateOfValue(io, known?.[1].value, path, advice), untilUs }];
  }

  #forgetExpired(nowUs: TimeUs): void {
    for (const [key, { untilUs }] of this.#values) {
      if (untilUs <= nowUs) this.#values.delete(key);
    }
    if (this.#values.size < MOST_VALUES) return;
    const message = `instances keep ${MOST_VALUES} values, which is the limit; give them a shorter life`;
    throw new MillraceError('ERR_LIMIT_EXCEEDED', message, { node: this.#node });
  }
}
