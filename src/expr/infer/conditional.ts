/** Types of calls that are short for `CASE`, `COALESCE` and `%`. @module */

import { BOOL, INT32, typeName, isInteger } from '../../core/types.ts';
import type { Span } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { SHORT_FORMS } from '../functions/conditional.ts';
import type { TypedBranch, TypedExpr } from '../typed.ts';
import { inferArithmetic } from './arithmetic-type.ts';
import type { Operand } from './coerce.ts';
import { convert, tryConvert, unifiedType } from './coerce.ts';
import { inferComparison, inferDistinct } from './comparison.ts';

/** Makes the untyped null: what a call is when none of its results has a type. */
type UntypedNull = () => TypedExpr;

type ShortForm = (args: readonly Operand[], span: Span, untyped: UntypedNull) => TypedExpr;

const FORMS: Readonly<Record<string, readonly [least: number, most: number, infer: ShortForm]>> = {
  COALESCE: [1, Infinity, inferCoalesce],
  NULLIF: [2, 2, inferNullIf],
  IF: [2, 3, inferIf],
  NVL2: [3, 3, inferNvl2],
  DECODE: [3, Infinity, inferDecode],
  CHOOSE: [2, Infinity, inferChoose],
  MOD: [2, 2, ([a, b], span) => inferArithmetic('%', a!, b!, span)],
};

/**
 * The typed node of a short form; `undefined` when the name is none.
 *
 * @throws MillraceError `ERR_EXPRESSION`
 */
export function inferShortForm(
  name: string,
  args: readonly Operand[],
  span: Span,
  untyped: UntypedNull,
): TypedExpr | undefined {
  const spec = SHORT_FORMS.find(({ names }) => names.includes(name));
  if (spec === undefined) return undefined;
  const [least, most, infer] = FORMS[spec.names[0]]!;
  if (args.length < least || args.length > most) {
    throw expressionError(span, `it is written ${spec.usage}`);
  }
  return infer(args, span, untyped);
}

function inferCoalesce(args: readonly Operand[], _span: Span, untyped: UntypedNull): TypedExpr {
  const type = unifiedType(args, 'COALESCE');
  if (type === undefined) return untyped();
  const operands = args.map((arg) => tryConvert(arg, type)!);
  return operands.length === 1 ? operands[0]! : { op: 'coalesce', type, operands };
}

/** `NULLIF(a, b)` is `CASE WHEN a = b THEN NULL ELSE a END`. */
function inferNullIf([a, b]: readonly Operand[], span: Span, untyped: UntypedNull): TypedExpr {
  if (a!.isUntyped) return untyped();
  const when = inferComparison('=', a!, b!, span);
  const { type } = a!.expr;
  const then: TypedExpr = { op: 'literal', type, value: null };
  return { op: 'case', type, branches: [{ when, then }], otherwise: a!.expr };
}

function inferIf(
  [condition, a, b]: readonly Operand[],
  span: Span,
  untyped: UntypedNull,
): TypedExpr {
  const when = tryConvert(condition!, BOOL);
  if (when === undefined) {
    const found = typeName(condition!.expr.type);
    throw expressionError(condition!.span, `the condition of IF must be a bool, found ${found}`);
  }
  return chosen('IF', [when], [a!], b ?? nothing(span, untyped), untyped);
}

function inferNvl2([x, a, b]: readonly Operand[], _span: Span, untyped: UntypedNull): TypedExpr {
  const when: TypedExpr = { op: 'is', type: BOOL, value: null, negated: true, operand: x!.expr };
  return chosen('NVL2', [when], [a!], b!, untyped);
}

function inferDecode(
  [subject, ...rest]: readonly Operand[],
  span: Span,
  untyped: UntypedNull,
): TypedExpr {
  const isEven = rest.length % 2 === 0;
  const pairs = Math.floor(rest.length / 2);
  const whens = Array.from({ length: pairs }, (_, i) =>
    inferDistinct(subject!, rest[2 * i]!, true, span),
  );
  const results = Array.from({ length: pairs }, (_, i) => rest[2 * i + 1]!);
  const otherwise = isEven ? nothing(span, untyped) : rest.at(-1)!;
  return chosen('DECODE', whens, results, otherwise, untyped);
}

function inferChoose(
  [n, ...rest]: readonly Operand[],
  span: Span,
  untyped: UntypedNull,
): TypedExpr {
  const number = n!.isUntyped ? convert(n!.expr, INT32) : n!.expr;
  if (!isInteger(number.type)) {
    const found = typeName(number.type);
    throw expressionError(n!.span, `CHOOSE expects an integer here, found ${found}`);
  }
  const subject: Operand = { expr: number, span: n!.span, isUntyped: false };
  const whens = rest.map((_, i) => {
    const value: TypedExpr = { op: 'literal', type: INT32, value: i + 1 };
    return inferComparison('=', subject, { expr: value, span, isUntyped: false }, span);
  });
  return chosen('CHOOSE', whens, rest, nothing(span, untyped), untyped);
}

function nothing(span: Span, untyped: UntypedNull): Operand {
  return { expr: untyped(), span, isUntyped: true };
}

/** A `CASE`, whose results get one common type. */
function chosen(
  what: string,
  whens: readonly TypedExpr[],
  results: readonly Operand[],
  otherwise: Operand,
  untyped: UntypedNull,
): TypedExpr {
  const type = unifiedType([...results, otherwise], what);
  if (type === undefined) return untyped();
  const branches: readonly TypedBranch[] = whens.map((when, i) => ({
    when,
    then: tryConvert(results[i]!, type)!,
  }));
  return { op: 'case', type, branches, otherwise: tryConvert(otherwise, type)! };
}
