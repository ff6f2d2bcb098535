/**
 * Code that finds, for kept rows of one store, the latest version of their key among those of another,
 * and removes versions that nobody will ask for. Both stores lie in one arena.
 *
 * @module
 */

import type { FunctionBuilder, FunctionRef, I32, Local } from '../../wasm/index.ts';
import { call, choose, ENGINE, f64, i32, i64, Import, ModuleBuilder } from '../../wasm/index.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import { addEqualBytes } from '../kernel/key-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import { beginLog, beginSlots, findSlot, isKept, recordOf, rowBefore } from './log-code.ts';
import type { RowField } from './row-layout.ts';
import { HASH_AT, MARK_AT, NEXT_AT, TIME_AT } from './row-layout.ts';
import type { RowShape } from './shape.ts';
import { Bucket } from './shape.ts';

const { add, shl } = i32;
const c = i32.const;

/** What the code depends on. */
export interface LatestShape {
  /** Of the store of versions. */
  readonly versions: RowShape;
  /** The keys of the other rows, in the order of those of the versions. */
  readonly keys: readonly RowField[];
}

/** The functions; addresses are in bytes, `block` is that of the versions' kernel. */
export interface LatestFunctions {
  latest(
    block: number,
    rows: number,
    count: number,
    toleranceUs: number,
    none: number,
    found: number,
  ): void;
  supersede(block: number, versions: number, count: number, nowUs: number): number;
}

export function latestModuleKey(shape: LatestShape): string {
  return `latest ${JSON.stringify(shape)}`;
}

/** The bytes of the module. */
export function buildLatestModule(shape: LatestShape): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.STATE);
  module.importMemory(ENGINE, Import.COLUMNS);
  const equalBytes = addEqualBytes(module, STATE);
  addLatest(module, shape, equalBytes);
  addSupersede(module, shape, equalBytes);
  return module.build();
}

const timeOf = (record: I32) => f64.load(record, { memory: STATE, offset: TIME_AT });
const markOf = (record: I32) => f64.load(record, { memory: STATE, offset: MARK_AT });
const wordAt = (list: I32, index: I32): I32 => add(list, shl(index, c(2)));

/** Runs `each` for the versions of a hash, those that were kept last first. */
function walkVersions(
  f: FunctionBuilder,
  block: I32,
  versions: RowShape,
): (hash: I32, each: (version: Local<'i32'>) => void) => void {
  const log = beginLog(f, block);
  const slots = beginSlots(f, block);
  const [next, version] = [f.local('i32'), f.local('i32')];
  return (hash, each) =>
    findSlot(
      f,
      slots,
      versions,
      hash,
      false,
      ({ slot }) => {
        f.set(next, i32.load(slot, { memory: STATE, offset: Bucket.ROWS_AT }));
        f.while(isKept(log, next), () => {
          f.set(version, recordOf(log, versions, next));
          f.set(next, rowBefore(version));
          each(version);
        });
      },
      (_, end) => f.branch(end),
    );
}

/**
 * `latest(block, rows, count, toleranceUs, none, found)`: for each record of `rows`, `found` gets that of
 * the version with the largest time that is not beyond the row's own, nor before it by more than the
 * tolerance, and whose mark is not beyond it; of several the one that came last; `none` if there is none.
 */
function addLatest(
  module: ModuleBuilder,
  { versions, keys }: LatestShape,
  equalBytes: FunctionRef<'i32'>,
): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'f64', 'i32', 'i32'], result: undefined },
    (f) => {
      const [rows, found] = [f.param(1, 'i32'), f.param(5, 'i32')];
      const none = f.param(4, 'i32');
      const walk = walkVersions(f, f.param(0, 'i32'), versions);
      const [at, row, hash, best] = [
        f.local('i32'),
        f.local('i32'),
        f.local('i32'),
        f.local('i32'),
      ];
      const [time, least] = [f.local('f64'), f.local('f64')];
      f.countUp(at, c(0), f.param(2, 'i32'), 1, () => {
        f.set(row, i32.load(wordAt(rows, at), { memory: COLUMNS }));
        f.set(hash, i32.load(row, { memory: STATE, offset: HASH_AT }));
        f.set(time, timeOf(row));
        f.set(least, f64.sub(time, f.param(3, 'f64')));
        f.set(best, none);
        walk(hash, (version) => {
          const isFirst = f64.ge(timeOf(version), least);
          const isBetter = choose(i32.eq(best, none), isFirst, f64.gt(timeOf(version), least));
          // A version that was removed has no mark.
          f.if(i32.and(isBetter, f64.le(markOf(version), time)), () => {
            f.if(equalKeys(f, versions, keys, version, row, equalBytes), () => {
              f.set(best, version);
              f.set(least, timeOf(version));
            });
          });
        });
        f.do(i32.store(wordAt(found, at), best, { memory: COLUMNS }));
      });
    },
    'latest',
  );
}

/**
 * `supersede(block, versions, count, nowUs)`: of each listed version with a mark that is not beyond
 * `nowUs`, removes those of the same key that are older, or as old and came before it. The answer is how
 * many bytes they take.
 */
function addSupersede(
  module: ModuleBuilder,
  { versions }: LatestShape,
  equalBytes: FunctionRef<'i32'>,
): void {
  const keys = versions.keys.map((k) => versions.layout.fields[k]!);
  module.function(
    { params: ['i32', 'i32', 'i32', 'f64'], result: 'i32' },
    (f) => {
      const walk = walkVersions(f, f.param(0, 'i32'), versions);
      const [at, row, hash, bytes] = [
        f.local('i32'),
        f.local('i32'),
        f.local('i32'),
        f.local('i32'),
      ];
      const [isBehind, before, isRemoved] = [f.local('i32'), f.local('i32'), f.local('i32')];
      const time = f.local('f64');
      f.countUp(at, c(0), f.param(2, 'i32'), 1, () => {
        f.set(row, i32.load(wordAt(f.param(1, 'i32'), at), { memory: COLUMNS }));
        f.if(f64.le(markOf(row), f.param(3, 'f64')), () => {
          f.set(hash, i32.load(row, { memory: STATE, offset: HASH_AT }));
          f.set(time, timeOf(row));
          f.set(isBehind, c(0));
          f.set(before, c(0));
          walk(hash, (version) => {
            const isAsOld = f64.le(timeOf(version), time);
            const isOlder = choose(isBehind, isAsOld, f64.lt(timeOf(version), time));
            // One that was removed has no mark.
            f.set(isRemoved, f64.ne(markOf(version), markOf(version)));
            f.if(i32.and(i32.gtU(isOlder, isRemoved), i32.ne(version, row)), () => {
              f.if(equalKeys(f, versions, keys, version, row, equalBytes), () => {
                f.do(f64.store(version, f64.const(NaN), { memory: STATE, offset: MARK_AT }));
                f.set(bytes, add(bytes, sizeOf(versions, version)));
                f.set(isRemoved, c(1));
              });
            });
            f.if(i32.eq(version, row), () => f.set(isBehind, c(1)));
            // The chain leaves out those that were removed, but for its first.
            f.if(
              i32.and(isRemoved, i32.ne(before, c(0))),
              () => f.do(i32.store(before, rowBefore(version), { memory: STATE, offset: NEXT_AT })),
              () => f.set(before, version),
            );
          });
        });
      });
      f.return(bytes);
    },
    'supersede',
  );
}

function sizeOf({ layout: { cellsAt, fixedBytes } }: RowShape, record: I32): I32 {
  if (cellsAt === undefined) return c(fixedBytes);
  return shl(i32.load(record, { memory: STATE, offset: cellsAt }), c(3));
}

/** Whether a version and another row have the same key. */
function equalKeys(
  f: FunctionBuilder,
  versions: RowShape,
  keys: readonly RowField[],
  version: Local<'i32'>,
  row: Local<'i32'>,
  equalBytes: FunctionRef<'i32'>,
): I32 {
  const isEqual = f.let(c(1));
  versions.keys.forEach((key, k) => {
    const { storage, at } = versions.layout.fields[key]!;
    const there = { memory: STATE, offset: at };
    const other = { memory: STATE, offset: keys[k]!.at };
    const narrow = (value: I32): void => f.set(isEqual, i32.and(isEqual, value));
    switch (storage) {
      case 'i32':
      case 'bits':
        narrow(i32.eq(i32.load(version, there), i32.load(row, other)));
        break;
      case 'f64':
        narrow(f64.eq(f64.load(version, there), f64.load(row, other)));
        break;
      case 'i64':
        narrow(i64.eq(i64.load(version, there), i64.load(row, other)));
        break;
      case 'view': {
        narrow(i64.eq(i64.load(version, there), i64.load(row, other)));
        const rest = choose(
          i32.leU(i32.load(version, there), c(INLINE_BYTES)),
          i64.eq(
            i64.load(version, { memory: STATE, offset: at + 8 }),
            i64.load(row, { memory: STATE, offset: keys[k]!.at + 8 }),
          ),
          call(
            equalBytes,
            add(version, i32.load(version, { memory: STATE, offset: at + 12 })),
            add(row, i32.load(row, { memory: STATE, offset: keys[k]!.at + 12 })),
            i32.load(version, there),
          ),
        );
        f.if(isEqual, () => narrow(rest));
      }
    }
  });
  return isEqual;
}
