import { expect, test } from 'vitest';
import { Column } from '../../../src/core/column.ts';
import { INT32, STRING } from '../../../src/core/types.ts';
import {
  BatchKernel,
  inferExpression,
  kernelModule,
  parseExpression,
  planUnit,
  scopeOf,
} from '../../../src/expr/index.ts';
import { testMemory } from '../../support/memory.ts';

test('views of rows that are not selected are not followed, however few those are', () => {
  const memory = testMemory(1 << 20);
  const text = 'a text that does not lie in its view';
  const s = Column.allocate(STRING, 8, memory);
  for (let row = 0; row < 8; row++) s.setView(row, Buffer.from(text), 0, text.length);
  s.words[4 * 3 + 3] = 0x7fff_0000;
  const expr = inferExpression(
    parseExpression("CHAR_LENGTH(s) + POSITION('view' IN s)"),
    scopeOf([{ name: 's', type: STRING }]),
  );
  const out = Column.allocate(INT32, 8, memory);
  const kernel = new BatchKernel(
    {
      unit: planUnit({
        steps: [{ kind: 'value', column: 1, expr }],
        stored: [1],
        folds: [],
      }),
      stored: [out],
      cells: 0,
      load: () => ({ kernelModule }),
    },
    { rowCapacity: 8, memory },
  );
  const rows = Uint32Array.of(0, 1, 2, 4, 5, 6, 7);
  kernel.run([s], rows, rows.length);
  const wanted = text.length + text.indexOf('view') + 1;
  expect(Array.from(rows, (row) => out.words[row])).toEqual(Array.from(rows, () => wanted));
});
