/** Joins over windows and joins without a bound: what they keep, and what they say of time. */

import { describe, expect, test } from 'vitest';
import { goOn, tellEnd, tellWatermark } from '../../../../src/core/kernel-calls.ts';
import type { Schema } from '../../../../src/core/schema.ts';
import { describeSchema } from '../../../../src/core/schema.ts';
import type { JoinReach } from '../../../../src/core/topology/model.ts';
import { INT32, TIMESTAMP } from '../../../../src/core/types.ts';
import { createJoinKernel } from '../../../../src/operators/join/kernel.ts';
import type { JoinDescription } from '../../../support/kernel/join-model.ts';
import { planJoin, soundJoin } from '../../../support/kernel/join-model.ts';
import type { Step } from '../../../support/kernel/run-kernel.ts';
import { runKernel } from '../../../support/kernel/run-kernel.ts';

const SIDE: Schema = [
  { name: 'k', type: INT32 },
  { name: 'v', type: INT32 },
];
const TUMBLING: JoinReach = {
  kind: 'window',
  window: { kind: 'tumbling', sizeUs: 10, offsetUs: 0 },
};
const HOPPING: JoinReach = {
  kind: 'window',
  window: { kind: 'hopping', sizeUs: 10, slideUs: 4, offsetUs: 0 },
};
const UNBOUNDED: JoinReach = { kind: 'unbounded' };

const left = (timeUs: number, k: number, v: number): Step => ({
  port: 0,
  row: { values: [k, v], timeUs, lateByUs: 0 },
});
const right = (timeUs: number, k: number, v: number): Step => ({
  port: 1,
  row: { values: [k, v], timeUs, lateByUs: 0 },
});
const watermark = (port: number, watermarkUs: number): Step => ({ port, watermarkUs });

const run = async (
  join: Partial<JoinDescription>,
  script: readonly Step[],
  stateLimitBytes?: number,
) => {
  const plan = soundJoin({
    left: SIDE,
    right: SIDE,
    on: 'l.k = r.k',
    select: { lv: 'l.v', rv: 'r.v' },
    ...join,
  });
  const options = {
    rowCapacity: 64,
    ...(stateLimitBytes === undefined ? {} : { stateLimitBytes }),
  };
  const { out } = await runKernel(createJoinKernel, plan, script, options);
  const shown: unknown[] = [];
  for (const event of out.events) {
    if (event.kind === 'row') {
      const values = event.row.values.map((cell) => (cell === null ? null : Number(cell)));
      shown.push([...values, event.row.timeUs]);
    } else if (event.watermarkUs !== Infinity) {
      shown.push(`W ${event.watermarkUs}`);
    }
  }
  return shown;
};

describe('a join over windows', () => {
  test('pairs rows of one window, at once, and waits with the watermark for the window', async () => {
    const script = [
      left(3, 1, 10),
      right(9, 1, 20),
      right(11, 1, 21),
      watermark(0, 11),
      watermark(1, 9),
      left(12, 1, 11),
      watermark(1, 22),
    ];
    expect(await run({ reach: TUMBLING }, script)).toEqual([
      [0, 10, 10, 20, 3],
      'W 0',
      [10, 20, 11, 21, 12],
      'W 10',
      // The end of the left input.
      'W 20',
    ]);
  });

  test('pairs rows once for each window that they share', async () => {
    const rows = await run({ reach: HOPPING, time: 'right' }, [left(8, 1, 10), right(9, 1, 20)]);
    expect(rows).toEqual([
      [0, 10, 10, 20, 9],
      [4, 14, 10, 20, 9],
      [8, 18, 10, 20, 9],
    ]);
  });

  test('gives an unmatched row for each window without a match, when its last has closed', async () => {
    const script = [
      left(8, 1, 10),
      right(5, 1, 20),
      watermark(0, 30),
      watermark(1, 17),
      watermark(1, 18),
    ];
    expect(await run({ reach: HOPPING, kind: 'left' }, script)).toEqual([
      [0, 10, 10, 20, 8],
      [4, 14, 10, 20, 8],
      'W 8',
      [8, 18, 10, null, 8],
      'W 12',
    ]);
  });

  test('lets closed windows go: its state is that of the open ones', async () => {
    const script: Step[] = [];
    for (let i = 0; i < 30_000; i++) {
      script.push(left(i, i % 100, i), right(i, (i * 7) % 100, i));
      if (i % 50 === 0) script.push(watermark(0, i - 20), watermark(1, i - 20));
    }
    for (const reach of [TUMBLING, HOPPING]) {
      const rows = await run({ reach, kind: 'left' }, script, 100_000);
      expect(rows.length).toBeGreaterThan(30_000);
    }
  });

  test('has the columns of the window in front, and renames those of the inputs', () => {
    const columns = (join: Partial<JoinDescription>) =>
      describeSchema(
        soundJoin({ left: SIDE, right: SIDE, on: 'l.k = r.k', reach: TUMBLING, ...join })
          .outputs[0]!.stream.schema,
      );
    expect(columns({ select: { v: 'l.v' } })).toBe(
      'window_start timestamp, window_end timestamp, v int32',
    );
    const counted: Schema = [{ name: 'window_end', type: TIMESTAMP }, ...SIDE];
    expect(columns({ left: counted, right: counted, select: {} })).toBe(
      'window_start timestamp, window_end timestamp, lefts_window_end timestamp, k int32, v int32, ' +
        'rights_window_end timestamp, rights_k int32, rights_v int32',
    );
  });

  test('needs event time', () => {
    const join = { left: SIDE, right: SIDE, on: 'l.k = r.k', reach: TUMBLING };
    const { issues } = planJoin(join, [false, true]);
    expect(issues).toEqual([expect.stringMatching(/^inputs\/0: .*by 'window'.*'lefts' has none/)]);
  });
});

describe('a join without a bound', () => {
  test('pairs rows of any age, at the later of both times, and holds no watermark back', async () => {
    const script = [
      left(5, 1, 10),
      watermark(0, 900),
      watermark(1, 800),
      right(900, 1, 20),
      left(1000, 1, 11),
    ];
    expect(await run({ reach: UNBOUNDED }, script)).toEqual([
      'W 800',
      [10, 20, 900],
      [11, 20, 1000],
    ]);
  });

  test('keeps what it has when an input was only idle', async () => {
    const script = [left(5, 1, 10), watermark(0, Infinity), watermark(1, Infinity)];
    expect(await run({ reach: UNBOUNDED }, [...script, right(6, 1, 20)])).toEqual([[10, 20, 6]]);
  });

  test('keeps both sides for ever, up to its limit', async () => {
    const script: Step[] = [];
    for (let i = 0; i < 6000; i++) script.push(left(i, i, i), watermark(0, i), watermark(1, i));
    await expect(run({ reach: UNBOUNDED }, script, 100_000)).rejects.toMatchObject({
      code: 'ERR_LIMIT_EXCEEDED',
      node: 'tested',
      message: expect.stringMatching(/bound it by 'within', 'window' or 'ttl'/) as string,
    });
  });

  test('keeps no rows that come after the other side has ended', async () => {
    const plan = soundJoin({
      left: SIDE,
      right: SIDE,
      on: 'l.k = r.k',
      reach: UNBOUNDED,
      select: { lv: 'l.v', rv: 'r.v' },
    });
    // The left input ends first, then the right one gives its rows.
    const { out } = await runKernel(
      (found, context) => {
        const kernel = createJoinKernel(found, context);
        let isFirst = true;
        return {
          onBatch: (port, batch, outbox) => {
            if (port === 1 && isFirst) {
              isFirst = false;
              tellWatermark(kernel, 0, Infinity, outbox);
              tellEnd(kernel, 0, outbox);
            }
            return kernel.onBatch(port, batch, outbox);
          },
          onWatermark: (port, watermarkUs, outbox) =>
            tellWatermark(kernel, port, watermarkUs, outbox),
          onEnd: (port, outbox) => (port === 0 ? 'done' : tellEnd(kernel, port, outbox)),
          resume: (outbox) => goOn(kernel, outbox),
        };
      },
      plan,
      [left(1, 7, 10), ...Array.from({ length: 20_000 }, (_, i) => right(i, i, i))],
      { rowCapacity: 64, stateLimitBytes: 100_000 },
    );
    expect(out.rows().map((row) => row.values)).toEqual([[10, 7]]);
  });
});
