/** The WebAssembly modules that operators will need, for the thread that plans. @module */

import type { OperatorPlan } from '../core/operator.ts';
import { addModule, addModules, type TypedExpr } from '../expr/index.ts';
import { addGroupModule } from '../state/index.ts';
import type { ModuleList } from '../wasm/index.ts';
import type { AggregatePlanConfig } from './aggregate/config.ts';
import type { ChainProgram } from './chain/program.ts';
import { isTabled } from './decision-table/constant-results.ts';
import { chunksOf } from './decision-table/first-hit.ts';
import { resultByNumber } from './decision-table/rules.ts';
import type { DecisionTableConfig } from './decision-table/spec.ts';
import type { FilterConfig } from './filter/spec.ts';
import type { JoinConfig } from './join/config.ts';
import type { MapConfig } from './map/spec.ts';
import type { RevisionConfig } from './revisions/plan.ts';
import { REVISED } from './revisions/plan.ts';

/**
 * Compiles what the expressions and groups of an operator become, so that its threads, however many, find it done. A
 * module that is not among them is compiled where it is needed.
 */
export function addOperatorModules(plan: OperatorPlan, list: ModuleList): void {
  switch (plan.kind) {
    case 'filter':
      for (const condition of (plan.config as FilterConfig).conditions) {
        addModules(condition, true, list);
      }
      return;
    case 'map':
      addValues((plan.config as MapConfig).columns, list);
      return;
    case 'aggregate': {
      const { keys, inputs, select, aggregates, stage, retracts, rowWindow, spills, evicts } =
        plan.config as AggregatePlanConfig;
      const types = keys.map(({ expr }) => expr.type);
      if (rowWindow === undefined) {
        const looksUp = evicts === true || (spills === true && stage !== 'local');
        addGroupModule(list, types, aggregates, stage === 'final', retracts, looksUp);
      }
      addValues(keys, list);
      for (const { argument, filter } of inputs) {
        if (argument !== undefined) addModules(argument, false, list);
        if (filter !== undefined) addModules(filter, false, list);
      }
      addValues(select, list);
      return;
    }
    case 'join': {
      const { sides, further, select } = plan.config as JoinConfig;
      for (const { keys } of sides) for (const key of keys) addModules(key, false, list);
      if (further !== undefined) addModules(further, true, list);
      for (const expr of select) addModules(expr, false, list);
      return;
    }
    case REVISED:
      addOperatorModules((plan.config as RevisionConfig).inner, list);
      return;
    case 'decision_table':
      addRules(plan, list);
  }
}

/** The same for a chain of operators, by its program and the last of them, see `chain/chain.ts`. */
export function addChainModules(program: unknown, last: OperatorPlan, list: ModuleList): void {
  addModule((program as ChainProgram).unit, list);
  if (last.kind === 'aggregate') addOperatorModules(last, list);
}

/** Rules of a file are not known yet. */
function addRules({ config, inputs }: OperatorPlan, list: ModuleList): void {
  const { rules, parameters, hit, results } = config as DecisionTableConfig;
  if ('path' in rules) return;
  if (hit === 'all') {
    for (const condition of rules.conditions) addModules(condition, false, list);
    return;
  }
  for (const { expr } of chunksOf(rules)) addModules(expr, false, list);
  const numberAt = inputs[0]!.schema.length + parameters.length;
  for (const [r, field] of results.entries()) {
    if (isTabled(rules.results.map((row) => row[r]!))) continue;
    addModules(resultByNumber(rules, r, field, numberAt), false, list);
  }
}

function addValues(columns: readonly { readonly expr: TypedExpr }[], list: ModuleList): void {
  for (const { expr } of columns) addModules(expr, false, list);
}
