/** Functions that have loops of their own; all others follow the scalar rule. @module */

import { UNARY_FLOAT_FUNCTIONS } from '../../functions/float.ts';
import { roundHalfAway } from '../../scalar/float.ts';
import type { TypedCall, TypedExpr } from '../../typed.ts';
import { mapF64 } from '../loops/math.ts';
import {
  byteLengths,
  concatenate,
  containing,
  Place,
  pointLengths,
  shiftLetters,
  slicePoints,
  splitParts,
} from '../loops/text.ts';
import { hashLoop } from './hash.ts';
import { likeTest } from './like.ts';
import type { RowLoop, TestLoop } from './loop-node.ts';
import {
  addLoop,
  dateFormatLoop,
  differenceLoop,
  extractLoop,
  fromZoneLoop,
  inZoneLoop,
  truncateLoop,
} from './time.ts';

/** Functions of one float64, exactly as the function table computes them. */
const FLOAT_FUNCTIONS: ReadonlyMap<string, (x: number) => number> = new Map([
  ['ABS', Math.abs],
  ['SIGN', Math.sign],
  ['FLOOR', Math.floor],
  ['CEIL', Math.ceil],
  ['TRUNC', Math.trunc],
  ['ROUND', roundHalfAway],
  ['LOG', Math.log],
  ...UNARY_FLOAT_FUNCTIONS,
]);

/** Functions whose loops depend on their arguments. */
const LOOPS: ReadonlyMap<string, (expr: TypedCall) => RowLoop | undefined> = new Map([
  ['EXTRACT', extractLoop],
  ['DATE_TRUNC', ({ args }) => truncateLoop(args)],
  ['DATE_FORMAT', ({ args }) => dateFormatLoop(args)],
  ['AT_TIME_ZONE', ({ args }) => inZoneLoop(args)],
  ['FROM_TIME_ZONE', ({ args }) => fromZoneLoop(args)],
  ['TIMESTAMPADD', ({ args }) => addLoop(args)],
  ['TIMESTAMPDIFF', ({ args }) => differenceLoop(args)],
  ...['FNV1_64', 'FNV1A_64', 'CRC32', 'MURMUR3', 'XXHASH64'].map(
    (name) => [name, hashLoop] as const,
  ),
]);

/** The loop of a call that gives no bool; `undefined` when the scalar rule does it all. */
export function callLoop(expr: TypedCall): RowLoop | undefined {
  const { fn, args } = expr;
  const float = FLOAT_FUNCTIONS.get(fn);
  if (float !== undefined) return args.length === 1 ? floatLoop(args[0]!, float) : undefined;
  const make = LOOPS.get(fn);
  if (make !== undefined) return make(expr);
  switch (fn) {
    case 'OCTET_LENGTH':
      return (rows, n, out, [a]) => all(byteLengths(rows, n, out.words, a!.words));
    case 'CHAR_LENGTH':
      return (rows, n, out, [a]) => all(pointLengths(rows, n, out.words, a!));
    case 'CONCAT':
      return (rows, n, out, parts, left) => concatenate(rows, n, out, parts, left);
    case 'UPPER':
      return (rows, n, out, [a], left) => shiftLetters(rows, n, out, a!, left, 0x61, 0x7a);
    case 'LOWER':
      return (rows, n, out, [a], left) => shiftLetters(rows, n, out, a!, left, 0x41, 0x5a);
    case 'LEFT':
      return sliceLoop(0, integerOf(args[1]!));
    case 'SUBSTRING':
      return substringLoop(args);
    case 'SPLIT_INDEX':
      return splitLoop(args);
    default:
      return undefined;
  }
}

/** The loop of a call that gives a bool; `undefined` when the scalar rule does it all. */
export function callTest({ fn, args }: TypedCall): TestLoop | undefined {
  switch (fn) {
    case 'LIKE':
      return likeTest(args);
    case 'STARTS_WITH':
      return placeTest(args, Place.START);
    case 'ENDS_WITH':
      return placeTest(args, Place.END);
    case 'CONTAINS':
      return placeTest(args, Place.ANYWHERE);
    default:
      return undefined;
  }
}

function floatLoop(operand: TypedExpr, compute: (x: number) => number): RowLoop | undefined {
  if (operand.type.kind !== 'float64') return undefined;
  return (rows, n, out, [a]) => all(mapF64(rows, n, out.f64, a!.f64, compute));
}

function placeTest([, needle]: readonly TypedExpr[], place: number): TestLoop {
  const step = needle!.op === 'literal' ? 0 : 1;
  return (rows, n, out, [text, pattern]) => containing(rows, n, out, text!, pattern!, step, place);
}

/** A constant integer; `undefined` for anything else. */
function integerOf(expr: TypedExpr): number | undefined {
  return expr.op === 'literal' && expr.value !== null ? Number(expr.value) : undefined;
}

function sliceLoop(from: number, to: number | undefined): RowLoop | undefined {
  if (to === undefined) return undefined;
  return (rows, n, out, [text], left) => slicePoints(rows, n, out, text!, left, from, to);
}

function substringLoop([, start, length]: readonly TypedExpr[]): RowLoop | undefined {
  const from = integerOf(start!);
  const count = length === undefined ? Infinity : integerOf(length);
  if (from === undefined || count === undefined || count < 0) return undefined;
  return sliceLoop(Math.max(0, from - 1), Math.max(0, from + count - 1));
}

function splitLoop([, separator, index]: readonly TypedExpr[]): RowLoop | undefined {
  const part = integerOf(index!);
  const isUsable =
    separator!.op === 'literal' && separator.value !== '' && separator.value !== null;
  if (part === undefined || part < 0 || !isUsable) return undefined;
  return (rows, n, out, [text, pattern], left) =>
    splitParts(rows, n, out, text!, pattern!, left, part);
}

/** The loop did all rows. */
function all(_done: void): number {
  return 0;
}
