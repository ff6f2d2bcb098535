/** The module that keeps the best rows of groups. @module */

import type { FunctionBuilder, I32, I64, Label, Local } from '../../wasm/index.ts';
import { call, ENGINE, i32, i64, Import, ModuleBuilder, perform, v128 } from '../../wasm/index.ts';
import { blockWord } from '../kernel/loop-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import { columnWord } from '../rows/shape.ts';
import type { RowSource } from '../rows/store-code.ts';
import { addCopyBytes, columnsAt, recordBytes, writeColumns } from '../rows/store-code.ts';
import type { BlockFunctions } from './block-code.ts';
import { addBlocks } from './block-code.ts';
import type { CompareFunction } from './compare-code.ts';
import { addCompare } from './compare-code.ts';
import { orderKey } from './order-code.ts';
import type { BestShape } from './shape.ts';
import {
  BestNeed,
  BestWord,
  ENTRY_BYTES,
  EntryAt,
  FIRST_ENTRY_AT,
  GroupAt,
  isAlone,
  SIZE_AT,
} from './shape.ts';

const { add, shl, sub } = i32;
const c = i32.const;
const inState = { memory: STATE };
const FIRST_ROOM = 4;
/**
 * Lists of more rows than this are searched by halves. Others are gone through whole, without a branch that asks for
 * the place of a row: where that is cannot be guessed, and a wrong guess costs more than a few entries.
 */
const MOST_SCANNED = 16;

/** The functions; `columns` is the address of the block of a row kernel, to which columns are bound. */
export interface BestFunctions {
  /** Writes the keys of positions `from .. to`, and lists to `chosen` those that may be good enough; how many. */
  choose(columns: number, block: number, from: number, to: number, chosen: number): number;
  /** Keeps the rows at `chosen[from .. to)` that are good enough; how far it came, and the need in the block. */
  insert(columns: number, block: number, chosen: number, from: number, to: number): number;
  /** Writes the record of a row; its address, or 0 and the need in the block. */
  write(columns: number, block: number, row: number): number;
  take(block: number, bytes: number): number;
  give(block: number, address: number): void;
}

/** What two shapes have in common that have the same code. */
export function bestModuleKey(shape: BestShape): string {
  return `best ${JSON.stringify(shape)}`;
}

/** The bytes of the module. */
export function buildBestModule(shape: BestShape): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  // Numbered STATE, COLUMNS.
  module.importMemory(ENGINE, Import.STATE);
  module.importMemory(ENGINE, Import.COLUMNS);
  const blocks = addBlocks(module);
  const copyBytes = addCopyBytes(module, STATE, COLUMNS);
  addChoose(module, shape);
  const { layout } = shape.rows;
  module.function(
    { params: ['i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const words = layout.fields.map((_, k) => columnWord(k));
      const columns = columnsAt(f, f.param(0, 'i32'), words);
      const source = { row: f.param(2, 'i32'), columns, copyBytes };
      const record = f.let(call(blocks.take, f.param(1, 'i32'), recordBytes(f, layout, source)));
      f.if(record, () => writeColumns(f, layout, source, record));
      f.return(record);
    },
    'write',
  );
  const compare = addCompare(module, shape);
  addInsert(module, shape, { ...blocks, compare }, (f, columnBlock) => {
    const words = layout.fields.map((_, k) => columnWord(k));
    return { columns: columnsAt(f, columnBlock, words), copyBytes };
  });
  return module.build();
}

/** Address of the part of a record that is the best rows' of a group. */
function groupOf(shape: BestShape, groups: I32, position: I32): I32 {
  if (shape.groupCell === undefined) return groups;
  const record = i32.load(add(groups, shl(position, c(2))), { memory: COLUMNS });
  return add(shl(record, c(3)), c(8 * shape.groupCell));
}

function addChoose(module: ModuleBuilder, shape: BestShape): void {
  const { order, rows: rowShape } = shape;
  const { column: orderColumn, direction } = order[0]!;
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(1, 'i32');
      const chosen = f.param(4, 'i32');
      const [column] = columnsAt(f, f.param(0, 'i32'), [columnWord(orderColumn)]);
      const groups = blockWord(f, block, BestWord.GROUPS);
      const keys = blockWord(f, block, BestWord.KEYS);
      const rows = blockWord(f, block, BestWord.ROWS);
      const { storage } = rowShape.layout.fields[orderColumn]!;
      const position = f.local('i32');
      const row = f.local('i32');
      const count = f.local('i32');
      f.countUp(position, f.param(2, 'i32'), f.param(3, 'i32'), 1, () => {
        f.set(row, i32.load(add(rows, shl(position, c(2))), { memory: COLUMNS }));
        const key = orderKey(f, storage, column!, row, direction === -1);
        f.do(i64.store(add(keys, shl(position, c(3))), key, { memory: COLUMNS }));
        const least = i64.load(groupOf(shape, groups, position), {
          ...inState,
          offset: GroupAt.LEAST,
        });
        f.do(i32.store(add(chosen, shl(count, c(2))), position, { memory: COLUMNS }));
        f.set(count, add(count, i64.geS(key, least)));
      });
      f.return(count);
    },
    'choose',
  );
}

/** A group while a row is inserted. */
interface GroupCode {
  readonly address: Local<'i32'>;
  readonly count: Local<'i32'>;
  readonly list: Local<'i32'>;
}

function entryKey(list: I32, index: I32): I64 {
  return i64.load(add(list, shl(index, c(4))), {
    ...inState,
    offset: FIRST_ENTRY_AT + EntryAt.KEY,
  });
}

interface InsertFunctions extends BlockFunctions {
  readonly compare: CompareFunction;
}

type BindSource = (f: FunctionBuilder, columns: I32) => Omit<RowSource, 'row'>;

function addInsert(
  module: ModuleBuilder,
  shape: BestShape,
  functions: InsertFunctions,
  bind: BindSource,
): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(1, 'i32');
      const chosen = f.param(2, 'i32');
      const index = f.param(3, 'i32');
      const row = f.local('i32');
      const source = { ...bind(f, f.param(0, 'i32')), row };
      const groups = blockWord(f, block, BestWord.GROUPS);
      const keys = blockWord(f, block, BestWord.KEYS);
      const rows = blockWord(f, block, BestWord.ROWS);
      const position = f.local('i32');
      const key = f.local('i64');
      const group = { address: f.local('i32'), count: f.local('i32'), list: f.local('i32') };
      const field = (at: number): I32 => i32.load(group.address, { ...inState, offset: at });
      const stop = (need: number): void => {
        f.do(i32.store(block, c(need), { memory: COLUMNS, offset: 4 * BestWord.NEED }));
        f.return(index);
      };
      f.while(i32.ltS(index, f.param(4, 'i32')), () => {
        f.block((next) => {
          f.set(position, i32.load(add(chosen, shl(index, c(2))), { memory: COLUMNS }));
          f.set(key, i64.load(add(keys, shl(position, c(3))), { memory: COLUMNS }));
          f.set(group.address, groupOf(shape, groups, position));
          const least = i64.load(group.address, { ...inState, offset: GroupAt.LEAST });
          f.branchIf(next, i64.ltS(key, least));
          f.set(group.count, field(GroupAt.COUNT));
          f.set(
            group.list,
            isAlone(shape) ? sub(group.address, c(FIRST_ENTRY_AT)) : field(GroupAt.LIST),
          );
          f.set(row, i32.load(add(rows, shl(position, c(2))), { memory: COLUMNS }));
          const columns = f.param(0, 'i32');
          const code = { f, shape, functions, block, columns, group, key, source };
          insertRow(code, next, stop, () => f.return(index));
        });
        f.increase(index, 1);
      });
      f.return(index);
    },
    'insert',
  );
}

interface InsertCode {
  readonly f: FunctionBuilder;
  readonly shape: BestShape;
  readonly functions: InsertFunctions;
  readonly block: I32;
  readonly columns: I32;
  readonly group: GroupCode;
  readonly key: Local<'i64'>;
  readonly source: RowSource;
}

/**
 * @param next - goes on with the next row: this one is not good enough
 * @param stop - leaves the function with a need; `leave` with the need that is in the block already
 */
function insertRow(
  code: InsertCode,
  next: Label,
  stop: (need: number) => void,
  leave: () => void,
): void {
  const { f, shape, block, functions, group, key, source } = code;
  const { n } = shape;
  const { layout } = shape.rows;
  const { address, count, list } = group;
  const isFull = f.let(i32.geS(count, c(n)));
  if (shape.ties) stopAtTiesOfLast(code, isFull, stop);
  const place = f.local('i32');
  searchPlace(code, place);
  if (shape.ties) {
    f.if(i32.gtS(place, c(0)), () => {
      f.if(i64.eq(entryKey(list, sub(place, c(1))), key), () => stop(BestNeed.TIE));
    });
  } else {
    passWorse(code, place);
    f.branchIf(next, i32.geS(place, c(n)));
  }
  if (!isAlone(shape)) {
    f.if(i32.eq(count, i32.load(address, { ...inState, offset: GroupAt.ROOM })), () => {
      f.if(i32.eqz(isFull), () => growList(code, leave));
    });
  }
  const record = f.let(c(0));
  const size = f.let(recordBytes(f, layout, source));
  const last = f.let(add(list, shl(sub(count, c(1)), c(4))));
  const worst = f.local('i32');
  f.if(isFull, () => {
    f.set(worst, i32.load(last, { ...inState, offset: FIRST_ENTRY_AT + EntryAt.RECORD }));
    // Without long values all records have one size.
    if (layout.cellsAt === undefined) {
      f.set(record, worst);
      return;
    }
    const taken = i32.load(worst, { ...inState, offset: SIZE_AT });
    f.if(i32.eq(taken, call(functions.sizeFor, size)), () => f.set(record, worst));
  });
  f.if(i32.or(i32.eqz(isFull), i32.ne(record, worst)), () => {
    f.set(record, call(functions.take, block, size));
    f.if(i32.eqz(record), leave);
    f.if(isFull, () => f.do(perform(functions.give, block, worst)));
  });
  writeColumns(f, layout, source, record);
  f.if(isFull, () => f.set(count, sub(count, c(1))));
  if (!isAlone(shape)) openGap(code, place);
  const entry = f.let(add(list, shl(place, c(4))));
  f.do(i64.store(entry, key, { ...inState, offset: FIRST_ENTRY_AT + EntryAt.KEY }));
  f.do(i32.store(entry, record, { ...inState, offset: FIRST_ENTRY_AT + EntryAt.RECORD }));
  f.increase(count, 1);
  f.do(i32.store(address, count, { ...inState, offset: GroupAt.COUNT }));
  f.if(i32.eq(count, c(n)), () => {
    f.do(i64.store(address, entryKey(list, c(n - 1)), { ...inState, offset: GroupAt.LEAST }));
  });
}

/** Has `place` pass the rows of the same key that are worse. */
function passWorse(code: InsertCode, place: Local<'i32'>): void {
  const { f, columns, functions, group, key, source } = code;
  f.block((found) => {
    f.loop((again) => {
      f.branchIf(found, i32.eqz(place));
      const before = f.let(sub(place, c(1)));
      f.branchIf(found, i64.ne(entryKey(group.list, before), key));
      const at = add(group.list, shl(before, c(4)));
      const record = i32.load(at, { ...inState, offset: FIRST_ENTRY_AT + EntryAt.RECORD });
      f.branchIf(found, i32.geS(call(functions.compare, columns, source.row, record), c(0)));
      f.set(place, before);
      f.branch(again);
    });
  });
}

/** Where rows may be kept beside the n best, others decide which are. */
function stopAtTiesOfLast(
  { f, shape, group }: InsertCode,
  isFull: I32,
  stop: (need: number) => void,
): void {
  const { n } = shape;
  f.if(isFull, () => {
    f.if(i32.gtS(group.count, c(n)), () => stop(BestNeed.TIE));
    if (n < 2) return;
    const [last, before] = [entryKey(group.list, c(n - 1)), entryKey(group.list, c(n - 2))];
    f.if(i64.eq(last, before), () => stop(BestNeed.TIE));
  });
}

/** Sets `place` to the number of rows whose key is not less. */
function searchPlace({ f, shape, group, key }: InsertCode, place: Local<'i32'>): void {
  const { count, list } = group;
  if (shape.n <= MOST_SCANNED) {
    const index = f.local('i32');
    f.set(place, c(0));
    f.countUp(index, c(0), count, 1, () => {
      f.set(place, add(place, i64.geS(entryKey(list, index), key)));
    });
    return;
  }
  const high = f.let(count);
  const middle = f.local('i32');
  f.set(place, c(0));
  f.while(i32.ltS(place, high), () => {
    f.set(middle, i32.shrU(add(place, high), c(1)));
    f.if(
      i64.geS(entryKey(list, middle), key),
      () => f.set(place, add(middle, c(1))),
      () => f.set(high, middle),
    );
  });
}

/** Gives the group a list with twice the room. */
function growList({ f, shape, functions, block, group }: InsertCode, leave: () => void): void {
  const { address, count, list } = group;
  const room = f.let(shl(count, c(1)));
  f.if(i32.eqz(count), () => f.set(room, c(Math.min(FIRST_ROOM, shape.n))));
  const larger = f.let(call(functions.take, block, add(c(FIRST_ENTRY_AT), shl(room, c(4)))));
  f.if(i32.eqz(larger), leave);
  f.if(list, () => {
    const at = f.let(shl(count, c(4)));
    f.while(at, () => {
      const from = { ...inState, offset: FIRST_ENTRY_AT };
      f.increase(at, -ENTRY_BYTES);
      f.do(v128.store(add(larger, at), v128.load(add(list, at), from), from));
    });
    f.do(perform(functions.give, block, list));
  });
  f.set(list, larger);
  f.do(i32.store(address, list, { ...inState, offset: GroupAt.LIST }));
  f.do(i32.store(address, room, { ...inState, offset: GroupAt.ROOM }));
}

/** Moves entries from `place` to the last one back. */
function openGap({ f, shape, group: { list, count } }: InsertCode, place: I32): void {
  const entry = { ...inState, offset: FIRST_ENTRY_AT };
  const at = f.let(add(list, shl(count, c(4))));
  const first = f.let(add(list, shl(place, c(4))));
  if (shape.n <= MOST_SCANNED) {
    f.while(i32.gtU(at, list), () => {
      f.increase(at, -ENTRY_BYTES);
      const target = add(at, shl(i32.geU(at, first), c(4)));
      f.do(v128.store(target, v128.load(at, entry), entry));
    });
    return;
  }
  f.while(i32.gtU(at, first), () => {
    const before = v128.load(sub(at, c(ENTRY_BYTES)), entry);
    f.do(v128.store(at, before, entry));
    f.increase(at, -ENTRY_BYTES);
  });
}
