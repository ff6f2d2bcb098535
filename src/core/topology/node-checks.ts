/**
 * Checks of single nodes that go beyond their shape: properties that depend on each other, and
 * columns that a node names itself. What depends on expressions is the planner's business.
 *
 * A node may have parts of the wrong shape, or none where one is needed; that was reported. Each
 * check looks only at parts that are sound, so that one mistake does not hide others.
 *
 * @module
 */

import { nearestName } from '../nearest-name.ts';
import { checkAdmissionSection } from './admission-checks.ts';
import type { SinkDocument } from './document/sinks.ts';
import type { SourceDocument } from './document/sources.ts';
import { formatOf, type WithFormat } from './file-format.ts';
import { checkGenerator } from './generator-checks.ts';
import { show } from './issues.ts';
import { keysOf } from './key-order.ts';
import { checkSortKeys, type Loose, type NodeReport, someOf } from './node-report.ts';

/** A source that says what its rows are. */
type RowSource = Exclude<SourceDocument, { connector: 'metronome' }>;

/** Checks a source whose connector is known. */
export function checkSource(source: Loose<SourceDocument>, report: NodeReport): void {
  // Its rows are what they are: its shape says all.
  if (source.connector !== 'metronome') checkRowSource(source as Loose<RowSource>, report);
}

function checkRowSource(source: Loose<RowSource>, report: NodeReport): void {
  checkColumns(source.schema, report);
  checkTimeField(source, report);
  checkChangeColumn(source, report);
  if (source.admission !== undefined && report.isOfKind('admission')) {
    checkAdmissionSection(source.admission, report.below('admission'));
  }
  if (source.connector === 'file') checkFormat(source, report);
  if (source.connector === 'generator') checkGenerator(source, report);
}

/** Columns, at least one, with names. */
export function checkColumns(
  schema: Readonly<Record<string, string>> | undefined,
  report: NodeReport,
  property = 'schema',
): void {
  if (schema === undefined || !report.isOfKind(property)) return;
  const names = keysOf(schema);
  if (names.length === 0) report.add([property], 'expected at least one column');
  if (names.includes('')) report.add([property, ''], 'expected a name for the column');
}

function checkTimeField({ schema, time }: Loose<RowSource>, report: NodeReport): void {
  const field = report.isSound('time', 'field') ? time?.field : undefined;
  if (schema === undefined || field === undefined || !report.isOfKind('schema')) return;
  if (!Object.hasOwn(schema, field)) {
    const names = keysOf(schema);
    const message = `unknown column '${field}'${someOf(names)}`;
    report.add(['time', 'field'], message, nearestName(field, names));
  } else if (report.isSound('schema', field) && schema[field] !== 'timestamp') {
    const message = `expected a timestamp column; '${field}' is ${schema[field]}`;
    report.add(['time', 'field'], message);
  }
}

function checkChangeColumn({ schema, changes }: Loose<RowSource>, report: NodeReport): void {
  if (schema === undefined || changes === undefined) return;
  if (!report.isSound('changes') || !report.isOfKind('schema')) return;
  if (!Object.hasOwn(schema, changes)) {
    const names = keysOf(schema);
    const message = `unknown column '${changes}'${someOf(names)}`;
    report.add(['changes'], message, nearestName(changes, names));
  } else if (report.isSound('schema', changes) && schema[changes] !== 'string') {
    report.add(['changes'], `expected a string column; '${changes}' is ${schema[changes]}`);
  }
}

const CSV_PROPERTIES = ['delimiter', 'nullText', 'header'] as const;

/** Checks that the format is known, and that only CSV has CSV's properties. */
export function checkFormat(node: Loose<WithFormat>, report: NodeReport): void {
  if (!report.isSound('format') || !report.isSound('path')) return;
  const path = node.connector === 'file' ? node.path : undefined;
  if (node.connector === 'file' && path === undefined) return;
  const format = formatOf(node as WithFormat);
  if (format === undefined) {
    const expected = `expected csv or jsonl, as ${show(path)} does not tell`;
    report.add([], `missing property 'format'; ${expected}`);
    return;
  }
  for (const property of CSV_PROPERTIES) {
    if (format === 'csv' || node[property] === undefined) continue;
    report.add([property], `'${property}' goes with the format csv only`);
  }
  if (format === 'csv') checkNullText(node, report);
}

/** A text that no unquoted field can have would never be found again. */
function checkNullText(
  { delimiter = ',', nullText = '' }: Loose<WithFormat>,
  report: NodeReport,
): void {
  if (!report.isSound('delimiter') || !report.isSound('nullText')) return;
  if (!nullText.includes(delimiter) && !/["\r\n]/.test(nullText)) return;
  const expected = 'expected a text without quotes, line breaks and the delimiter';
  report.add(['nullText'], `${expected}, found ${show(nullText)}`);
}

/** Checks a sink whose connector is known. */
export function checkSink(sink: Loose<SinkDocument>, report: NodeReport): void {
  if (sink.connector === 'file' || sink.connector === 'stdout') checkFormat(sink, report);
  if (sink.connector === 'embedded' && sink.keep !== undefined && report.isOfKind('keep')) {
    const { rows, for: time } = sink.keep;
    if ((rows === undefined) === (time === undefined)) {
      const found = rows === undefined ? 'neither' : 'both';
      report.add(['keep'], `expected either 'rows' or 'for', found ${found}`);
    }
  }
  if (sink.connector !== 'file' || !report.isOfKind('orderBy')) return;
  checkSortKeys(sink.orderBy, report);
}
