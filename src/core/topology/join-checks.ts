/** Checks of joins that go beyond their shape. @module */

import { parseDurationUs } from '../units.ts';
import type { OperatorDocument } from './document/document.ts';
import { keysOf } from './key-order.ts';
import { checkOutputNames, type Loose, type NodeReport } from './node-report.ts';
import { checkSlide } from './window-checks.ts';

type Join = Loose<Extract<OperatorDocument, { type: 'join' }>>;

/** Each window of a row in a left join has a bit of a word. */
const MOST_WINDOWS_OF_LEFT_JOIN = 32;

/** One bound in time at most, and without one nothing that would need it. */
export function checkJoin(join: Join, report: NodeReport): void {
  const { within, window, select } = join;
  checkOutputNames(select, report);
  checkBroadcast(join, report);
  if (within !== undefined && window !== undefined) {
    report.add(['window'], `expected either 'within' or 'window', found both`);
  } else if (window !== undefined) {
    checkWindow(join, report);
  } else if (within === undefined) {
    checkUnbounded(join, report);
  }
}

function checkBroadcast({ kind, broadcast, parallel }: Join, report: NodeReport): void {
  if (broadcast === undefined || !report.isSound('broadcast')) return;
  if (kind === 'left' && broadcast === 'left') {
    const message = 'each task would give a left row that finds no match in its share of the right';
    report.add(['broadcast'], `${message}: a left join can only have "broadcast": "right"`);
  }
  if (parallel === undefined) return;
  report.add(
    ['parallel'],
    "a join with 'broadcast' has as many tasks as its other input: leave 'parallel' out",
  );
}

function checkWindow({ kind, window, select }: Join, report: NodeReport): void {
  if (select !== undefined && report.isOfKind('select')) {
    for (const name of keysOf(select)) {
      if (name !== 'window_start' && name !== 'window_end') continue;
      const message = `the output has another column '${name}', that of the window`;
      report.add(['select', name], `${message}; leave it out, or give it another name`);
    }
  }
  if (!report.isSound('window')) return;
  checkSlide(window, report);
  if (window?.time === 'processing') {
    const message = 'windows of a join go by event time: which rows meet must not depend on when';
    report.add(['window', 'time'], `${message} they arrive`);
  }
  if (kind !== 'left' || window?.type !== 'hopping') return;
  const [sizeUs, slideUs] = [parseDurationUs(window.size), parseDurationUs(window.slide)];
  if (sizeUs === undefined || slideUs === undefined) return;
  const windows = Math.ceil(sizeUs / slideUs);
  if (windows <= MOST_WINDOWS_OF_LEFT_JOIN) return;
  const expected = `expected at most ${MOST_WINDOWS_OF_LEFT_JOIN} windows for a row of a left join`;
  report.add(['window', 'slide'], `${expected}, found ${windows}`);
}

function checkUnbounded({ kind, time }: Join, report: NodeReport): void {
  const unbounded = "a join without 'within' or 'window'";
  if (kind !== undefined && kind !== 'inner' && report.isSound('kind')) {
    const message = `${unbounded} keeps looking for matches for ever, so it can only be inner`;
    report.add(['kind'], `${message}: bound it, or leave 'kind' out`);
  }
  if (time !== undefined && report.isSound('time')) {
    report.add(['time'], `${unbounded} gives a row the later of both times: leave 'time' out`);
  }
  const message = `${unbounded} keeps all rows of both inputs as long as it runs`;
  report.warn([], `${message}: its state grows up to the limit, where the run fails`);
}
