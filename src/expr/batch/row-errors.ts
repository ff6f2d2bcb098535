/** The rows of one batch on which an expression failed. @module */

import type { RowError, RowErrorCode } from '../row-error.ts';

/**
 * Collects row errors, the first of each row. One object serves all expressions of an operator; its
 * owner calls {@link reset} for each batch.
 */
export class RowErrors {
  /** Rows that failed. */
  count = 0;
  /** Those rows, in the order they were found; the first `count` are meaningful. */
  readonly rows: Uint32Array;
  readonly #errors: RowError[] = [];
  readonly #failed: Uint8Array;

  /** @param rowCapacity - most rows of a batch */
  constructor(rowCapacity: number) {
    this.rows = new Uint32Array(rowCapacity);
    this.#failed = new Uint8Array(rowCapacity);
  }

  /** Forgets all errors: before each batch. */
  reset(): void {
    for (let i = 0; i < this.count; i++) this.#failed[this.rows[i]!] = 0;
    this.count = 0;
    this.#errors.length = 0;
  }

  /** Notes that a row failed, unless it failed before. */
  add(row: number, error: RowError): void {
    if (this.#failed[row] !== 0) return;
    this.#failed[row] = 1;
    this.rows[this.count++] = row;
    this.#errors.push(error);
  }

  /** Whether a row failed. */
  has(row: number): boolean {
    return this.#failed[row] !== 0;
  }

  /** Why error number `i` happened. */
  code(i: number): RowErrorCode {
    return this.#errors[i]!.code;
  }

  /** Error number `i` in one sentence. */
  message(i: number): string {
    return this.#errors[i]!.message;
  }

  /**
   * Drops the failed rows from `selection[0 .. selected)`.
   *
   * @param out - may be `selection` itself
   * @returns how many rows are left
   */
  dropFailed(selection: Uint32Array, selected: number, out: Uint32Array): number {
    const failed = this.#failed;
    let kept = 0;
    for (let s = 0; s < selected; s++) {
      const row = selection[s]!;
      out[kept] = row;
      kept += 1 - failed[row]!;
    }
    return kept;
  }
}
