/** Functions of integers: bits, divisors, digits. An int32 with an int64 gives an int64. @module */

import type { DataType } from '../../core/types.ts';
import { INT32, INT64, STRING } from '../../core/types.ts';
import { badArgument, divisionByZero } from '../row-error.ts';
import { checkInt32, checkInt64 } from '../scalar/integer.ts';
import type { TypedExpr } from '../typed.ts';
import type { Value } from '../value.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always } from './function-spec.ts';

/** 20! is the last that fits an int64. */
const MOST_FACTORIAL = 20;

/** The functions of this file. */
export const INTEGER_FUNCTIONS: readonly FunctionSpec[] = [
  pair('BITAND', 'The bits that are set in both.', (a, b) => a & b, true),
  pair('BITOR', 'The bits that are set in one or both.', (a, b) => a | b, true),
  pair('BITXOR', 'The bits that are set in one only.', (a, b) => a ^ b, true),
  {
    names: ['BITNOT'],
    usage: 'BITNOT(n)',
    summary: 'Every bit turned over.',
    parameters: ['integer'],
    required: 1,
    isTotal: true,
    result: ([n]) => n!.type,
    apply: ([n]) => (typeof n === 'bigint' ? ~n : ~(n as number)),
  },
  {
    names: ['BIT_COUNT'],
    usage: 'BIT_COUNT(n)',
    summary: "How many bits are set, in two's complement.",
    parameters: ['integer'],
    required: 1,
    isTotal: true,
    result: always(INT32),
    apply: ([n]) =>
      typeof n === 'bigint'
        ? onesOf(Number(n & 0xffff_ffffn)) + onesOf(Number((n >> 32n) & 0xffff_ffffn))
        : onesOf(n as number),
  },
  shift('SHIFT_LEFT', 'n moved k bits up, k from 0 to 31 or 63; bits beyond are lost.'),
  shift('SHIFT_RIGHT', 'n moved k bits down; the sign fills up.'),
  shift('SHIFT_RIGHT_UNSIGNED', 'n moved k bits down; zeros fill up.'),
  pair('GCD', 'The greatest common divisor; of 0 and 0 it is 0.', gcd, false),
  pair('LCM', 'The least common multiple; 0 with 0.', lcm, false),
  pair('DIV', 'The whole part of a / b, towards zero.', (a, b) => quotient(a, b), false),
  pair(
    'FLOOR_MOD',
    'What is left of a beyond a multiple of b, with the sign of b.',
    floorMod,
    true,
  ),
  {
    names: ['FACTORIAL'],
    usage: 'FACTORIAL(n)',
    summary: 'n! as an int64, n from 0 to 20.',
    parameters: ['integer'],
    required: 1,
    result: always(INT64),
    apply: ([n]) => factorial(Number(n)),
  },
  {
    names: ['TO_BASE'],
    usage: 'TO_BASE(n, radix)',
    summary: 'n in digits of a radix from 2 to 36, lower case.',
    parameters: ['integer', 'integer'],
    required: 2,
    result: always(STRING),
    apply: ([n, radix]) => BigInt(n as number).toString(checkRadix(radix!)),
  },
  {
    names: ['FROM_BASE'],
    usage: 'FROM_BASE(s, radix)',
    summary: 'The int64 that s writes in digits of a radix from 2 to 36.',
    parameters: ['string', 'integer'],
    required: 2,
    result: always(INT64),
    apply: ([s, radix]) => fromBase(s as string, checkRadix(radix!)),
  },
];

function pairType([a, b]: readonly TypedExpr[]): DataType {
  return a!.type.kind === 'int64' || b!.type.kind === 'int64' ? INT64 : INT32;
}

/** A function of two integers of the wider type; `fits` when the result cannot overflow. */
function pair(
  name: string,
  summary: string,
  compute: (a: bigint, b: bigint) => bigint,
  fits: boolean,
): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(a, b)`,
    summary,
    parameters: ['integer', 'integer'],
    required: 2,
    isTotal: fits && name !== 'FLOOR_MOD',
    result: pairType,
    apply: ([a, b], { type }) => {
      const value = compute(BigInt(a as number), BigInt(b as number));
      return type.kind === 'int64' ? checkInt64(value) : checkInt32(Number(value));
    },
  };
}

function shift(name: string, summary: string): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(n, k)`,
    summary,
    parameters: ['integer', 'integer'],
    required: 2,
    result: ([n]) => n!.type,
    apply: ([n, by], { type }) => {
      const most = type.kind === 'int64' ? 63 : 31;
      const k = Number(by);
      if (!(k >= 0 && k <= most)) {
        throw badArgument(`${name} of an ${type.kind} moves by 0 to ${most} bits, not ${k}`);
      }
      return typeof n === 'bigint' ? shiftLong(name, n, BigInt(k)) : shiftWord(name, Number(n), k);
    },
  };
}

function shiftWord(name: string, n: number, k: number): number {
  if (name === 'SHIFT_LEFT') return n << k;
  return name === 'SHIFT_RIGHT' ? n >> k : (n >>> k) | 0;
}

function shiftLong(name: string, n: bigint, k: bigint): bigint {
  if (name === 'SHIFT_LEFT') return BigInt.asIntN(64, n << k);
  return name === 'SHIFT_RIGHT' ? n >> k : BigInt.asIntN(64, BigInt.asUintN(64, n) >> k);
}

/** The ones among 32 bits. */
function onesOf(word: number): number {
  let pairs = word - ((word >>> 1) & 0x5555_5555);
  pairs = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((pairs + (pairs >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function lcm(a: bigint, b: bigint): bigint {
  if (a === 0n || b === 0n) return 0n;
  const product = (a / gcd(a, b)) * b;
  return product < 0n ? -product : product;
}

function quotient(a: bigint, b: bigint): bigint {
  if (b === 0n) throw divisionByZero();
  return a / b;
}

function floorMod(a: bigint, b: bigint): bigint {
  if (b === 0n) throw divisionByZero();
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

function factorial(n: number): bigint {
  if (!(n >= 0 && n <= MOST_FACTORIAL)) {
    throw badArgument(`FACTORIAL takes 0 to ${MOST_FACTORIAL}, not ${n}`);
  }
  let product = 1n;
  for (let i = 2; i <= n; i++) product *= BigInt(i);
  return product;
}

function checkRadix(radix: Value): number {
  const value = Number(radix);
  if (!(value >= 2 && value <= 36)) throw badArgument(`a radix is 2 to 36, not ${value}`);
  return value;
}

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

function fromBase(s: string, radix: number): bigint {
  const match = /^\s*([+-]?)([0-9a-z]{1,64})\s*$/i.exec(s);
  let value = 0n;
  for (const character of match?.[2]?.toLowerCase() ?? '?') {
    const digit = DIGITS.indexOf(character);
    if (digit < 0 || digit >= radix) {
      throw badArgument(`FROM_BASE found no number of radix ${radix} in the string`);
    }
    value = value * BigInt(radix) + BigInt(digit);
  }
  return checkInt64(match![1] === '-' ? -value : value);
}
