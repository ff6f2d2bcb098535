/**
 * Which operators in a row are one kernel, and what it computes. Pure.
 *
 * A chain is made of filters with one condition and maps, whose expressions kernels cover. It may end with
 * an aggregate without keys, whose arguments they cover too: then rows are not listed but added up where
 * they are. An operator that sends failed rows to a port of their own is not in a chain, and one whose
 * output others read as well is the last of it.
 *
 * @module
 */

import { storageOf } from '../../core/types.ts';
import type { OperatorPlan } from '../../core/operator.ts';
import type { Fold, TypedExpr } from '../../expr/index.ts';
import { isFoldable, isFoldKind, planUnit, ProgramBuilder } from '../../expr/index.ts';
import type { FusedInput } from '../../state/index.ts';
import { planRecord } from '../../state/index.ts';
import type { AggregatePlanConfig } from '../aggregate/config.ts';
import type { FilterConfig } from '../filter/spec.ts';
import type { MapConfig } from '../map/spec.ts';
import type { ChainParts, ChainProgram, WidthCheck } from './program.ts';
import { foldCode, rowCode } from './program.ts';

/** Puts a chain together, from its first operator on. */
export class ChainBuilder {
  readonly #program: ProgramBuilder;
  readonly #filters: number[] = [];
  readonly #checks: WidthCheck[] = [];
  #members = 0;
  #folds: readonly Fold[] = [];

  /** @param first - the operator whose input the chain reads */
  constructor(first: OperatorPlan) {
    this.#program = new ProgramBuilder(first.inputs[0]!.schema.length);
  }

  /** Adds an operator behind those that were added; false when it cannot be one of the chain. */
  add(plan: OperatorPlan): boolean {
    const isPlain = plan.time !== 'processing' && plan.parameters === undefined;
    if (this.#folds.length > 0 || !isPlain || plan.inputs.length > 1) return false;
    const isAdded = this.#addKind(plan);
    if (isAdded) this.#members++;
    return isAdded;
  }

  #addKind(plan: OperatorPlan): boolean {
    switch (plan.kind) {
      case 'filter':
        return plan.outputs.length === 1 && this.#addFilter(plan.config as FilterConfig);
      case 'map':
        return plan.outputs.length === 1 && this.#addMap(plan.config as MapConfig);
      case 'aggregate':
        return this.#addAggregate(plan.config as AggregatePlanConfig);
      default:
        return false;
    }
  }

  #addFilter({ conditions, hasRest }: FilterConfig): boolean {
    if (conditions.length !== 1 || hasRest || !this.#program.filter(conditions[0]!)) return false;
    this.#filters.push(this.#members);
    return true;
  }

  #addMap({ columns }: MapConfig): boolean {
    const exprs = columns.map(({ expr }) => expr);
    if (!this.#program.map(exprs)) return false;
    const texts = this.#program.columns.filter(
      (_, position) => storageOf(exprs[position]!.type) === 'view',
    );
    if (texts.length > 0) this.#checks.push({ member: this.#members, columns: texts });
    return true;
  }

  #addAggregate(config: AggregatePlanConfig): boolean {
    const { stage, keys, window, session, rowWindow, revision, emit, inputs, aggregates } = config;
    if (stage !== 'whole' || keys.length > 0) return false;
    if (session !== undefined || rowWindow !== undefined || revision !== undefined) return false;
    if (window === undefined && emit.kind !== 'end') return false;
    const record = planRecord([], aggregates);
    if (record.placements.some(({ kind }) => kind !== 'fused')) return false;
    const folds = record.inputs.map((kept) => this.#foldOf(kept, inputs[kept.input]!));
    if (!folds.every((fold) => fold !== undefined)) return false;
    this.#folds = folds;
    return true;
  }

  #foldOf(
    { storage, countCell, countsMissing, ops }: FusedInput,
    { argument, filter }: AggregatePlanConfig['inputs'][number],
  ): Fold | undefined {
    const isText = storage === 'view';
    const foldOps = ops.flatMap(({ kind, cell }) => (isFoldKind(kind) ? [{ kind, cell }] : []));
    if (countCell === undefined || countsMissing || foldOps.length < ops.length) return undefined;
    if (!isFoldable({ storage, ops: foldOps }) || (isText && argument?.op !== 'column'))
      return undefined;
    const isCovered = (expr: TypedExpr | undefined): boolean =>
      expr === undefined || this.#program.covers(expr);
    if (!isCovered(filter) || !(isText || isCovered(argument))) return undefined;
    return {
      argument: argument && this.#program.place(argument),
      filter: filter && this.#program.place(filter),
      storage,
      countCell,
      ops: foldOps,
    };
  }

  /** Whether one kernel is better than those of the operators. */
  get isWorthIt(): boolean {
    return this.#members > 1 || this.#folds.length > 0 || this.#program.size > 1;
  }

  finish(): ChainProgram {
    const readers = this.#folds.flatMap(({ argument, filter }) => [argument ?? [], filter ?? []]);
    const parts: ChainParts = {
      program: this.#program.finish(this.#program.columns, readers.flat()),
      folds: this.#folds,
      filters: this.#filters,
      checks: this.#checks,
    };
    return { ...parts, unit: planUnit(this.#folds.length > 0 ? foldCode(parts) : rowCode(parts)) };
  }
}

/** What a chain of these operators computes; all of them can be in one. */
export function chainProgram(plans: readonly OperatorPlan[]): ChainProgram | undefined {
  const builder = new ChainBuilder(plans[0]!);
  return plans.every((plan) => builder.add(plan)) ? builder.finish() : undefined;
}
