/** When a metronome gives rows. */

import { expect, test } from 'vitest';
import { SimulatedClock } from '../../../src/core/clock.ts';
import { TIMESTAMP } from '../../../src/core/types.ts';
import { metronomeSource } from '../../../src/connectors/metronome/source.ts';
import { allocate, rowsOf } from '../../conformance/codec-support.ts';
import { SourceHarness } from '../../conformance/source.ts';

const schema = [{ name: 'at', type: TIMESTAMP }];
const config = { everyUs: 5_000_000, count: 4 };

test('a row at each multiple of the interval, none left out', async () => {
  const clock = new SimulatedClock(1_003_000_000);
  const harness = new SourceHarness({ connector: metronomeSource, config, schema, timeColumn: 0 });
  const source = await harness.open({ clock });
  const batch = allocate(schema, 64, 0);
  const times = (): unknown[] => rowsOf(batch, schema).map(({ at }) => Number(at) / 1e6);

  expect(source.read(batch)).toBe('wait');
  expect(times()).toEqual([]);
  clock.advanceMs(1999.999);
  expect(source.read(batch)).toBe('wait');
  expect(times()).toEqual([]);
  clock.advanceMs(0.001);
  expect(source.read(batch)).toBe('wait');
  expect(times()).toEqual([1005]);
  clock.advanceMs(10_500);
  expect(source.read(batch)).toBe('wait');
  expect(times()).toEqual([1005, 1010, 1015]);
  clock.advanceMs(100_000);
  expect(source.read(batch)).toBe('end');
  expect(times()).toEqual([1005, 1010, 1015, 1020]);
});
