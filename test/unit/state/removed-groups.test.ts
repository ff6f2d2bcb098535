import { describe, expect, test } from 'vitest';
import { identitySelection } from '../../../src/core/batch.ts';
import { Column } from '../../../src/core/column.ts';
import { MillraceError } from '../../../src/core/errors.ts';
import type { DataType } from '../../../src/core/types.ts';
import { INT64, STRING, storageOf } from '../../../src/core/types.ts';
import {
  Arena,
  GroupKernel,
  GroupTable,
  MIN_PAGE_CELLS,
  RecordLayout,
} from '../../../src/state/index.ts';
import type { Cell } from '../../support/kernel/rows.ts';
import { readCell, writeCell } from '../../support/kernel/rows.ts';
import { testMemory } from '../../support/memory.ts';

const ROWS = 64;
const ALL = identitySelection(ROWS);
const full = (): MillraceError => new MillraceError('ERR_LIMIT_EXCEEDED', 'full');

/** Keys come and go: a table and a Map from key to record. */
class Churn {
  readonly records = new Map<Cell, number>();
  readonly table: GroupTable;
  readonly #column: Column;
  readonly #hashMask: number;

  constructor(type: DataType, hashBits: number) {
    const arena = Arena.allocate(2 ** 24, MIN_PAGE_CELLS, full);
    const layout = new RecordLayout([storageOf(type)]);
    this.table = new GroupTable(new GroupKernel(testMemory(2 ** 18), arena, layout, [], ROWS));
    this.#column = Column.allocate(type, ROWS);
    this.#hashMask = hashBits === 32 ? -1 : (1 << hashBits) - 1;
  }

  add(keys: readonly Cell[]): void {
    const { kernel } = this.table;
    const heap = this.#column.heap;
    heap.used = 0;
    keys.forEach((key, row) => writeCell(this.#column, row, key));
    kernel.bindKeys([this.#column], ALL, 0, keys.length);
    kernel.hash(0, keys.length);
    for (let i = 0; i < keys.length; i++) kernel.hashes[i] = kernel.hashes[i]! & this.#hashMask;
    this.table.assign(0, keys.length);
    keys.forEach((key, i) => {
      const record = kernel.records[i]!;
      const known = this.records.get(key);
      if (known !== undefined) expect(record).toBe(known);
      else expect([...this.records.values()]).not.toContain(record);
      this.records.set(key, record);
    });
  }

  remove(key: Cell): void {
    this.table.remove(this.records.get(key)!);
    this.records.delete(key);
  }

  /** Every record still has its key. */
  check(type: DataType): void {
    expect(this.table.count).toBe(this.records.size);
    const target = Column.allocate(type, 1);
    for (const [key, record] of this.records) {
      this.table.readKey(0, Int32Array.of(record), 1, target);
      expect(readCell(target, 0)).toBe(key);
    }
  }
}

const CASES: readonly [string, DataType, number, (n: number) => Cell][] = [
  ['numbers', INT64, 32, (n) => BigInt(n) << 20n],
  ['long strings', STRING, 32, (n) => `a key of some length: ${n % 7 === 0 ? 'x' : ''}${n}`],
  ['hashes that are nearly all alike', INT64, 2, (n) => BigInt(n)],
];

describe.each(CASES)('keys that come and go, %s', (_, type, hashBits, keyOf) => {
  test('are found, and take no more room than those that are there', () => {
    const churn = new Churn(type, hashBits);
    const keys: Cell[] = [];
    let usedBytes = 0;
    for (let turn = 0; turn < 120; turn++) {
      const fresh = Array.from({ length: 48 }, (_, i) => keyOf(turn * 48 + i));
      churn.add([...fresh, ...keys.slice(0, ROWS - 48)]);
      keys.push(...fresh);
      // Not in the order in which they came.
      while (keys.length > 700) {
        const [key] = keys.splice((turn * 31) % 700, 1);
        churn.remove(key!);
      }
      if (turn === 30) usedBytes = churn.table.arena.usedBytes;
    }
    churn.check(type);
    expect(churn.table.arena.usedBytes).toBeLessThan(1.6 * usedBytes);
  });
});
