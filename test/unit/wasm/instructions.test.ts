/** Every instruction of the builder, run by the engine and compared with JavaScript's arithmetic. */
import { describe, expect, test } from 'vitest';
import type { Value, ValueType } from '../../../src/wasm/index.ts';
import * as wasm from '../../../src/wasm/index.ts';
import { f64, f64x2, i16x8, i32, i32x4, i64, i64x2, i8x16, v128 } from '../../../src/wasm/index.ts';
import { testMemory } from '../../support/memory.ts';

const INTS = [0, 1, -1, 2, 7, -8, 31, 64, 255, -256, 32768, 0x7fffffff, -0x80000000, 123456789];
const LONGS = [...INTS.map(BigInt), 1n << 40n, -(1n << 52n), (1n << 63n) - 1n, -(1n << 63n)];
const FLOATS = [0, -0, 1, -1.5, 2.5, 1e300, -1e-300, Infinity, -Infinity, NaN, 4294967296.5];

/** Makes a function of two operands. */
function compile(
  type: ValueType,
  build: (a: Value, b: Value) => Value,
): (a: never, b: never) => unknown {
  const module = new wasm.ModuleBuilder();
  const result = build({ type, code: [0x20, 0] }, { type, code: [0x20, 1] });
  module.function({ params: [type, type], result: result.type }, (f) => f.return(result), 'run');
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.build()));
  return instance.exports['run'] as (a: never, b: never) => unknown;
}

type Binary = (a: Value, b: Value) => Value;

/** Compares an instruction with its meaning on all pairs; `undefined` where it would trap. */
function expectSame<T>(
  type: ValueType,
  name: string,
  build: Binary,
  meaning: (a: T, b: T) => unknown,
  values: readonly T[],
): void {
  const run = compile(type, build) as unknown as (a: T, b: T) => unknown;
  for (const a of values) {
    for (const b of values) {
      const wanted = meaning(a, b);
      if (wanted === undefined) continue;
      expect(run(a, b), `${name}(${String(a)}, ${String(b)})`).toBe(wanted);
    }
  }
}

const big = (value: bigint): bigint => BigInt.asUintN(64, value);
const long = (value: bigint): bigint => BigInt.asIntN(64, value);

const I32_MEANING: Record<string, (a: number, b: number) => number | undefined> = {
  eqz: (a) => Number(a === 0),
  eq: (a, b) => Number(a === b),
  ne: (a, b) => Number(a !== b),
  ltS: (a, b) => Number(a < b),
  ltU: (a, b) => Number(a >>> 0 < b >>> 0),
  gtS: (a, b) => Number(a > b),
  gtU: (a, b) => Number(a >>> 0 > b >>> 0),
  leS: (a, b) => Number(a <= b),
  leU: (a, b) => Number(a >>> 0 <= b >>> 0),
  geS: (a, b) => Number(a >= b),
  geU: (a, b) => Number(a >>> 0 >= b >>> 0),
  clz: (a) => Math.clz32(a),
  ctz: (a) => (a === 0 ? 32 : 31 - Math.clz32(a & -a)),
  popcnt: (a) => (a >>> 0).toString(2).replaceAll('0', '').length,
  add: (a, b) => (a + b) | 0,
  sub: (a, b) => (a - b) | 0,
  mul: Math.imul,
  divS: (a, b) => (b === 0 || (b === -1 && a === -0x80000000) ? undefined : (a / b) | 0),
  divU: (a, b) => (b === 0 ? undefined : ((a >>> 0) / (b >>> 0)) | 0),
  remS: (a, b) => (b === 0 ? undefined : (a % b) | 0),
  remU: (a, b) => (b === 0 ? undefined : ((a >>> 0) % (b >>> 0)) | 0),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shrS: (a, b) => a >> b,
  shrU: (a, b) => (a >>> b) | 0,
  rotl: (a, b) => (a << b) | ((b & 31) === 0 ? 0 : a >>> (32 - (b & 31))),
  rotr: (a, b) => ((b & 31) === 0 ? a : (a >>> b) | (a << (32 - (b & 31)))),
  extend8S: (a) => (a << 24) >> 24,
  extend16S: (a) => (a << 16) >> 16,
};

const I64_MEANING: Record<string, (a: bigint, b: bigint) => bigint | number | undefined> = {
  eqz: (a) => Number(a === 0n),
  eq: (a, b) => Number(a === b),
  ne: (a, b) => Number(a !== b),
  ltS: (a, b) => Number(a < b),
  ltU: (a, b) => Number(big(a) < big(b)),
  gtS: (a, b) => Number(a > b),
  gtU: (a, b) => Number(big(a) > big(b)),
  leS: (a, b) => Number(a <= b),
  leU: (a, b) => Number(big(a) <= big(b)),
  geS: (a, b) => Number(a >= b),
  geU: (a, b) => Number(big(a) >= big(b)),
  clz: (a) => BigInt(64 - (a === 0n ? 0 : big(a).toString(2).length)),
  ctz: (a) => (a === 0n ? 64n : BigInt(big(a & -a).toString(2).length - 1)),
  popcnt: (a) => BigInt(big(a).toString(2).replaceAll('0', '').length),
  add: (a, b) => long(a + b),
  sub: (a, b) => long(a - b),
  mul: (a, b) => long(a * b),
  divS: (a, b) => (b === 0n || (b === -1n && a === -(1n << 63n)) ? undefined : a / b),
  divU: (a, b) => (b === 0n ? undefined : long(big(a) / big(b))),
  remS: (a, b) => (b === 0n ? undefined : a % b),
  remU: (a, b) => (b === 0n ? undefined : long(big(a) % big(b))),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => long(a << (b & 63n)),
  shrS: (a, b) => a >> (b & 63n),
  shrU: (a, b) => long(big(a) >> (b & 63n)),
  rotl: (a, b) => long((big(a) << (b & 63n)) | (big(a) >> (64n - (b & 63n)))),
  rotr: (a, b) => long((big(a) >> (b & 63n)) | (big(a) << (64n - (b & 63n)))),
};

const F64_MEANING: Record<string, (a: number, b: number) => number | undefined> = {
  eq: (a, b) => Number(a === b),
  ne: (a, b) => Number(a !== b),
  lt: (a, b) => Number(a < b),
  gt: (a, b) => Number(a > b),
  le: (a, b) => Number(a <= b),
  ge: (a, b) => Number(a >= b),
  abs: Math.abs,
  neg: (a) => -a,
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
  nearest: (a) => nearestEven(a),
  sqrt: Math.sqrt,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  copysign: (a, b) => (Object.is(Math.sign(b), -0) || b < 0 ? -Math.abs(a) : Math.abs(a)),
};

function nearestEven(value: number): number {
  const floor = Math.floor(value);
  if (!Number.isFinite(value) || value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

describe('scalars', () => {
  test.each(Object.entries(I32_MEANING))('i32.%s', (name, meaning) => {
    expectSame('i32', name, i32[name as 'add'] as Binary, meaning, INTS);
  });
  test.each(Object.entries(I64_MEANING))('i64.%s', (name, meaning) => {
    expectSame('i64', name, i64[name as 'add'] as Binary, meaning, LONGS);
  });
  test.each(Object.entries(F64_MEANING))('f64.%s', (name, meaning) => {
    const values = name === 'copysign' ? FLOATS.filter((x) => !Number.isNaN(x)) : FLOATS;
    expectSame('f64', name, f64[name as 'add'] as Binary, meaning, values);
  });

  test('conversions', () => {
    const of = (type: ValueType, build: Binary, value: unknown): unknown =>
      compile(type, build)(value as never, value as never);
    expect(of('i64', (a) => i32.wrapI64(a as never), (1n << 32n) + 5n)).toBe(5);
    expect(of('i32', (a) => i64.extendI32S(a as never), -1)).toBe(-1n);
    expect(of('i32', (a) => i64.extendI32U(a as never), -1)).toBe(0xffffffffn);
    expect(of('f64', (a) => i32.truncSatF64S(a as never), -1e20)).toBe(-0x80000000);
    expect(of('f64', (a) => i32.truncSatF64U(a as never), 4294967295)).toBe(-1);
    expect(of('f64', (a) => i64.truncSatF64S(a as never), 1e30)).toBe((1n << 63n) - 1n);
    expect(of('f64', (a) => i64.truncSatF64U(a as never), -3)).toBe(0n);
    expect(of('f64', (a) => i64.reinterpretF64(a as never), -2)).toBe(-(1n << 62n));
    expect(of('i64', (a) => f64.reinterpretI64(a as never), 0x3ff0000000000000n)).toBe(1);
    expect(of('i32', (a) => f64.convertI32S(a as never), -3)).toBe(-3);
    expect(of('i32', (a) => f64.convertI32U(a as never), -1)).toBe(4294967295);
    expect(of('i64', (a) => f64.convertI64S(a as never), -(1n << 60n))).toBe(-(2 ** 60));
    expect(of('i64', (a) => f64.convertI64U(a as never), -1n)).toBe(2 ** 64);
    expect(of('i32', (a) => f64.promoteF32(wasm.f32.reinterpretI32(a as never)), 0x40490fdb)).toBe(
      Math.fround(Math.PI),
    );
    expect(of('f64', (a) => i32.reinterpretF32(wasm.f32.demoteF64(a as never)), Math.PI)).toBe(
      0x40490fdb,
    );
  });

  test.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 2 ** 31 - 1, -(2 ** 31)])('constant %d', (n) => {
    expect(compile('i32', () => i32.const(n))(0 as never, 0 as never)).toBe(n);
    expect(compile('i32', () => i64.const(BigInt(n) << 32n))(0 as never, 0 as never)).toBe(
      BigInt(n) << 32n,
    );
    expect(compile('i32', () => f64.const(n / 3))(0 as never, 0 as never)).toBe(n / 3);
  });
});

type Lanes = Int8Array | Int16Array | Int32Array | BigInt64Array | Float64Array;

/** Runs a vector instruction on the 16 bytes of two arrays. */
function vectors(
  build: (a: Value<'v128'>, b: Value<'v128'>) => Value,
): (a: Uint8Array, b: Uint8Array) => Uint8Array | number {
  const module = new wasm.ModuleBuilder();
  module.importMemory(wasm.ENGINE, wasm.Import.COLUMNS);
  const at = i32.const(64);
  const value = build(v128.load(at), v128.load(at, { offset: 16 }));
  const isVector = value.type === 'v128';
  module.function(
    { params: [], result: 'i32' },
    (f) => {
      if (isVector) {
        f.do(v128.store(at, value as Value<'v128'>, { offset: 32 }));
        f.return(i32.const(0));
      } else {
        f.return(value);
      }
    },
    'run',
  );
  const memory = testMemory(1 << 16);
  const whole = new Uint8Array(memory.buffer, 0, 256);
  const { run } = wasm.instantiate(new WebAssembly.Module(module.build()), memory);
  return (a, b) => {
    whole.set(a, 64);
    whole.set(b, 80);
    const result = run!();
    return isVector ? whole.slice(96, 112) : result;
  };
}

/** Interesting bytes: all lanes differ, and both signs occur. */
const SAMPLES = Array.from({ length: 12 }, (_, seed) =>
  Uint8Array.from({ length: 16 }, (__, i) =>
    seed < 2 ? -seed : Math.imul(i + 1, 37 + seed * 29) >> (seed & 3),
  ),
);

/** An instruction that works lane by lane, against its meaning. */
function expectLanes<T extends number | bigint>(
  name: string,
  build: Binary,
  make: (bytes: Uint8Array) => ArrayLike<T>,
  meaning: (a: T, b: T) => T,
  back: (lanes: readonly T[]) => Lanes,
): void {
  const run = vectors(build);
  for (const left of SAMPLES) {
    for (const right of SAMPLES) {
      const b = make(right);
      const wanted = back(Array.from(make(left), (a, i) => meaning(a, b[i]!)));
      const got = run(left, right) as Uint8Array;
      expect(got, `${name} ${left.join()} ${right.join()}`).toEqual(
        new Uint8Array(wanted.buffer, 0, 16),
      );
    }
  }
}

const yes = (truth: boolean): number => (truth ? -1 : 0);
const clampTo = (least: number, most: number) => (value: number) =>
  Math.min(Math.max(value, least), most);
const INTEGER_LANES: Record<string, (a: number, b: number, bits: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: Math.imul,
  eq: (a, b) => yes(a === b),
  ne: (a, b) => yes(a !== b),
  ltS: (a, b) => yes(a < b),
  gtS: (a, b) => yes(a > b),
  leS: (a, b) => yes(a <= b),
  geS: (a, b) => yes(a >= b),
  ltU: (a, b, bits) => yes(unsign(a, bits) < unsign(b, bits)),
  gtU: (a, b, bits) => yes(unsign(a, bits) > unsign(b, bits)),
  leU: (a, b, bits) => yes(unsign(a, bits) <= unsign(b, bits)),
  geU: (a, b, bits) => yes(unsign(a, bits) >= unsign(b, bits)),
  minS: (a, b) => Math.min(a, b),
  maxS: (a, b) => Math.max(a, b),
  minU: (a, b, bits) => Math.min(unsign(a, bits), unsign(b, bits)),
  maxU: (a, b, bits) => Math.max(unsign(a, bits), unsign(b, bits)),
  addSatS: (a, b) => clampTo(-128, 127)(a + b),
  addSatU: (a, b) => clampTo(0, 255)((a & 255) + (b & 255)),
  subSatS: (a, b) => clampTo(-128, 127)(a - b),
  subSatU: (a, b) => clampTo(0, 255)((a & 255) - (b & 255)),
  abs: (a) => Math.abs(a),
  neg: (a) => -a,
  popcnt: (a) => (a & 255).toString(2).replaceAll('0', '').length,
};

function unsign(value: number, bits: number): number {
  return bits === 32 ? value >>> 0 : value & (2 ** bits - 1);
}

const INTEGER_SHAPES = [
  ['i8x16', i8x16, Int8Array, 8],
  ['i16x8', i16x8, Int16Array, 16],
  ['i32x4', i32x4, Int32Array, 32],
] as const;

describe.each(INTEGER_SHAPES)('%s', (shape, instructions, Type, bits) => {
  const present = Object.keys(INTEGER_LANES).filter((name) => name in instructions);
  test.each(present)('%s', (name) => {
    const build = (instructions as unknown as Record<string, Binary>)[name]!;
    expectLanes(
      `${shape}.${name}`,
      build,
      (bytes) => new Type(bytes.slice().buffer),
      (a: number, b: number) => INTEGER_LANES[name]!(a, b, bits),
      (lanes) => Type.from(lanes),
    );
  });

  test.each([0, 1, 5, bits - 1])('shifts by %d', (by) => {
    const make = (bytes: Uint8Array) => new Type(bytes.slice().buffer);
    const back = (lanes: readonly number[]) => Type.from(lanes);
    const shift =
      (name: 'shl' | 'shrS' | 'shrU'): Binary =>
      (a) =>
        instructions[name](a as never, i32.const(by));
    expectLanes('shl', shift('shl'), make, (a: number) => a << by, back);
    expectLanes('shrS', shift('shrS'), make, (a: number) => a >> by, back);
    expectLanes('shrU', shift('shrU'), make, (a: number) => unsign(a, bits) >>> by, back);
  });
});

describe('i64x2 and f64x2', () => {
  const longs = (bytes: Uint8Array) => new BigInt64Array(bytes.slice().buffer);
  const floats = (bytes: Uint8Array) =>
    new Float64Array(Array.from(new BigInt64Array(bytes.slice().buffer), (x) => Number(x) / 1e9));

  const LONG_LANES: Record<string, (a: bigint, b: bigint) => bigint> = {
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b) => a * b,
    eq: (a, b) => (a === b ? -1n : 0n),
    ne: (a, b) => (a === b ? 0n : -1n),
    ltS: (a, b) => (a < b ? -1n : 0n),
    gtS: (a, b) => (a > b ? -1n : 0n),
    leS: (a, b) => (a <= b ? -1n : 0n),
    geS: (a, b) => (a >= b ? -1n : 0n),
    neg: (a) => -a,
    abs: (a) => (a < 0n ? -a : a),
  };
  test.each(Object.entries(LONG_LANES))('i64x2.%s', (name, meaning) => {
    const build = i64x2[name as 'add'] as Binary;
    expectLanes(name, build, longs, meaning, (lanes) => BigInt64Array.from(lanes));
  });
  test('i64x2 shifts', () => {
    const back = (lanes: readonly bigint[]) => BigInt64Array.from(lanes, long);
    expectLanes(
      'shl',
      (a) => i64x2.shl(a as never, i32.const(5)),
      longs,
      (a: bigint) => a << 5n,
      back,
    );
    expectLanes(
      'shrS',
      (a) => i64x2.shrS(a as never, i32.const(5)),
      longs,
      (a: bigint) => a >> 5n,
      back,
    );
    expectLanes(
      'shrU',
      (a) => i64x2.shrU(a as never, i32.const(5)),
      longs,
      (a: bigint) => big(a) >> 5n,
      back,
    );
  });

  const FLOAT_LANES: Record<string, (a: number, b: number) => number> = {
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    mul: (a, b) => a * b,
    div: (a, b) => a / b,
    min: Math.min,
    max: Math.max,
    pmin: (a, b) => (b < a ? b : a),
    pmax: (a, b) => (a < b ? b : a),
    abs: Math.abs,
    neg: (a) => -a,
    sqrt: (a) => Math.sqrt(a),
    ceil: Math.ceil,
    floor: Math.floor,
    trunc: Math.trunc,
    nearest: nearestEven,
  };
  test.each(Object.entries(FLOAT_LANES))('f64x2.%s', (name, meaning) => {
    const run = vectors(f64x2[name as 'add']);
    for (const a of SAMPLES) {
      for (const b of SAMPLES) {
        const [x, y] = [floats(a), floats(b)];
        const got = run(new Uint8Array(x.buffer), new Uint8Array(y.buffer)) as Uint8Array;
        const wanted = Array.from(x, (value, i) => meaning(value, y[i]!));
        expect(Array.from(new Float64Array(got.buffer)), name).toEqual(wanted);
      }
    }
  });
  test.each(['eq', 'ne', 'lt', 'gt', 'le', 'ge'] as const)('f64x2.%s', (name) => {
    const run = vectors(f64x2[name]);
    const pairs = FLOATS.flatMap((a) => FLOATS.map((b) => [a, b] as const));
    for (const [a, b] of pairs) {
      const left = new Uint8Array(Float64Array.of(a, b).buffer);
      const right = new Uint8Array(Float64Array.of(b, b).buffer);
      const got = new BigInt64Array((run(left, right) as Uint8Array).buffer);
      const meaning = F64_MEANING[name]!;
      expect([...got]).toEqual([BigInt(-meaning(a, b)!), BigInt(-meaning(b, b)!)]);
    }
  });
});

describe('whole vectors', () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => i * 17);
  const others = Uint8Array.from({ length: 16 }, (_, i) => 250 - i * 3);
  const each = (f: (a: number, b: number) => number) => bytes.map((a, i) => f(a, others[i]!));

  test('bits', () => {
    expect(vectors(v128.and)(bytes, others)).toEqual(each((a, b) => a & b));
    expect(vectors(v128.or)(bytes, others)).toEqual(each((a, b) => a | b));
    expect(vectors(v128.xor)(bytes, others)).toEqual(each((a, b) => a ^ b));
    expect(vectors(v128.andnot)(bytes, others)).toEqual(each((a, b) => a & ~b));
    expect(vectors((a) => v128.not(a))(bytes, others)).toEqual(each((a) => ~a));
    const half = v128.const([...Array(8).fill(255), ...Array(8).fill(0)]);
    expect(vectors((a, b) => v128.bitselect(a, b, half))(bytes, others)).toEqual(
      Uint8Array.from([...bytes.slice(0, 8), ...others.slice(8)]),
    );
    expect(vectors((a) => v128.anyTrue(a))(new Uint8Array(16), others)).toBe(0);
    expect(vectors((a) => v128.anyTrue(a))(bytes, others)).toBe(1);
  });

  test('order of bytes', () => {
    const pick = Array.from({ length: 16 }, (_, i) => (i * 7) % 32);
    const both = [...bytes, ...others];
    expect(vectors((a, b) => i8x16.shuffle(a, b, pick))(bytes, others)).toEqual(
      Uint8Array.from(pick, (at) => both[at]!),
    );
    const positions = Uint8Array.from({ length: 16 }, (_, i) => (i * 5) % 24);
    const swizzled = Uint8Array.from(positions, (at) => (at < 16 ? bytes[at]! : 0));
    expect(vectors(i8x16.swizzle)(bytes, positions)).toEqual(swizzled);
    const near = positions.map((at) => at % 16);
    expect(vectors(wasm.relaxed.swizzle)(bytes, near)).toEqual(
      Uint8Array.from(near, (at) => bytes[at]!),
    );
  });

  test('masks', () => {
    const expected = (bits: number): number => {
      let mask = 0;
      for (let i = 0; i < 128 / bits; i++) {
        if (others[((i + 1) * bits) / 8 - 1]! > 127) mask |= 1 << i;
      }
      return mask;
    };
    expect(vectors((_, b) => i8x16.bitmask(b))(bytes, others)).toBe(expected(8));
    expect(vectors((_, b) => i16x8.bitmask(b))(bytes, others)).toBe(expected(16));
    expect(vectors((_, b) => i32x4.bitmask(b))(bytes, others)).toBe(expected(32));
    expect(vectors((_, b) => i64x2.bitmask(b))(bytes, others)).toBe(expected(64));
    for (const { allTrue } of [i8x16, i16x8, i32x4, i64x2]) {
      expect(vectors((_, b) => allTrue(b))(bytes, others)).toBe(1);
      expect(vectors((a) => allTrue(a))(new Uint8Array(16), others)).toBe(0);
    }
  });

  test('widening, narrowing, lanes', () => {
    const halves = (name: string, a: Value<'v128'>): Value<'v128'> =>
      (
        { i16x8, i32x4, i64x2 } as never as Record<
          string,
          Record<string, (v: Value) => Value<'v128'>>
        >
      )[name.split('.')[0]!]![name.split('.')[1]!]!(a);
    const int8 = new Int8Array(bytes.buffer.slice(0));
    const int16 = new Int16Array(bytes.buffer.slice(0));
    const int32 = new Int32Array(bytes.buffer.slice(0));
    const bytesOf = (lanes: Lanes): Uint8Array => new Uint8Array(lanes.buffer, 0, 16);
    const cases: [string, Lanes][] = [
      ['i16x8.extendLowI8x16S', Int16Array.from(int8.slice(0, 8))],
      ['i16x8.extendHighI8x16S', Int16Array.from(int8.slice(8))],
      ['i16x8.extendLowI8x16U', Int16Array.from(bytes.slice(0, 8))],
      ['i16x8.extendHighI8x16U', Int16Array.from(bytes.slice(8))],
      [
        'i16x8.extaddPairwiseI8x16S',
        Int16Array.from({ length: 8 }, (_, i) => int8[2 * i]! + int8[2 * i + 1]!),
      ],
      [
        'i16x8.extaddPairwiseI8x16U',
        Int16Array.from({ length: 8 }, (_, i) => bytes[2 * i]! + bytes[2 * i + 1]!),
      ],
      ['i32x4.extendLowI16x8S', Int32Array.from(int16.slice(0, 4))],
      ['i32x4.extendHighI16x8S', Int32Array.from(int16.slice(4))],
      ['i32x4.extendLowI16x8U', Int32Array.from(int16.slice(0, 4), (x) => x & 0xffff)],
      ['i32x4.extendHighI16x8U', Int32Array.from(int16.slice(4), (x) => x & 0xffff)],
      [
        'i32x4.extaddPairwiseI16x8S',
        Int32Array.from({ length: 4 }, (_, i) => int16[2 * i]! + int16[2 * i + 1]!),
      ],
      [
        'i32x4.extaddPairwiseI16x8U',
        Int32Array.from(
          { length: 4 },
          (_, i) => (int16[2 * i]! & 0xffff) + (int16[2 * i + 1]! & 0xffff),
        ),
      ],
      ['i64x2.extendLowI32x4S', BigInt64Array.from([int32[0]!, int32[1]!].map(BigInt))],
      ['i64x2.extendHighI32x4S', BigInt64Array.from([int32[2]!, int32[3]!].map(BigInt))],
      ['i64x2.extendLowI32x4U', BigInt64Array.from([int32[0]! >>> 0, int32[1]! >>> 0].map(BigInt))],
      [
        'i64x2.extendHighI32x4U',
        BigInt64Array.from([int32[2]! >>> 0, int32[3]! >>> 0].map(BigInt)),
      ],
    ];
    for (const [name, wanted] of cases) {
      expect(vectors((a) => halves(name, a))(bytes, others), name).toEqual(bytesOf(wanted));
    }
    const clampByte = clampTo(-128, 127);
    const wide = new Int16Array(others.buffer.slice(0));
    expect(vectors(i8x16.narrowI16x8S)(bytes, others)).toEqual(
      bytesOf(Int8Array.from([...int16, ...wide], clampByte)),
    );
    expect(vectors(i8x16.narrowI16x8U)(bytes, others)).toEqual(
      bytesOf(Int8Array.from([...int16, ...wide], clampTo(0, 255))),
    );
    const wide32 = new Int32Array(others.buffer.slice(0));
    expect(vectors(i16x8.narrowI32x4S)(bytes, others)).toEqual(
      bytesOf(Int16Array.from([...int32, ...wide32], clampTo(-32768, 32767))),
    );
    expect(vectors(i16x8.narrowI32x4U)(bytes, others)).toEqual(
      bytesOf(Int16Array.from([...int32, ...wide32], clampTo(0, 65535))),
    );
    expect(vectors((a) => i32x4.extractLane(a, 2))(bytes, others)).toBe(int32[2]);
    expect(vectors((a) => i8x16.extractLaneS(a, 15))(bytes, others)).toBe(int8[15]);
    expect(vectors((a) => i8x16.extractLaneU(a, 15))(bytes, others)).toBe(bytes[15]);
    expect(vectors((a) => i16x8.extractLaneS(a, 7))(bytes, others)).toBe(int16[7]);
    expect(vectors((a) => i16x8.extractLaneU(a, 7))(bytes, others)).toBe(int16[7]! & 0xffff);
  });
});
