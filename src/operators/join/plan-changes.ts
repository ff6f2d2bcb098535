/** Which rows of a join may be taken back. @module */

import { CHANGE_FIELD } from '../../core/changes.ts';
import type { InputStream, ReportIssue } from '../../core/operator.ts';
import type { JoinOperator } from '../../core/topology/model.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { expressionColumns } from '../../expr/index.ts';
import type { ChangesConfig } from './config.ts';
import { LEFT, RIGHT } from './config.ts';
import { givesUnmatched } from './kinds.ts';

/** A column of the output, with its name. */
interface Output {
  readonly name: string;
  readonly expr: TypedExpr;
}

/** Whether an expression is the change column of its input. */
export function isChangeColumn({ stream }: InputStream, expr: TypedExpr): boolean {
  return expr.op === 'column' && expr.position === stream.change;
}

/**
 * What is taken back: rows of inputs that are streams of changes, and where nothing ever rules a match
 * out, rows without one. `undefined`: nothing is; `'wrong'`: something was reported.
 *
 * @param on - over rows `[...left, ...right]`, as the outputs are
 */
export function planChanges(
  node: JoinOperator,
  left: InputStream,
  right: InputStream,
  on: TypedExpr,
  outputs: readonly Output[],
  report: ReportIssue,
): ChangesConfig | undefined | 'wrong' {
  const { kind, reach } = node;
  const inputs = [left.stream.change, right.stream.change] as const;
  const isUnbounded = reach.kind === 'unbounded';
  const changing = [left, right].findIndex(({ stream }) => stream.change !== undefined);
  const isRevised = isUnbounded && (givesUnmatched(kind, LEFT) || givesUnmatched(kind, RIGHT));
  if (changing < 0 && !isRevised) return undefined;
  if (node.buffer !== undefined) {
    report(['buffer'], 'a join of streams of changes keeps what may be taken back: leave it out');
    return 'wrong';
  }
  if (!isUnbounded) {
    const { name } = changing === LEFT ? left : right;
    const message = `'${name}' is a stream of changes, which joins without 'within' and 'window' take`;
    report(
      ['inputs', changing],
      `${message}: leave these out, and say 'ttl' to bound what is kept`,
    );
    return 'wrong';
  }
  const width = left.stream.schema.length;
  const columns = new Set([
    ...(inputs[LEFT] === undefined ? [] : [inputs[LEFT]]),
    ...(inputs[RIGHT] === undefined ? [] : [width + inputs[RIGHT]]),
  ]);
  const reads = (expr: TypedExpr): boolean =>
    expressionColumns(expr).some((column) => columns.has(column));
  const message = 'the column that says what a row changes is not read by a join, which follows it';
  let isSound = true;
  if (reads(on)) {
    isSound = false;
    report(['on'], message);
  }
  for (const { name, expr } of outputs) {
    const isTaken = name === CHANGE_FIELD.name;
    if (!reads(expr) && !isTaken) continue;
    isSound = false;
    const taken = `the output has another column '${name}', which says what a row changes`;
    report(['select', name], reads(expr) ? message : `${taken}; give this one another name`);
  }
  return isSound ? { inputs, givesChanges: true } : 'wrong';
}
