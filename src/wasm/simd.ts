/** Instructions on 128-bit vectors. Named as in the WebAssembly specification. @module */

import type { I32, Statement, V128, Value, ValueType } from './code.ts';
import type { Opcode, Place } from './instruction.ts';
import {
  binary,
  Group,
  load,
  memoryArgument,
  opcodeBytes,
  store,
  ternary,
  unary,
} from './instruction.ts';

const SIMD = (code: number): Opcode => [Group.SIMD, code];

const one = (code: number) => unary<'v128', 'v128'>('v128', SIMD(code));
const two = (code: number) => binary<'v128', 'v128'>('v128', SIMD(code));
const three = (code: number) => ternary<'v128', 'v128'>('v128', SIMD(code));
const test = (code: number) => unary<'v128', 'i32'>('i32', SIMD(code));
const shift = (code: number) => binary<'v128', 'v128', 'i32'>('v128', SIMD(code));
const splat = <T extends ValueType>(code: number) => unary<T, 'v128'>('v128', SIMD(code));

function extract<R extends ValueType>(result: R, code: number) {
  const bytes = opcodeBytes(SIMD(code));
  return (vector: V128, lane: number): Value<R> => ({
    type: result,
    code: [vector.code, bytes, lane],
  });
}

function replace<T extends ValueType>(code: number) {
  const bytes = opcodeBytes(SIMD(code));
  return (vector: V128, lane: number, value: Value<T>): V128 => ({
    type: 'v128',
    code: [vector.code, value.code, bytes, lane],
  });
}

/** Loads one lane, keeps the others. */
function loadLane(code: number, log2: number) {
  const bytes = opcodeBytes(SIMD(code));
  return (address: I32, vector: V128, lane: number, place: Place = {}): V128 => ({
    type: 'v128',
    code: [address.code, vector.code, bytes, memoryArgument(log2, place), lane],
  });
}

function storeLane(code: number, log2: number) {
  const bytes = opcodeBytes(SIMD(code));
  return (address: I32, vector: V128, lane: number, place: Place = {}): Statement => ({
    effect: [address.code, vector.code, bytes, memoryArgument(log2, place), lane],
  });
}

export const v128 = {
  load: load('v128', SIMD(0x00), 0),
  load8x8S: load('v128', SIMD(0x01), 0),
  load8x8U: load('v128', SIMD(0x02), 0),
  load16x4S: load('v128', SIMD(0x03), 0),
  load16x4U: load('v128', SIMD(0x04), 0),
  load32x2S: load('v128', SIMD(0x05), 0),
  load32x2U: load('v128', SIMD(0x06), 0),
  load8Splat: load('v128', SIMD(0x07), 0),
  load16Splat: load('v128', SIMD(0x08), 0),
  load32Splat: load('v128', SIMD(0x09), 0),
  load64Splat: load('v128', SIMD(0x0a), 0),
  load32Zero: load('v128', SIMD(0x5c), 0),
  load64Zero: load('v128', SIMD(0x5d), 0),
  store: store<'v128'>(SIMD(0x0b), 0),
  load8Lane: loadLane(0x54, 0),
  load16Lane: loadLane(0x55, 0),
  load32Lane: loadLane(0x56, 0),
  load64Lane: loadLane(0x57, 0),
  store8Lane: storeLane(0x58, 0),
  store16Lane: storeLane(0x59, 0),
  store32Lane: storeLane(0x5a, 0),
  store64Lane: storeLane(0x5b, 0),
  /** @param bytes - 16 of them */
  const: (bytes: ArrayLike<number>): V128 => ({
    type: 'v128',
    code: [Group.SIMD, 0x0c, Array.from({ length: 16 }, (_, i) => (bytes[i] ?? 0) & 0xff)],
  }),
  not: one(0x4d),
  and: two(0x4e),
  /** `a & ~b`. */
  andnot: two(0x4f),
  or: two(0x50),
  xor: two(0x51),
  /** `bitselect(a, b, mask)`: bits of `a` where the mask is set, else of `b`. */
  bitselect: three(0x52),
  anyTrue: test(0x53),
};

/** Constant vectors by lane. */
export const lanes = {
  i32x4: (...values: readonly number[]): V128 =>
    v128.const(new Uint8Array(Int32Array.from(values).buffer)),
  i64x2: (...values: readonly bigint[]): V128 =>
    v128.const(new Uint8Array(BigInt64Array.from(values).buffer)),
  f64x2: (...values: readonly number[]): V128 =>
    v128.const(new Uint8Array(Float64Array.from(values).buffer)),
};

export const i8x16 = {
  /** @param pick - 16 positions in the 32 bytes of `a` and `b` */
  shuffle: (a: V128, b: V128, pick: readonly number[]): V128 => ({
    type: 'v128',
    code: [a.code, b.code, Group.SIMD, 0x0d, pick],
  }),
  /** Bytes of `a` at the positions in `b`; 0 for a position beyond 15. */
  swizzle: two(0x0e),
  splat: splat<'i32'>(0x0f),
  extractLaneS: extract('i32', 0x15),
  extractLaneU: extract('i32', 0x16),
  replaceLane: replace<'i32'>(0x17),
  eq: two(0x23),
  ne: two(0x24),
  ltS: two(0x25),
  ltU: two(0x26),
  gtS: two(0x27),
  gtU: two(0x28),
  leS: two(0x29),
  leU: two(0x2a),
  geS: two(0x2b),
  geU: two(0x2c),
  abs: one(0x60),
  neg: one(0x61),
  popcnt: one(0x62),
  allTrue: test(0x63),
  bitmask: test(0x64),
  narrowI16x8S: two(0x65),
  narrowI16x8U: two(0x66),
  shl: shift(0x6b),
  shrS: shift(0x6c),
  shrU: shift(0x6d),
  add: two(0x6e),
  addSatS: two(0x6f),
  addSatU: two(0x70),
  sub: two(0x71),
  subSatS: two(0x72),
  subSatU: two(0x73),
  minS: two(0x76),
  minU: two(0x77),
  maxS: two(0x78),
  maxU: two(0x79),
};

export const i16x8 = {
  splat: splat<'i32'>(0x10),
  extractLaneS: extract('i32', 0x18),
  extractLaneU: extract('i32', 0x19),
  replaceLane: replace<'i32'>(0x1a),
  eq: two(0x2d),
  ne: two(0x2e),
  ltS: two(0x2f),
  gtS: two(0x31),
  extaddPairwiseI8x16S: one(0x7c),
  extaddPairwiseI8x16U: one(0x7d),
  allTrue: test(0x83),
  bitmask: test(0x84),
  narrowI32x4S: two(0x85),
  narrowI32x4U: two(0x86),
  extendLowI8x16S: one(0x87),
  extendHighI8x16S: one(0x88),
  extendLowI8x16U: one(0x89),
  extendHighI8x16U: one(0x8a),
  shl: shift(0x8b),
  shrS: shift(0x8c),
  shrU: shift(0x8d),
  add: two(0x8e),
  sub: two(0x91),
  mul: two(0x95),
  extmulLowI8x16U: two(0x9e),
  extmulHighI8x16U: two(0x9f),
};

export const i32x4 = {
  splat: splat<'i32'>(0x11),
  extractLane: extract('i32', 0x1b),
  replaceLane: replace<'i32'>(0x1c),
  eq: two(0x37),
  ne: two(0x38),
  ltS: two(0x39),
  ltU: two(0x3a),
  gtS: two(0x3b),
  gtU: two(0x3c),
  leS: two(0x3d),
  leU: two(0x3e),
  geS: two(0x3f),
  geU: two(0x40),
  extaddPairwiseI16x8S: one(0x7e),
  extaddPairwiseI16x8U: one(0x7f),
  abs: one(0xa0),
  neg: one(0xa1),
  allTrue: test(0xa3),
  bitmask: test(0xa4),
  extendLowI16x8S: one(0xa7),
  extendHighI16x8S: one(0xa8),
  extendLowI16x8U: one(0xa9),
  extendHighI16x8U: one(0xaa),
  shl: shift(0xab),
  shrS: shift(0xac),
  shrU: shift(0xad),
  add: two(0xae),
  sub: two(0xb1),
  mul: two(0xb5),
  minS: two(0xb6),
  minU: two(0xb7),
  maxS: two(0xb8),
  maxU: two(0xb9),
  dotI16x8S: two(0xba),
  extmulLowI16x8U: two(0xbe),
  extmulHighI16x8U: two(0xbf),
  truncSatF64x2SZero: one(0xfc),
  truncSatF64x2UZero: one(0xfd),
};

export const i64x2 = {
  splat: splat<'i64'>(0x12),
  extractLane: extract('i64', 0x1d),
  replaceLane: replace<'i64'>(0x1e),
  abs: one(0xc0),
  neg: one(0xc1),
  allTrue: test(0xc3),
  bitmask: test(0xc4),
  extendLowI32x4S: one(0xc7),
  extendHighI32x4S: one(0xc8),
  extendLowI32x4U: one(0xc9),
  extendHighI32x4U: one(0xca),
  shl: shift(0xcb),
  shrS: shift(0xcc),
  shrU: shift(0xcd),
  add: two(0xce),
  sub: two(0xd1),
  mul: two(0xd5),
  eq: two(0xd6),
  ne: two(0xd7),
  ltS: two(0xd8),
  gtS: two(0xd9),
  leS: two(0xda),
  geS: two(0xdb),
  extmulLowI32x4S: two(0xdc),
  extmulHighI32x4S: two(0xdd),
  extmulLowI32x4U: two(0xde),
  extmulHighI32x4U: two(0xdf),
};

export const f64x2 = {
  splat: splat<'f64'>(0x14),
  extractLane: extract('f64', 0x21),
  replaceLane: replace<'f64'>(0x22),
  eq: two(0x47),
  ne: two(0x48),
  lt: two(0x49),
  gt: two(0x4a),
  le: two(0x4b),
  ge: two(0x4c),
  ceil: one(0x74),
  floor: one(0x75),
  trunc: one(0x7a),
  nearest: one(0x94),
  abs: one(0xec),
  neg: one(0xed),
  sqrt: one(0xef),
  add: two(0xf0),
  sub: two(0xf1),
  mul: two(0xf2),
  div: two(0xf3),
  min: two(0xf4),
  max: two(0xf5),
  /** `b < a ? b : a`. */
  pmin: two(0xf6),
  /** `a < b ? b : a`. */
  pmax: two(0xf7),
  convertLowI32x4S: one(0xfe),
  convertLowI32x4U: one(0xff),
};

/**
 * Faster instructions whose results may differ between processors where the plain ones' do not: use
 * them only where the difference cannot be seen. Not in every engine: see `hasRelaxedSimd`.
 */
export const relaxed = {
  /** Positions beyond 15 give any byte. */
  swizzle: two(0x100),
  /** Mask lanes that are neither all ones nor all zeros give anything. */
  laneselectI8x16: three(0x109),
  laneselectI32x4: three(0x10b),
  laneselectI64x2: three(0x10c),
};
