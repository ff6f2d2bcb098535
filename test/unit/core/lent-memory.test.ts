/** Memory that is lent is used again. */

import { expect, test } from 'vitest';
import { KernelMemory } from '../../../src/core/memory.ts';

test('what is given back is lent again, zeroed, and grows nothing', () => {
  const memory = KernelMemory.create(1024 * 1024);
  memory.rows(100);
  const use = (lent: KernelMemory): readonly number[] => {
    const lists = [lent.rows(64), lent.words(64), lent.rows(1000)];
    for (const list of lists) {
      expect(list.every((value) => value === 0)).toBe(true);
      list.fill(7);
    }
    expect(new Set(lists.map(({ byteOffset }) => byteOffset)).size).toBe(3);
    return lists.map(({ byteOffset }) => byteOffset);
  };
  let before = memory.lend();
  const offsets = new Set(use(before));
  const used = memory.usedBytes;
  for (let i = 0; i < 1000; i++) {
    const next = memory.lend();
    for (const offset of use(next)) offsets.add(offset);
    before.giveBack();
    before = next;
  }
  // Two at a time, whatever their number.
  expect(offsets.size).toBe(6);
  expect(memory.usedBytes - used).toBeLessThan(used);
});
