/** Type checks of a source's `admission` section. @module */

import type { Expression, IssueList, SourceNode } from '../../core/topology/index.ts';
import { typeName } from '../../core/types.ts';
import { inferExpression, parseExpression, scopeOf } from '../../expr/index.ts';

const NUMERIC: ReadonlySet<string> = new Set(['int32', 'int64', 'float64', 'decimal']);
/** Types whose values have one short text each. */
const NAMED: ReadonlySet<string> = new Set(['int32', 'int64', 'bool', 'string']);
const BOOL: ReadonlySet<string> = new Set(['bool']);

/** Reports expressions of the wrong type, and anything that does not parse. */
export function checkAdmission(node: SourceNode, issues: IssueList): void {
  const { admission } = node;
  if (admission === undefined) return;
  const check = (
    expression: Expression | undefined,
    kinds: ReadonlySet<string>,
    expected: string,
  ): void => {
    if (expression === undefined) return;
    try {
      const { type } = inferExpression(
        parseExpression(expression.text),
        scopeOf(node.schema, node.name),
      );
      if (kinds.has(type.kind)) return;
      issues.add(expression.pointer, `expected ${expected}, found ${typeName(type)}`);
    } catch (error) {
      issues.add(expression.pointer, (error as Error).message);
    }
  };
  check(admission.value, NUMERIC, 'a number');
  check(admission.class, NAMED, 'a whole number, a bool or a string');
  check(admission.droppable, BOOL, 'a condition');
  check(admission.tenant, NAMED, 'a whole number, a bool or a string');
}
