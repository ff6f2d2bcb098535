/** Rows that a lookup has been given, by key: for the batch at work, and for those that come. @module */

import { Batch } from '../../core/batch.ts';
import { layoutBatch } from '../../core/batch-layout.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import type { AnswerCache } from '../../core/topology/model.ts';
import type { Schema } from '../../core/schema.ts';
import type { TimeUs } from '../../core/units.ts';
import { readValue } from '../../expr/index.ts';
import { RowWriter } from '../../rows/row-writer.ts';
import { keyId } from '../key-id.ts';
import { PAGE_ROWS } from '../query/page-loops.ts';
import { TableColumn } from '../query/table-column.ts';
import { misfit } from '../user-rows.ts';

/** What an answer takes beside its row, about. */
const ANSWER_BYTES = 160;
/** A row with longer strings is refused. */
const ROW_HEAP_BYTES = 1024 * 1024;

/** What is known of a key. */
export interface Answer {
  readonly id: string;
  /** Where its row is; -1: there is none. */
  slot: number;
  /** Why it could not be looked up. */
  failure: AnswerFailure | undefined;
  isPending: boolean;
  expiresUs: TimeUs;
  bytes: number;
}

/** Why a key could not be looked up. */
export interface AnswerFailure {
  readonly message: string;
  readonly isTimeout: boolean;
  readonly cause: unknown;
}

/** Answers, in the order in which they were last used. */
export class Answers {
  /** The columns of rows. */
  readonly columns: readonly TableColumn[];
  readonly #keys: readonly number[];
  readonly #limitBytes: number;
  readonly #ttlUs: number;
  readonly #known = new Map<string, Answer>();
  readonly #free: number[] = [];
  readonly #row: Batch;
  readonly #writer: RowWriter;
  readonly #slots = new Int32Array(1);
  readonly #rows = new Uint32Array(1);
  #pages = 0;
  #bytes = 0;

  /** @param keys - positions of the key's columns */
  constructor(schema: Schema, keys: readonly number[], cache: AnswerCache | undefined) {
    this.columns = schema.map(({ type }) => new TableColumn(type));
    this.#keys = keys;
    this.#limitBytes = cache?.limitBytes ?? 0;
    this.#ttlUs = cache?.ttlUs ?? 0;
    this.#row = Batch.allocate(layoutBatch({ schema, hasTime: false }, 64, ROW_HEAP_BYTES));
    this.#writer = new RowWriter(schema);
  }

  /** Bytes of what is kept, about. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#known.size;
  }

  /** What is known of a key, unless it is too old. */
  find(id: string, nowUs: TimeUs): Answer | undefined {
    const answer = this.#known.get(id);
    if (answer === undefined) return undefined;
    if (!answer.isPending && answer.expiresUs <= nowUs) {
      this.#forget(answer);
      return undefined;
    }
    // It is used last now.
    this.#known.delete(id);
    this.#known.set(id, answer);
    return answer;
  }

  /** Takes note of a key that is being looked for. */
  expect(id: string): Answer {
    const answer: Answer = {
      id,
      slot: -1,
      failure: undefined,
      isPending: true,
      expiresUs: Infinity,
      bytes: ANSWER_BYTES + 2 * id.length,
    };
    this.#known.set(id, answer);
    this.#bytes += answer.bytes;
    return answer;
  }

  /**
   * Takes the row of a key that is expected.
   *
   * @param asked - the keys that were asked for
   * @returns what is wrong with it; `undefined`: nothing
   */
  take(row: unknown, asked: ReadonlyMap<string, Answer>): string | undefined {
    this.#row.reset();
    const outcome = this.#writer.write(this.#row, row);
    if (outcome === 'full') return 'a row does not fit';
    if (outcome !== null) return `a row does not fit: ${misfit(outcome)}`;
    const { columns } = this.#row;
    const key = this.#keys.map((c) => readValue(columns[c]!, 0));
    const id = keyId(key);
    const answer = id === undefined ? undefined : asked.get(id);
    if (answer === undefined) return `a row with a key that was not asked for: ${key.join(', ')}`;
    if (answer.slot >= 0) return `two rows with the key ${key.join(', ')}`;
    answer.slot = this.#takeSlot();
    this.#slots[0] = answer.slot;
    let bytes = 0;
    for (let c = 0; c < columns.length; c++) {
      this.columns[c]!.scatter(columns[c]!, this.#slots, this.#rows, 0, 1);
      bytes += 16;
      if (columns[c]!.storage !== 'view' || columns[c]!.isNull(0)) continue;
      const length = columns[c]!.viewLength(0);
      if (length > INLINE_BYTES) bytes += length;
    }
    answer.bytes += bytes;
    this.#bytes += bytes;
    return undefined;
  }

  /** The key has been looked up: with its row, without one, or in vain. */
  settle(answer: Answer, nowUs: TimeUs, failure?: AnswerFailure): void {
    answer.isPending = false;
    answer.failure = failure;
    answer.expiresUs = failure === undefined ? nowUs + this.#ttlUs : -Infinity;
  }

  /** Forgets, behind a batch, what is not to be kept; what was not used for longest goes first. */
  trim(nowUs: TimeUs): void {
    for (const answer of this.#known.values()) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#forget(answer);
    }
    if (this.#ttlUs === Infinity) return;
    // Those at the front were used first; a few with each batch, so that old ones go in the end.
    let looks = 64;
    for (const answer of this.#known.values()) {
      if (looks-- === 0) break;
      if (answer.expiresUs <= nowUs) this.#forget(answer);
    }
  }

  /** Forgets what failed: the next one that asks tries again. */
  dropFailed(answers: Iterable<Answer>): void {
    for (const answer of answers) {
      if (answer.failure !== undefined && this.#known.get(answer.id) === answer) {
        this.#forget(answer);
      }
    }
  }

  #forget(answer: Answer): void {
    this.#known.delete(answer.id);
    this.#bytes -= answer.bytes;
    if (answer.slot < 0) return;
    for (const column of this.columns) column.clear(answer.slot);
    this.#free.push(answer.slot);
  }

  #takeSlot(): number {
    const slot = this.#free.pop();
    if (slot !== undefined) return slot;
    const first = PAGE_ROWS * this.#pages++;
    for (const column of this.columns) column.addPage();
    for (let other = first + PAGE_ROWS - 1; other > first; other--) this.#free.push(other);
    return first;
  }
}
