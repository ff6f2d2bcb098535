/** Chooses which parts of an expression are kernels. @module */

import type { NodeFactory } from '../batch/compile-batch.ts';
import { buildNode } from '../batch/compile-batch.ts';
import type { BatchOptions, VectorNode } from '../batch/vector-node.ts';
import type { TypedExpr, TypedLogical } from '../typed.ts';
import { mapOperands, operandsOf } from '../typed.ts';
import { cheapFirst } from '../wasm/cheap-first.ts';
import { CoverageMap, strictRule } from '../wasm/coverage.ts';
import { isSameInput } from './kernel-inputs.ts';
import { KernelNode } from './kernel-node.ts';
import { textNode } from '../wasm/texts/text-node.ts';

/**
 * The nodes of an expression: kernels for the parts that kernels cover, as large as can be, and nodes
 * of `batch/` for the rest.
 */
export function buildWithKernels(expr: TypedExpr, options: BatchOptions): VectorNode {
  const coverage = new CoverageMap();
  const factory: NodeFactory = (part) => kernelOf(part, coverage, options, factory);
  return buildNode(gathered(cheapFirst(expr), coverage), options, factory);
}

function kernelOf(
  expr: TypedExpr,
  coverage: CoverageMap,
  options: BatchOptions,
  factory: NodeFactory,
): VectorNode | undefined {
  const text = textNode(expr);
  if (text !== undefined) return text.make(options, (part) => buildNode(part, options, factory));
  if (expr.op === 'literal' || expr.op === 'column' || !coverage.of(expr).isCovered) {
    return undefined;
  }
  const inputs = inputsOf(expr, coverage);
  return new KernelNode(
    expr,
    {
      inputs,
      nodes: inputs.map((input) =>
        input.op === 'column' ? undefined : buildNode(gathered(input, coverage), options, factory),
      ),
    },
    options,
  );
}

/** The columns that the kernel of a covered expression reads, and operands that are computed before it. */
export function inputsOf(expr: TypedExpr, coverage: CoverageMap): readonly TypedExpr[] {
  const inputs: TypedExpr[] = [];
  collectInputs(expr, coverage, inputs);
  return inputs;
}

function collectInputs(expr: TypedExpr, coverage: CoverageMap, inputs: TypedExpr[]): void {
  if (expr.op === 'literal') return;
  if (expr.op === 'column') {
    addInput(expr, inputs);
    return;
  }
  const strict = strictRule(expr);
  for (const operand of strict?.operands ?? operandsOf(expr)) {
    if (operand.op !== 'literal' && isLeafOf(expr, operand, coverage)) addInput(operand, inputs);
    else collectInputs(operand, coverage, inputs);
  }
}

function addInput(expr: TypedExpr, inputs: TypedExpr[]): void {
  if (!inputs.some((input) => isSameInput(input, expr))) inputs.push(expr);
}

function isLeafOf(expr: TypedExpr, operand: TypedExpr, coverage: CoverageMap): boolean {
  const isLazy =
    (expr.op === 'and' || expr.op === 'or' || expr.op === 'case' || expr.op === 'coalesce') &&
    operandsOf(expr)[0] !== operand;
  return !isLazy && operand.op !== 'column' && coverage.isLeaf(operand);
}

/**
 * The same expression, in which neighbours in an `AND` or `OR` that kernels cover are one operand, if
 * they do not cover all of it.
 */
export function gathered(expr: TypedExpr, coverage: CoverageMap): TypedExpr {
  if (coverage.of(expr).isCovered) return expr;
  if (expr.op !== 'and' && expr.op !== 'or') {
    return mapOperands(expr, (operand) => gathered(operand, coverage));
  }
  const operands: TypedExpr[] = [];
  let run: TypedExpr[] = [];
  const flush = (): void => {
    if (run.length > 0) operands.push(run.length === 1 ? run[0]! : logical(expr, run));
    run = [];
  };
  for (const operand of expr.operands) {
    if (coverage.of(operand).isCovered && coverage.of(logical(expr, [...run, operand])).isCovered) {
      run.push(operand);
      continue;
    }
    flush();
    if (coverage.of(operand).isCovered) run.push(operand);
    else operands.push(gathered(operand, coverage));
  }
  flush();
  return operands.length === 1 ? operands[0]! : { ...expr, operands };
}

function logical(expr: TypedLogical, operands: readonly TypedExpr[]): TypedLogical {
  return { ...expr, operands };
}
