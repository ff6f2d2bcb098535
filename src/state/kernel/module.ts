/** The module of a group kernel. @module */

import type {
  FunctionBuilder,
  FunctionRef,
  I32,
  ModuleBuilder as Builder,
} from '../../wasm/index.ts';
import {
  call,
  choose,
  ENGINE,
  i32,
  Import,
  ModuleBuilder,
  perform,
  v128,
} from '../../wasm/index.ts';
import { addLearnDense, addTouchDense, DensePlaces } from './dense-code.ts';
import { addHash } from './hash-code.ts';
import { addEqualBytes, ColumnKeys, longBytesOf, RecordKeys } from './key-code.ts';
import { blockWord, inputColumns, keyColumns, rowLoop } from './loop-code.ts';
import type { Calls } from './placed-rows-code.ts';
import { addPlacedRows, mayHavePlaces } from './placed-rows-code.ts';
import {
  beginProbe,
  chunkOf,
  findOrMake,
  firstRecord,
  matchingSlots,
  nextChunk,
  segmentOf,
  segmentSlots,
} from './probe-code.ts';
import { addLearnScattered, placesOfTable } from './scattered-code.ts';
import type { KernelShape } from './shape.ts';
import { BlockWord, COLUMNS, STATE } from './shape.ts';
import { addSplit } from './split-code.ts';
import type { RowVariant } from './update-code.ts';
import { addRecord, addRow } from './update-code.ts';

const { add, shl, shrU } = i32;
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
  /** Finds the records of rows, null keys or not; 0: there is none. Only of shapes that say so. */
  lookUp?(block: number, header: number, from: number, to: number): number;
  /** Brings the first chunks of rows into the cache: loads that do not wait for each other. */
  touchChunks(block: number, header: number, from: number, to: number): number;
  /** The same for the keys of other tables' records. */
  touchFor(block: number, header: number, sources: number, from: number, to: number): number;
  /**
   * Lists the address of the record that a row's probably is, by its tag; 0: the row's first chunk
   * has none. Without a look at the records.
   */
  guess(block: number, header: number, from: number, to: number): void;
  /** Brings the records that were guessed into the cache, and their first long string. */
  touchGuesses(block: number, from: number, to: number): number;
  /**
   * Adds rows to the records that were guessed, and finds or makes those that were not, where neither
   * keys nor arguments are null; result as of `find`.
   */
  add(block: number, header: number, from: number, to: number): number;
  /**
   * Adds rows to records of dense keys, of a table that has places for them, and finds or makes those that
   * have no place there; neither keys nor arguments are null, and rows need no hashes. Result as of
   * `find`. Only of shapes whose keys may have places, as those that follow.
   */
  addDense?(block: number, header: number, from: number, to: number): number;
  /** Brings the records of dense keys into the cache. */
  touchDense?(block: number, header: number, from: number, to: number): number;
  /**
   * Gives the keys of records in a list of cells their places.
   *
   * @returns the position it came to: `to`, or less where a key has none
   */
  learnDense?(header: number, list: number, from: number, to: number): number;
  /** The same as {@link addDense} for scattered keys. */
  addScattered?(block: number, header: number, from: number, to: number): number;
  /**
   * Gives the keys of records in a list of cells, at addresses `from .. to`, places among `entries`; not all
   * of them get one.
   *
   * @param shift - see `HeaderWord.PLACE_SHIFT`
   */
  learnScattered?(entries: number, shift: number, from: number, to: number): void;
  /** Adds rows to the aggregates of their records. */
  update(block: number, from: number, to: number): void;
  /** The same where arguments are null. */
  updateNull(block: number, from: number, to: number): void;
  /** Takes rows back, null or not; only of shapes that say so. */
  retract?(block: number, from: number, to: number): void;
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
  /** Moves the records of a segment whose hash has a bit to an empty one; how many those are. */
  split(block: number, segment: number, sibling: number, bit: number): number;
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
  const hash = addHash(module, shape.keys);
  const find = addFind(module, shape, 'find');
  addFind(module, shape, 'findNull');
  if (shape.looksUp === true) addFind(module, shape, 'lookUp');
  addTouch(module, shape);
  addGuess(module, shape);
  const update = addUpdate(module, shape, 'update', { mayBeNull: false, isSteady: false });
  addUpdate(module, shape, 'updateNull', { mayBeNull: true, isSteady: false });
  if (shape.retracts === true) {
    const variant = { mayBeNull: true, isSteady: false, isRetracted: true };
    addUpdate(module, shape, 'retract', variant);
  }
  addAdd(module, shape, find, update);
  if (mayHavePlaces(shape)) addPlaces(module, shape, { hash, find, update });
  addFindRecords(module, shape);
  addMerge(module, shape);
  addSplit(module, shape, segmentSlots(shape.pageBytes));
  return module.build();
}

/** Adds the functions for keys with places. */
function addPlaces(module: Builder, shape: KernelShape, calls: Calls): void {
  const variant = { mayBeNull: false, isSteady: true };
  const parts = {
    calls,
    beginUpdate: (f: FunctionBuilder, block: I32) => beginUpdate(f, shape, block, variant),
  };
  addPlacedRows(module, 'addDense', {
    ...parts,
    beginPlaces: (f, header) => new DensePlaces(f, shape, header),
  });
  addTouchDense(module, shape);
  addLearnDense(module, shape);
  addPlacedRows(module, 'addScattered', {
    ...parts,
    beginPlaces: (f, header) => placesOfTable(f, shape, header),
  });
  addLearnScattered(module, shape);
}

/** `find` and its kin: keys are null, or were, for all but the first. */
function addFind(
  module: Builder,
  shape: KernelShape,
  name: 'find' | 'findNull' | 'lookUp',
): FunctionRef<'i32'> {
  const mayBeNull = name !== 'find';
  const equalBytes = addEqualBytes(module, COLUMNS);
  return module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const to = f.param(3, 'i32');
      const hashes = blockWord(f, block, BlockWord.HASHES);
      const records = blockWord(f, block, BlockWord.RECORDS);
      const fresh = blockWord(f, block, BlockWord.FRESH);
      const template = blockWord(f, block, BlockWord.TEMPLATE);
      const columns = keyColumns(f, block, shape.keys.length);
      const probe = beginProbe(f, f.param(1, 'i32'), template, fresh);
      const hash = f.local('i32');
      rowLoop(f, block, f.param(2, 'i32'), to, ({ position, row }) => {
        f.set(hash, i32.load(add(hashes, shl(position, c(2))), { memory: COLUMNS }));
        const keys = new ColumnKeys(shape.keys, columns, row, mayBeNull, equalBytes);
        const made = name === 'lookUp' ? undefined : position;
        const record = findOrMake(f, shape, probe, keys, hash, made);
        const cell = shrU(record, c(3));
        f.do(i32.store(add(records, shl(position, c(2))), cell, { memory: COLUMNS }));
      });
      f.return(to);
    },
    name,
  );
}

/** `guess`: the record in the first slot with a row's tag; 0: there is none in its first two chunks. */
function addGuess(module: Builder, shape: KernelShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const block = f.param(0, 'i32');
      const hashes = blockWord(f, block, BlockWord.HASHES);
      const records = blockWord(f, block, BlockWord.RECORDS);
      const probe = beginProbe(f, f.param(1, 'i32'), c(0), undefined);
      const position = f.local('i32');
      const guessAll = (segmentFor: (hash: I32) => I32): void => {
        f.countUp(position, f.param(2, 'i32'), f.param(3, 'i32'), 1, () => {
          const at = f.let(shl(position, c(2)));
          const hashAt = f.let(add(hashes, at));
          const hash = f.let(i32.load(hashAt, { memory: COLUMNS }));
          const segment = f.let(segmentFor(hash));
          const chunk = f.let(add(segment, chunkOf(shape, hash)));
          const tag = f.let(v128.load8Splat(hashAt, { memory: COLUMNS }));
          const slots = f.let(matchingSlots(chunk, tag));
          // It went on to the next chunk, or there is none.
          f.if(i32.eqz(slots), () => {
            nextChunk(f, shape, segment, chunk);
            f.set(slots, matchingSlots(chunk, tag));
          });
          const record = choose(slots, firstRecord(chunk, slots), c(0));
          f.do(i32.store(add(records, at), record, { memory: COLUMNS }));
        });
      };
      const only = f.let(segmentOf(probe, c(0)));
      f.if(
        probe.mask,
        () => guessAll((hash) => segmentOf(probe, hash)),
        () => guessAll(() => only),
      );
    },
    'guess',
  );
}

/**
 * `add`: rows whose record is the first with their tag in their first chunk, which are nearly all, are
 * added in a loop of their own without calls, in which everything stays in registers.
 */
function addAdd(
  module: Builder,
  shape: KernelShape,
  find: FunctionRef<'i32'>,
  update: FunctionRef<undefined>,
): void {
  const equalBytes = addEqualBytes(module, COLUMNS);
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const header = f.param(1, 'i32');
      const position = f.param(2, 'i32');
      const to = f.param(3, 'i32');
      const hashes = blockWord(f, block, BlockWord.HASHES);
      const records = blockWord(f, block, BlockWord.RECORDS);
      const rows = blockWord(f, block, BlockWord.ROWS);
      const columns = keyColumns(f, block, shape.keys.length);
      const addTo = beginUpdate(f, shape, block, { mayBeNull: false, isSteady: true });
      const next = f.local('i32');
      const addRows = (rowAt: (f: FunctionBuilder) => I32): void => {
        f.loop((again) => {
          f.block((stop) => {
            f.while(i32.ltS(position, to), () => {
              const at = f.let(shl(position, c(2)));
              const record = f.let(i32.load(add(records, at), { memory: COLUMNS }));
              f.branchIf(stop, i32.eqz(record));
              const row = rowAt(f);
              const keys = new ColumnKeys(shape.keys, columns, row, false, equalBytes);
              const hash = i32.load(add(hashes, at), { memory: COLUMNS });
              keys.compare(f, record, hash, stop);
              addTo(record, row);
              // Without aggregates it is the records that are asked for.
              if (shape.inputs.length === 0) {
                f.do(i32.store(add(records, at), shrU(record, c(3)), { memory: COLUMNS }));
              }
              f.increase(position, 1);
            });
            f.return(to);
          });
          f.set(next, call(find, block, header, position, add(position, c(1))));
          f.if(i32.eq(next, position), () => f.return(position));
          f.do(perform(update, block, position, next));
          f.set(position, next);
          f.branch(again);
        });
      };
      f.if(
        rows,
        () => addRows(() => f.let(i32.load(add(rows, shl(position, c(2))), { memory: COLUMNS }))),
        () => addRows(() => position),
      );
      f.return(to);
    },
    'add',
  );
}

/** Reads where the inputs lie; the result writes code that adds a row to the record at an address. */
function beginUpdate(
  f: FunctionBuilder,
  shape: KernelShape,
  block: I32,
  variant: RowVariant,
): (record: I32, row: I32, ahead?: number) => void {
  const columns = new Map(
    shape.inputs.map(({ input }) => [input, inputColumns(f, block, shape.keys.length, input)]),
  );
  return (record, row, ahead) => {
    for (const input of shape.inputs) addRow(f, input, columns, record, row, variant, ahead);
  };
}

function addTouch(module: Builder, shape: KernelShape): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const hashes = blockWord(f, block, BlockWord.HASHES);
      const probe = beginProbe(f, f.param(1, 'i32'), c(0), undefined);
      const sum = touchAll(f, f.param(2, 'i32'), f.param(3, 'i32'), (position) => {
        const hash = f.let(i32.load(add(hashes, position), { memory: COLUMNS }));
        return add(segmentOf(probe, hash), chunkOf(shape, hash));
      });
      f.return(sum);
    },
    'touchChunks',
  );
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const probe = beginProbe(f, f.param(1, 'i32'), c(0), undefined);
      const sum = touchAll(f, f.param(3, 'i32'), f.param(4, 'i32'), (position) => {
        const source = i32.load(add(f.param(2, 'i32'), position), { memory: COLUMNS });
        const hash = f.let(i32.load(shl(source, c(3)), { memory: STATE }));
        return add(segmentOf(probe, hash), chunkOf(shape, hash));
      });
      f.return(sum);
    },
    'touchFor',
  );
  module.function(
    { params: ['i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const records = blockWord(f, f.param(0, 'i32'), BlockWord.RECORDS);
      const [from, to] = [f.param(1, 'i32'), f.param(2, 'i32')];
      const recordAt = (position: I32): I32 =>
        i32.load(add(records, position), { memory: COLUMNS });
      const text = shape.keys.find(({ storage }) => storage === 'view');
      if (text !== undefined) {
        const record = f.local('i32');
        const sum = touchAll(f, from, to, (position) => {
          f.set(record, recordAt(position));
          return longBytesOf(record, text.cell);
        });
        f.return(sum);
      }
      f.return(touchAll(f, from, to, recordAt));
    },
    'touchGuesses',
  );
}

/** Loads the word at an address for each position; the loads may all be on their way at once. */
function touchAll(
  f: FunctionBuilder,
  from: I32,
  to: I32,
  addressOf: (positionBytes: I32) => I32,
): I32 {
  const position = f.local('i32');
  const sum = f.let(c(0));
  f.countUp(position, from, to, 1, () => {
    const address = addressOf(shl(position, c(2)));
    f.set(sum, add(sum, i32.load(address, { memory: STATE })));
  });
  return sum;
}

function addUpdate(
  module: Builder,
  shape: KernelShape,
  name: string,
  variant: RowVariant,
): FunctionRef<undefined> {
  return module.function(
    { params: ['i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const block = f.param(0, 'i32');
      const records = blockWord(f, block, BlockWord.RECORDS);
      const update = beginUpdate(f, shape, block, variant);
      const record = f.local('i32');
      rowLoop(f, block, f.param(1, 'i32'), f.param(2, 'i32'), ({ position, row }) => {
        f.set(record, shl(i32.load(add(records, shl(position, c(2))), { memory: COLUMNS }), c(3)));
        update(record, row);
      });
    },
    name,
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
        f.do(i32.store(add(f.param(3, 'i32'), at), shrU(record, c(3)), { memory: COLUMNS }));
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
        for (const input of shape.merged ?? shape.inputs) addRecord(f, input, target, source);
      });
    },
    'merge',
  );
}
