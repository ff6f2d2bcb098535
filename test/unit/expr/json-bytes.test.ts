import { expect, test } from 'vitest';
import { JsonWriter, readJson } from '../../../src/expr/batch/json-bytes.ts';

/** The bytes grow at 256, wherever in a value that is. */
test('values of json are read back, of every length', () => {
  for (const tail of [1, 300, 1e12, 2.5, -7, true, null, 'b', [1], { a: 2 }, 2n ** 60n]) {
    for (let length = 0; length < 270; length++) {
      const value = ['x'.repeat(length), tail, tail];
      const writer = new JsonWriter();
      const bytes = writer.encode(value);
      expect(readJson(writer.bytes, 0, bytes)).toEqual(value);
    }
  }
});
