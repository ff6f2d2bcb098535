/** Instructions on i32, i64, f32 and f64. Named as in the WebAssembly specification. @module */

import type { F64, I32, I64, Statement, Value, ValueType } from './code.ts';
import { signed, signed32 } from './code.ts';
import type { Opcode } from './instruction.ts';
import { binary, Group, load, opcodeBytes, store, unary } from './instruction.ts';

/** What i32 and i64 have in common: opcodes in the same order, from different starts. */
function integer<T extends 'i32' | 'i64'>(type: T, compareAt: number, arithmeticAt: number) {
  const compare = (position: number) => binary<T, 'i32'>('i32', compareAt + position);
  const one = (position: number) => unary<T, T>(type, arithmeticAt + position);
  const two = (position: number) => binary<T, T>(type, arithmeticAt + position);
  return {
    eqz: unary<T, 'i32'>('i32', compareAt),
    eq: compare(1),
    ne: compare(2),
    ltS: compare(3),
    ltU: compare(4),
    gtS: compare(5),
    gtU: compare(6),
    leS: compare(7),
    leU: compare(8),
    geS: compare(9),
    geU: compare(10),
    clz: one(0),
    ctz: one(1),
    popcnt: one(2),
    add: two(3),
    sub: two(4),
    mul: two(5),
    /** Traps on zero, and on the least value by -1. */
    divS: two(6),
    divU: two(7),
    remS: two(8),
    remU: two(9),
    and: two(10),
    or: two(11),
    xor: two(12),
    shl: two(13),
    shrS: two(14),
    shrU: two(15),
    rotl: two(16),
    rotr: two(17),
  };
}

export const i32 = {
  ...integer('i32', 0x45, 0x67),
  const: (value: number): I32 => ({ type: 'i32', code: [0x41, signed32(value)] }),
  load: load('i32', 0x28, 2),
  load8S: load('i32', 0x2c, 0),
  load8U: load('i32', 0x2d, 0),
  load16S: load('i32', 0x2e, 1),
  load16U: load('i32', 0x2f, 1),
  store: store<'i32'>(0x36, 2),
  store8: store<'i32'>(0x3a, 0),
  store16: store<'i32'>(0x3b, 1),
  wrapI64: unary<'i64', 'i32'>('i32', 0xa7),
  truncSatF64S: unary<'f64', 'i32'>('i32', [Group.MISC, 2]),
  truncSatF64U: unary<'f64', 'i32'>('i32', [Group.MISC, 3]),
  reinterpretF32: unary<'f32', 'i32'>('i32', 0xbc),
  extend8S: unary<'i32', 'i32'>('i32', 0xc0),
  extend16S: unary<'i32', 'i32'>('i32', 0xc1),
};

export const i64 = {
  ...integer('i64', 0x50, 0x79),
  const: (value: bigint): I64 => ({ type: 'i64', code: [0x42, signed(BigInt.asIntN(64, value))] }),
  load: load('i64', 0x29, 3),
  load8U: load('i64', 0x31, 0),
  load16U: load('i64', 0x33, 1),
  load32S: load('i64', 0x34, 2),
  load32U: load('i64', 0x35, 2),
  store: store<'i64'>(0x37, 3),
  store8: store<'i64'>(0x3c, 0),
  store32: store<'i64'>(0x3e, 2),
  extendI32S: unary<'i32', 'i64'>('i64', 0xac),
  extendI32U: unary<'i32', 'i64'>('i64', 0xad),
  truncSatF64S: unary<'f64', 'i64'>('i64', [Group.MISC, 6]),
  truncSatF64U: unary<'f64', 'i64'>('i64', [Group.MISC, 7]),
  reinterpretF64: unary<'f64', 'i64'>('i64', 0xbd),
};

export const f64 = {
  const: (value: number): F64 => ({ type: 'f64', code: [0x44, floatBytes(value)] }),
  eq: binary<'f64', 'i32'>('i32', 0x61),
  ne: binary<'f64', 'i32'>('i32', 0x62),
  lt: binary<'f64', 'i32'>('i32', 0x63),
  gt: binary<'f64', 'i32'>('i32', 0x64),
  le: binary<'f64', 'i32'>('i32', 0x65),
  ge: binary<'f64', 'i32'>('i32', 0x66),
  abs: unary<'f64', 'f64'>('f64', 0x99),
  neg: unary<'f64', 'f64'>('f64', 0x9a),
  ceil: unary<'f64', 'f64'>('f64', 0x9b),
  floor: unary<'f64', 'f64'>('f64', 0x9c),
  trunc: unary<'f64', 'f64'>('f64', 0x9d),
  nearest: unary<'f64', 'f64'>('f64', 0x9e),
  sqrt: unary<'f64', 'f64'>('f64', 0x9f),
  add: binary<'f64', 'f64'>('f64', 0xa0),
  sub: binary<'f64', 'f64'>('f64', 0xa1),
  mul: binary<'f64', 'f64'>('f64', 0xa2),
  div: binary<'f64', 'f64'>('f64', 0xa3),
  min: binary<'f64', 'f64'>('f64', 0xa4),
  max: binary<'f64', 'f64'>('f64', 0xa5),
  copysign: binary<'f64', 'f64'>('f64', 0xa6),
  load: load('f64', 0x2b, 3),
  store: store<'f64'>(0x39, 3),
  convertI32S: unary<'i32', 'f64'>('f64', 0xb7),
  convertI32U: unary<'i32', 'f64'>('f64', 0xb8),
  convertI64S: unary<'i64', 'f64'>('f64', 0xb9),
  convertI64U: unary<'i64', 'f64'>('f64', 0xba),
  promoteF32: unary<'f32', 'f64'>('f64', 0xbb),
  reinterpretI64: unary<'i64', 'f64'>('f64', 0xbf),
};

export const f32 = {
  load: load('f32', 0x2a, 2),
  store: store<'f32'>(0x38, 2),
  reinterpretI32: unary<'i32', 'f32'>('f32', 0xbe),
  demoteF64: unary<'f64', 'f32'>('f32', 0xb6),
};

/** `condition ≠ 0 ? then : otherwise`, without a branch: both are computed. */
export function select<T extends ValueType>(
  condition: I32,
  then: Value<T>,
  otherwise: Value<T>,
): Value<T> {
  // The untyped form knows numbers only.
  const opcode: readonly number[] = then.type === 'v128' ? [0x1c, 1, 0x7b] : [0x1b];
  return { type: then.type, code: [then.code, otherwise.code, condition.code, opcode] };
}

/** Drops a value that was computed for its effect. */
export function drop(value: Value): Statement {
  return { effect: [value.code, 0x1a] };
}

/** Bulk instructions. Lengths and addresses are in bytes. */
export const memory = {
  copy: (
    target: I32,
    source: I32,
    length: I32,
    { targetMemory = 0, sourceMemory = 0 }: { targetMemory?: number; sourceMemory?: number } = {},
  ): Statement => ({
    effect: [target.code, source.code, length.code, Group.MISC, 10, targetMemory, sourceMemory],
  }),
  fill: (target: I32, byte: I32, length: I32, memoryIndex = 0): Statement => ({
    effect: [target.code, byte.code, length.code, Group.MISC, 11, memoryIndex],
  }),
};

const ATOMIC = (code: number): Opcode => [Group.ATOMIC, code];

/** Sequentially consistent access; addresses are aligned to the size. */
export const atomic = {
  loadI32: load('i32', ATOMIC(0x10), 2),
  loadI64: load('i64', ATOMIC(0x11), 3),
  storeI32: store<'i32'>(ATOMIC(0x17), 2),
  storeI64: store<'i64'>(ATOMIC(0x18), 3),
  fence: (): Statement => ({ effect: [opcodeBytes(ATOMIC(3)), 0] }),
};

function floatBytes(value: number): number[] {
  return [...new Uint8Array(Float64Array.of(value).buffer)];
}
