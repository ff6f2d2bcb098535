/** The order in which rows are better or worse. @module */

import type { Column } from '../../core/column.ts';
import { compareValues } from '../../core/compare-values.ts';
import type { TopConfig } from './config.ts';

/**
 * By `orderBy`; rows that are equal by it, by all columns in their order, so that it never depends on
 * the order of arrival which of them is kept.
 */
export class RowOrder {
  readonly #keys: TopConfig['orderBy'];

  constructor({ orderBy }: TopConfig) {
    this.#keys = orderBy;
  }

  /** Less than 0, 0 or greater than 0, as `a` is better than, equal to or worse than `b`. */
  compareKeys(a: readonly Column[], atA: number, b: readonly Column[], atB: number): number {
    for (let k = 0; k < this.#keys.length; k++) {
      const { column, direction } = this.#keys[k]!;
      const result = compareValues(a[column]!, atA, b[column]!, atB);
      if (result !== 0) return result * direction;
    }
    return 0;
  }

  /** As {@link compareKeys}; 0 only for rows that are the same in all columns. */
  compare(a: readonly Column[], atA: number, b: readonly Column[], atB: number): number {
    const result = this.compareKeys(a, atA, b, atB);
    if (result !== 0) return result;
    for (let c = 0; c < a.length; c++) {
      const [left, right] = [a[c]!, b[c]!];
      const byColumn = compareValues(left, atA, right, atB) || compareZeros(left, atA, right, atB);
      if (byColumn !== 0) return byColumn;
    }
    return 0;
  }
}

/** -0 and 0 are equal, and yet not the same. */
function compareZeros(a: Column, atA: number, b: Column, atB: number): number {
  if (a.storage !== 'f64' || a.isNull(atA)) return 0;
  return Number(Object.is(b.f64[atB], -0)) - Number(Object.is(a.f64[atA], -0));
}
