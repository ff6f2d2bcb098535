import { describe, expect, test } from 'vitest';
import { goOn, tellEnd, tellWatermark } from '../../../src/core/kernel-calls.ts';
import type {
  Kernel,
  KernelContext,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../../src/core/operator.ts';
import { createAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import type { Cell } from '../../support/kernel/rows.ts';
import type { RunOptions, RunResult, Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';
import type { TestOutbox } from '../../support/kernel/test-outbox.ts';
import type { AggregateText } from './aggregate-nodes.ts';
import { hopping, schemaOf, soundPlan, tumbling } from './aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'int32', x: 'int64' });

const row = (timeUs: number, k: number | null, x: bigint | null, lateByUs = 0): Step => ({
  port: 0,
  row: { values: [k, x], timeUs, lateByUs },
});
const watermark = (watermarkUs: number): Step => ({ port: 0, watermarkUs });

function run(
  plan: OperatorPlan | AggregateText,
  script: readonly Step[],
  options: Partial<RunOptions> = {},
): Promise<RunResult> {
  const given = 'kind' in plan ? plan : soundPlan(SCHEMA, plan);
  return runKernel(createAggregateKernel, given, script, { rowCapacity: 64, ...options });
}

const valuesOf = ({ out }: RunResult, port = 0): (readonly Cell[])[] =>
  out.rows(port).map(({ values }) => values);

describe('tumbling windows', () => {
  const text: AggregateText = {
    window: tumbling(10),
    groupBy: ['k'],
    select: { n: 'COUNT(*)', s: 'SUM(x)' },
  };

  test('fire when the watermark reaches their end, before it is passed on', async () => {
    const { out } = await run(text, [row(3, 1, 5n), row(9, 1, 6n), watermark(9), watermark(10)]);
    expect(out.events).toEqual([
      { kind: 'watermark', watermarkUs: 9 },
      {
        kind: 'row',
        port: 0,
        row: { values: [0n, 10n, 1, 2n, 11n], timeUs: 9, lateByUs: 0 },
      },
      { kind: 'watermark', watermarkUs: 10 },
      { kind: 'watermark', watermarkUs: Infinity },
    ]);
  });

  test('fire in order at the end of the input, gaps left out', async () => {
    const result = await run(text, [
      row(1e12, 1, 1n),
      row(-1, 2, 2n),
      row(5, null, null),
      row(5, null, 3n),
    ]);
    expect(valuesOf(result)).toEqual([
      [-10n, 0n, 2, 1n, 2n],
      [0n, 10n, null, 2n, 3n],
      [1_000_000_000_000n, 1_000_000_000_010n, 1, 1n, 1n],
    ]);
  });

  test('without groups emit only where there are rows', async () => {
    const global = { window: tumbling(10), select: { n: 'COUNT(*)' } };
    expect(valuesOf(await run(global, [watermark(100)]))).toEqual([]);
    expect(valuesOf(await run(global, [row(3, 1, 1n), row(25, 1, 1n), watermark(100)]))).toEqual([
      [0n, 10n, 1n],
      [20n, 30n, 1n],
    ]);
  });

  test('refuse rows that their source had closed them for, though still open here', async () => {
    const result = await run(text, [
      row(3, 1, 1n),
      row(4, 1, 1n, 6),
      row(4, 1, 1n, 5),
      watermark(20),
    ]);
    expect(valuesOf(result)).toEqual([[0n, 10n, 1, 2n, 2n]]);
    expect(result.late).toBe(1);
    expect(result.out.rows(1)).toEqual([{ values: [1, 1n], timeUs: 4, lateByUs: 6 }]);
  });

  test('refuse rows after they fired, flagged or not', async () => {
    const result = await run(text, [
      row(3, 1, 1n),
      watermark(10),
      row(4, 1, 1n, 1),
      row(12, 1, 1n),
    ]);
    expect(valuesOf(result)).toEqual([
      [0n, 10n, 1, 1n, 1n],
      [10n, 20n, 1, 1n, 1n],
    ]);
    expect(result.late).toBe(1);
  });
});

describe('rows of a source that was idle while its windows fired', () => {
  const text: AggregateText = { window: tumbling(10), groupBy: ['k'], select: { n: 'COUNT(*)' } };

  test('are late by the watermark that fired them', async () => {
    const result = await run(text, [watermark(25), row(4, 1, 1n), row(22, 1, 1n), row(6, 1, 2n)]);
    expect(valuesOf(result)).toEqual([[20n, 30n, 1, 1n]]);
    expect(result.out.rows(1)).toEqual([
      { values: [1, 1n], timeUs: 4, lateByUs: 21 },
      { values: [1, 2n], timeUs: 6, lateByUs: 19 },
    ]);
  });

  test('are late also when a batch has none but them', async () => {
    const result = await run(text, [row(4, 1, 1n), watermark(10), row(4, 1, 1n), row(5, 1, 1n)]);
    expect(valuesOf(result)).toEqual([[0n, 10n, 1, 1n]]);
    expect(result.late).toBe(2);
  });

  test('are late for the windows that idleness closed, and for no others', async () => {
    const result = await run(text, [
      row(14, 1, 1n),
      watermark(Infinity),
      row(15, 1, 1n),
      row(25, 1, 1n),
    ]);
    expect(valuesOf(result)).toEqual([
      [10n, 20n, 1, 1n],
      [20n, 30n, 1, 1n],
    ]);
    expect(result.out.rows(1)).toEqual([{ values: [1, 1n], timeUs: 15, lateByUs: Infinity }]);
  });
});

describe('hopping windows', () => {
  const text: AggregateText = { window: hopping(10, 4), groupBy: ['k'], select: { n: 'COUNT(*)' } };

  test('count a row in each window it lies in', async () => {
    const result = await run(text, [row(9, 1, 0n), row(10, 1, 0n)]);
    expect(valuesOf(result)).toEqual([
      [0n, 10n, 1, 1n],
      [4n, 14n, 1, 2n],
      [8n, 18n, 1, 2n],
    ]);
  });

  test('count a late row in those windows that its source had not closed', async () => {
    // The source stood at 14 when the row came: only [8, 18) was open.
    const result = await run(text, [row(8, 1, 0n), row(9, 1, 0n, 5)]);
    expect(valuesOf(result)).toEqual([
      [0n, 10n, 1, 1n],
      [4n, 14n, 1, 1n],
      [8n, 18n, 1, 2n],
    ]);
    expect(result.late).toBe(0);
  });

  test('send a row that came too late for all of them to the late port', async () => {
    const result = await run(text, [row(8, 1, 0n), row(9, 1, 0n, 9)]);
    expect(result.late).toBe(1);
    expect(valuesOf(result, 1)).toEqual([[1, 0n]]);
  });
});

describe('without a window', () => {
  test('there is one result per group, at the end', async () => {
    const text = { groupBy: ['k'], select: { s: 'SUM(x)' } };
    const { out } = await run(text, [row(1, 1, 5n), watermark(1000), row(0, 1, 6n, 1000)]);
    expect(out.events.map(({ kind }) => kind)).toEqual(['watermark', 'watermark', 'row']);
    expect(out.rows()).toEqual([{ values: [1, 11n] }]);
  });

  test('no rows at all give one row without groups, and none with groups', async () => {
    const select = { n: 'COUNT(*)', c: 'COUNT(x)', s: 'SUM(x)', m: 'MIN(x)', a: 'AVG(x)' };
    expect(valuesOf(await run({ select }, []))).toEqual([[0n, 0n, null, null, null]]);
    expect(valuesOf(await run({ select, groupBy: ['k'] }, []))).toEqual([]);
  });

  test('distinct keys alone are enough', async () => {
    const script = [row(1, 1, 1n), row(1, 2, 1n), row(1, 1, 1n)];
    expect(valuesOf(await run({ groupBy: ['k'] }, script))).toEqual([[1], [2]]);
  });
});

describe('errors', () => {
  const text: AggregateText = {
    window: tumbling(10),
    groupBy: { h: '100 / k' },
    select: { s: 'SUM(100 / x)', q: '10 / (COUNT(*) - 2)' },
  };
  const script = [
    row(1, 1, 1n),
    row(1, 0, 1n),
    row(1, 1, 0n),
    row(2, 1, 1n),
    row(3, 2, 1n),
    watermark(20),
  ];

  test('stop the run', async () => {
    await expect(run(text, script)).rejects.toMatchObject({
      code: 'ERR_ROW_EXPRESSION',
      node: 'tested',
      message: expect.stringContaining("'tested' failed on a row: h: division by zero") as string,
    });
  });

  test('are skipped and counted, rows and groups', async () => {
    const result = await run({ ...text, onError: 'skip' }, script);
    // Group 100 has two rows left, so that `q` divides by zero.
    expect(valuesOf(result)).toEqual([[0n, 10n, 50, 100n, -10n]]);
    expect(result.errors).toBe(3);
  });

  test('become dead letters', async () => {
    for (const refuses of [false, true]) {
      const result = await run({ ...text, onError: 'deadLetter' }, script, { refuses });
      const letters = valuesOf(result, 2).map((cells) => [cells[1], cells[5], cells[6]]);
      expect(letters).toEqual([
        ['ERR_ROW_EXPRESSION', 'h', '{"k":0,"x":1}'],
        ['ERR_ROW_EXPRESSION', 's', '{"k":1,"x":0}'],
        ['ERR_ROW_EXPRESSION', 'q', expect.stringContaining('"h":100')],
      ]);
      expect(result.errors).toBe(3);
    }
  });

  test('of sums that overflow name the column', async () => {
    const sums: AggregateText = { groupBy: ['k'], select: { s: 'SUM(x)', t: 'SUM(x) + 1' } };
    const max = 2n ** 63n - 1n;
    const steps = [row(1, 1, max), row(1, 1, max), row(1, 2, 1n)];
    await expect(run(sums, steps)).rejects.toThrow('s: SUM: int64 overflow; the row is {"k":1}');
    const result = await run({ ...sums, onError: 'skip' }, steps);
    expect(valuesOf(result)).toEqual([[2, 1n, 2n]]);
    expect(result.errors).toBe(1);
  });

  test('of sums that overflow drop their own group only, window by window', async () => {
    const max = 2n ** 63n - 1n;
    const sums: AggregateText = {
      ...text,
      groupBy: ['k'],
      select: { s: 'SUM(x)' },
      onError: 'skip',
    };
    const steps = [row(1, 1, max), row(1, 1, max), row(1, 2, 1n)];
    const more = [row(11, 1, 5n), row(11, 2, max), row(11, 2, max)];
    const result = await run(sums, [...steps, ...more]);
    expect(valuesOf(result)).toEqual([
      [0n, 10n, 2, 1n],
      [10n, 20n, 1, 5n],
    ]);
  });

  test('are not raised by late rows, nor by arguments that a filter leaves out', async () => {
    const filtered: AggregateText = {
      window: tumbling(10),
      select: { s: 'SUM(100 / x) FILTER (WHERE x <> 0)', n: 'COUNT(*)' },
    };
    const result = await run(filtered, [row(1, 1, 0n), row(1, 1, 4n)]);
    expect(valuesOf(result)).toEqual([[0n, 10n, 25n, 2n]]);
    const late = await run(text, [row(1, 1, 1n), row(5, 0, 0n, 5)]);
    expect(late.late).toBe(1);
  });
});

/** Runs an aggregate; the most rows that came out of one call of it, and how often it yielded. */
async function runSteps(
  text: AggregateText,
  script: readonly Step[],
): Promise<{ rows: (readonly Cell[])[]; mostRows: number; yields: number }> {
  let mostRows = 0;
  let yields = 0;
  const watch = (outbox: Outbox, call: () => Progress): Progress => {
    const { events } = outbox as TestOutbox;
    const before = events.length;
    const progress = call();
    mostRows = Math.max(mostRows, events.length - before);
    if (progress === 'yielded') yields++;
    return progress;
  };
  const create = (plan: OperatorPlan, context: KernelContext): Kernel => {
    const kernel = createAggregateKernel(plan, context);
    return {
      onBatch: (port, batch, out) => watch(out, () => kernel.onBatch(port, batch, out)),
      onWatermark: (port, us, out) => watch(out, () => tellWatermark(kernel, port, us, out)),
      onEnd: (port, out) => watch(out, () => tellEnd(kernel, port, out)),
      resume: (out) => watch(out, () => goOn(kernel, out)),
      state: (io) => kernel.state?.(io),
    };
  };
  const plan = soundPlan(SCHEMA, text);
  const result = await runKernel(create, plan, script, { rowCapacity: 64 });
  return { rows: valuesOf(result), mostRows, yields };
}

describe('many groups', () => {
  const GROUPS = 20_000;
  const once = (timeUs: number): Step[] =>
    Array.from({ length: GROUPS }, (_, i) => row(timeUs, i % 3, BigInt(i)));

  test('are written a few at a time', async () => {
    const text = { window: tumbling(10), groupBy: ['x'], select: { n: 'COUNT(*)' } };
    const { rows, mostRows, yields } = await runSteps(text, once(1));
    expect(rows).toHaveLength(GROUPS);
    expect(mostRows).toBeLessThan(10_000);
    expect(yields).toBeGreaterThan(1);
  });

  test('of slices are merged a few at a time', async () => {
    const select = { n: 'COUNT(*)', d: 'COUNT(DISTINCT k)' };
    const text = { window: hopping(30, 10), groupBy: ['x'], select };
    const { rows, yields } = await runSteps(text, [...once(1), ...once(11), ...once(21)]);
    const counts = [1n, 2n, 3n, 2n, 1n];
    counts.forEach((count, w) => {
      const window = rows.filter(([start]) => start === BigInt(10 * w - 20));
      expect(window).toHaveLength(GROUPS);
      expect(window.filter(([, , , n, d]) => n === count && d === 1n)).toHaveLength(GROUPS);
    });
    // Five windows of so many groups, of which three are merged from seven slices.
    expect(yields).toBeGreaterThan(20);
  });

  test('so are the distinct values of one', async () => {
    const select = {
      all: 'COUNT(DISTINCT x)',
      even: 'COUNT(DISTINCT x) FILTER (WHERE MOD(x, 2) = 0)',
    };
    const text = { window: hopping(30, 10), select };
    const { rows, yields } = await runSteps(text, [...once(1), ...once(11), ...once(21)]);
    expect(rows).toHaveLength(5);
    for (const [, , all, even] of rows) {
      expect([all, even]).toEqual([BigInt(GROUPS), BigInt(GROUPS / 2)]);
    }
    expect(yields).toBeGreaterThan(10);
  });
});

describe('limits', () => {
  test('a state that is full says who, how much, and what to do', async () => {
    const text = { window: tumbling(10), groupBy: ['x'], select: { n: 'COUNT(*)' } };
    const script = Array.from({ length: 20_000 }, (_, i) => row(i % 20, 1, BigInt(i)));
    await expect(run(text, script, { stateLimitBytes: 2 ** 18 })).rejects.toMatchObject({
      code: 'ERR_LIMIT_EXCEEDED',
      node: 'tested',
      message: expect.stringMatching(
        /^aggregate 'tested' holds \d+ groups in 2 windows .* 0\.3 MiB \(262144 bytes\): group by fewer/,
      ) as string,
    });
  });

  test('windows that closed make room for others', async () => {
    const text = { window: tumbling(10), groupBy: ['x'], select: { n: 'COUNT(DISTINCT x)' } };
    const script: Step[] = [];
    for (let i = 0; i < 20_000; i++) {
      script.push(row(i, 1, BigInt(i)));
      if (i % 100 === 99) script.push(watermark(i));
    }
    const result = await run(text, script, { stateLimitBytes: 2 ** 18 });
    expect(result.out.rows()).toHaveLength(20_000);
  });

  test('a result that fits no slot names its node', async () => {
    const schema = schemaOf({ s: 'string' });
    const plan = soundPlan(schema, { groupBy: ['s'], select: { n: 'COUNT(*)' } });
    const long = { port: 0, row: { values: ['x'.repeat(5000)], timeUs: 1 } };
    await expect(run(plan, [long], { outputHeapBytes: 320 })).rejects.toMatchObject({
      code: 'ERR_TUPLE_TOO_LARGE',
      node: 'tested',
    });
  });
});
