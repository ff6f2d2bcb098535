/** What windows ask of the rows of a batch: values and conditions, by position. @module */

import type { Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import type { BatchOptions } from '../../../expr/index.ts';
import { CompiledExpr, type RowEvaluator } from '../../row-evaluator.ts';
import type { PredicateConfig, RowWindowConfig, ValueConfig } from './config.ts';

/** Beyond this, neighbouring integers are the same number. */
const MOST = Number.MAX_SAFE_INTEGER;

/** Computes values and conditions of one batch after the other. */
export class RowFacts {
  readonly #values: readonly Values[];
  readonly #predicates: readonly Predicates[];

  constructor({ values, predicates }: RowWindowConfig, options: BatchOptions) {
    this.#values = values.map((value) => new Values(value, options));
    this.#predicates = predicates.map((predicate) => new Predicates(predicate, options));
  }

  /** Evaluates expressions; rows that fail are dropped from the evaluator's. */
  evaluate(evaluator: RowEvaluator): void {
    for (const values of this.#values) values.evaluate(evaluator);
    for (const predicates of this.#predicates) predicates.evaluate(evaluator);
  }

  /** Reads values and conditions of `rows[0 .. count)`, which were evaluated. */
  bind(batch: Batch, rows: Uint32Array, count: number): void {
    for (const values of this.#values) values.bind(batch, rows, count);
    for (const predicates of this.#predicates) predicates.bind(rows, count);
  }

  /** Lets go of the batch. */
  clear(): void {
    for (const values of this.#values) values.clear();
    for (const predicates of this.#predicates) predicates.clear();
  }

  /** Value of a dimension; NaN where there is none. @hot */
  value(dimension: number, position: number): number {
    return this.#values[dimension]!.of[position]!;
  }

  /** Sets a value that is below the one before. */
  raise(dimension: number, position: number, value: number): void {
    this.#values[dimension]!.of[position] = value;
  }

  opens(dimension: number, position: number): boolean {
    return (this.#predicates[dimension]!.bits[position]! & OPENS) !== 0;
  }

  closes(dimension: number, position: number): boolean {
    return (this.#predicates[dimension]!.bits[position]! & CLOSES) !== 0;
  }

  emits(dimension: number, position: number): boolean {
    return (this.#predicates[dimension]!.bits[position]! & EMITS) !== 0;
  }
}

/** Values of one dimension. */
class Values {
  /** By position. */
  readonly of: Float64Array;
  readonly #expr: CompiledExpr | undefined;
  #column: Column | undefined;

  constructor({ on, field }: ValueConfig, options: BatchOptions) {
    this.of = new Float64Array(options.rowCapacity);
    this.#expr = on && new CompiledExpr(on, field, options);
  }

  evaluate(evaluator: RowEvaluator): void {
    if (this.#expr !== undefined) this.#column = evaluator.evaluate(this.#expr);
  }

  bind(batch: Batch, rows: Uint32Array, count: number): void {
    const column = this.#column;
    if (column === undefined) {
      for (let i = 0; i < count; i++)
        this.of[i] = batch.timeUs(rows[i]!) + batch.lateByUs(rows[i]!);
    } else this.#read(column, rows, count);
  }

  /** @hot */
  #read(column: Column, rows: Uint32Array, count: number): void {
    const values = this.of;
    const { storage } = column;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const value =
        storage === 'f64'
          ? column.f64[row]!
          : storage === 'i32'
            ? column.words[row]!
            : column.getI64AsNumber(row);
      values[i] = column.isNull(row) || value > MOST || value < -MOST ? NaN : value;
    }
  }

  clear(): void {
    this.#column = undefined;
  }
}

const OPENS = 1;
const CLOSES = 2;
const EMITS = 4;

/** Conditions of one dimension; null is false. */
class Predicates {
  /** By position: which of the conditions are true. */
  readonly bits: Uint8Array;
  readonly #exprs: readonly { readonly expr: CompiledExpr; readonly bit: number }[];
  readonly #columns: Column[] = [];

  constructor({ open, close, emit }: PredicateConfig, options: BatchOptions) {
    this.bits = new Uint8Array(options.rowCapacity);
    const all = [
      { typed: open, bit: OPENS, name: 'open' },
      { typed: close, bit: CLOSES, name: 'close' },
      { typed: emit, bit: EMITS, name: 'emit' },
    ];
    this.#exprs = all.flatMap(({ typed, bit, name }) =>
      typed === undefined ? [] : [{ expr: new CompiledExpr(typed, name, options), bit }],
    );
  }

  evaluate(evaluator: RowEvaluator): void {
    for (let e = 0; e < this.#exprs.length; e++) {
      this.#columns[e] = evaluator.evaluate(this.#exprs[e]!.expr);
    }
  }

  bind(rows: Uint32Array, count: number): void {
    this.bits.fill(0, 0, count);
    for (let e = 0; e < this.#exprs.length; e++) {
      this.#mark(this.#columns[e]!, this.#exprs[e]!.bit, rows, count);
    }
  }

  /** @hot */
  #mark(column: Column, bit: number, rows: Uint32Array, count: number): void {
    const { bits } = this;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (column.getBool(row) && !column.isNull(row)) bits[i] = bits[i]! | bit;
    }
  }

  clear(): void {
    this.#columns.length = 0;
  }
}
