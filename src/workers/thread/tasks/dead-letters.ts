/** What a source does with a row that it cannot decode. @module */

import type { Batch } from '../../../core/batch.ts';
import type { BadRow } from '../../../core/connector.ts';
import { type ErrorCode, MillraceError } from '../../../core/errors.ts';
import type { RowErrorPolicy } from '../../../core/operator.ts';
import { TaskMetric } from '../../protocol.ts';
import type { TaskOutbox } from '../outbox.ts';
import type { TaskMetrics } from '../task-metrics.ts';

/** Position of the `errors` port among a source's ports. */
const ERRORS_PORT = 1;
const encoder = new TextEncoder();

/** `file.csv:12, field 'bid': not a number` */
export function describeBadRow(row: BadRow): string {
  const at =
    row.file === undefined ? '' : row.file + (row.line === undefined ? '' : `:${row.line}`);
  const line = row.file === undefined && row.line !== undefined ? `row ${row.line}` : at;
  const field = row.field === undefined ? '' : `field '${row.field}'`;
  const place = [line, field].filter((part) => part !== '').join(', ');
  const input = row.input === undefined ? '' : `; found ${JSON.stringify(row.input)}`;
  return `${place === '' ? '' : `${place}: `}${row.message}${input}`;
}

/** Applies a source's `onError`. */
export class DeadLetters {
  readonly #node: string;
  readonly #policy: RowErrorPolicy;
  readonly #outbox: TaskOutbox;
  readonly #metrics: TaskMetrics;
  readonly #waiting: BadRow[] = [];
  #sent = 0;

  constructor(node: string, policy: RowErrorPolicy, outbox: TaskOutbox, metrics: TaskMetrics) {
    this.#node = node;
    this.#policy = policy;
    this.#outbox = outbox;
    this.#metrics = metrics;
  }

  /** Whether {@link reject} has room for one more row. */
  canReject(): boolean {
    return this.#policy !== 'deadLetter' || this.#outbox.claim(ERRORS_PORT) !== undefined;
  }

  /** Throws `ERR_BAD_ROW` (`stop`), or counts the row, or also sends it on. */
  reject(row: BadRow): void {
    this.#metrics.add(TaskMetric.ROWS_IN, 1);
    this.#metrics.add(TaskMetric.REJECTED, 1);
    if (this.#policy === 'stop') {
      throw new MillraceError('ERR_BAD_ROW', describeBadRow(row), { node: this.#node });
    }
    // The source asked canReject first, so there is room for a row.
    if (this.#policy === 'deadLetter') this.#send('ERR_BAD_ROW', row);
  }

  /**
   * The same for a row that was read and counted, and on which an expression failed. What there is no
   * room for waits.
   */
  refuse(row: BadRow): void {
    this.#metrics.add(TaskMetric.REJECTED, 1);
    if (this.#policy === 'stop') {
      const message = `'${this.#node}' failed on a row: ${describeBadRow(row)}`;
      throw new MillraceError('ERR_ROW_EXPRESSION', message, { node: this.#node });
    }
    if (this.#policy === 'deadLetter') this.#waiting.push(row);
  }

  /** Sends what waits; false when there is no room for all of it. */
  flush(): boolean {
    // To set the length of an array takes longer than to look at it, and this is asked several times a batch.
    if (this.#waiting.length === 0) return true;
    while (this.#sent < this.#waiting.length) {
      if (!this.canReject()) return false;
      this.#send('ERR_ROW_EXPRESSION', this.#waiting[this.#sent++]!);
    }
    this.#waiting.length = 0;
    this.#sent = 0;
    return true;
  }

  #send(code: ErrorCode, row: BadRow): void {
    const batch = this.#outbox.claim(ERRORS_PORT);
    if (batch === undefined) return;
    const isWritten = writeErrorRow(batch, this.#node, code, row);
    this.#outbox.commit(ERRORS_PORT, !isWritten);
    if (isWritten) return;
    const next = this.#outbox.claim(ERRORS_PORT);
    if (next === undefined) return;
    // Cut until it fits an empty slot: that it came and why must not be lost.
    let letter = row;
    while (letter.message !== '' && !writeErrorRow(next, this.#node, code, letter)) {
      letter = shortened(letter);
    }
    this.#outbox.commit(ERRORS_PORT, false);
  }
}

/** The same with less text: first of the input, then of the message. */
function shortened(row: BadRow): BadRow {
  const { input = '', message } = row;
  if (input.length > 8) return { ...row, input: `${input.slice(0, input.length >> 1)}…` };
  if (input !== '') return { ...row, input: undefined };
  return { message: message.slice(0, message.length >> 1), line: row.line };
}

/** Appends a row of `ERROR_SCHEMA`; false when the batch's heap is full. */
function writeErrorRow(batch: Batch, node: string, code: string, row: BadRow): boolean {
  const at = batch.rowCount;
  const heapUsed = batch.heap.used;
  const texts = [node, code, row.message, row.file, undefined, row.field, row.input];
  for (let c = 0; c < texts.length; c++) {
    const column = batch.columns[c]!;
    const text = texts[c];
    column.setPresent(at);
    if (c === 4) {
      if (row.line === undefined) column.setNull(at);
      else column.setI64FromNumber(at, row.line);
    } else if (text === undefined) {
      column.setNull(at);
    } else {
      const bytes = encoder.encode(text);
      if (column.setView(at, bytes, 0, bytes.length)) continue;
      batch.heap.used = heapUsed;
      return false;
    }
  }
  batch.setRowCount(at + 1);
  return true;
}
