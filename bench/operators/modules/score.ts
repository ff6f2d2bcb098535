/** What the cases of `module` and `actor` call. @module */

import type { ActorContext } from '../../../src/operators/actor/contract.ts';
import type { ModuleBatch, ModuleOutput } from '../../../src/operators/module/contract.ts';

interface Scored {
  readonly id: number;
  readonly score: number;
}

/** A row for a row. */
export function score({ id, x, v }: { id: number; x: number; v: number }): Scored {
  return { id, score: x * 2 + v };
}

/** The same for batches, as columns. */
export function scoreBatch(input: ModuleBatch, output: ModuleOutput): void {
  const { selection, selected } = input;
  const x = input.column('x').f64;
  const v = input.column('v').words;
  const scores = output.column('score').f64;
  for (let i = 0; i < selected; i++) {
    const row = selection[i]!;
    scores[row] = x[row]! * 2 + v[row]!;
  }
  output.show('id', input.column('id'));
}

/** Counts the rows of its key. */
export class Counter {
  #count = 0;

  onRow(row: { readonly k: number }, { emit }: ActorContext): void {
    emit({ k: row.k, n: ++this.#count });
  }
}
