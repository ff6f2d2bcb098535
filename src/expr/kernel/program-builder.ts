/** Puts the steps of several operators in a row together. @module */

import { canFail } from '../batch/can-fail.ts';
import { remapColumns } from '../inspect.ts';
import type { TypedExpr } from '../typed.ts';
import { operandsOf } from '../typed.ts';
import { cheapFirst } from '../wasm/cheap-first.ts';
import { CoverageMap } from '../wasm/coverage.ts';
import type { KernelStep, ValueStep } from './program.ts';

/** What operators in a row do with the rows of a batch. */
export interface ChainedSteps {
  readonly steps: readonly KernelStep[];
  /** Columns of the result: of the batch, or computed. */
  readonly outputs: readonly number[];
}

/** Most nodes of all expressions: functions much larger take long to optimise. */
const MOST_NODES = 150;

/** Puts a program together, an operator at a time. */
export class ProgramBuilder {
  readonly #coverage = new CoverageMap();
  #steps: readonly KernelStep[] = [];
  /** Where the columns of the stream at this point are. */
  #columns: readonly number[];
  #nodes = 0;
  #next: number;

  /** @param width - columns of the batch */
  constructor(width: number) {
    this.#columns = Array.from({ length: width }, (_, column) => column);
    this.#next = width;
  }

  /** Where the columns of the stream at this point are. */
  get columns(): readonly number[] {
    return this.#columns;
  }

  /** Expressions that compute something. */
  get size(): number {
    return this.#steps.length;
  }

  /** Adds a filter; false when kernels do not cover it, or there is no room for it. */
  filter(condition: TypedExpr): boolean {
    const taken = this.#take(condition);
    if (taken === undefined) return false;
    this.#steps = [...this.#steps, { kind: 'filter', expr: taken }];
    return true;
  }

  /** Adds a map, by its columns; false as {@link filter}, and then nothing was added. */
  map(columns: readonly TypedExpr[]): boolean {
    const [steps, nodes, next] = [this.#steps, this.#nodes, this.#next];
    const added: KernelStep[] = [];
    const places: number[] = [];
    for (const column of columns) {
      if (column.op === 'column') {
        places.push(this.#columns[column.index]!);
        continue;
      }
      const taken = this.#take(column);
      if (taken === undefined) {
        [this.#steps, this.#nodes, this.#next] = [steps, nodes, next];
        return false;
      }
      places.push(this.#next);
      added.push({ kind: 'value', column: this.#next++, expr: taken });
    }
    this.#steps = [...steps, ...added];
    this.#columns = places;
    return true;
  }

  /** An expression over the stream at this point as one over the program; `undefined`: as {@link filter}. */
  #take(expr: TypedExpr): TypedExpr | undefined {
    if (!this.covers(expr)) return undefined;
    this.#nodes += this.#coverage.of(expr).nodes;
    return this.place(cheapFirst(expr));
  }

  /** The same without counting it: for what reads the result. */
  place(expr: TypedExpr): TypedExpr {
    return remapColumns(expr, (column) => this.#columns[column]!);
  }

  /** Whether an expression could be added. */
  covers(expr: TypedExpr): boolean {
    const { isCovered, hasLeaves, nodes } = this.#coverage.of(expr);
    return isCovered && !hasLeaves && this.#nodes + nodes <= MOST_NODES;
  }

  /**
   * The program.
   *
   * @param readers - expressions over it, beside the columns of the result, for which columns are needed
   */
  finish(outputs: readonly number[], readers: readonly TypedExpr[] = []): ChainedSteps {
    const needed = new Set(outputs);
    for (const reader of readers) addColumns(reader, needed);
    return { steps: neededSteps(this.#steps, needed), outputs };
  }
}

/** Those steps that drop rows, may fail, or compute what others or `needed` read. */
export function neededSteps(
  steps: readonly KernelStep[],
  needed: ReadonlySet<number>,
): readonly KernelStep[] {
  const columns = new Set(needed);
  const kept: KernelStep[] = [];
  for (const step of steps.toReversed()) {
    if (step.kind === 'value' && !columns.has(step.column) && !canFail(step.expr)) continue;
    kept.push(step);
    addColumns(step.expr, columns);
  }
  return kept.reverse();
}

/** Steps that compute `needed` and what they read, for rows that have passed everything. */
export function valueSteps(
  steps: readonly KernelStep[],
  needed: ReadonlySet<number>,
): readonly ValueStep[] {
  const columns = new Set(needed);
  const kept: ValueStep[] = [];
  for (const step of steps.toReversed()) {
    if (step.kind !== 'value' || !columns.has(step.column)) continue;
    kept.push(step);
    addColumns(step.expr, columns);
  }
  return kept.reverse();
}

function addColumns(expr: TypedExpr, columns: Set<number>): void {
  if (expr.op === 'column') columns.add(expr.index);
  for (const operand of operandsOf(expr)) addColumns(operand, columns);
}
