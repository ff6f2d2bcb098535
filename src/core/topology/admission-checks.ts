/** Checks of what a source says about overload: parts that depend on each other. @module */

import { parseDurationUs } from '../units.ts';
import type { AdmissionDocument } from './document/admission.ts';
import { keysOf } from './key-order.ts';
import type { NodeReport } from './node-report.ts';

/** @param report - of the section */
export function checkAdmissionSection(admission: AdmissionDocument, report: NodeReport): void {
  const { onOverload = 'block', policy = 'value' } = admission;
  warnOfIdleParts(admission, onOverload, report);
  checkPolicy(admission, onOverload, policy, report);
  checkWindows(admission, onOverload, policy, report);
  checkSpill(admission, onOverload, report);
  checkTenants(admission, report);
  checkGraphs(admission, report);
}

/** What changes nothing beside what else is said. */
function warnOfIdleParts(
  { tenant, policy, qos }: AdmissionDocument,
  onOverload: string,
  report: NodeReport,
): void {
  if (onOverload === 'block') return;
  const isByValue = (policy ?? 'value') === 'value';
  if (tenant !== undefined && !isByValue && report.isSound('tenant')) {
    report.warn(['tenant'], `tenants have shares with the policy 'value' only`);
  }
  if (qos?.loss !== undefined && !isByValue && report.isOfKind('qos', 'loss')) {
    report.warn(['qos', 'loss'], `graphs of losses go with the policy 'value' only`);
  }
}

function checkPolicy(
  { maxRate }: AdmissionDocument,
  onOverload: string,
  policy: string,
  report: NodeReport,
): void {
  if (!report.isSound('policy') || !report.isSound('onOverload')) return;
  if (policy === 'throttle' && maxRate === undefined) {
    report.add(['policy'], `'throttle' needs 'maxRate', a number of rows per second`);
  }
  if (policy !== 'throttle' && maxRate !== undefined) {
    report.add(['maxRate'], `'maxRate' goes with the policy throttle only`);
  }
  const isShedding = onOverload === 'shed' || onOverload === 'spillThenShed';
  if (policy !== 'value' && !isShedding) {
    report.add(['policy'], `a policy says what is shed, and '${onOverload}' sheds nothing`);
  }
  if (policy === 'codel' && onOverload === 'spillThenShed') {
    report.add(['policy'], `'codel' sheds what has waited, which cannot be spilled any more`);
  }
}

function checkWindows(
  { windows, minShare }: AdmissionDocument,
  onOverload: string,
  policy: string,
  report: NodeReport,
): void {
  if (!report.isSound('windows') || !report.isSound('onOverload')) return;
  const isShedding = onOverload === 'shed' || onOverload === 'spillThenShed';
  const refuse = (message: string): void => report.add(['windows'], message);
  if (windows === 'exact' && isShedding) {
    const message = `windows are not exact behind '${onOverload}'`;
    refuse(`${message}; expected estimate or subset, or another 'onOverload'`);
  }
  if (windows === 'estimate' && onOverload === 'spillThenShed') {
    const message = `estimates are of rows that are let in by chance, and '${onOverload}' sheds what comes last`;
    refuse(`${message}; expected "onOverload": "shed"`);
  }
  if (windows !== 'subset' || !isShedding) return;
  if (onOverload === 'spillThenShed') {
    const message = `whole groups are shed as they come, and '${onOverload}' sheds what finds no room on disk`;
    refuse(`${message}; expected "onOverload": "shed"`);
  }
  if (policy !== 'value' && report.isSound('policy')) {
    const message = `'${policy}' drops single rows of groups, so that none would be whole`;
    report.add(['policy'], `${message}; expected "value"`);
  }
  if (minShare !== undefined && typeof minShare !== 'number' && report.isOfKind('minShare')) {
    const named = keysOf(minShare).find((name) => name !== 'default');
    if (named === undefined) return;
    const message = `of groups a share is kept whatever they are`;
    report.add(['minShare', named], `${message} ("windows": "subset"): expected one number`);
  }
}

function checkSpill({ spill }: AdmissionDocument, onOverload: string, report: NodeReport): void {
  if (spill === undefined || !report.isSound('onOverload')) return;
  if (onOverload === 'spill' || onOverload === 'spillThenShed') return;
  report.add(['spill'], `'spill' goes with "onOverload": "spill" or "spillThenShed" only`);
}

function checkTenants({ tenant, weights, fairness }: AdmissionDocument, report: NodeReport): void {
  if (tenant !== undefined) return;
  const message = `is about tenants, and there is no 'tenant'`;
  if (weights !== undefined) report.add(['weights'], `'weights' ${message}`);
  if (fairness !== undefined) report.add(['fairness'], `'fairness' ${message}`);
}

function checkGraphs({ qos, slo }: AdmissionDocument, report: NodeReport): void {
  if (qos === undefined || !report.isOfKind('qos')) return;
  const { latency, loss, value } = qos;
  if (latency !== undefined && report.isSound('qos', 'latency')) {
    const points = latency.map(([x, y]): Point => [parseDurationUs(x)!, y]);
    checkPoints(points, true, report, ['qos', 'latency']);
    if (slo !== undefined) {
      report.add(['slo'], `the graph of latency says the goal already: leave one of them out`);
    }
  }
  if (loss !== undefined && report.isOfKind('qos', 'loss')) {
    for (const name of keysOf(loss)) {
      if (!report.isSound('qos', 'loss', name)) continue;
      checkPoints(loss[name]!, true, report, ['qos', 'loss', name]);
    }
  }
  if (value !== undefined && report.isSound('qos', 'value')) {
    checkPoints(value, false, report, ['qos', 'value']);
  }
}

type Point = readonly [number, number];

function checkPoints(
  points: readonly Point[],
  isFalling: boolean,
  report: NodeReport,
  at: readonly string[],
): void {
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1]!, points[i]!];
    if (x1 <= x0) report.add([...at, i, 0], 'expected points from left to right');
    else if (isFalling && y1 > y0) {
      report.add([...at, i, 1], 'expected a utility that never rises');
    }
  }
}
