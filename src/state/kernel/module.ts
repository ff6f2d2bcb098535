/** The module of a group kernel. @module */

import type { FunctionBuilder, I32, ModuleBuilder as Builder } from '../../wasm/index.ts';
import { ENGINE, i32, Import, ModuleBuilder } from '../../wasm/index.ts';
import { addHash } from './hash-code.ts';
import { addEqualBytes, ColumnKeys, RecordKeys } from './key-code.ts';
import { blockWord, inputColumns, keyColumns, rowLoop } from './loop-code.ts';
import { beginProbe, findOrMake, slotOf } from './probe-code.ts';
import type { KernelShape } from './shape.ts';
import { BlockWord, COLUMNS, STATE } from './shape.ts';
import { addRecord, addRow } from './update-code.ts';

const { add, shl } = i32;
const c = i32.const;

/** The functions of a group kernel. Positions `from .. to` are meant; addresses are in bytes. */
export interface KernelExports {
  /** Hashes the keys of rows. */
  hash(block: number, from: number, to: number): void;
  /**
   * Finds or makes the records of rows.
   *
   * @returns the position it came to: `to`, or less where the table has to make room
   */
  find(block: number, header: number, from: number, to: number): number;
  /** The same where keys are null, or were. */
  findNull(block: number, header: number, from: number, to: number): number;
  /** Brings the slots of rows into the cache: loads that do not wait for each other. */
  touchSlots(block: number, header: number, from: number, to: number): number;
  /** Brings records into the cache. */
  touchRecords(records: number, from: number, to: number): number;
  /** `find` and `update` in one pass, where neither keys nor arguments are null; result as of `find`. */
  add(block: number, header: number, from: number, to: number): number;
  /** Adds rows to the aggregates of their records. */
  update(block: number, from: number, to: number): void;
  /** The same where arguments are null. */
  updateNull(block: number, from: number, to: number): void;
  /**
   * Finds or makes the records that have the keys of other tables' records; result as of `find`.
   *
   * @param copies - not 0: long strings are copied, not borrowed
   */
  findRecords(
    block: number,
    header: number,
    sources: number,
    targets: number,
    from: number,
    to: number,
    copies: number,
  ): number;
  /** Adds records to others. */
  merge(targets: number, sources: number, from: number, to: number): void;
}

/** What two shapes have in common that have the same code. */
export function moduleKey(shape: KernelShape): string {
  const { template, ...rest } = shape;
  return `groups ${JSON.stringify({ ...rest, template: [...template.subarray(0, 2 * shape.recordCells)] })}`;
}

/** The bytes of the module. */
export function buildModule(shape: KernelShape): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  // Numbered STATE, COLUMNS.
  module.importMemory(ENGINE, Import.STATE);
  module.importMemory(ENGINE, Import.COLUMNS);
  addHash(module, shape.keys);
  for (const variant of [FIND, FIND_NULL, ADD]) addFind(module, shape, variant);
  addTouch(module, shape);
  addUpdate(module, shape, false);
  addUpdate(module, shape, true);
  addFindRecords(module, shape);
  addMerge(module, shape);
  return module.build();
}

interface FindVariant {
  readonly name: 'find' | 'findNull' | 'add';
  readonly mayBeNull: boolean;
  /** Whether rows are added to the records found, or the records listed. */
  readonly updates: boolean;
}

const FIND: FindVariant = { name: 'find', mayBeNull: false, updates: false };
const FIND_NULL: FindVariant = { name: 'findNull', mayBeNull: true, updates: false };
const ADD: FindVariant = { name: 'add', mayBeNull: false, updates: true };

function addFind(module: Builder, shape: KernelShape, variant: FindVariant): void {
  const equalBytes = addEqualBytes(module, COLUMNS);
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const to = f.param(3, 'i32');
      const hashes = blockWord(f, block, BlockWord.HASHES);
      const records = blockWord(f, block, BlockWord.RECORDS);
      const fresh = blockWord(f, block, BlockWord.FRESH);
      const template = blockWord(f, block, BlockWord.TEMPLATE);
      const columns = keyColumns(f, block, shape.keys.length);
      const update = variant.updates ? beginUpdate(f, shape, block, false) : undefined;
      const probe = beginProbe(f, f.param(1, 'i32'), template, fresh);
      const hash = f.local('i32');
      rowLoop(f, block, f.param(2, 'i32'), to, ({ position, row }) => {
        f.set(hash, i32.load(add(hashes, shl(position, c(2))), { memory: COLUMNS }));
        const keys = new ColumnKeys(shape.keys, columns, row, variant.mayBeNull, equalBytes);
        const record = findOrMake(f, shape, probe, keys, hash, position);
        if (update === undefined) {
          f.do(i32.store(add(records, shl(position, c(2))), record, { memory: COLUMNS }));
        } else {
          f.set(record, shl(record, c(3)));
          update(record, row);
        }
      });
      f.return(to);
    },
    variant.name,
  );
}

/** Reads where the inputs lie; the result writes code that adds a row to the record at an address. */
function beginUpdate(
  f: FunctionBuilder,
  shape: KernelShape,
  block: I32,
  mayBeNull: boolean,
): (record: I32, row: I32) => void {
  const columns = shape.inputs.map(({ input }) => inputColumns(f, block, shape.keys.length, input));
  return (record, row) => {
    shape.inputs.forEach((input, i) => addRow(f, input, columns[i]!, record, row, mayBeNull));
  };
}

function addTouch(module: Builder, shape: KernelShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const hashes = blockWord(f, block, BlockWord.HASHES);
      const probe = beginProbe(f, f.param(1, 'i32'), c(0), undefined);
      const segment = f.local('i32');
      touchAll(f, f.param(2, 'i32'), f.param(3, 'i32'), (position) => {
        const hash = f.let(i32.load(add(hashes, position), { memory: COLUMNS }));
        const first = slotOf(probe, shape, hash, segment);
        f.set(segment, first.segment);
        return first.slot;
      });
    },
    'touchSlots',
  );
  module.function(
    { params: ['i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      touchAll(f, f.param(1, 'i32'), f.param(2, 'i32'), (position) =>
        shl(i32.load(add(f.param(0, 'i32'), position), { memory: COLUMNS }), c(3)),
      );
    },
    'touchRecords',
  );
}

/** Loads the word at an address for each position; the loads may all be on their way at once. */
function touchAll(
  f: FunctionBuilder,
  from: I32,
  to: I32,
  addressOf: (positionBytes: I32) => I32,
): void {
  const position = f.local('i32');
  const sum = f.let(c(0));
  f.countUp(position, from, to, 1, () => {
    const address = addressOf(shl(position, c(2)));
    f.set(sum, add(sum, i32.load(address, { memory: STATE })));
  });
  f.return(sum);
}

function addUpdate(module: Builder, shape: KernelShape, mayBeNull: boolean): void {
  module.function(
    { params: ['i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const block = f.param(0, 'i32');
      const records = blockWord(f, block, BlockWord.RECORDS);
      const update = beginUpdate(f, shape, block, mayBeNull);
      const record = f.local('i32');
      rowLoop(f, block, f.param(1, 'i32'), f.param(2, 'i32'), ({ position, row }) => {
        f.set(record, shl(i32.load(add(records, shl(position, c(2))), { memory: COLUMNS }), c(3)));
        update(record, row);
      });
    },
    mayBeNull ? 'updateNull' : 'update',
  );
}

function addFindRecords(module: Builder, shape: KernelShape): void {
  const equalBytes = addEqualBytes(module, STATE);
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const template = blockWord(f, f.param(0, 'i32'), BlockWord.TEMPLATE);
      const probe = beginProbe(f, f.param(1, 'i32'), template, undefined);
      const to = f.param(5, 'i32');
      const position = f.local('i32');
      const source = f.local('i32');
      const hash = f.local('i32');
      const keys = new RecordKeys(shape.keys, source, f.param(6, 'i32'), equalBytes);
      f.countUp(position, f.param(4, 'i32'), to, 1, () => {
        const at = shl(position, c(2));
        f.set(source, shl(i32.load(add(f.param(2, 'i32'), at), { memory: COLUMNS }), c(3)));
        f.set(hash, i32.load(source, { memory: STATE }));
        const record = findOrMake(f, shape, probe, keys, hash, position);
        f.do(i32.store(add(f.param(3, 'i32'), at), record, { memory: COLUMNS }));
      });
      f.return(to);
    },
    'findRecords',
  );
}

function addMerge(module: Builder, shape: KernelShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const position = f.local('i32');
      const target = f.local('i32');
      const source = f.local('i32');
      f.countUp(position, f.param(2, 'i32'), f.param(3, 'i32'), 1, () => {
        const at = shl(position, c(2));
        f.set(target, shl(i32.load(add(f.param(0, 'i32'), at), { memory: COLUMNS }), c(3)));
        f.set(source, shl(i32.load(add(f.param(1, 'i32'), at), { memory: COLUMNS }), c(3)));
        for (const input of shape.inputs) addRecord(f, input, target, source);
      });
    },
    'merge',
  );
}
