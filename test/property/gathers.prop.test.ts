/** Operators that hold rows until others come, against models that keep them in maps. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BoundedDisorder, WatermarkMerge } from '../../src/core/time.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { planIssues, soundPlan } from '../support/kernel/documents.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { RunOptions, Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { openStepwise } from '../support/kernel/stepwise.ts';
import { schemaOf } from '../unit/operators/aggregate-nodes.ts';

const LONG = 'a string that does not fit its view';
const KEY = fc.tuple(
  fc.constantFrom(null, 'a', LONG, `${LONG}!`),
  fc.constantFrom(null, 0, -0, NaN, 1.5),
);
const A = { name: 'a', schema: schemaOf({ k: 'string', f: 'float64', x: 'int32' }), hasTime: true };
const B = {
  name: 'b',
  schema: schemaOf({ y: 'string', f: 'float64', k: 'string' }),
  hasTime: true,
};
const C = { name: 'c', schema: schemaOf({ k: 'string', z: 'bool', f: 'float64' }), hasTime: true };
const RUN = fc.record({
  refuses: fc.boolean(),
  inMemory: fc.boolean(),
  gaps: fc.boolean(),
  batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
});
type Run = typeof RUN extends fc.Arbitrary<infer Value> ? Value : never;

function optionsOf({ batchRows, ...run }: Run): RunOptions {
  let turn = 0;
  const next = (): number => batchRows[turn++ % batchRows.length]!;
  const renews = nowAndThen(run.gaps && run.refuses && run.inMemory);
  return { ...run, rowCapacity: 64, batchRows: next, stateLimitBytes: 16 << 20, renews };
}

interface Drawn {
  readonly port: number;
  readonly stepUs: number;
  readonly key: readonly [string | null, number | null];
}

const ROWS = (ports: number) =>
  fc.array(
    fc.record({
      port: fc.integer({ min: 0, max: ports - 1 }),
      stepUs: fc.integer({ min: -25, max: 12 }),
      key: KEY,
    }),
    { maxLength: 150, size: 'max' },
  );

/** Rows judged by the source of each input, with watermarks between them. */
function scriptOf(
  rows: readonly Drawn[],
  ports: number,
  valuesOf: (port: number, key: Drawn['key'], i: number) => Cell[],
): Step[] {
  const sources = Array.from({ length: ports }, () => new BoundedDisorder(9));
  const latest = Array.from({ length: ports }, () => 0);
  return rows.flatMap(({ port, stepUs, key }, i): Step[] => {
    const timeUs = latest[port]! + stepUs;
    latest[port] = Math.max(latest[port]!, timeUs);
    const lateByUs = sources[port]!.judge(timeUs);
    const row: Step = { port, row: { values: valuesOf(port, key, i), timeUs, lateByUs } };
    const { watermarkUs } = sources[port]!;
    return i % 4 === 0 ? [row, { port, watermarkUs }] : [row];
  });
}

const keyOf = (key: readonly Cell[]): string =>
  // Zeros of either sign are one key, and so are all that are no numbers.
  key.map((cell) => (cell === 0 ? '0' : String(cell))).join('|');
const keysOf = (rows: readonly TestRow[]): string[] => rows.map(rowKey);
const plain = (rows: readonly TestRow[]): string[] =>
  rows.map(({ values }) => rowKey({ values: values.map((cell) => (cell === 0 ? 0 : cell)) }));

describe('gather', () => {
  const CELLS = [
    ([k, f]: Drawn['key'], i: number): Cell[] => [k, f, i],
    ([k, f]: Drawn['key'], i: number): Cell[] => [`${LONG} ${i}`, f, k],
    ([k, f]: Drawn['key'], i: number): Cell[] => [k, i % 2 === 0, f],
  ] as const;
  const keyAt = [
    [0, 1],
    [2, 1],
    [0, 2],
  ] as const;
  const otherAt = [2, 0, 1] as const;

  /** Rows of the output, complete and not; `undefined` events are ignored by the caller. */
  function model(
    script: readonly Step[],
    duplicates: string,
    timeoutUs: number | undefined,
  ): { complete: TestRow[]; incomplete: TestRow[]; errors: number } {
    const pending = new Map<
      string,
      { key: Cell[]; rows: (TestRow | undefined)[]; firstUs: number }
    >();
    const complete: TestRow[] = [];
    const incomplete: TestRow[] = [];
    let errors = 0;
    let passedUs = -Infinity;
    const combine = (
      entry: { key: Cell[]; rows: (TestRow | undefined)[] },
      leastMarkUs = -Infinity,
    ): TestRow => {
      const some = entry.rows.filter((row) => row !== undefined);
      const timeUs = Math.max(...some.map((row) => row.timeUs!));
      const markUs = Math.max(leastMarkUs, ...some.map((row) => row.timeUs! + row.lateByUs!));
      const others = entry.rows.map((row, port) => row?.values[otherAt[port]!] ?? null);
      return { values: [...entry.key, ...others], timeUs, lateByUs: Math.max(0, markUs - timeUs) };
    };
    const merge = new WatermarkMerge(3);
    const expire = (boundUs: number): void => {
      for (const [id, entry] of pending) {
        if (!(entry.firstUs < boundUs)) return;
        pending.delete(id);
        incomplete.push(combine(entry, passedUs));
      }
    };
    const ends = [0, 1, 2].map((port): Step => ({ port, watermarkUs: Infinity }));
    for (const step of [...script, ...ends]) {
      if ('watermarkUs' in step) {
        const isHigher = merge.update(step.port, step.watermarkUs);
        if (timeoutUs !== undefined && isHigher) {
          expire(merge.mergedUs - timeoutUs);
          passedUs = merge.mergedUs - timeoutUs;
        }
        continue;
      }
      const { port, row } = step;
      const key = keyAt[port]!.map((at) => row.values[at]!);
      const id = keyOf(key);
      const entry = pending.get(id) ?? {
        key,
        rows: [undefined, undefined, undefined],
        firstUs: row.timeUs!,
      };
      pending.set(id, entry);
      if (entry.rows[port] !== undefined && duplicates !== 'last') {
        errors++;
        continue;
      }
      entry.rows[port] = row;
      if (entry.rows.includes(undefined)) continue;
      pending.delete(id);
      complete.push(combine(entry));
    }
    expire(Infinity);
    return { complete, incomplete, errors };
  }

  test('gives what the model gives', async () => {
    let complete = 0;
    let incomplete = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: ROWS(3),
          duplicates: fc.constantFrom('first', 'last', 'error'),
          timeoutUs: fc.constantFrom(undefined, 5, 100),
          run: RUN,
        }),
        async ({ rows, duplicates, timeoutUs, run }) => {
          const script = scriptOf(rows, 3, (port, key, i) => CELLS[port]!(key, i));
          const timeout = timeoutUs === undefined ? {} : { timeout: `${timeoutUs}us` };
          const text = { type: 'gather', key: ['k', 'f'], duplicates, onError: 'skip', ...timeout };
          const plan = soundPlan(text, [A, B, C]);
          const { out, errors } = await runKernel(createKernel, plan, script, optionsOf(run));
          const expected = model(script, duplicates, timeoutUs);
          expect(plain(out.rows())).toEqual(plain(expected.complete));
          expect(keysOf(out.rows()).length).toBe(expected.complete.length);
          expect(out.rows().map(({ timeUs, lateByUs }) => [timeUs, lateByUs])).toEqual(
            expected.complete.map(({ timeUs, lateByUs }) => [timeUs, lateByUs]),
          );
          expect(plain(out.rows(1))).toEqual(plain(expected.incomplete));
          if (timeoutUs !== undefined) {
            const lateBy = (row: TestRow) => row.lateByUs;
            expect(out.rows(1).map(lateBy)).toEqual(expected.incomplete.map(lateBy));
          }
          expect(errors).toBe(duplicates === 'error' ? expected.errors : 0);
          expect(out.watermarkUs).toBe(Infinity);
          complete += expected.complete.length;
          incomplete += expected.incomplete.length;
        },
      ),
      { numRuns: 40 },
    );
    expect(complete).toBeGreaterThan(200);
    expect(incomplete).toBeGreaterThan(200);
  });

  test('gives a row up when a column has gone on', async () => {
    const input = { name: 'a', schema: schemaOf({ id: 'int32', seq: 'int64' }), hasTime: false };
    const other = { name: 'b', schema: schemaOf({ id: 'int32', n: 'int64' }), hasTime: false };
    const timeout = { column: 'seq', after: 10 };
    expect(planIssues({ type: 'gather', key: ['id'], timeout }, [input, other])[0]).toMatch(
      /^timeout\/column: unknown column 'seq' in 'b'/,
    );
    const plan = soundPlan({ type: 'gather', key: ['id', 'seq'], timeout }, [
      input,
      { ...input, name: 'b' },
    ]);
    expect(plan.distribution).toEqual({ kind: 'single' });
    const gather = await openStepwise(createKernel, plan);
    const row = (id: number, seq: bigint): TestRow => ({ values: [id, seq] });
    expect(gather.feed(0, row(1, 100n), row(2, 110n))).toEqual([]);
    expect(gather.out.rows(1)).toEqual([]);
    expect(gather.feed(1, row(2, 110n), row(3, 111n), row(1, 100n))).toEqual([[2, 110n]]);
    expect(gather.out.rows(1).map(({ values }) => values)).toEqual([[1, 100n]]);
  });

  test('forgets keys that are complete', async () => {
    const input = { name: 'a', schema: schemaOf({ id: 'string' }), hasTime: false };
    const plan = soundPlan({ type: 'gather', key: ['id'] }, [input, { ...input, name: 'b' }]);
    const script: Step[] = [];
    for (let i = 0; i < 20_000; i += 1000) {
      for (const port of [0, 1]) {
        for (let j = i; j < i + 1000; j++) {
          script.push({ port, row: { values: [`${LONG} ${j}`] } });
        }
      }
    }
    const options = { rowCapacity: 1024, stateLimitBytes: 1 << 20 };
    const { out } = await runKernel(createKernel, plan, script, options);
    expect(out.rows()).toHaveLength(20_000);
    const half = script.filter(({ port }) => port === 0);
    await expect(runKernel(createKernel, plan, half, options)).rejects.toThrow(
      /gather 'tested' keeps rows that are incomplete, and more would exceed/,
    );
  });
});

describe('waitfor', () => {
  const SIGNAL = {
    name: 's',
    schema: schemaOf({ f: 'float64', k: 'string', ok: 'bool' }),
    hasTime: true,
  };

  test('gives what the model gives', async () => {
    let late = 0;
    let released = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: ROWS(2),
          key: fc.constantFrom<readonly string[]>([], ['k'], ['k', 'f']),
          timeoutUs: fc.constantFrom(undefined, 5, 60),
          run: RUN,
        }),
        async ({ rows, key, timeoutUs, run }) => {
          const script = scriptOf(rows, 2, (port, [k, f], i) =>
            port === 0 ? [k, f, i] : [f, k, i % 3 !== 0],
          );
          const timeout = timeoutUs === undefined ? {} : { timeout: `${timeoutUs}us` };
          const plan = soundPlan({ type: 'waitfor', key, where: 'ok', ...timeout }, [A, SIGNAL]);
          const run1 = await runKernel(createKernel, plan, script, optionsOf(run));
          let waiting: { id: string; row: TestRow }[] = [];
          const out: TestRow[] = [];
          const given: TestRow[] = [];
          const idOf = ([k, f]: readonly Cell[]): string => keyOf([k!, f!].slice(0, key.length));
          for (const step of script) {
            if (!('row' in step)) continue;
            const { values, timeUs, lateByUs } = step.row;
            if (step.port === 0) {
              waiting.push({ id: idOf(values), row: step.row });
            } else if (values[2] === true) {
              const id = idOf([values[1]!, values[0]!]);
              const atUs = timeUs! + lateByUs!;
              for (const { row } of waiting.filter((one) => one.id === id)) {
                const isInTime = atUs - row.timeUs! <= (timeoutUs ?? Infinity);
                (isInTime ? out : given).push(row);
              }
              waiting = waiting.filter((one) => one.id !== id);
            }
          }
          given.push(...waiting.map(({ row }) => row));
          expect(keysOf(run1.out.rows())).toEqual(keysOf(out));
          expect(keysOf(run1.out.rows(1)).toSorted()).toEqual(keysOf(given).toSorted());
          expect(run1.late).toBe(given.length);
          expect(run1.out.watermarkUs).toBe(Infinity);
          late += given.length;
          released += out.length;
        },
      ),
      { numRuns: 40 },
    );
    expect(late).toBeGreaterThan(200);
    expect(released).toBeGreaterThan(200);
  });

  test('gives rows up as soon as no signal can be in time', async () => {
    const rows = { name: 'r', schema: schemaOf({ v: 'int32' }), hasTime: true };
    const plan = soundPlan({ type: 'waitfor', timeout: '10us' }, [rows, { ...rows, name: 's' }]);
    const waitfor = await openStepwise(createKernel, plan);
    const row = (v: number): TestRow => ({ values: [v], timeUs: v, lateByUs: 0 });
    expect(waitfor.feed(0, row(1), row(5))).toEqual([]);
    expect(waitfor.watermark(0, 5)).toEqual([]);
    waitfor.watermark(1, 12);
    expect(waitfor.out.rows(1).map(({ values }) => values)).toEqual([[1]]);
    expect(waitfor.feed(1, row(15))).toEqual([[5]]);
    expect(waitfor.counts[0]).toBe(1);
    expect(waitfor.out.watermarkUs).toBe(5);
  });
});
