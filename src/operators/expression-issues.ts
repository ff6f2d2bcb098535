/** Expressions of a node: parsed, typed, and their mistakes reported where they stand. @module */

import { MillraceError } from '../core/errors.ts';
import type { ReportIssue } from '../core/operator.ts';
import type { Scope, TypedExpr } from '../expr/index.ts';
import { inferExpression, inferPredicate, parseExpression } from '../expr/index.ts';

/** Where an expression stands, below its node. */
type Path = readonly (string | number)[];

/** The typed tree of an expression; `undefined` when a mistake was reported. */
export function planExpression(
  text: string,
  scope: Scope,
  path: Path,
  report: ReportIssue,
): TypedExpr | undefined {
  return orReport(() => inferExpression(parseExpression(text), scope), path, report);
}

/** Like {@link planExpression}, for a condition. */
export function planCondition(
  text: string,
  scope: Scope,
  path: Path,
  report: ReportIssue,
): TypedExpr | undefined {
  return orReport(() => inferPredicate(parseExpression(text), scope), path, report);
}

function orReport(plan: () => TypedExpr, path: Path, report: ReportIssue): TypedExpr | undefined {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'ERR_EXPRESSION') throw error;
    report(path, error.message);
    return undefined;
  }
}
