/** Asks the user's code for the rows of keys, some calls at a time. @module */

import { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { Schema } from '../../core/schema.ts';
import type { TableModule } from '../../core/topology/model.ts';
import type { TimeUs } from '../../core/units.ts';
import { ask, type Outcome } from '../../modules/asking.ts';
import { RowReader } from '../../rows/row-reader.ts';
import type { Answer, Answers } from './answers.ts';
import type { LookupModule, LookupRow } from './contract.ts';

/** A call and what it asks for. */
interface Question {
  readonly asked: readonly Answer[];
  outcome: Outcome | undefined;
  giveUp: () => void;
}

/** The keys of one batch, until all are known. */
export class KeyQuestions {
  readonly #module: LookupModule;
  readonly #table: TableModule;
  readonly #answers: Answers;
  readonly #wake: () => void;
  readonly #reader: RowReader;
  readonly #view: Batch;
  /** Still to be asked for. */
  #waiting: { answer: Answer; key: LookupRow }[] = [];
  #next = 0;
  readonly #open = new Set<Question>();

  constructor(
    module: LookupModule,
    table: TableModule,
    keys: Schema,
    answers: Answers,
    wake: () => void,
  ) {
    this.#module = module;
    this.#table = table;
    this.#answers = answers;
    this.#wake = wake;
    this.#reader = new RowReader(keys, { int64: 'bigint' });
    this.#view = Batch.view(1, false);
  }

  /** Asks, in time, for the key of a row. */
  add(answer: Answer, keys: readonly Column[], row: number): void {
    this.#view.columns = [...keys];
    const key = Object.freeze(this.#reader.read(this.#view, row));
    this.#waiting.push({ answer, key });
  }

  /** Takes answers that have come, and asks for more; true when all keys are known. */
  goOn(nowUs: TimeUs): boolean {
    for (;;) {
      for (const question of this.#open) {
        if (question.outcome === undefined) continue;
        this.#open.delete(question);
        this.#settle(question, question.outcome, nowUs);
      }
      if (this.#next === this.#waiting.length) break;
      if (this.#open.size === this.#table.calls) return false;
      this.#askNext();
    }
    if (this.#open.size > 0) return false;
    this.#waiting = [];
    this.#next = 0;
    return true;
  }

  /** Nobody waits for anything any more. */
  giveUp(): void {
    for (const question of this.#open) question.giveUp();
    this.#open.clear();
  }

  #askNext(): void {
    const { batchKeys } = this.#table;
    const part = this.#waiting.slice(this.#next, this.#next + batchKeys);
    this.#next += part.length;
    const keys = part.map(({ key }) => key);
    const question: Question = {
      asked: part.map(({ answer }) => answer),
      outcome: undefined,
      giveUp: () => undefined,
    };
    this.#open.add(question);
    question.giveUp = ask(
      (signal) => this.#module.lookup(keys, signal),
      this.#table,
      (outcome) => {
        question.outcome = outcome;
        this.#wake();
      },
    );
  }

  #settle({ asked }: Question, outcome: Outcome, nowUs: TimeUs): void {
    const failure =
      'answer' in outcome
        ? this.#take(asked, outcome.answer)
        : { message: outcome.message, isTimeout: outcome.isTimeout, cause: outcome.error };
    for (const answer of asked) this.#answers.settle(answer, nowUs, failure);
  }

  /** Takes the rows of an answer; what is wrong with them. */
  #take(asked: readonly Answer[], answer: unknown): Answer['failure'] {
    const failed = (message: string): Answer['failure'] => ({
      message: `the answer has ${message}`,
      isTimeout: false,
      cause: undefined,
    });
    if (!Array.isArray(answer)) return failed('no list of rows');
    const byId = new Map(asked.map((one) => [one.id, one]));
    for (const row of answer as readonly unknown[]) {
      const problem = this.#answers.take(row, byId);
      if (problem !== undefined) return failed(problem);
    }
    return undefined;
  }
}
