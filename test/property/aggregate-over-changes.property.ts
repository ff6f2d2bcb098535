/**
 * Aggregates of streams of changes whose results come when windows close, at even times, or at the end of
 * the input, against an obvious model: arrays of rows from which rows are removed.
 *
 * @module
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import { BoundedDisorder } from '../../src/core/time.ts';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';
import { soundPlan } from '../unit/operators/aggregate-nodes.ts';
import type { Case, Rows } from './aggregate-changes.property.ts';
import {
  CASE,
  changesOf,
  dueOf,
  openPlaces,
  optionsOf,
  resultOf,
  SCHEMA,
  selectOf,
} from './aggregate-changes.property.ts';

const isBack = ([, , , change]: readonly Cell[]): boolean => change === '-U' || change === '-D';

/** Rows of one source, of which some take an earlier one back, at its time. */
function scriptOf({ rows, latenessUs, watermarks }: Case): Step[] {
  const source = new BoundedDisorder(latenessUs);
  const there: { readonly timeUs: number; readonly values: readonly Cell[] }[] = [];
  const script: Step[] = [];
  let latestUs = 0;
  rows.forEach(({ stepUs, values }, i) => {
    const taken = i % 7 > 3 ? (i % 2 === 0 ? there.shift() : there.pop()) : undefined;
    const timeUs = taken?.timeUs ?? latestUs + stepUs;
    latestUs = Math.max(latestUs, timeUs);
    if (taken === undefined) there.push({ timeUs, values });
    const change = taken === undefined ? [null, '+I', '+U'][i % 3]! : i % 3 === 0 ? '-U' : '-D';
    const row = { values: [...(taken?.values ?? values).slice(0, 3), change], timeUs };
    const lateByUs = source.judge(timeUs);
    script.push({ port: 0, row: { ...row, lateByUs } });
    if (i % 3 === 0 && watermarks[i % watermarks.length]!) {
      script.push({ port: 0, watermarkUs: source.watermarkUs });
    }
  });
  return script;
}

/** Adds rows, or removes one that is equal. */
function changed(rows: Rows, by: Rows): Rows {
  return by.reduce<Rows>((all, values) => {
    if (!isBack(values)) return [...all, values];
    const at = all.findIndex((other) => other.every((cell, c) => c > 2 || cell === values[c]));
    return all.toSpliced(at, 1);
  }, rows);
}

/** By window and key, then by when they become part of a result: rows. */
function panesOf(rows: readonly TestRow[], drawn: Case): { out: string[]; late: string[] } {
  const groups = new Map<string, Map<number, Rows>>();
  const heads = new Map<string, { edges: readonly [number, number]; keys: Cell[] }>();
  const late: string[] = [];
  for (const row of rows) {
    const { timeUs = 0, lateByUs = 0, values } = row;
    const open = openPlaces(row, drawn.window, drawn.allowedUs);
    if (open.length === 0) late.push(rowKey(row));
    for (const edges of open) {
      const keys = drawn.hasKeys ? [values[0]!] : [];
      const id = rowKey({ values: [...edges.map(BigInt), ...keys] });
      heads.set(id, { edges, keys });
      const panes = groups.get(id) ?? new Map<number, Rows>();
      groups.set(id, panes);
      const dueUs = dueOf(timeUs + lateByUs, edges[1], drawn);
      panes.set(dueUs, [...(panes.get(dueUs) ?? []), values]);
    }
  }
  const isRevised = drawn.everyUs !== undefined || drawn.allowedUs > 0;
  const out: string[] = [];
  for (const [id, panes] of groups) {
    const { edges, keys } = heads.get(id)!;
    let all: Rows = [];
    let shown: Cell[] | undefined;
    for (const dueUs of [...panes.keys()].sort((a, b) => a - b)) {
      all = changed(all, panes.get(dueUs)!);
      const now = resultOf(all, drawn.isDistinct);
      const lateByUs = Math.max(0, dueUs - edges[1]);
      for (const change of changesOf(shown, now)) {
        const result = isRevised ? change : change.slice(0, -1);
        const values = [...edges.map(BigInt), ...keys, ...result];
        out.push(rowKey({ values, timeUs: edges[1] - 1, lateByUs }));
      }
      shown = now;
    }
  }
  return { out: out.sort(), late: late.sort() };
}

/** Windows over changes give what is left, at once or revised. */
export async function checkWindowsOverChanges(numRuns: number): Promise<void> {
  const seen = { rows: 0, late: 0, deleted: 0, final: 0 };
  await fc.assert(
    fc.asyncProperty(CASE, fc.boolean(), async (any, isFinal) => {
      const drawn: Case = isFinal ? { ...any, everyUs: undefined, allowedUs: 0 } : any;
      const { window, everyUs, allowedUs, hasKeys, isDistinct } = drawn;
      const text = {
        window: allowedUs === 0 ? window : { ...window, latenessUs: allowedUs },
        emit:
          everyUs === undefined
            ? ({ kind: 'end' } as const)
            : ({ kind: 'every', everyUs } as const),
        groupBy: hasKeys ? ['k'] : [],
        select: selectOf(isDistinct),
        onError: 'skip' as const,
      };
      const script = scriptOf(drawn);
      const plan = soundPlan(SCHEMA, text, true, 3);
      const isRevised = everyUs !== undefined || allowedUs > 0;
      expect(plan.outputs[0]!.stream.change !== undefined).toBe(isRevised);
      const { out, late } = await runKernel(createAggregateKernel, plan, script, optionsOf(drawn));
      const rows = script.flatMap((step) => ('row' in step ? [step.row] : []));
      const expected = panesOf(rows, drawn);
      expect(out.rows(0).map(rowKey).sort()).toEqual(expected.out);
      expect(out.rows(1).map(rowKey).sort()).toEqual(expected.late);
      seen.rows += expected.out.length;
      seen.late += late;
      seen.deleted += expected.out.filter((row) => row.includes('-D')).length;
      seen.final += isRevised ? 0 : expected.out.length;
    }),
    { numRuns },
  );
  expect(seen.rows).toBeGreaterThan(400);
  expect(seen.late).toBeGreaterThan(20);
  expect(seen.deleted).toBeGreaterThan(10);
  expect(seen.final).toBeGreaterThan(30);
}

/** The whole of a stream of changes comes to what is left of it. */
export async function checkTotalsOverChanges(numRuns: number): Promise<void> {
  let rows = 0;
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { hasKeys } = drawn;
      const text = { groupBy: hasKeys ? ['k'] : [], select: selectOf(true) };
      const script = scriptOf(drawn);
      const plan = soundPlan(SCHEMA, text, true, 3);
      const { out } = await runKernel(createAggregateKernel, plan, script, optionsOf(drawn));
      const all = changed(
        [],
        script.flatMap((step) => ('row' in step ? [step.row.values] : [])),
      );
      const groups = Map.groupBy(all, ([k]) => (hasKeys ? k! : null));
      const expected = [...groups].map(([k, of]) => [
        ...(hasKeys ? [k] : []),
        ...resultOf(of, true)!,
      ]);
      if (!hasKeys && groups.size === 0) expected.push([null, null, 0n]);
      expect(
        out
          .rows(0)
          .map(({ values }) => rowKey({ values }))
          .sort(),
      ).toEqual(expected.map((values) => rowKey({ values })).sort());
      rows += expected.length;
    }),
    { numRuns },
  );
  expect(rows).toBeGreaterThan(30);
}
