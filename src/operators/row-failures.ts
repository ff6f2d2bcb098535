/** What a node does with rows on which an expression failed. @module */

import type { Batch } from '../core/batch.ts';
import { MillraceError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import type {
  KernelContext,
  KernelCounters,
  OperatorPlan,
  Outbox,
  OutputPort,
  RowErrorPolicy,
} from '../core/operator.ts';
import { ERROR_STREAM } from '../core/operator.ts';
import type { RowErrors } from '../expr/index.ts';
import type { NamedColumn } from './row-text.ts';
import { rowText } from './row-text.ts';

/** Name of the port for rows in error. */
const ERRORS_PORT = 'errors';
const NO_PORT = -1;
const encoder = new TextEncoder();

/** The ports of a node: its own and, where it sends dead letters, `errors` behind them. */
export function withErrorsPort(
  ports: readonly OutputPort[],
  onError: RowErrorPolicy,
): readonly OutputPort[] {
  return onError === 'deadLetter' ? [...ports, { name: ERRORS_PORT, stream: ERROR_STREAM }] : ports;
}

/** A row in error. */
export interface RowFailure {
  readonly code: ErrorCode;
  /** What went wrong, without the node's name. */
  readonly message: string;
  /** The column or property that was computed. */
  readonly field?: string | undefined;
  /** The row, as a short text. */
  readonly input: string;
  readonly cause?: unknown;
}

/**
 * Applies a node's `onError`. Dead letters wait here until {@link flush} has handed them on, which
 * the kernel calls after each batch, and before it says `done`.
 */
export class RowFailures {
  readonly #node: string;
  readonly #policy: RowErrorPolicy;
  readonly #counters: KernelCounters;
  readonly #port: number;
  readonly #waiting: RowFailure[] = [];
  #sent = 0;

  constructor(plan: OperatorPlan, context: KernelContext) {
    this.#node = context.node;
    this.#policy = plan.onError;
    this.#counters = context.counters;
    this.#port =
      plan.onError === 'deadLetter'
        ? plan.outputs.findIndex(({ name }) => name === ERRORS_PORT)
        : NO_PORT;
  }

  /**
   * Takes note of the rows on which an expression failed, takes them out of `rows[0 .. count)`, and
   * forgets them in `errors`.
   *
   * @param field - the column that was computed, or the property that the condition stands in
   * @param columns - what there is to say about a row
   * @returns how many rows are left
   * @throws MillraceError `ERR_ROW_EXPRESSION`, by `onError: stop`
   */
  drop(
    errors: RowErrors,
    rows: Uint32Array,
    count: number,
    field: string,
    columns: readonly NamedColumn[],
  ): number {
    for (let i = 0; i < errors.count; i++) {
      const input = this.#policy === 'skip' ? '' : rowText(columns, errors.rows[i]!);
      this.add({ code: 'ERR_ROW_EXPRESSION', message: errors.message(i), field, input });
    }
    const left = errors.dropFailed(rows, count, rows);
    errors.reset();
    return left;
  }

  /**
   * Takes note of a row in error, which the kernel drops.
   *
   * @throws MillraceError with the failure's code, by `onError: stop`
   */
  add(failure: RowFailure): void {
    if (this.#policy === 'stop') {
      const field = failure.field === undefined ? '' : `${failure.field}: `;
      throw new MillraceError(
        failure.code,
        `'${this.#node}' failed on a row: ${field}${failure.message}; the row is ${failure.input}`,
        { node: this.#node, cause: failure.cause },
      );
    }
    this.#counters.addErrors(1);
    if (this.#port !== NO_PORT) this.#waiting.push(failure);
  }

  /** Hands dead letters on; false when the port is full: then say `blocked` and call it again. */
  flush(out: Outbox): boolean {
    while (this.#sent < this.#waiting.length) {
      const batch = out.claim(this.#port);
      if (batch === undefined) return false;
      const wasEmpty = batch.rowCount === 0;
      let isFull = false;
      while (this.#sent < this.#waiting.length && !isFull) {
        isFull = !this.#write(batch, this.#waiting[this.#sent]!);
        if (!isFull) this.#sent++;
      }
      if (isFull && wasEmpty && batch.rowCount === 0) {
        // No slot has room for so long a text: the node and the code say at least what happened.
        this.#waiting[this.#sent] = { ...this.#waiting[this.#sent]!, message: '', input: '' };
      }
      out.commit(this.#port, isFull);
    }
    if (this.#sent > 0) {
      this.#waiting.length = 0;
      this.#sent = 0;
    }
    return true;
  }

  /** Appends a row of `ERROR_SCHEMA`; false when it does not fit. */
  #write(batch: Batch, failure: RowFailure): boolean {
    const at = batch.rowCount;
    if (at === batch.rowCapacity) return false;
    const { code, message, field, input } = failure;
    const texts = [this.#node, code, message, undefined, undefined, field, input];
    const heapUsed = batch.heap.used;
    for (let c = 0; c < texts.length; c++) {
      const column = batch.columns[c]!;
      const text = texts[c];
      if (text === undefined) {
        column.setNull(at);
        continue;
      }
      column.setPresent(at);
      const bytes = encoder.encode(text);
      if (column.setView(at, bytes, 0, bytes.length)) continue;
      batch.heap.used = heapUsed;
      for (let undone = 0; undone < c; undone++) batch.columns[undone]!.setPresent(at);
      return false;
    }
    batch.setRowCount(at + 1);
    return true;
  }
}
