/** Loops over the times of rows and pairs, as generated code: one module for all joins. @module */

import type { KernelMemory, WasmMemory } from '../../core/memory.ts';
import { MARK_AT, TIME_AT } from '../../state/index.ts';
import type { F64, FunctionBuilder, I32, Local, ModuleBuilder } from '../../wasm/index.ts';
import {
  compileModule,
  ENGINE,
  f64,
  i32,
  i64,
  Import,
  instantiate,
  ModuleBuilder as Builder,
  select,
} from '../../wasm/index.ts';

const { add, shl } = i32;
const c = i32.const;
/** Number of the state among the memories of the module; that of the columns is 0. */
const STATE = 1;

/** Which rows are noted, what is read of them, what is written by row: addresses, but for `count`. */
export type NotePlaces = readonly [
  rows: number,
  count: number,
  timeWords: number,
  /** 0: no row is late. */
  lateBy: number,
  times: number,
  marks: number,
  earliest: number,
  latest: number,
];

/** Addresses, and numbers of microseconds. Lists of rows, pairs and records are of 32-bit words. */
export interface TimeKernels {
  /** Writes time, mark, least time and largest mark of a match of listed rows, by row: see `Reach`. */
  noteInterval(...places: [...NotePlaces, backUs: number, aheadUs: number]): void;
  /** The same where least time and largest mark are those of all rows. */
  noteSame(...places: [...NotePlaces, earliestUs: number, latestUs: number]): void;
  /** The same for windows. */
  noteWindow(...places: [...NotePlaces, offsetUs: number, sizeUs: number, slideUs: number]): void;
  /** Writes the last window that the time of each row lies in. */
  windows(
    rows: number,
    count: number,
    times: number,
    windows: number,
    offsetUs: number,
    slideUs: number,
  ): void;
  /** Writes, of listed pairs, start and end of their windows one after the other. */
  putWindows(
    pairs: number,
    count: number,
    windows: number,
    starts: number,
    ends: number,
    offsetUs: number,
    sizeUs: number,
    slideUs: number,
  ): void;
  /** Writes time and lateness, by pair, of listed pairs of rows. */
  readRows(
    pairs: number,
    count: number,
    rows: number,
    times: number,
    marks: number,
    toTimes: number,
    toLateBy: number,
  ): void;
  /** The same of records. */
  readRecords(
    pairs: number,
    count: number,
    records: number,
    toTimes: number,
    toLateBy: number,
  ): void;
  /**
   * Writes times of listed pairs one after the other, as int64; the least and the largest go to `bounds`.
   *
   * @returns how many are late
   */
  putTimes(
    pairs: number,
    count: number,
    times: number,
    lateBy: number,
    timeWords: number,
    bounds: number,
  ): number;
}

/** The kernels over a worker's memory and a join's state. */
export function timeKernels(memory: KernelMemory, state: WasmMemory): TimeKernels {
  const exports: unknown = instantiate(compileModule('join times', build), memory, { state });
  return exports as TimeKernels;
}

function build(): Uint8Array<ArrayBuffer> {
  const module = new Builder();
  module.importMemory(ENGINE, Import.COLUMNS);
  module.importMemory(ENGINE, Import.STATE);
  addNote(module, 'noteInterval', 2, ([backUs, aheadUs], time, mark) => ({
    earliest: f64.sub(mark, backUs!),
    latest: f64.add(time, aheadUs!),
  }));
  addNote(module, 'noteSame', 2, ([earliest, latest]) => ({
    earliest: earliest!,
    latest: latest!,
  }));
  // As in `SlidingWindows`, operation by operation.
  addNote(module, 'noteWindow', 3, ([offsetUs, sizeUs, slideUs], time, mark) => {
    const closed = f64.div(f64.sub(f64.sub(mark, offsetUs!), sizeUs!), slideUs!);
    const first = f64.add(f64.floor(closed), f64.const(1));
    const last = f64.floor(f64.div(f64.sub(time, offsetUs!), slideUs!));
    const start = (window: F64): F64 => f64.add(f64.mul(window, slideUs!), offsetUs!);
    return {
      earliest: start(first),
      latest: f64.sub(f64.add(start(last), sizeUs!), f64.const(1)),
    };
  });
  addWindows(module);
  addPutWindows(module);
  addReadRows(module);
  addReadRecords(module);
  addPutTimes(module);
  return module.build();
}

const float = (list: I32, index: I32): I32 => add(list, shl(index, c(3)));
const word = (list: I32, index: I32): I32 => i32.load(add(list, shl(index, c(2))));

/** Runs `body` with the index and the entry of each of `count` words at `list`. */
function eachOf(
  f: FunctionBuilder,
  list: I32,
  count: I32,
  body: (index: Local<'i32'>, item: Local<'i32'>) => void,
): void {
  const index = f.local('i32');
  const item = f.local('i32');
  f.countUp(index, c(0), count, 1, () => {
    f.set(item, word(list, index));
    body(index, item);
  });
}

function signature(words: number, floats: number) {
  return {
    params: [
      ...Array.from({ length: words }, () => 'i32' as const),
      ...Array.from({ length: floats }, () => 'f64' as const),
    ],
    result: undefined,
  };
}

function addNote(
  module: ModuleBuilder,
  name: string,
  constants: number,
  reach: (
    constants: readonly F64[],
    time: F64,
    mark: F64,
  ) => { readonly earliest: F64; readonly latest: F64 },
): void {
  module.function(
    signature(8, constants),
    (f) => {
      const rows = f.param(0, 'i32');
      const count = f.param(1, 'i32');
      const timeWords = f.param(2, 'i32');
      const lateBy = f.param(3, 'i32');
      const [times, marks] = [f.param(4, 'i32'), f.param(5, 'i32')];
      const [earliest, latest] = [f.param(6, 'i32'), f.param(7, 'i32')];
      const given = Array.from({ length: constants }, (_, i) => f.param(8 + i, 'f64'));
      const time = f.local('f64');
      const mark = f.local('f64');
      eachOf(f, rows, count, (_, row) => {
        f.set(time, f64.convertI64S(i64.load(float(timeWords, row))));
        f.set(mark, time);
        f.if(lateBy, () => f.set(mark, f64.add(mark, f64.load(float(lateBy, row)))));
        const bounds = reach(given, time, mark);
        f.do(f64.store(float(times, row), time));
        f.do(f64.store(float(marks, row), mark));
        f.do(f64.store(float(earliest, row), bounds.earliest));
        f.do(f64.store(float(latest, row), bounds.latest));
      });
    },
    name,
  );
}

function addWindows(module: ModuleBuilder): void {
  module.function(
    signature(4, 2),
    (f) => {
      const times = f.param(2, 'i32');
      const windows = f.param(3, 'i32');
      const offsetUs = f.param(4, 'f64');
      const slideUs = f.param(5, 'f64');
      eachOf(f, f.param(0, 'i32'), f.param(1, 'i32'), (index, row) => {
        const inside = f64.sub(f64.load(float(times, row)), offsetUs);
        f.do(f64.store(float(windows, index), f64.floor(f64.div(inside, slideUs))));
      });
    },
    'windows',
  );
}

function addPutWindows(module: ModuleBuilder): void {
  module.function(
    signature(5, 3),
    (f) => {
      const windows = f.param(2, 'i32');
      const starts = f.param(3, 'i32');
      const ends = f.param(4, 'i32');
      const offsetUs = f.param(5, 'f64');
      const sizeUs = f.param(6, 'f64');
      const slideUs = f.param(7, 'f64');
      const known = f.let(f64.const(NaN));
      const window = f.local('f64');
      const start = f.local('i64');
      const end = f.local('i64');
      eachOf(f, f.param(0, 'i32'), f.param(1, 'i32'), (index, pair) => {
        f.set(window, f64.load(float(windows, pair)));
        // Most pairs are in the window of the one before.
        f.if(f64.ne(window, known), () => {
          const startUs = f.let(f64.add(f64.mul(window, slideUs), offsetUs));
          f.set(start, i64.truncSatF64S(startUs));
          f.set(end, i64.truncSatF64S(f64.add(startUs, sizeUs)));
          f.set(known, window);
        });
        f.do(i64.store(float(starts, index), start));
        f.do(i64.store(float(ends, index), end));
      });
    },
    'putWindows',
  );
}

function addReadRows(module: ModuleBuilder): void {
  module.function(
    signature(7, 0),
    (f) => {
      const rows = f.param(2, 'i32');
      const [times, marks] = [f.param(3, 'i32'), f.param(4, 'i32')];
      const [toTimes, toLateBy] = [f.param(5, 'i32'), f.param(6, 'i32')];
      const row = f.local('i32');
      const time = f.local('f64');
      eachOf(f, f.param(0, 'i32'), f.param(1, 'i32'), (_, pair) => {
        f.set(row, word(rows, pair));
        f.set(time, f64.load(float(times, row)));
        f.do(f64.store(float(toTimes, pair), time));
        f.do(f64.store(float(toLateBy, pair), f64.sub(f64.load(float(marks, row)), time)));
      });
    },
    'readRows',
  );
}

function addReadRecords(module: ModuleBuilder): void {
  module.function(
    signature(5, 0),
    (f) => {
      const records = f.param(2, 'i32');
      const toTimes = f.param(3, 'i32');
      const toLateBy = f.param(4, 'i32');
      const record = f.local('i32');
      const time = f.local('f64');
      eachOf(f, f.param(0, 'i32'), f.param(1, 'i32'), (_, pair) => {
        f.set(record, word(records, pair));
        f.set(time, f64.load(record, { memory: STATE, offset: TIME_AT }));
        const mark = f64.load(record, { memory: STATE, offset: MARK_AT });
        f.do(f64.store(float(toTimes, pair), time));
        f.do(f64.store(float(toLateBy, pair), f64.sub(mark, time)));
      });
    },
    'readRecords',
  );
}

function addPutTimes(module: ModuleBuilder): void {
  module.function(
    { ...signature(6, 0), result: 'i32' },
    (f) => {
      const times = f.param(2, 'i32');
      const lateBy = f.param(3, 'i32');
      const timeWords = f.param(4, 'i32');
      const bounds = f.param(5, 'i32');
      const time = f.local('f64');
      const least = f.let(f64.const(Infinity));
      const most = f.let(f64.const(-Infinity));
      const late = f.local('i32');
      eachOf(f, f.param(0, 'i32'), f.param(1, 'i32'), (index, pair) => {
        f.set(time, f64.load(float(times, pair)));
        f.do(i64.store(float(timeWords, index), i64.truncSatF64S(time)));
        // Not `f64.min`, which cares for NaN.
        f.set(least, select(f64.lt(time, least), time, least));
        f.set(most, select(f64.gt(time, most), time, most));
        f.set(late, add(late, f64.ne(f64.load(float(lateBy, pair)), f64.const(0))));
      });
      f.do(f64.store(bounds, least));
      f.do(f64.store(bounds, most, { offset: 8 }));
      f.return(late);
    },
    'putTimes',
  );
}
