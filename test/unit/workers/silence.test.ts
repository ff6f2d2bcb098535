import { readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isLost, parseThreadSign, readThreadSign } from '../../../src/workers/host/silence.ts';

const LIMITS = { least: 12, most: 120 };
const heldUp = (usedMs: number) => ({ isHeldUp: true, usedMs });
const asleep = (usedMs: number) => ({ isHeldUp: false, usedMs });

describe('a silent worker', () => {
  test.each([
    ['for a short time is not lost', { ticks: 11, first: asleep(0), last: asleep(0) }, false],
    ['that sleeps is lost', { ticks: 12, first: heldUp(0), last: asleep(0) }, true],
    ['that works all the time is lost', { ticks: 12, first: heldUp(50), last: heldUp(3050) }, true],
    [
      'that has no processor is not lost',
      { ticks: 119, first: heldUp(50), last: heldUp(290) },
      false,
    ],
    ['is lost at last', { ticks: 120, first: heldUp(50), last: heldUp(60) }, true],
    [
      'of which the system says nothing is lost',
      { ticks: 12, first: undefined, last: undefined },
      true,
    ],
  ])('%s', (_, silence, lost) => {
    expect(isLost(silence, LIMITS)).toBe(lost);
  });
});

test('what the system says of a thread is read, whatever its name', () => {
  const times = (state: string) =>
    `4711 (a) R (b) ${state} 1 2 3 4 5 6 7 8 9 10 250 17 0 0 20 0 11 0 99 1 2`;
  expect(parseThreadSign(times('S'))).toEqual({ isHeldUp: false, usedMs: 2670 });
  expect(parseThreadSign(times('R'))?.isHeldUp).toBe(true);
  expect(parseThreadSign(times('D'))?.isHeldUp).toBe(true);
  expect(parseThreadSign('')).toBeUndefined();
});

test.runIf(process.platform === 'linux')('a thread that runs is held up at most', () => {
  const systemId = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  const sign = readThreadSign(systemId);
  expect(sign?.isHeldUp).toBe(true);
  expect(sign?.usedMs).toBeGreaterThan(0);
  expect(readThreadSign(undefined)).toBeUndefined();
});
