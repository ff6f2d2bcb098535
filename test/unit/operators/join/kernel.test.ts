/** What a join gives, when, and what it does at its limits. */

import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../../src/core/errors.ts';
import { tellWatermark } from '../../../../src/core/kernel-calls.ts';
import type { Schema } from '../../../../src/core/schema.ts';
import { INT32, INT64, STRING } from '../../../../src/core/types.ts';
import { createJoinKernel } from '../../../../src/operators/join/kernel.ts';
import type { JoinDescription } from '../../../support/kernel/join-model.ts';
import { soundJoin } from '../../../support/kernel/join-model.ts';
import type { Cell, TestRow } from '../../../support/kernel/rows.ts';
import { allocateBatch, fillBatch } from '../../../support/kernel/rows.ts';
import type { RunOptions, Step } from '../../../support/kernel/run-kernel.ts';
import { complete, runKernel, testContext } from '../../../support/kernel/run-kernel.ts';
import { TestOutbox } from '../../../support/kernel/test-outbox.ts';

const SIDE: Schema = [
  { name: 'k', type: INT32 },
  { name: 'v', type: INT32 },
];
const BASE: JoinDescription = {
  left: SIDE,
  right: SIDE,
  on: 'l.k = r.k',
  select: { lv: 'l.v', rv: 'r.v' },
  beforeUs: 2,
  afterUs: 10,
};

const left = (timeUs: number, values: readonly Cell[], lateByUs = 0): Step => ({
  port: 0,
  row: { values, timeUs, lateByUs },
});
const right = (timeUs: number, values: readonly Cell[], lateByUs = 0): Step => ({
  port: 1,
  row: { values, timeUs, lateByUs },
});
const watermark = (port: number, watermarkUs: number): Step => ({ port, watermarkUs });
const values = (rows: readonly TestRow[]) => rows.map((row) => row.values);

const run = (
  join: Partial<JoinDescription>,
  script: readonly Step[],
  options: Partial<RunOptions> = {},
) =>
  runKernel(createJoinKernel, soundJoin({ ...BASE, ...join }), script, {
    rowCapacity: 64,
    ...options,
  });

/** A join that is fed step by step; each feed gives what came out since the last. */
function open(join: Partial<JoinDescription>): (...steps: readonly Step[]) => string[] {
  const plan = soundJoin({ ...BASE, ...join });
  const { context } = testContext({ rowCapacity: 64 });
  const kernel = createJoinKernel(plan, context);
  const out = new TestOutbox(plan.outputs, { rowCapacity: 64 });
  const batches = plan.inputs.map((input) => allocateBatch(input, 64, 4096));
  let seen = 0;
  return (...steps) => {
    for (const step of steps) {
      if ('row' in step) {
        const batch = batches[step.port]!;
        fillBatch(batch, [step.row]);
        complete(kernel, out, () => kernel.onBatch(step.port, batch, out));
      } else {
        complete(kernel, out, () => tellWatermark(kernel, step.port, step.watermarkUs, out));
      }
    }
    const events = out.events.slice(seen);
    seen = out.events.length;
    return events.map((event) =>
      event.kind === 'row'
        ? `${event.row.values.join(',')} @${event.row.timeUs}`
        : `W ${event.watermarkUs}`,
    );
  };
}

describe('matches', () => {
  test('lie within the interval, bounds included', async () => {
    const times = [97, 98, 99, 100, 105, 110, 111];
    const script = [left(100, [1, 0]), ...times.map((t) => right(t, [1, t]))];
    const { out } = await run({}, script);
    expect(values(out.rows())).toEqual([98, 99, 100, 105, 110].map((t) => [0, t]));
  });

  test('carry the time that was asked for', async () => {
    const script = [left(100, [1, 5]), right(107, [1, 6])];
    const times = async (time: 'left' | 'right') =>
      (await run({ time }, script)).out.rows().map((row) => row.timeUs);
    expect(await times('left')).toEqual([100]);
    expect(await times('right')).toEqual([107]);
  });

  test('are found for every pair of equal keys', async () => {
    const script = [1, 2, 3].flatMap((v) => [left(v, [7, v]), right(v, [7, 10 * v])]);
    const { out } = await run({ beforeUs: 9 }, script);
    expect(out.rows()).toHaveLength(9);
  });

  test('are found in a chain longer than a chunk, with an output that refuses', async () => {
    const lefts = Array.from({ length: 300 }, (_, v) => left(1, [7, v]));
    const script = [...lefts, right(1, [7, -1]), right(2, [7, -2])];
    const { out } = await run({}, script, { refuses: true });
    expect(new Set(values(out.rows()).map(String)).size).toBe(600);
  });

  test('must fulfil the whole condition', async () => {
    const script = [left(1, [1, 5]), left(1, [1, null]), right(1, [1, 4]), right(1, [1, 6])];
    const { out } = await run({ on: 'l.k = r.k AND l.v < r.v', kind: 'left' }, script);
    expect(values(out.rows())).toEqual(
      expect.arrayContaining([
        [5, 6],
        [null, null],
      ]),
    );
    expect(out.rows()).toHaveLength(2);
  });

  test('are never found by null', async () => {
    const script = [left(1, [null, 1]), right(1, [null, 2])];
    expect((await run({}, script)).out.rows()).toEqual([]);
    expect(values((await run({ kind: 'left' }, script)).out.rows())).toEqual([[1, null]]);
  });
});

describe('a left row without a match', () => {
  test('leaves as soon as the right watermark has passed its interval, not before', () => {
    const feed = open({ kind: 'left' });
    expect(feed(left(100, [1, 5]), left(100, [2, 6]), right(100, [2, 0]))).toEqual(['6,0 @100']);
    expect(feed(watermark(0, 500))).toEqual([]);
    expect(feed(watermark(1, 110))).toEqual(['W 100']);
    expect(feed(right(110, [3, 1]))).toEqual([]);
    expect(feed(watermark(1, 110.5))).toEqual(['5, @100', 'W 100.5']);
  });

  test('leaves at once when the right watermark is there already', () => {
    const feed = open({ kind: 'left' });
    expect(feed(watermark(1, 200), left(189, [1, 5]))).toEqual(['5, @189']);
    expect(feed(left(190, [1, 6]))).toEqual([]);
    expect(feed(watermark(1, Infinity))).toEqual(['6, @190']);
    expect(feed(left(500, [1, 7]))).toEqual(['7, @500']);
  });

  test('leaves at once when its key is null', () => {
    expect(open({ kind: 'left' })(left(100, [null, 5]))).toEqual(['5, @100']);
  });

  test('has its own time also where matches have the other', () => {
    const feed = open({ kind: 'left', time: 'right' });
    feed(left(100, [1, 5]), watermark(0, 400));
    expect(feed(watermark(1, 111))).toEqual(['5, @100', 'W 101']);
  });

  test('leaves no second time when its match comes after all, from an input that was idle', () => {
    const feed = open({ kind: 'left' });
    feed(left(100, [1, 5]));
    expect(feed(watermark(1, Infinity))).toEqual(['5, @100']);
    expect(feed(watermark(1, 90), right(100, [1, 9]))).toEqual([]);
    expect(feed(left(101, [1, 6]))).toEqual(['6,9 @101']);
  });
});

describe('the watermark', () => {
  const watermarkOf = (join: Partial<JoinDescription>, leftUs: number, rightUs: number) =>
    open(join)(watermark(0, leftUs), watermark(1, rightUs)).at(-1);

  test('goes by the time of the joined rows', () => {
    expect(watermarkOf({}, 100, 105)).toBe('W 95');
    expect(watermarkOf({}, 100, 500)).toBe('W 100');
    expect(watermarkOf({ kind: 'left' }, 100, 105)).toBe('W 95');
    expect(watermarkOf({ time: 'right' }, 100, 95)).toBe('W 95');
    expect(watermarkOf({ time: 'right' }, 100, 500)).toBe('W 98');
  });

  test('waits for unmatched rows, which have the left time', () => {
    expect(watermarkOf({ time: 'right', kind: 'left' }, 100, 105)).toBe('W 95');
    expect(watermarkOf({ time: 'right', kind: 'left' }, 100, 500)).toBe('W 98');
  });

  test('waits for both inputs, and never falls', () => {
    const feed = open({});
    expect(feed(watermark(0, 100))).toEqual([]);
    expect(feed(watermark(1, Infinity))).toEqual(['W 100']);
    expect(feed(watermark(1, 50))).toEqual([]);
    expect(feed(watermark(1, Infinity), watermark(0, Infinity))).toEqual(['W Infinity']);
  });
});

describe('late rows', () => {
  test('find what their source had not ruled out', async () => {
    // The source of the left row stood at 103 when it gave a row of 100.
    const script = [
      left(100, [1, 5], 3),
      right(100, [1, 0]),
      right(101, [1, 1]),
      right(102, [1, 2]),
    ];
    const { out, late } = await run({}, script);
    expect(out.rows()).toEqual([1, 2].map((v) => ({ values: [5, v], timeUs: 100, lateByUs: 3 })));
    expect(late).toBe(0);
  });

  test('are found by what they had not ruled out', async () => {
    const script = [left(100, [1, 5]), right(105, [1, 0], 5), right(105, [1, 1], 6)];
    const { out } = await run({}, script);
    expect(out.rows()).toEqual([{ values: [5, 0], timeUs: 100, lateByUs: 0 }]);
    const timed = await run({ time: 'right' }, script);
    expect(timed.out.rows()).toEqual([{ values: [5, 0], timeUs: 105, lateByUs: 5 }]);
  });

  test('are counted when nothing at all can match', async () => {
    const script = [left(100, [1, 5], 12), left(100, [2, 6], 13), right(90, [3, 7], 13)];
    const { out, late } = await run({ kind: 'left' }, script);
    expect(out.rows()).toEqual([{ values: [5, null], timeUs: 100, lateByUs: 12 }]);
    expect(late).toBe(2);
  });
});

describe('errors of rows', () => {
  const join: Partial<JoinDescription> = {
    on: 'l.k = r.k AND 10 / r.v > 0',
    select: { lv: 'l.v', ratio: '10 / l.v' },
    kind: 'left',
  };
  const script = [
    left(1, [1, 1]),
    left(1, [2, 0]),
    left(1, [3, 2]),
    right(1, [1, 0]),
    right(1, [2, 1]),
    right(1, [3, 1]),
  ];

  test('stop the run and name the node, the column and the row', async () => {
    const failing = run(join, script);
    await expect(failing).rejects.toThrow(MillraceError);
    await expect(failing).rejects.toThrow(
      /'tested' failed on a row: on: division by zero; the row is \{"l.v":1,"r.v":0\}/,
    );
    await expect(failing).rejects.toMatchObject({ code: 'ERR_ROW_EXPRESSION', node: 'tested' });
  });

  test('drop the pair, which then is no match where the condition failed', async () => {
    const { out, errors } = await run({ ...join, onError: 'skip' }, script);
    expect(values(out.rows()).sort((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      [1, 10],
      [2, 5],
    ]);
    expect(errors).toBe(2);
  });

  test('go to the dead letters', async () => {
    const { out, errors } = await run({ ...join, onError: 'deadLetter' }, script, {
      refuses: true,
    });
    expect(errors).toBe(2);
    const code = 'ERR_ROW_EXPRESSION';
    expect(values(out.rows(1))).toEqual([
      ['tested', code, 'division by zero', null, null, 'on', '{"l.v":1,"r.v":0}'],
      ['tested', code, 'division by zero', null, null, 'ratio', '{"l.v":0,"r.v":1}'],
    ]);
  });

  test('drop the row where its key fails', async () => {
    const keyed = {
      ...join,
      on: '10 / l.k = r.k',
      select: { lv: 'l.v' },
      onError: 'skip' as const,
    };
    const { out, errors } = await run(keyed, [left(1, [0, 1]), left(1, [2, 2]), right(1, [5, 3])]);
    expect(values(out.rows())).toEqual([[2]]);
    expect(errors).toBe(1);
  });
});

describe('state', () => {
  const TEXT_SIDE: Schema = [
    { name: 'k', type: INT64 },
    { name: 'v', type: STRING },
  ];
  const texts = { left: TEXT_SIDE, right: TEXT_SIDE };

  test('over its limit is an error that says what to do', async () => {
    const script = Array.from({ length: 20_000 }, (_, i) => left(i, [i, i]));
    const failing = run({ afterUs: 1e9 }, script, { stateLimitBytes: 400_000, rowCapacity: 1024 });
    await expect(failing).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED', node: 'tested' });
    await expect(failing).rejects.toThrow(
      /join 'tested' keeps .*limit of 0.381 MiB \(400000 bytes\): shorten 'within'/,
    );
  });

  test('stays within its limit on an endless stream, since rows expire', async () => {
    const script: Step[] = [];
    for (let i = 0; i < 30_000; i++) {
      script.push(left(i, [i % 100, i]), right(i, [(i * 7) % 100, i]));
      if (i % 50 === 0) script.push(watermark(0, i - 20), watermark(1, i - 20));
    }
    const { out } = await run({ kind: 'left' }, script, { stateLimitBytes: 100_000 });
    expect(out.rows().length).toBeGreaterThanOrEqual(30_000);
  });

  test('takes strings of any length, and learns how much room they need', async () => {
    const script: Step[] = [];
    const lengths = [3, 40, 5000, 20_000];
    for (let i = 0; i < 400; i++) {
      const text = String(i).padEnd(lengths[i >> 7]!, '.');
      script.push(left(i, [BigInt(i), text]), right(i, [BigInt(i), `right ${text}`]));
      script.push(watermark(0, i - 20), watermark(1, i - 20));
    }
    const { out } = await run({ ...texts, kind: 'left' }, script, {
      outputHeapBytes: 64 * 1024,
      stateLimitBytes: 8_000_000,
      rowCapacity: 64,
    });
    const expected = Array.from({ length: 400 }, (_, i) => {
      const text = String(i).padEnd(lengths[i >> 7]!, '.');
      return [text, `right ${text}`];
    });
    expect(values(out.rows())).toEqual(expected);
  });

  test('matches long keys', async () => {
    const key = (i: number) => `a key of more than twelve bytes, number ${i}`;
    const script = [1, 2, 3].flatMap((i) => [left(1, [1n, key(i)]), right(1, [2n, key(i)])]);
    const { out } = await run({ ...texts, on: 'l.v = r.v', select: { v: 'l.v' } }, script);
    expect(values(out.rows())).toEqual([1, 2, 3].map((i) => [key(i)]));
  });

  test('of a joined row that fits no slot is an error', async () => {
    const script = [left(1, [1n, 'x'.repeat(400)]), right(1, [1n, 'y'.repeat(400)])];
    const failing = run(texts, script, { outputHeapBytes: 512 });
    await expect(failing).rejects.toMatchObject({ code: 'ERR_TUPLE_TOO_LARGE', node: 'tested' });
  });
});
