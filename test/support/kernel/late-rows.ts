/** Scripts of rows that two sources of one input have judged late or not. */

import { BoundedDisorder, WatermarkMerge } from '../../../src/core/time.ts';
import type { Step } from './run-kernel.ts';
import type { TestRow } from './rows.ts';

/** A row of one of two sources, some time after the latest one of that source. */
export interface SourceRow {
  readonly source: number;
  readonly stepUs: number;
  readonly values: TestRow['values'];
}

/** Rows flagged late by their sources, with merged watermarks between them. */
export function lateRowsScript(rows: readonly SourceRow[], latenessUs: number): Step[] {
  const sources = [new BoundedDisorder(latenessUs), new BoundedDisorder(latenessUs + 9)];
  const latest = [0, 0];
  const merge = new WatermarkMerge(2);
  const script: Step[] = [];
  rows.forEach(({ source, stepUs, values }, i) => {
    const timeUs = latest[source]! + stepUs;
    latest[source] = Math.max(latest[source]!, timeUs);
    const lateByUs = sources[source]!.judge(timeUs);
    script.push({ port: 0, row: { values, timeUs, lateByUs } });
    const rose = merge.update(source, sources[source]!.watermarkUs);
    if (rose && i % 3 === 0) script.push({ port: 0, watermarkUs: merge.mergedUs });
  });
  return script;
}
