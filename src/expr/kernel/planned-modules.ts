/** The modules that an expression will need, for the thread that plans. @module */

import type { ModuleList } from '../../wasm/index.ts';
import type { TypedExpr } from '../typed.ts';
import { operandsOf } from '../typed.ts';
import { gathered, inputsOf } from './build-node.ts';
import { cheapFirst } from '../wasm/cheap-first.ts';
import { CoverageMap } from '../wasm/coverage.ts';
import { rowsWhere, valuesOf } from './program.ts';
import { addModule, planUnit } from './unit.ts';
import { textNode } from '../wasm/texts/text-node.ts';

/**
 * Adds the modules of an expression's kernels, for batches without nulls. Those for nulls, for conditions of
 * which a row failed, and of parts that are rarely evaluated, threads compile themselves when they turn out to be needed.
 *
 * @param selects - whether it is a condition, see `compilePredicate`
 */
export function addModules(expr: TypedExpr, selects: boolean, list: ModuleList): void {
  const coverage = new CoverageMap();
  add(gathered(cheapFirst(expr), coverage), selects, coverage, list);
}

function add(expr: TypedExpr, selects: boolean, coverage: CoverageMap, list: ModuleList): void {
  if (expr.op === 'literal' || expr.op === 'column') return;
  const text = textNode(expr);
  if (text !== undefined) {
    for (const { name, build } of text.functions) list.add(name, build);
  } else if (coverage.of(expr).isCovered) {
    const inputs = inputsOf(expr, coverage);
    addModule(planUnit(selects ? rowsWhere(expr) : valuesOf(expr), inputs), list);
    for (const input of inputs) add(gathered(input, coverage), false, coverage, list);
    return;
  }
  const isSelecting = selects && (expr.op === 'and' || expr.op === 'or');
  const conditions =
    expr.op === 'case' && text?.parts === undefined ? expr.branches.map(({ when }) => when) : [];
  for (const operand of text?.parts ?? operandsOf(expr)) {
    add(operand, isSelecting || conditions.includes(operand), coverage, list);
  }
}
