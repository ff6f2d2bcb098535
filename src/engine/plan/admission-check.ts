/** Type checks of a source's `admission` section. @module */

import type { IssueList, SourceNode } from '../../core/topology/index.ts';
import { typeName } from '../../core/types.ts';
import { inferExpression, parseExpression, scopeOf } from '../../expr/index.ts';

const NUMERIC: ReadonlySet<string> = new Set(['int32', 'int64', 'float64', 'decimal']);

/** Reports a `value` that is no number, and anything that does not parse. */
export function checkAdmission(node: SourceNode, issues: IssueList): void {
  const { admission } = node;
  if (admission === undefined) return;
  for (const expression of [admission.value, admission.class]) {
    if (expression === undefined) continue;
    try {
      const { type } = inferExpression(
        parseExpression(expression.text),
        scopeOf(node.schema, node.name),
      );
      if (expression === admission.value && !NUMERIC.has(type.kind)) {
        issues.add(expression.pointer, `expected a number, found ${typeName(type)}`);
      }
    } catch (error) {
      issues.add(expression.pointer, (error as Error).message);
    }
  }
}
