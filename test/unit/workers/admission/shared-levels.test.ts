/** Levels of windows: whoever reads them knows at least of what was shed before they were published. */
import { describe, expect, test } from 'vitest';
import { LEVEL_SLOTS, UnitLevels } from '../../../../src/admission/unit-levels.ts';
import { layoutBatch } from '../../../../src/core/batch-layout.ts';
import { Batch } from '../../../../src/core/batch.ts';
import { allocateSeqlock, Arena } from '../../../../src/ringbuf/index.ts';
import {
  LEVELS_HEAD_WORDS,
  type LevelsAddress,
  LevelsSlot,
} from '../../../../src/workers/protocol-admission.ts';
import { RowWindows } from '../../../../src/workers/thread/admission/units/row-windows.ts';
import {
  LevelsReader,
  LevelsWriter,
} from '../../../../src/workers/thread/admission/units/shared-levels.ts';
import { testMemory } from '../../../support/memory.ts';

const STRATA = 2;

function open() {
  const arena = Arena.create(2 ** 20);
  const address: LevelsAddress = {
    head: allocateSeqlock(arena, LEVELS_HEAD_WORDS),
    slots: Array.from({ length: LEVEL_SLOTS }, () =>
      allocateSeqlock(arena, LevelsSlot.LEVELS + STRATA),
    ),
    strata: STRATA,
  };
  const levels = new UnitLevels(STRATA);
  const writer = new LevelsWriter(arena.buffer, address, levels);
  return { levels, writer, reader: new LevelsReader(arena.buffer, address) };
}

describe('levels', () => {
  test('are seen once they have been published, of each window and stratum for itself', () => {
    const { levels, writer, reader } = open();
    levels.raise(-7, 1, 40);
    levels.raise(-7, 1, 30);
    levels.raise(1000, 0, 5);
    reader.renew();
    expect(reader.level(-7, 1)).toBe(0);
    writer.publish();
    reader.renew();
    const seen = [-7, 0, 1000, 1001].map((window) => [0, 1].map((s) => reader.level(window, s)));
    expect(seen).toEqual([
      [0, 40],
      [0, 0],
      [5, 0],
      [0, 0],
    ]);
    levels.raise(-7, 0, 2);
    writer.publish();
    reader.renew();
    expect([reader.level(-7, 0), reader.level(-7, 1), levels.windows]).toEqual([2, 40, 2]);
  });

  test('of a window whose place another one has taken are not known any more', () => {
    const { levels, writer, reader } = open();
    levels.raise(3, 0, 9);
    levels.raise(3 + LEVEL_SLOTS, 1, 1);
    levels.raise(3, 0, 10);
    writer.publish();
    reader.renew();
    for (const source of [levels, reader]) {
      expect(source.level(3, 0)).toBe(Infinity);
      expect(source.level(3 + LEVEL_SLOTS, 0)).toBe(0);
      expect(source.level(3 + LEVEL_SLOTS, 1)).toBe(1);
      expect(source.level(4, 0)).toBe(0);
    }
  });
});

test('rows are in the windows that were open when they came', () => {
  const batch = Batch.allocate(layoutBatch({ schema: [], hasTime: true }, 64, 0), testMemory());
  const rows = [
    { timeUs: 25, lateByUs: 0 },
    { timeUs: 12, lateByUs: 9 },
    { timeUs: 3, lateByUs: 40 },
  ];
  rows.forEach(({ timeUs, lateByUs }, row) => {
    batch.setTimeUs(row, timeUs);
    batch.setLateBy(row, lateByUs);
  });
  batch.setRowCount(rows.length);
  const hopping = new RowWindows({ sizeUs: 20, slideUs: 10, offsetUs: 0 });
  hopping.open(batch);
  // [10, 30) and [20, 40); of the second row [0, 20) has closed, of the third one all have.
  expect(rows.map((_, row) => [hopping.first(row), hopping.last(row)])).toEqual([
    [1, 2],
    [1, 1],
    [3, 0],
  ]);
  expect([hopping.oldest(), hopping.onlyWindow()]).toEqual([-1, NaN]);
  const wide = new RowWindows({ sizeUs: 100, slideUs: 100, offsetUs: 0 });
  wide.open(batch);
  expect(wide.onlyWindow()).toBeNaN();
  const all = new RowWindows(undefined);
  expect([all.first(0), all.last(0), all.oldest(), all.onlyWindow()]).toEqual([0, 0, 0, 0]);
});
