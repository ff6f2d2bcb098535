/** Joins whose results are taken back, against tables that are joined anew after each batch. @module */

import { BoundedDisorder } from '../../../src/core/time.ts';
import type { JoinKind } from '../../../src/core/topology/model.ts';
import { createJoinKernel } from '../../../src/operators/join/kernel.ts';
import { tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { OperatorPlan } from '../../../src/core/operator.ts';
import { givesLeft, givesPairs, givesRight } from './join-model.ts';
import type { Cell } from './rows.ts';
import { allocateBatch, fillBatch, poisonBatch } from './rows.ts';
import { complete, testContext } from './run-kernel.ts';
import { TestOutbox } from './test-outbox.ts';

/** A row of a side, without its change column. */
export type TableRow = readonly Cell[];

/** A row that one side gets. */
export interface ChangeStep {
  readonly side: 0 | 1;
  /** Event time, from the largest of the side so far. */
  readonly stepUs: number;
  readonly values: TableRow;
  /** Takes back a row of the side: one of those there are, or none that is. */
  readonly retracts: boolean;
  readonly pick: number;
  /** Which of two ways to say it. */
  readonly isUpdate: boolean;
  /** The batch ends here. */
  readonly ends: boolean;
}

/** What the model needs to know of a join; rows of the result as texts. */
export interface ChangeModel {
  readonly kind: JoinKind;
  readonly matches: (left: TableRow, right: TableRow) => boolean;
  readonly select: (left: TableRow | undefined, right: TableRow | undefined) => readonly Cell[];
}

/** A text that is the same for the same row of the result. */
export const resultKey = (values: readonly Cell[]): string => values.map(String).join('|');

/** All rows of the result of two tables. */
export function joinTables(
  { kind, matches, select }: ChangeModel,
  [lefts, rights]: readonly [readonly TableRow[], readonly TableRow[]],
): string[] {
  const rows: string[] = [];
  const put = (l: TableRow | undefined, r: TableRow | undefined): void => {
    rows.push(resultKey(select(l, r)));
  };
  for (const l of lefts) {
    const found = rights.filter((r) => matches(l, r));
    if (givesPairs(kind)) for (const r of found) put(l, r);
    if (found.length > 0 ? kind === 'semi' : givesLeft(kind)) put(l, undefined);
  }
  for (const r of rights) {
    if (givesRight(kind) && !lefts.some((l) => matches(l, r))) put(undefined, r);
  }
  return rows.sort();
}

/** The table that the rows of a stream of changes describe; throws where one is taken back that is not there. */
export class ChangedTable {
  readonly #counts = new Map<string, number>();
  retractions = 0;

  apply(values: readonly Cell[]): void {
    const change = values.at(-1);
    const key = resultKey(values.slice(0, -1));
    const count = (this.#counts.get(key) ?? 0) + (change === '+I' ? 1 : -1);
    if (change !== '+I') this.retractions++;
    if (count < 0) throw new Error(`${key} is taken back and was not there`);
    this.#counts.set(key, count);
  }

  get rows(): string[] {
    return [...this.#counts].flatMap(([key, count]) => Array<string>(count).fill(key)).sort();
  }
}

/** How a script is played. */
export interface ChangePlay {
  readonly plan: OperatorPlan;
  /** Whether rows have a change column behind their values. */
  readonly changing: readonly [boolean, boolean];
  readonly latenessUs: number;
  readonly refuses: boolean;
  readonly stateLimitBytes?: number;
}

/**
 * Plays a script, and after each batch compares the table of the results with that of the tables.
 *
 * @param check - gets both
 */
export function playChanges(
  { plan, changing, latenessUs, refuses, stateLimitBytes }: ChangePlay,
  model: ChangeModel,
  steps: readonly ChangeStep[],
  check: (found: string[], wanted: string[]) => void,
): { late: number; unknown: number; retractions: number } {
  const { context, counts } = testContext({
    rowCapacity: 64,
    ...(stateLimitBytes === undefined ? {} : { stateLimitBytes }),
  });
  const kernel = createJoinKernel(plan, context);
  const out = new TestOutbox(plan.outputs, { rowCapacity: 64, heapBytes: 1 << 16, refuses });
  const batches = plan.inputs.map((input) => allocateBatch(input, 64, 1 << 16));
  const tables: [TableRow[], TableRow[]] = [[], []];
  const sources = [new BoundedDisorder(latenessUs), new BoundedDisorder(latenessUs)];
  const latest = [0, 0];
  const result = new ChangedTable();
  let seen = 0;
  let unknown = 0;
  for (let at = 0; at < steps.length;) {
    const { side } = steps[at]!;
    const rows = [];
    while (at < steps.length && steps[at]!.side === side && rows.length < 64) {
      const { values: drawn, retracts, pick, isUpdate, stepUs, ends } = steps[at++]!;
      const timeUs = latest[side]! + stepUs;
      latest[side] = Math.max(latest[side]!, timeUs);
      const lateByUs = sources[side]!.judge(timeUs);
      const table = tables[side];
      const takesBack = retracts && changing[side];
      let values = drawn;
      if (takesBack) {
        const found = pick % (table.length + 1);
        if (found === table.length) unknown++;
        values = table.splice(found, 1)[0] ?? ['no such key', ...drawn.slice(1)];
      } else {
        table.push(drawn);
      }
      const change = takesBack
        ? isUpdate
          ? '-U'
          : '-D'
        : isUpdate
          ? '+U'
          : pick % 2
            ? '+I'
            : null;
      rows.push({ values: changing[side] ? [...values, change] : values, timeUs, lateByUs });
      if (ends) break;
    }
    const batch = batches[side]!;
    fillBatch(batch, rows);
    complete(kernel, out, () => kernel.onBatch(side, batch, out));
    poisonBatch(batch);
    const { watermarkUs } = sources[side]!;
    complete(kernel, out, () => tellWatermark(kernel, side, watermarkUs, out));
    for (const event of out.events.slice(seen)) {
      if (event.kind === 'row') result.apply(event.row.values);
    }
    seen = out.events.length;
    check(result.rows, joinTables(model, tables));
  }
  return { late: counts[0]!, unknown, retractions: result.retractions };
}
