/** Functions that have loops of their own; all others follow the scalar rule. @module */

import { UNARY_FLOAT_FUNCTIONS } from '../../functions/float.ts';
import type { TypedCall, TypedExpr } from '../../typed.ts';
import { mapF64 } from '../loops/arithmetic.ts';
import { hashLoop } from './hash.ts';
import type { RowLoop } from './loop-node.ts';
import { addLoop, dateFormatLoop, differenceLoop, fromZoneLoop, inZoneLoop } from './time.ts';

/** Functions of one float64 that kernels do not do, exactly as the function table computes them. */
const FLOAT_FUNCTIONS: ReadonlyMap<string, (x: number) => number> = new Map([
  ['LOG', Math.log],
  ...UNARY_FLOAT_FUNCTIONS,
]);

/** Functions whose loops depend on their arguments. */
const LOOPS: ReadonlyMap<string, (expr: TypedCall) => RowLoop | undefined> = new Map([
  ['DATE_FORMAT', ({ args }) => dateFormatLoop(args)],
  ['AT_TIME_ZONE', ({ args }) => inZoneLoop(args)],
  ['FROM_TIME_ZONE', ({ args }) => fromZoneLoop(args)],
  ['TIMESTAMPADD', ({ args }) => addLoop(args)],
  ['TIMESTAMPDIFF', ({ args }) => differenceLoop(args)],
  ...['FNV1_64', 'FNV1A_64', 'CRC32', 'MURMUR3', 'XXHASH64'].map(
    (name) => [name, hashLoop] as const,
  ),
]);

/** The loop of a call; `undefined` when the scalar rule does it all. */
export function callLoop(expr: TypedCall): RowLoop | undefined {
  const { fn, args } = expr;
  const float = FLOAT_FUNCTIONS.get(fn);
  if (float !== undefined) return args.length === 1 ? floatLoop(args[0]!, float) : undefined;
  return LOOPS.get(fn)?.(expr);
}

function floatLoop(operand: TypedExpr, compute: (x: number) => number): RowLoop | undefined {
  if (operand.type.kind !== 'float64') return undefined;
  return (rows, n, out, [a]) => {
    mapF64(rows, n, out.f64, a!.f64, compute);
    return 0;
  };
}
