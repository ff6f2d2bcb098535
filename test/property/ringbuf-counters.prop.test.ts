import { test } from 'vitest';
import * as ringbuf from '../../src/ringbuf/index.ts';
import {
  checkCountersAgainstNumbers,
  checkSeqlockAgainstValues,
} from './ringbuf-counters.property.ts';

test('a counter is the exact sum of what was added', () => {
  checkCountersAgainstNumbers(ringbuf, 100);
});

test('a snapshot is what was last written, bit by bit', () => {
  checkSeqlockAgainstValues(ringbuf, 200);
});
