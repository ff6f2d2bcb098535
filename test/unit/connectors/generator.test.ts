import { describe, expect, test } from 'vitest';
import { SimulatedClock } from '../../../src/core/clock.ts';
import type { Distribution, Rate } from '../../../src/core/topology/model.ts';
import { generatorSource } from '../../../src/connectors/generator/source.ts';
import { Schedule } from '../../../src/connectors/generator/schedule.ts';
import { allocate, schemaOf } from '../../conformance/codec-support.ts';
import { SourceHarness } from '../../conformance/source.ts';

async function values(
  type: string,
  field: Distribution,
  count = 20_000,
  seed = 1,
): Promise<unknown[]> {
  const schema = schemaOf({ v: type });
  const config = { seed, count, rate: undefined, fields: [field] };
  const { rows } = await new SourceHarness({ connector: generatorSource, config, schema }).readAll({
    rowCapacity: 1024,
  });
  return rows.map((row) => row['v']);
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
const share = <T>(found: readonly T[], wanted: (value: T) => boolean): number =>
  found.filter(wanted).length / found.length;

describe('distributions', () => {
  test('sequence', async () => {
    expect(await values('int32', { kind: 'sequence', start: 3, step: -2 }, 3)).toEqual([3, 1, -1]);
    expect(await values('decimal(9,2)', { kind: 'sequence', start: 0.1, step: 0.1 }, 4)).toEqual([
      10n,
      20n,
      30n,
      40n,
    ]);
    expect(
      (await values('int32', { kind: 'sequence', start: 2147483646, step: 1 }, 4)).slice(2),
    ).toEqual([2147483647, 2147483647]);
  });

  test('uniform', async () => {
    const whole = (await values('int32', { kind: 'uniform', low: -2, high: 3 })) as number[];
    expect(new Set(whole)).toEqual(new Set([-2, -1, 0, 1, 2, 3]));
    for (const value of new Set(whole))
      expect(share(whole, (v) => v === value)).toBeCloseTo(1 / 6, 1);
    const real = (await values('float64', { kind: 'uniform', low: 10, high: 20 })) as number[];
    expect(Math.min(...real)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...real)).toBeLessThan(20);
    expect(mean(real)).toBeCloseTo(15, 0);
  });

  test('normal and exponential', async () => {
    const normal = (await values('float64', { kind: 'normal', mean: 5, stddev: 2 })) as number[];
    expect(mean(normal)).toBeCloseTo(5, 1);
    expect(Math.sqrt(mean(normal.map((v) => (v - 5) ** 2)))).toBeCloseTo(2, 1);
    const exponential = (await values('float64', { kind: 'exponential', mean: 3 })) as number[];
    expect(mean(exponential)).toBeCloseTo(3, 0);
    expect(share(exponential, (v) => v > 3)).toBeCloseTo(Math.exp(-1), 1);
  });

  test('zipf', async () => {
    for (const s of [0, 0.8, 1, 2]) {
      const n = 50;
      const ranks = (await values('int64', { kind: 'zipf', n, s })) as bigint[];
      const total = Array.from({ length: n }, (_, i) => (i + 1) ** -s).reduce((a, b) => a + b);
      for (const rank of [1, 2, 10, 50]) {
        const expected = rank ** -s / total;
        expect(
          Math.abs(share(ranks, (v) => v === BigInt(rank)) - expected),
          `s=${s} rank=${rank}`,
        ).toBeLessThan(0.015);
      }
      expect(ranks.every((rank) => rank >= 1n && rank <= 50n)).toBe(true);
    }
  });

  test('choice, constant, bool, null', async () => {
    const choice = await values('string', {
      kind: 'choice',
      values: ['a', 'b', null],
      weights: [1, 3, 0],
    });
    expect(share(choice, (v) => v === 'a')).toBeCloseTo(0.25, 1);
    expect(choice).not.toContain(null);
    expect(await values('bytes', { kind: 'constant', value: 'AQI=' }, 1)).toEqual([
      Uint8Array.of(1, 2),
    ]);
    expect(await values('int64', { kind: 'constant', value: '9223372036854775807' }, 1)).toEqual([
      2n ** 63n - 1n,
    ]);
    expect(await values('json', { kind: 'constant', value: { a: [1] } }, 1)).toEqual([{ a: [1] }]);
    expect(await values('timestamp', { kind: 'constant', value: '2026-01-01' }, 1)).toEqual([
      1767225600000000n,
    ]);
    const bools = await values('bool', { kind: 'bool', probability: 0.1 });
    expect(share(bools, (v) => v === true)).toBeCloseTo(0.1, 1);
    const nulls = await values('int32', {
      kind: 'null',
      probability: 0.7,
      of: { kind: 'constant', value: 5 },
    });
    expect(share(nulls, (v) => v === null)).toBeCloseTo(0.7, 1);
    expect(new Set(nulls)).toEqual(new Set([null, 5]));
  });

  test('template and time', async () => {
    const of: Distribution[] = [
      { kind: 'sequence', start: 0, step: 1 },
      { kind: 'choice', values: ['é'], weights: [1] },
      { kind: 'bool', probability: 1 },
      { kind: 'uniform', low: 1.2, high: 2.8 },
    ];
    const template: Distribution = { kind: 'template', parts: ['u', '-', '/', ':', '!'], of };
    expect(await values('string', template, 2)).toEqual(['u0-é/true:2!', 'u1-é/true:2!']);
    const time: Distribution = { kind: 'time', startUs: 1000, stepUs: 10, jitterUs: 5 };
    const times = (await values('timestamp', time, 1000)) as bigint[];
    times.forEach((t, i) => {
      expect(Number(t)).toBeLessThanOrEqual(1000 + 10 * i);
      expect(Number(t)).toBeGreaterThanOrEqual(1000 + 10 * i - 5);
    });
  });

  test('columns and seeds do not resemble each other', async () => {
    const uniform: Distribution = { kind: 'uniform', low: 0, high: 1 };
    const schema = schemaOf({ a: 'float64', b: 'float64' });
    const config = { seed: 1, count: 5000, rate: undefined, fields: [uniform, uniform] };
    const { rows } = await new SourceHarness({
      connector: generatorSource,
      config,
      schema,
    }).readAll();
    const a = rows.map((row) => row['a'] as number);
    const b = rows.map((row) => row['b'] as number);
    const other = (await values('float64', uniform, 5000, 2)) as number[];
    for (const series of [b, other, [...a.slice(1), 0]]) {
      const correlation = mean(a.map((v, i) => (v - 0.5) * (series[i]! - 0.5))) * 12;
      expect(Math.abs(correlation)).toBeLessThan(0.06);
    }
  });
});

describe('rates', () => {
  const drive = async (rate: Rate, times: readonly number[]): Promise<string[]> => {
    const clock = new SimulatedClock(5_000_000);
    const schema = schemaOf({ v: 'int32' });
    const fields: Distribution[] = [{ kind: 'sequence', start: 0, step: 1 }];
    const config = { seed: 1, count: 1000, rate, fields };
    const harness = new SourceHarness({ connector: generatorSource, config, schema });
    const source = await harness.open({ clock });
    const batch = allocate(schema, 1024);
    const seen: string[] = [];
    for (const ms of times) {
      clock.advanceMs(ms);
      batch.reset();
      const progress = source.read(batch);
      const ingest = batch.rowCount > 0 ? ` from ${(batch.ingestTimeUs - 5_000_000) / 1000}ms` : '';
      seen.push(`${progress} ${batch.rowCount}${ingest}`);
    }
    await source.close();
    return seen;
  };

  test('rows come by the clock, late ones at once with the time they were due', async () => {
    const rate: Rate = { kind: 'constant', rowsPerSecond: 100 };
    expect(await drive(rate, [0, 0, 9, 1, 95, 5000, 20_000])).toEqual([
      'wait 1 from 0ms',
      'wait 0',
      'wait 0',
      'wait 1 from 10ms',
      'wait 9 from 20ms',
      'wait 500 from 110ms',
      'end 489 from 5110ms',
    ]);
  });

  test('bursts and pauses', async () => {
    const phases = [
      { durationUs: 10_000, rowsPerSecond: 0 },
      { durationUs: 10_000, rowsPerSecond: 1000 },
    ];
    expect(await drive({ kind: 'phases', phases, repeat: true }, [0, 10, 5, 5, 5, 25])).toEqual([
      'wait 0',
      'wait 1 from 10ms',
      'wait 5 from 11ms',
      'wait 4 from 16ms',
      'wait 0',
      'wait 11 from 30ms',
    ]);
    expect(await drive({ kind: 'phases', phases, repeat: false }, [0, 100, 1])).toEqual([
      'wait 0',
      'end 10 from 10ms',
      'end 0',
    ]);
  });

  test('a schedule says the same forwards and backwards', () => {
    const schedule = new Schedule({
      kind: 'phases',
      repeat: true,
      phases: [
        { durationUs: 1_234_567, rowsPerSecond: 1.5 },
        { durationUs: 20_000, rowsPerSecond: 0 },
        { durationUs: 5_000, rowsPerSecond: 33_333 },
      ],
    });
    for (let row = 0; row < 2000; row++) {
      const dueUs = schedule.dueAtUs(row);
      expect(schedule.rowsDue(dueUs + 0.01)).toBeGreaterThan(row);
      if (dueUs > 0.01) expect(schedule.rowsDue(dueUs - 0.01)).toBeLessThanOrEqual(row);
    }
  });
});

test('a row without an event time is rejected', async () => {
  const schema = schemaOf({ t: 'timestamp', v: 'int32' });
  const fields: Distribution[] = [
    { kind: 'null', probability: 0.5, of: { kind: 'time', startUs: 0, stepUs: 1, jitterUs: 0 } },
    { kind: 'sequence', start: 0, step: 1 },
  ];
  const config = { seed: 1, count: 1000, rate: undefined, fields };
  const subject = { connector: generatorSource, config, schema, timeColumn: 0 };
  const { rows, rejects } = await new SourceHarness(subject).readAll();
  expect(rows.length + rejects.length).toBe(1000);
  expect(rejects[0]?.message).toMatch(/^row \d+: the event time is missing$/);
});
