/** Values that instances keep beyond their lives. @module */

import { MillraceError } from '../../core/errors.ts';
import type { TimeUs } from '../../core/units.ts';

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

  #forgetExpired(nowUs: TimeUs): void {
    for (const [key, { untilUs }] of this.#values) {
      if (untilUs <= nowUs) this.#values.delete(key);
    }
    if (this.#values.size < MOST_VALUES) return;
    const message = `instances keep ${MOST_VALUES} values, which is the limit; give them a shorter life`;
    throw new MillraceError('ERR_LIMIT_EXCEEDED', message, { node: this.#node });
  }
}
