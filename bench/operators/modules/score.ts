/** What the cases of `module` and `actor` call. @module */

import type { ActorContext } from '../../../src/operators/actor/contract.ts';

interface Scored {
  readonly id: number;
  readonly score: number;
}

/** A row for a row. */
export function score({ id, x, v }: { id: number; x: number; v: number }): Scored {
  return { id, score: x * 2 + v };
}

/** Counts the rows of its key. */
export class Counter {
  #count = 0;

  onRow(row: { readonly k: number }, { emit }: ActorContext): void {
    emit({ k: row.k, n: ++this.#count });
  }
}
