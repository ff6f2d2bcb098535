import { test } from 'vitest';
import * as ringbuf from '../../src/ringbuf/index.ts';
import { checkRingAgainstModel } from './ringbuf-ring.property.ts';

test('a ring with any number of cursors behaves like a bounded list with positions', () => {
  checkRingAgainstModel(ringbuf, 2000);
});
