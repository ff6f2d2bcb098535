/** The numbers of rows' groups, see `admission/unit-ranks.ts`: what is shed together. @module */

import { NEVER_DROPPED } from '../../../../admission/index.ts';
import { FLOOR_BIN, isInFloor, unitOf } from '../../../../admission/unit-ranks.ts';
import { binOfHighWord, HIGH_WORD } from '../../../../admission/value-bins.ts';
import type { Batch } from '../../../../core/batch.ts';
import { Column } from '../../../../core/column.ts';
import type { KernelMemory } from '../../../../core/memory.ts';
import { FLOAT64 } from '../../../../core/types.ts';
import {
  type BatchExpression,
  compileBatch,
  RowErrors,
  type TypedExpr,
} from '../../../../expr/index.ts';
import { hashRows } from '../../../../state/index.ts';
import type { RowWorth } from '../row-worth.ts';

/** What {@link GroupNumbers} are made of. */
export interface GroupNumbersParts {
  readonly keys: readonly TypedExpr[];
  readonly strata: number;
  readonly worth: RowWorth;
  /** The share of groups that is kept whatever they are worth, by lane. */
  readonly minShare: Float64Array;
  readonly rowCapacity: number;
  readonly memory: KernelMemory;
}

/** Computes the numbers of groups, a batch at a time. */
export class GroupNumbers {
  /** By row. */
  readonly column: Column;
  readonly #parts: GroupNumbersParts;
  readonly #compiled: readonly (BatchExpression | undefined)[];
  readonly #errors: RowErrors;
  readonly #hashes: Int32Array;
  readonly #strata: Int32Array;
  readonly #keys: Column[] = [];
  readonly #names: Column[] = [];

  constructor(parts: GroupNumbersParts) {
    const { keys, rowCapacity, memory } = parts;
    this.#parts = parts;
    this.column = Column.allocate(FLOAT64, rowCapacity, memory);
    this.#compiled = keys.map((expr) =>
      expr.op === 'column' ? undefined : compileBatch(expr, { rowCapacity, memory }),
    );
    this.#errors = new RowErrors(rowCapacity);
    this.#hashes = memory.words(rowCapacity);
    this.#strata = memory.words(rowCapacity);
  }

  /** @param batch - whose rows have been valued */
  evaluate(batch: Batch): void {
    const { keys, worth, strata } = this.#parts;
    const { rows, count } = worth;
    this.#errors.reset();
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k]!;
      const compiled = this.#compiled[k];
      this.#keys[k] =
        key.op === 'column'
          ? batch.columns[key.index]!
          : compiled!.evaluate(batch, rows, count, this.#errors);
    }
    hashRows(this.#keys, rows, 0, count, this.#hashes);
    if (strata > 1) {
      this.#names.length = 0;
      if (worth.classes !== undefined) this.#names.push(worth.classes);
      if (worth.tenants !== undefined) this.#names.push(worth.tenants);
      hashRows(this.#names, rows, 0, count, this.#strata);
    }
    this.#number(rows, count);
    // Whoever computes such a key further on finds the same: until then the row goes its way.
    const { f64 } = this.column;
    for (let i = 0; i < this.#errors.count; i++) {
      f64[this.#errors.rows[i]!] = unitOf(0, NEVER_DROPPED, 0);
    }
  }

  /** @hot */
  #number(rows: Uint32Array, count: number): void {
    const { worth, minShare, strata } = this.#parts;
    const { kept } = worth;
    const { words: values } = worth.values;
    const lanes = worth.tags.words;
    const { f64 } = this.column;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const hash = this.#hashes[i]!;
      const stratum = strata > 1 ? this.#strata[i]! & (strata - 1) : 0;
      let bin = Math.min(FLOOR_BIN, binOfHighWord(values[2 * row + HIGH_WORD]!));
      const share = minShare[lanes[row]!]!;
      if (share > 0 && isInFloor(hash, share)) bin = FLOOR_BIN;
      if (kept !== undefined && kept[row] === 1) bin = NEVER_DROPPED;
      f64[row] = unitOf(stratum, bin, hash);
    }
  }
}
