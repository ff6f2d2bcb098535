/**
 * Joins that keep the last rows of a side, against buffers that are searched: rows come one after the
 * other, and each meets what is in the other side's buffer.
 */

import { test } from 'vitest';
import { checkBufferJoins } from './join-buffer.property.ts';

test('meet what is in the other buffer when they come', async () => {
  await checkBufferJoins(40);
});
