/** Checks of filters, maps and aggregates that go beyond their shape. @module */

import type { OperatorDocument } from './document/document.ts';
import { show } from './issues.ts';
import { keysOf } from './key-order.ts';
import { checkOutputNames, type Loose, type NodeReport } from './node-report.ts';
import { checkSlide } from './window-checks.ts';

type Operator<Type> = Loose<Extract<OperatorDocument, { type: Type }>>;

/** Either a condition or routes; names of routes become names of streams. */
export function checkFilter({ where, routes }: Operator<'filter'>, report: NodeReport): void {
  if ((where === undefined) === (routes === undefined)) {
    const found = where === undefined ? 'neither' : 'both';
    report.add([], `expected either 'where' or 'routes', found ${found}`);
  }
  if (routes === undefined || !report.isOfKind('routes')) return;
  const names = keysOf(routes);
  if (names.length === 0) report.add(['routes'], 'expected at least one route');
  for (const name of names) {
    if (name.trim() === '' || name.includes('.')) {
      const message = `expected a name without '.' for the output, found ${show(name)}`;
      report.add(['routes', name], message);
    }
    if (name === 'errors') {
      const message = `'errors' is the output for rows in error; expected another name`;
      report.add(['routes', name], message);
    }
  }
  const rests = names.filter((name) => routes[name] === true);
  for (const name of rests.slice(1)) {
    report.add(['routes', name], `only one route can take the rest, and '${rests[0]}' does`);
  }
}

/** `"*"` goes with true, every other column with an expression. */
export function checkMap({ select }: Operator<'map'>, report: NodeReport): void {
  if (select === undefined || !report.isOfKind('select')) return;
  const names = keysOf(select);
  if (names.length === 0) report.add(['select'], 'expected at least one column');
  for (const name of names) {
    const value = select[name];
    if (name === '') report.add(['select', name], 'expected a name for the column');
    if (!report.isSound('select', name)) continue;
    if (name === '*' && value !== true) {
      report.add(['select', name], `expected true, found ${show(value)}`);
    }
    if (name !== '*' && value === true) {
      report.add(['select', name], 'expected an expression such as "price * amount", found true');
    }
  }
}

/** Something to compute, output columns that differ, and a slide that leaves no gaps. */
export function checkAggregate(operator: Operator<'aggregate'>, report: NodeReport): void {
  const { groupBy = [], select = {}, window } = operator;
  if (!report.isSound('groupBy') || !report.isOfKind('select')) return;
  const keys = Array.isArray(groupBy) ? groupBy : keysOf(groupBy);
  const outputs = keysOf(select);
  if (keys.length === 0 && outputs.length === 0) {
    const expected = 'expected columns such as {"total": "SUM(price)"}';
    report.add([], `missing property 'select'; ${expected}`);
  }
  checkOutputNames(select, report);
  const taken = new Set(window === undefined ? [] : ['window_start', 'window_end']);
  keys.forEach((name, i) => {
    checkFree(['groupBy', Array.isArray(groupBy) ? i : name], name, taken, report);
  });
  for (const name of outputs) checkFree(['select', name], name, taken, report);
  if (operator.emit !== undefined && window !== undefined && report.isSound('emit')) {
    const message = `'emit' is for aggregates without a window: a window gives its results when it closes`;
    report.add(['emit'], `${message}; leave one of both out`);
  }
  if (report.isSound('window')) checkSlide(window, report);
}

/** An output column must not have the name of another. */
function checkFree(
  steps: readonly (string | number)[],
  name: string,
  taken: Set<string>,
  report: NodeReport,
): void {
  if (taken.has(name)) report.add(steps, `the output has another column '${name}'`);
  taken.add(name);
}

/** Windows without gaps, and an order of columns. */
export function checkTop({ orderBy, window }: Operator<'top'>, report: NodeReport): void {
  if (report.isOfKind('orderBy')) checkSortKeys(orderBy, report);
  if (window !== 'input' && report.isSound('window')) checkSlide(window, report);
}

/** A `-` needs a name behind it. */
export function checkSortKeys(keys: Operator<'top'>['orderBy'], report: NodeReport): void {
  keys?.forEach((key, i) => {
    if (key === '-') report.add(['orderBy', i], `expected the name of a column after '-'`);
  });
}
