/** Nodes whose results are texts, and of texts, that are no kernels. @module */

import { storageOf } from '../../../core/types.ts';
import { CaseNode, CoalesceNode } from '../../batch/nodes/choice.ts';
import { LoopNode, TestNode } from '../../batch/nodes/loop-node.ts';
import { asTruth } from '../../batch/nodes/truth.ts';
import type { BatchOptions, VectorNode } from '../../batch/vector-node.ts';
import { call, cast } from '../../interpret.ts';
import type { TypedCall, TypedCast, TypedExpr } from '../../typed.ts';
import { regexOf } from '../regex/regex-rules.ts';
import { textCastLoop } from './cast-loops.ts';
import { matchTest } from './regexp-loops.ts';
import { SharedViews } from './shared-views.ts';
import { textLoop } from './text-loops.ts';

/** Makes the node of an operand. */
type Build = (expr: TypedExpr) => VectorNode;

/** What makes the node of an expression that functions over columns of texts do. */
export function textNode(
  expr: TypedExpr,
): ((options: BatchOptions, build: Build) => VectorNode) | undefined {
  const { type } = expr;
  const isView = storageOf(type) === 'view';
  if (expr.op === 'call') return callNode(expr, isView);
  if (expr.op === 'cast') return castNode(expr);
  if (!isView) return undefined;
  if (expr.op === 'coalesce') {
    const { operands } = expr;
    return (options, build) =>
      new CoalesceNode(type, operands.map(build), options, new SharedViews(options));
  }
  if (expr.op !== 'case') return undefined;
  return (options, build) => {
    const branches = expr.branches.map(({ when, then }) => ({
      when: asTruth(build(when)),
      then: build(then),
    }));
    return new CaseNode(type, branches, build(expr.otherwise), options, new SharedViews(options));
  };
}

function callNode(expr: TypedCall, isView: boolean): ReturnType<typeof textNode> {
  const { type, args } = expr;
  if (expr.fn === 'REGEXP_LIKE' && regexOf(args[1]) === undefined) {
    const test = matchTest(args);
    return test && ((options, build) => new TestNode(args.map(build), test(options), options));
  }
  const loop = isView ? textLoop(expr) : undefined;
  if (loop === undefined) return undefined;
  return (options, build) =>
    new LoopNode(type, args.map(build), loop(options), (values) => call(expr, values), options);
}

function castNode(expr: TypedCast): ReturnType<typeof textNode> {
  const { type, operand } = expr;
  const loop = textCastLoop(operand.type, type);
  if (loop === undefined) return undefined;
  return (options, build) =>
    new LoopNode(type, [build(operand)], loop(options), ([value]) => cast(expr, value!), options);
}
