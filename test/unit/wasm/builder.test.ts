import { describe, expect, test } from 'vitest';
import { KernelMemory } from '../../../src/core/memory.ts';
import type { FunctionBuilder, I32, ValueType } from '../../../src/wasm/index.ts';
import {
  atomic,
  call,
  compileModule,
  choose,
  drop,
  ENGINE,
  f64,
  i32,
  i64,
  Import,
  instantiate,
  lanes,
  memory as bulk,
  ModuleBuilder,
  perform,
  select,
  tee,
  useModules,
  v128,
  i32x4,
} from '../../../src/wasm/index.ts';
import { testMemory } from '../../support/memory.ts';

/** A function of int32s. */
function compile(
  params: number,
  body: (f: FunctionBuilder, ...args: I32[]) => void,
): (...args: number[]) => number {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  const types: ValueType[] = Array.from({ length: params }, () => 'i32');
  module.function(
    { params: types, result: 'i32' },
    (f) => body(f, ...types.map((_, i) => f.param(i, 'i32'))),
    'run',
  );
  return instantiate(new WebAssembly.Module(module.build()), testMemory(1 << 16))['run']!;
}

describe('control', () => {
  test('loops, and leaving them', () => {
    const sum = compile(2, (f, n, limit) => {
      const total = f.local('i32');
      const i = f.local('i32');
      f.block((done) => {
        f.countUp(i, i32.const(0), n, 1, () => {
          f.branchIf(done, i32.gtS(i32.add(total, i), limit));
          f.set(total, i32.add(total, i));
        });
      });
      f.return(total);
    });
    expect(sum(5, 100)).toBe(10);
    expect(sum(5, 6)).toBe(6);
    expect(sum(0, 6)).toBe(0);
    expect(sum(-1, 6)).toBe(0);
  });

  test('if, else, and branching out of both', () => {
    const sign = compile(1, (f, x) => {
      const result = f.let(i32.const(7));
      f.block((end) => {
        f.if(
          i32.ltS(x, i32.const(0)),
          () => {
            f.set(result, i32.const(-1));
            f.branch(end);
          },
          () => f.if(i32.eqz(x), () => f.branch(end)),
        );
        f.set(result, i32.const(1));
      });
      f.return(result);
    });
    expect([-5, 0, 5].map((x) => sign(x))).toEqual([-1, 7, 1]);
  });

  test('switch', () => {
    const pick = compile(1, (f, x) => {
      const result = f.local('i32');
      const set = (value: number) => () => f.set(result, i32.const(value));
      f.switch(x, [set(10), set(20), set(30)], set(99));
      f.return(i32.add(result, i32.const(1)));
    });
    expect([0, 1, 2, 3, -1].map((x) => pick(x))).toEqual([11, 21, 31, 100, 100]);
  });

  test('values that are chosen', () => {
    const lazily = compile(2, (f, a, b) =>
      f.return(choose(i32.eqz(b), i32.const(-1), i32.divS(a, b))),
    );
    expect(lazily(7, 2)).toBe(3);
    expect(lazily(7, 0)).toBe(-1);
    const both = compile(2, (f, a, b) => f.return(select(i32.gtS(a, b), a, b)));
    expect(both(3, 9)).toBe(9);
    expect(both(9, 3)).toBe(9);
  });

  test('a value that is kept as it is computed', () => {
    const run = compile(1, (f, a) => {
      const kept = f.local('i32');
      f.do(drop(tee(kept, i32.mul(a, a))));
      f.return(i32.add(kept, kept));
    });
    expect(run(3)).toBe(18);
  });

  test('a function that does not return traps', () => {
    const run = compile(1, (f, a) => f.if(a, () => f.return(a)));
    expect(run(3)).toBe(3);
    expect(() => run(0)).toThrow(WebAssembly.RuntimeError);
  });
});

describe('functions', () => {
  test('call each other, the later the earlier', () => {
    const module = new ModuleBuilder();
    module.importMemory(ENGINE, Import.COLUMNS);
    const triple = module.function({ params: ['i32'], result: 'i32' }, (f) =>
      f.return(i32.mul(f.param(0, 'i32'), i32.const(3))),
    );
    const store = module.function({ params: ['i32', 'i32'], result: undefined }, (f) =>
      f.do(i32.store(f.param(0, 'i32'), f.param(1, 'i32'))),
    );
    module.function(
      { params: ['i32'], result: 'i32' },
      (f) => {
        f.do(perform(store, i32.const(64), call(triple, f.param(0, 'i32'))));
        f.return(i32.load(i32.const(64)));
      },
      'run',
    );
    const { run } = instantiate(new WebAssembly.Module(module.build()), testMemory(1 << 16));
    expect(run!(5)).toBe(15);
    const wrong = () => call(triple, f64.const(1));
    expect(wrong).toThrow('call of (i32) with (f64)');
  });

  test('imported functions and constants', () => {
    const module = new ModuleBuilder();
    module.importMemory(ENGINE, Import.COLUMNS);
    const factor = module.importGlobal(ENGINE, 'factor', 'i32');
    const twice = module.importFunction(ENGINE, 'twice', { params: ['i32'], result: 'i32' });
    module.function(
      { params: ['i32'], result: 'i32' },
      (f) => f.return(i32.mul(factor, call(twice, f.param(0, 'i32')))),
      'run',
    );
    expect(() => module.importFunction(ENGINE, 'late', { params: [], result: 'i32' })).toThrow(
      'before functions',
    );
    const { run } = instantiate(new WebAssembly.Module(module.build()), testMemory(1 << 16), {
      values: { factor: 10, twice: (x: number) => 2 * x },
    });
    expect(run!(4)).toBe(80);
  });

  test('a parameter of another type is refused', () => {
    expect(() => compile(1, (f) => f.return(i32.wrapI64(f.param(0, 'i64'))))).toThrow(
      'parameter 0 is i32, not i64',
    );
  });

  test('locals of all types, in any order', () => {
    const run = compile(1, (f, a) => {
      const wide = f.let(i64.extendI32S(a));
      const vector = f.let(lanes.i32x4(1, 2, 3, 4));
      const float = f.let(f64.convertI32S(a));
      const other = f.let(i64.mul(wide, wide));
      const sum = i32.add(i32.wrapI64(other), i32.truncSatF64S(f64.add(float, f64.const(0.5))));
      f.return(i32.add(sum, i32x4.extractLane(vector, 2)));
    });
    expect(run(6)).toBe(36 + 6 + 3);
  });
});

describe('memory', () => {
  test('loads and stores of every width', () => {
    const module = new ModuleBuilder();
    module.importMemory(ENGINE, Import.COLUMNS);
    const at = i32.const(64);
    const values: Record<string, I32> = {
      load8S: i32.load8S(at, { offset: 1 }),
      load8U: i32.load8U(at, { offset: 1 }),
      load16S: i32.load16S(at, { offset: 1 }),
      load16U: i32.load16U(at, { offset: 1 }),
      load: i32.load(at, { offset: 300 }),
      load32S: i32.wrapI64(i64.shrS(i64.load32S(at), i64.const(32n))),
      load32U: i32.wrapI64(i64.shrU(i64.load32U(at), i64.const(32n))),
      load64: i32.wrapI64(i64.shrU(i64.load(at), i64.const(56n))),
      atomic: atomic.loadI32(at),
    };
    for (const [name, value] of Object.entries(values)) {
      module.function({ params: [], result: 'i32' }, (f) => f.return(value), name);
    }
    module.function(
      { params: ['i32'], result: undefined },
      (f) => {
        const value = f.param(0, 'i32');
        f.do(
          i32.store8(at, value, { offset: 128 }),
          i32.store16(at, value, { offset: 130 }),
          i32.store(at, value, { offset: 132 }),
          i64.store(at, i64.extendI32U(value), { offset: 136 }),
          i64.store32(at, i64.extendI32U(value), { offset: 144 }),
          f64.store(at, f64.convertI32U(value), { offset: 152 }),
          v128.store(at, i32x4.splat(value), { offset: 160 }),
          atomic.storeI32(at, value, { offset: 176 }),
          atomic.fence(),
          bulk.fill(i32.const(64 + 180), i32.const(0xab), i32.const(3)),
          bulk.copy(i32.const(64 + 183), i32.const(64 + 128), i32.const(1)),
        );
      },
      'store',
    );
    // Of its own: addresses are absolute.
    const memory = KernelMemory.create(1 << 16);
    const bytes = new Uint8Array(memory.buffer, 64, 512);
    const run = instantiate(new WebAssembly.Module(module.build()), memory);
    bytes.set([0x80, 0x81, 0x82, 0x83, 1, 2, 3, 0x84]);
    bytes.set([9, 0, 0, 0], 300);
    expect(Object.keys(values).map((name) => run[name]!())).toEqual([
      0x81 - 256,
      0x81,
      0x8281 - 65536,
      0x8281,
      9,
      -1,
      0,
      0x84,
      0x83828180 | 0,
    ]);
    run['store']!(0x11223344);
    const view = new DataView(memory.buffer, 64 + 128, 64);
    expect(view.getUint8(0)).toBe(0x44);
    expect(view.getUint16(2, true)).toBe(0x3344);
    expect(view.getUint32(4, true)).toBe(0x11223344);
    expect(view.getBigUint64(8, true)).toBe(0x11223344n);
    expect(view.getBigUint64(16, true)).toBe(0x11223344n);
    expect(view.getFloat64(24, true)).toBe(0x11223344);
    expect(view.getUint32(44, true)).toBe(0x11223344);
    expect(view.getUint32(48, true)).toBe(0x11223344);
    expect([...bytes.subarray(180, 185)]).toEqual([0xab, 0xab, 0xab, 0x44, 0]);
  });

  test('two memories', () => {
    const module = new ModuleBuilder();
    const columns = module.importMemory(ENGINE, Import.COLUMNS);
    const state = module.importMemory(ENGINE, Import.STATE);
    expect([columns, state]).toEqual([0, 1]);
    module.function(
      { params: ['i32'], result: 'i32' },
      (f) => {
        const at = f.param(0, 'i32');
        f.do(i32.store(at, i32.const(77), { memory: state, offset: 4 }));
        f.do(bulk.copy(at, i32.add(at, i32.const(4)), i32.const(4), { sourceMemory: state }));
        f.return(i32.load(at, { memory: columns }));
      },
      'run',
    );
    const [own, other] = [
      testMemory(1 << 16),
      new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
    ];
    const { run } = instantiate(new WebAssembly.Module(module.build()), own, { state: other });
    expect(run!(128)).toBe(77);
    expect(new Int32Array(other.buffer)[33]).toBe(77);
  });
});

test('a module that another thread has compiled is not built again', () => {
  const build = (value: number) => () => {
    const module = new ModuleBuilder();
    module.importMemory(ENGINE, Import.COLUMNS);
    module.function({ params: [], result: 'i32' }, (f) => f.return(i32.const(value)), 'run');
    return module.build();
  };
  const run = (key: string, value: number): number =>
    instantiate(compileModule(key, build(value)), testMemory(1 << 16))['run']!();
  useModules(new Map([['a', compileModule('a', build(1))]]));
  try {
    expect(run('a', 2)).toBe(1);
    expect(run('b', 2)).toBe(2);
  } finally {
    useModules(new Map());
  }
});
