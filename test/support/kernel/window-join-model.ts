/** Joins over windows, and joins without a bound, by comparing everything with everything. @module */

import type { JoinWindow } from '../../../src/core/topology/model.ts';
import type { ModelJoin, SideScript } from './join-model.ts';
import { givesLeft, givesPairs, givesRight } from './join-model.ts';
import type { Cell, TestRow } from './rows.ts';

type Modelled = Pick<ModelJoin, 'kind' | 'time' | 'matches' | 'select'>;

interface ModelResult {
  readonly rows: TestRow[];
  readonly late: number;
  readonly unmatched: number;
}

/** Where a row's source stood when it gave the row, if it is late; else nowhere. */
function sourceWatermark(row: TestRow): number {
  return row.lateByUs! > 0 ? row.timeUs! + row.lateByUs! : -Infinity;
}

const rowsOf = (script: SideScript): TestRow[] =>
  script.flatMap((step) => ('row' in step ? [step.row] : []));

/** Beginnings of the windows that a row counts in: it lies in them, and its source had them open. */
export function windowsOf(row: TestRow, window: JoinWindow): number[] {
  const { sizeUs, offsetUs } = window;
  const slideUs = window.kind === 'hopping' ? window.slideUs : sizeUs;
  const timeUs = row.timeUs!;
  const found: number[] = [];
  // From a beginning that is certainly too early, to one that is certainly too late.
  const before = Math.floor((timeUs - offsetUs - sizeUs) / slideUs) - 1;
  for (let startUs = before * slideUs + offsetUs; startUs <= timeUs; startUs += slideUs) {
    if (timeUs >= startUs + sizeUs || sourceWatermark(row) >= startUs + sizeUs) continue;
    found.push(startUs);
  }
  return found;
}

/** Joins rows that lie in the same window, once for each window. */
export function modelWindowJoin(
  join: Modelled,
  window: JoinWindow,
  [left, right]: readonly [SideScript, SideScript],
): ModelResult {
  const { kind, time, matches, select } = join;
  const [lefts, rights] = [rowsOf(left), rowsOf(right)];
  const rows: TestRow[] = [];
  let unmatched = 0;
  const edgesOf = (startUs: number): Cell[] => [BigInt(startUs), BigInt(startUs + window.sizeUs)];
  const put = (startUs: number, { timeUs, lateByUs }: TestRow, values: readonly Cell[]): void => {
    rows.push({ values: [...edgesOf(startUs), ...values], timeUs: timeUs!, lateByUs: lateByUs! });
  };
  const areMatched = (l: TestRow, r: TestRow, startUs: number): boolean =>
    windowsOf(l, window).includes(startUs) &&
    windowsOf(r, window).includes(startUs) &&
    matches(l.values, r.values);
  for (const l of lefts) {
    for (const startUs of windowsOf(l, window)) {
      const found = rights.filter((r) => areMatched(l, r, startUs));
      if (givesPairs(kind)) {
        for (const r of found) put(startUs, time === 'left' ? l : r, select(l.values, r.values));
      }
      if (found.length === 0) unmatched++;
      const isWanted = found.length > 0 ? kind === 'semi' : givesLeft(kind);
      if (isWanted) put(startUs, l, select(l.values, undefined));
    }
  }
  for (const r of givesRight(kind) ? rights : []) {
    for (const startUs of windowsOf(r, window)) {
      if (!lefts.some((l) => areMatched(l, r, startUs))) {
        put(startUs, r, select(undefined, r.values));
      }
    }
  }
  const late = [...lefts, ...rights].filter((row) => windowsOf(row, window).length === 0).length;
  return { rows, late, unmatched };
}

/** Joins all rows; the time of a pair is the later of both. */
export function modelUnboundedJoin(
  { matches, select }: Modelled,
  [left, right]: readonly [SideScript, SideScript],
): ModelResult {
  const rows: TestRow[] = [];
  for (const l of rowsOf(left)) {
    for (const r of rowsOf(right)) {
      if (!matches(l.values, r.values)) continue;
      const values = select(l.values, r.values);
      if (l.timeUs === undefined || r.timeUs === undefined) {
        rows.push({ values });
        continue;
      }
      const timeUs = Math.max(l.timeUs, r.timeUs);
      const watermarkUs = Math.max(sourceWatermark(l), sourceWatermark(r));
      rows.push({ values, timeUs, lateByUs: Math.max(0, watermarkUs - timeUs) });
    }
  }
  return { rows, late: 0, unmatched: 0 };
}
