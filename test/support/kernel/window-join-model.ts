/** Joins over windows, and joins without a bound, by comparing everything with everything. @module */

import type { JoinWindow } from '../../../src/core/topology/model.ts';
import type { ModelJoin, SideScript } from './join-model.ts';
import type { TestRow } from './rows.ts';

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
  for (const l of lefts) {
    for (const startUs of windowsOf(l, window)) {
      const edges = [BigInt(startUs), BigInt(startUs + window.sizeUs)];
      let found = 0;
      for (const r of rights) {
        if (!windowsOf(r, window).includes(startUs) || !matches(l.values, r.values)) continue;
        found++;
        const { timeUs, lateByUs } = time === 'left' ? l : r;
        const values = [...edges, ...select(l.values, r.values)];
        rows.push({ values, timeUs: timeUs!, lateByUs: lateByUs! });
      }
      if (kind === 'inner' || found > 0) continue;
      unmatched++;
      const values = [...edges, ...select(l.values, undefined)];
      rows.push({ values, timeUs: l.timeUs!, lateByUs: l.lateByUs! });
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
