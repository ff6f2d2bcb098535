/**
 * Sessions whose results are revised against an obvious model. It goes through time: at each moment it gives
 * the results that are due, made of the rows whose sources had stood before it, and then has the rows find
 * their sessions whose source stood there. It knows no watermarks but those in late rows.
 *
 * @module
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { lateRowsScript } from '../support/kernel/late-rows.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';
import { soundPlan } from '../unit/operators/aggregate-nodes.ts';
import type { Case as Drawn, Rows } from './aggregate-changes.property.ts';
import {
  CASE,
  changesOf,
  optionsOf,
  resultOf,
  SCHEMA,
  selectOf,
} from './aggregate-changes.property.ts';

type Mode = 'close' | 'every' | 'change';
type Case = Omit<Drawn, 'allowedUs' | 'everyUs'> & {
  readonly gapUs: number;
  readonly mode: Mode;
  readonly allowedUs: number;
  readonly everyUs: number | undefined;
};

const REVISED: fc.Arbitrary<Case> = fc
  .tuple(CASE, fc.integer({ min: 1, max: 24 }), fc.constantFrom<Mode>('close', 'every', 'change'))
  .map(([drawn, gapUs, mode]) => {
    const allowedUs = mode === 'close' && drawn.allowedUs === 0 ? 20 : drawn.allowedUs;
    const everyUs = mode === 'every' ? (drawn.everyUs ?? 7) : undefined;
    return { ...drawn, gapUs, mode, allowedUs, everyUs };
  });

interface Shown {
  readonly startUs: number;
  readonly endUs: number;
  readonly result: Cell[] | undefined;
}

interface Session {
  readonly key: Cell;
  startUs: number;
  lastUs: number;
  rows: Rows;
  shown: Shown[];
  /** Multiples at which it is due while it is open, and after that; whether it is due at its end. */
  ticks: number[];
  lateTicks: number[];
  isDueAtEnd: boolean;
}

const multipleAfter = (timeUs: number, everyUs: number): number =>
  (Math.floor(timeUs / everyUs) + 1) * everyUs;

class Model {
  readonly out: string[] = [];
  readonly late: string[] = [];
  readonly #drawn: Case;
  #sessions: Session[] = [];

  constructor(drawn: Case) {
    this.#drawn = drawn;
  }

  run(rows: readonly TestRow[]): void {
    const { gapUs, allowedUs, mode } = this.#drawn;
    const kept = rows.filter((row) => {
      const isLate = row.lateByUs! > 0 && row.lateByUs! >= gapUs + allowedUs;
      if (isLate) this.late.push(rowKey(row));
      return !isLate;
    });
    if (mode === 'change') {
      for (const row of kept) this.#give(this.#join(row), markOf(row) + 1);
      return;
    }
    const marks = [...new Set(kept.map(markOf))].sort((a, b) => a - b);
    for (;;) {
      const timeUs = Math.min(marks[0] ?? Infinity, ...this.#sessions.map((of) => this.#dueOf(of)));
      if (timeUs === Infinity) return;
      for (const session of this.#sessions) {
        if (this.#dueOf(session) === timeUs) this.#give(session, timeUs);
      }
      if (marks[0] !== timeUs) continue;
      marks.shift();
      for (const row of kept) if (markOf(row) === timeUs) this.#schedule(this.#join(row), row);
    }
  }

  #dueOf({ ticks, lateTicks, isDueAtEnd, lastUs }: Session): number {
    return Math.min(...ticks, ...lateTicks, isDueAtEnd ? lastUs + this.#drawn.gapUs : Infinity);
  }

  #schedule(session: Session, row: TestRow): void {
    const { everyUs, allowedUs, gapUs } = this.#drawn;
    if (markOf(row) >= session.lastUs + gapUs) {
      const lateUs = everyUs ?? Math.max(1, Math.floor(allowedUs / 64));
      session.lateTicks.push(multipleAfter(markOf(row), lateUs));
      return;
    }
    session.isDueAtEnd = true;
    session.lateTicks = [];
    if (everyUs !== undefined) session.ticks.push(multipleAfter(markOf(row), everyUs));
  }

  /** The session of a row: all that it is near to and that take it. */
  #join(row: TestRow): Session {
    const { gapUs, allowedUs, hasKeys } = this.#drawn;
    const { timeUs = 0, lateByUs = 0, values } = row;
    const key = hasKeys ? values[0]! : '';
    const near = this.#sessions.filter(
      (of) =>
        of.key === key &&
        timeUs < of.lastUs + gapUs &&
        timeUs > of.startUs - gapUs &&
        (lateByUs === 0 || of.lastUs + gapUs + allowedUs > timeUs + lateByUs),
    );
    const united: Session = {
      key,
      startUs: Math.min(timeUs, ...near.map(({ startUs }) => startUs)),
      lastUs: Math.max(timeUs, ...near.map(({ lastUs }) => lastUs)),
      rows: [...near.flatMap(({ rows }) => rows), values],
      shown: near
        .flatMap(({ shown }) => shown)
        .sort((a, b) => a.startUs - b.startUs || a.endUs - b.endUs),
      ticks: near.flatMap(({ ticks }) => ticks),
      lateTicks: near.flatMap(({ lateTicks }) => lateTicks),
      isDueAtEnd: near.some(({ isDueAtEnd }) => isDueAtEnd),
    };
    this.#sessions = [...this.#sessions.filter((of) => !near.includes(of)), united];
    return united;
  }

  #give(session: Session, timeUs: number): void {
    const { isDistinct, gapUs } = this.#drawn;
    const { startUs, lastUs, rows, shown } = session;
    const now: Shown = { startUs, endUs: lastUs + gapUs, result: resultOf(rows, isDistinct) };
    const put = ({ startUs, endUs }: Shown, change: Cell[]): void => {
      const key = this.#drawn.hasKeys ? [session.key] : [];
      const values = [BigInt(startUs), BigInt(endUs), ...key, ...change];
      const lateByUs = Math.max(0, timeUs - endUs);
      this.out.push(rowKey({ values, timeUs: endUs - 1, lateByUs }));
    };
    const [first, ...others] = shown;
    for (const old of others) for (const c of changesOf(old.result, undefined)) put(old, c);
    const isSame = first?.startUs === now.startUs && first.endUs === now.endUs;
    if (isSame || first?.result === undefined || now.result === undefined) {
      for (const c of changesOf(first?.result, now.result)) {
        put(c.at(-1) === '-D' || c.at(-1) === '-U' ? first! : now, c);
      }
    } else {
      put(first, [...first.result, '-U']);
      put(now, [...now.result, '+U']);
    }
    session.shown = [now];
    session.ticks = [];
    session.lateTicks = [];
    session.isDueAtEnd = false;
  }
}

const markOf = ({ timeUs = 0, lateByUs = 0 }: TestRow): number => timeUs + lateByUs;

function scriptOf({ rows, latenessUs, watermarks }: Case): Step[] {
  let at = 0;
  return lateRowsScript(rows, latenessUs).filter(
    (step) => 'row' in step || watermarks[at++ % watermarks.length]!,
  );
}

const EMITS = { close: { kind: 'end' }, change: { kind: 'change' } } as const;

/** Early, final and late results of sessions are those of the model, whenever watermarks come. */
export async function checkRevisedSessions(numRuns: number): Promise<void> {
  const seen = { rows: 0, late: 0, revised: 0, united: 0 };
  await fc.assert(
    fc.asyncProperty(REVISED, async (drawn) => {
      const { mode, gapUs, allowedUs, isDistinct, hasKeys } = drawn;
      const plan = soundPlan(SCHEMA, {
        window: { kind: 'session', gapUs, latenessUs: allowedUs },
        emit: mode === 'every' ? { kind: 'every', everyUs: drawn.everyUs! } : EMITS[mode],
        groupBy: hasKeys ? ['k'] : [],
        select: selectOf(isDistinct),
        onError: 'skip',
      });
      const script = scriptOf(drawn);
      const { out, late } = await runKernel(createAggregateKernel, plan, script, optionsOf(drawn));
      const model = new Model(drawn);
      model.run(script.flatMap((step) => ('row' in step ? [step.row] : [])));
      expect(out.rows(0).map(rowKey).sort()).toEqual(model.out.sort());
      expect(out.rows(1).map(rowKey).sort()).toEqual(model.late.sort());
      seen.rows += model.out.length;
      seen.late += late;
      seen.revised += model.out.filter((row) => row.includes('-U')).length;
      seen.united += model.out.filter((row) => row.includes('-D')).length;
    }),
    { numRuns },
  );
  expect(seen.rows).toBeGreaterThan(8 * numRuns);
  expect(seen.late).toBeGreaterThan(numRuns / 4);
  expect(seen.revised).toBeGreaterThan(numRuns);
  expect(seen.united).toBeGreaterThan(numRuns / 10);
}
