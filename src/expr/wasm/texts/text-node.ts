/** Nodes whose results are texts, and tests of texts that are no kernels. @module */

import { storageOf } from '../../../core/types.ts';
import { CaseNode, CoalesceNode } from '../../batch/nodes/choice.ts';
import { LoopNode, TestNode } from '../../batch/nodes/loop-node.ts';
import type { ScalarRule } from '../../batch/nodes/scalar.ts';
import { asTruth } from '../../batch/nodes/truth.ts';
import type { BatchOptions, VectorNode } from '../../batch/vector-node.ts';
import { call, cast } from '../../interpret.ts';
import type { TypedExpr } from '../../typed.ts';
import { regexOf } from '../regex/regex-rules.ts';
import { textCastLoop } from './cast-loops.ts';
import { matchTest } from './regexp-loops.ts';
import { SharedViews } from './shared-views.ts';
import { textLoop } from './text-loops.ts';

/**
 * The node of an expression that functions over columns of texts do.
 *
 * @param build - makes those of its operands
 */
export function textNode(
  expr: TypedExpr,
  options: BatchOptions,
  build: (expr: TypedExpr) => VectorNode,
): VectorNode | undefined {
  const { type } = expr;
  if (expr.op === 'call' && expr.fn === 'REGEXP_LIKE' && regexOf(expr.args[1]) === undefined) {
    const test = matchTest(expr.args, options);
    return test && new TestNode(expr.args.map(build), test, options);
  }
  if (expr.op === 'cast') {
    const loop = textCastLoop(expr.operand.type, type, options);
    const rule: ScalarRule = ([value]) => cast(expr, value!);
    return loop && new LoopNode(type, [build(expr.operand)], loop, rule, options);
  }
  if (storageOf(type) !== 'view') return undefined;
  switch (expr.op) {
    case 'case': {
      const branches = expr.branches.map(({ when, then }) => ({
        when: asTruth(build(when)),
        then: build(then),
      }));
      return new CaseNode(type, branches, build(expr.otherwise), options, new SharedViews(options));
    }
    case 'coalesce':
      return new CoalesceNode(type, expr.operands.map(build), options, new SharedViews(options));
    case 'call': {
      const loop = textLoop(expr, options);
      const rule: ScalarRule = (args) => call(expr, args);
      return loop && new LoopNode(type, expr.args.map(build), loop, rule, options);
    }
    default:
      return undefined;
  }
}
