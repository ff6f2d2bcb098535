/** Nodes whose results are texts, and of texts, that are no kernels. @module */

import { storageOf } from '../../../core/types.ts';
import { CaseNode, CoalesceNode } from '../../batch/nodes/choice.ts';
import { LoopNode, TestNode } from '../../batch/nodes/loop-node.ts';
import type { ScalarRule } from '../../batch/nodes/scalar.ts';
import { asTruth } from '../../batch/nodes/truth.ts';
import type { BatchOptions, VectorNode } from '../../batch/vector-node.ts';
import { callOf, cast } from '../../interpret.ts';
import type { TypedCall, TypedCase, TypedCast, TypedExpr } from '../../typed.ts';
import { regexOf } from '../regex/regex-rules.ts';
import { CoverageMap } from '../coverage.ts';
import { textCastLoop } from './cast-loops.ts';
import { branchNumber, ChoiceNode } from './choice-node.ts';
import { CHOOSE_VIEWS, MOVE_VIEWS, ROWS_WITH } from './move-code.ts';
import { matchTest } from './regexp-loops.ts';
import { SharedViews } from './shared-views.ts';
import type { TextFunction } from './text-code.ts';
import { textLoop } from './text-loops.ts';

/** Makes the node of an operand. */
type Build = (expr: TypedExpr) => VectorNode;

/** A node that is to be made. */
interface PlannedNode {
  /** What it will run, to be compiled beforehand. */
  readonly functions: readonly TextFunction[];
  /** What it builds in place of its operands. */
  readonly parts?: readonly TypedExpr[];
  readonly make: (options: BatchOptions, build: Build) => VectorNode;
}

/** The node of an expression that functions over columns of texts do. */
export function textNode(expr: TypedExpr): PlannedNode | undefined {
  const { type } = expr;
  const isView = storageOf(type) === 'view';
  if (expr.op === 'call') return callNode(expr, isView);
  if (expr.op === 'cast') return castNode(expr);
  if (!isView) return undefined;
  if (expr.op === 'case') {
    return choiceNode(expr) ?? { functions: [MOVE_VIEWS], make: caseNode(expr) };
  }
  if (expr.op !== 'coalesce') return undefined;
  const { operands } = expr;
  return {
    functions: [MOVE_VIEWS],
    make: (options, build) =>
      new CoalesceNode(type, operands.map(build), options, new SharedViews(options)),
  };
}

function choiceNode(expr: TypedCase): PlannedNode | undefined {
  const choice = branchNumber(expr);
  if (choice === undefined || !new CoverageMap().of(choice).isCovered) return undefined;
  const values = [...expr.branches.map(({ then }) => then), expr.otherwise];
  const areComputed = values.map(({ op }) => op !== 'literal' && op !== 'column');
  return {
    functions: areComputed.includes(true) ? [CHOOSE_VIEWS, ROWS_WITH] : [CHOOSE_VIEWS],
    parts: [choice, ...values],
    make: (options, build) =>
      new ChoiceNode(
        expr.type,
        {
          choice: build(choice),
          values: values.map(build),
          areComputed,
          otherwise: () => caseNode(expr)(options, build),
        },
        options,
      ),
  };
}

function caseNode(expr: TypedCase): PlannedNode['make'] {
  return (options, build) => {
    const branches = expr.branches.map(({ when, then }) => ({
      when: asTruth(build(when)),
      then: build(then),
    }));
    const otherwise = build(expr.otherwise);
    return new CaseNode(expr.type, branches, otherwise, options, new SharedViews(options));
  };
}

function callNode(expr: TypedCall, isView: boolean): PlannedNode | undefined {
  const { type, args } = expr;
  if (expr.fn === 'REGEXP_LIKE' && regexOf(args[1]) === undefined) {
    const test = matchTest(args);
    if (test === undefined) return undefined;
    const { functions, make } = test;
    return {
      functions,
      make: (options, build) => new TestNode(args.map(build), make(options), options),
    };
  }
  const loop = isView ? textLoop(expr) : undefined;
  if (loop === undefined) return undefined;
  const { functions, make } = loop;
  const rule = callOf(expr);
  return {
    functions,
    make: (options, build) => new LoopNode(type, args.map(build), make(options), rule, options),
  };
}

function castNode(expr: TypedCast): PlannedNode | undefined {
  const { type, operand } = expr;
  const loop = textCastLoop(operand.type, type);
  if (loop === undefined) return undefined;
  const { functions, make } = loop;
  const rule: ScalarRule = ([value]) => cast(expr, value!);
  return {
    functions,
    make: (options, build) => new LoopNode(type, [build(operand)], make(options), rule, options),
  };
}
