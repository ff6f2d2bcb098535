/** What `decision_table` does: batches of the input's columns beside the results of rules. @module */

import { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import { INT32 } from '../../core/types.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { LargeRows } from '../large-rows.ts';
import { CompiledExpr, RowEvaluator } from '../row-evaluator.ts';
import { RowFailures } from '../row-failures.ts';
import { isTabled, ConstantResults } from './constant-results.ts';
import { FAILED, FirstRules, NO_RULE } from './first-hit.ts';
import { readRules } from './rule-file.ts';
import type { PlannedRules } from './rules.ts';
import { resultByNumber } from './rules.ts';
import type { DecisionTableConfig } from './spec.ts';

const OUT = 0;
const UNMATCHED = 1;

/** Reads the rules, if they are in a file, and makes the kernel of a `decision_table`. */
export async function createDecisionTableKernel(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<Kernel> {
  const { rules, input, parameters, results, hit } = plan.config as DecisionTableConfig;
  const { schema } = plan.inputs[0]!;
  const planned =
    'path' in rules
      ? await readRules(rules, { name: input, schema, parameters }, results, context)
      : rules;
  return hit === 'first'
    ? new FirstHitKernel(plan, context, planned)
    : new AllHitsKernel(plan, context, planned);
}

/** What both kernels have: rows that are left, outputs, failures. */
class RuleOutput {
  readonly config: DecisionTableConfig;
  readonly evaluator: RowEvaluator;
  /** The input's columns, to which results are added. */
  readonly batch: Batch;
  /** Columns of the input and of the output: between them may be parameters, which are not shown. */
  readonly width: number;
  readonly #outputWidth: number;
  /** Rows that are given results. */
  readonly rows: Uint32Array;
  readonly #others: Uint32Array;
  readonly #unmatched: Batch;
  readonly #failures: RowFailures;
  readonly #largeRows: LargeRows;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { rowCapacity, memory } = context;
    const { schema, hasTime } = plan.inputs[0]!;
    this.config = plan.config as DecisionTableConfig;
    this.#failures = new RowFailures(plan, context);
    this.evaluator = new RowEvaluator(schema, context, this.#failures);
    this.batch = Batch.view(rowCapacity, hasTime);
    this.width = schema.length;
    this.#outputWidth = plan.outputs[OUT]!.stream.schema.length;
    this.#unmatched = Batch.view(rowCapacity, hasTime);
    this.rows = memory.rows(rowCapacity);
    this.#others = memory.rows(rowCapacity);
    this.#largeRows = new LargeRows(plan.outputs[OUT]!.stream.schema, this.#failures, context);
  }

  /**
   * Puts the rows for which `isMet` is true to the front of `rows`, and hands the others to their output,
   * if there is one.
   *
   * @returns how many there are
   */
  split(
    batch: Batch,
    from: Uint32Array,
    count: number,
    isMet: (row: number) => boolean,
    out: Outbox,
  ): number {
    const others = this.#others;
    let kept = 0;
    let left = 0;
    for (let i = 0; i < count; i++) {
      const row = from[i]!;
      if (isMet(row)) this.rows[kept++] = row;
      else others[left++] = row;
    }
    if (this.config.unmatched === 'port' && left > 0) {
      const view = this.#unmatched;
      view.shareColumns(batch);
      view.selection = others;
      view.selected = left;
      out.offer(UNMATCHED, view);
    }
    return kept;
  }

  /** Hands on the rows that the evaluator has left. */
  offer(out: Outbox): void {
    const { batch } = this;
    batch.columns.length = this.#outputWidth;
    batch.selection = this.evaluator.rows;
    batch.selected = this.evaluator.count;
    this.#largeRows.drop(batch);
    out.offer(OUT, batch);
  }

  flush(out: Outbox): Progress {
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }
}

/** A result of each rule: constants, or computed from the number of the rule. */
type ResultColumn = ConstantResults | CompiledExpr;

/** Finds the number of each row's rule, and then the results by that number. */
class FirstHitKernel implements Kernel {
  readonly #output: RuleOutput;
  readonly #first: FirstRules;
  readonly #results: readonly ResultColumn[];
  /** The input's columns, its parameters, and the number behind them. */
  readonly #numbered: Batch;

  constructor(plan: OperatorPlan, context: KernelContext, rules: PlannedRules) {
    const { schema, hasTime } = plan.inputs[0]!;
    this.#output = new RuleOutput(plan, context);
    const numberAt = schema.length + this.#output.config.parameters.length;
    this.#first = new FirstRules(rules, context);
    this.#results = this.#output.config.results.map((field, r): ResultColumn => {
      const exprs = rules.results.map((row) => row[r]!);
      if (isTabled(exprs)) return new ConstantResults(field.type, exprs, context);
      const expr = resultByNumber(rules, r, field, numberAt);
      return new CompiledExpr(expr, field.name, context);
    });
    this.#numbered = Batch.view(context.rowCapacity, hasTime);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const { evaluator, config, width, batch: output } = this.#output;
    const { numbers, column } = this.#first;
    this.#first.find(batch, evaluator);
    let { selection: rows, selected: count } = batch;
    if (this.#first.hasFailed) {
      count = sound(batch, numbers, this.#output.rows);
      rows = this.#output.rows;
    }
    if (config.unmatched !== 'null') {
      count = this.#output.split(batch, rows, count, (row) => numbers[row] !== NO_RULE, out);
      rows = this.#output.rows;
    }
    const numbered = this.#numbered;
    column.clearNulls();
    numbered.shareColumns(batch);
    numbered.columns[batch.columns.length] = column;
    evaluator.begin(numbered, rows, count);
    output.shareColumns(batch);
    for (let r = 0; r < this.#results.length; r++) {
      const result = this.#results[r]!;
      if (result instanceof ConstantResults) {
        result.copy(rows, count, numbers);
        output.columns[width + r] = result.column;
      } else {
        output.columns[width + r] = evaluator.evaluate(result);
      }
    }
    if (config.hasNumber) {
      output.columns[width + this.#results.length] = column;
      for (let i = 0; i < count; i++) if (numbers[rows[i]!] === NO_RULE) column.setNull(rows[i]!);
    }
    this.#output.offer(out);
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    return this.#output.flush(out);
  }
}

/** The rows on which no condition has failed, in order; how many. @hot */
function sound({ selection, selected }: Batch, numbers: Int32Array, rows: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < selected; i++) {
    const row = selection[i]!;
    rows[count] = row;
    count += +(numbers[row]! !== FAILED);
  }
  return count;
}

/** Evaluates all conditions, then hands on the rows of one rule a call. */
class AllHitsKernel implements Kernel {
  readonly #output: RuleOutput;
  readonly #conditions: readonly CompiledExpr[];
  /** By rule: its results, and its number behind them. The last is for rows without a rule. */
  readonly #results: readonly (readonly CompiledExpr[])[];
  /** By rule: whether a row meets it. */
  readonly #isMet: Column[] = [];
  /** Rows on which no condition has failed. */
  readonly #kept: Uint32Array;
  #count = 0;
  #batch: Batch | undefined;
  #next = 0;

  constructor(plan: OperatorPlan, context: KernelContext, rules: PlannedRules) {
    this.#output = new RuleOutput(plan, context);
    const { results, hasNumber } = this.#output.config;
    this.#conditions = rules.conditions.map((expr) => new CompiledExpr(expr, 'rules', context));
    const nothing = results.map(({ type }): TypedExpr => ({ op: 'literal', type, value: null }));
    this.#results = [...rules.results, nothing].map((row, rule) => {
      const value = rule < rules.results.length ? rule + 1 : null;
      const number: TypedExpr = { op: 'literal', type: INT32, value };
      return (hasNumber ? [...row, number] : row).map(
        (expr, r) => new CompiledExpr(expr, results[r]?.name ?? 'rule', context),
      );
    });
    this.#kept = context.memory.rows(context.rowCapacity);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const { evaluator } = this.#output;
    evaluator.begin(batch, batch.selection, batch.selected);
    for (let rule = 0; rule < this.#conditions.length; rule++) {
      this.#isMet[rule] = evaluator.evaluate(this.#conditions[rule]!);
    }
    this.#count = evaluator.count;
    this.#kept.set(evaluator.rows.subarray(0, evaluator.count));
    this.#batch = batch;
    this.#next = 0;
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const batch = this.#batch;
    while (batch !== undefined && this.#next <= this.#conditions.length) {
      const rule = this.#next++;
      const isLast = rule === this.#conditions.length;
      const count = isLast ? this.#unmatchedRows(batch, out) : this.#rowsOf(rule);
      if (count === 0) continue;
      this.#give(batch, rule, count, out);
      return 'yielded';
    }
    this.#batch = undefined;
    return this.#output.flush(out);
  }

  #rowsOf(rule: number): number {
    const isMet = this.#isMet[rule]!;
    const { rows } = this.#output;
    let count = 0;
    for (let i = 0; i < this.#count; i++) {
      const row = this.#kept[i]!;
      if (!isMet.isNull(row) && isMet.getBool(row)) rows[count++] = row;
    }
    return count;
  }

  /** The rows that get results of null for want of a rule; others go to their output. */
  #unmatchedRows(batch: Batch, out: Outbox): number {
    const isMetByAny = (row: number): boolean =>
      this.#isMet.some((isMet) => !isMet.isNull(row) && isMet.getBool(row));
    if (this.#output.config.unmatched === 'null') {
      return this.#output.split(batch, this.#kept, this.#count, (row) => !isMetByAny(row), out);
    }
    this.#output.split(batch, this.#kept, this.#count, isMetByAny, out);
    return 0;
  }

  #give(batch: Batch, rule: number, count: number, out: Outbox): void {
    const { evaluator, batch: output, width, rows } = this.#output;
    evaluator.begin(batch, rows, count);
    output.shareColumns(batch);
    const results = this.#results[rule]!;
    for (let r = 0; r < results.length; r++) {
      output.columns[width + r] = evaluator.evaluate(results[r]!);
    }
    this.#output.offer(out);
  }
}
