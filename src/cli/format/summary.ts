/** How a run ended, for programs and for people. Pure. @module */

import type { OperatorCounts, RunSummary, SourceCounts } from '../../index.ts';
import { formatCount, formatDuration, formatRate } from './numbers.ts';
import { formatTable } from './table.ts';

/**
 * The object that `run --json` prints: exactly the documented keys, whatever else the engine
 * counts. An operator has `errors` only where rows failed, a source `replayedTwice` only where rows were.
 */
export function summaryObject(summary: RunSummary): object {
  const { name, status, seconds } = summary;
  return {
    name,
    status,
    seconds: Math.round(seconds * 1e6) / 1e6,
    sources: mapValues(summary.sources, sourceObject),
    operators: mapValues(summary.operators, operatorObject),
    sinks: mapValues(summary.sinks, ({ rows }) => ({ rows })),
  };
}

function sourceObject(counts: SourceCounts): SourceCounts {
  const { offered, admitted, shed, rejected, expired, spilled, replayedTwice } = counts;
  const ledger = { offered, admitted, shed, rejected, expired, spilled };
  return replayedTwice === undefined ? ledger : { ...ledger, replayedTwice };
}

function operatorObject({ rowsIn, rowsOut, late, errors, ...rare }: OperatorCounts): object {
  return { rowsIn, rowsOut, late, ...(errors === 0 ? {} : { errors }), ...rare };
}

/** The lines that end a run for people. */
export function summaryLines(summary: RunSummary): string[] {
  const { name, status, seconds } = summary;
  const table = formatTable(
    [
      { title: '', align: 'left' },
      { title: '', align: 'left' },
      { title: '', align: 'left' },
    ],
    [
      ...Object.entries(summary.sources).map(([node, counts]) => [
        `  ${node}`,
        'source',
        sourceText(counts, seconds),
      ]),
      ...Object.entries(summary.operators).map(([node, counts]) => [
        `  ${node}`,
        'operator',
        operatorText(counts),
      ]),
      ...Object.entries(summary.sinks).map(([node, { rows }]) => [
        `  ${node}`,
        'sink',
        rowsText(rows),
      ]),
    ],
  );
  return [`${name}: ${status} after ${formatDuration(seconds * 1000)}`, ...table.slice(1)];
}

function sourceText(counts: SourceCounts, seconds: number): string {
  const { offered, admitted, replayedTwice = 0, ...lost } = counts;
  const rate = offered > 0 && seconds > 0 ? ` (${formatRate(offered / seconds)})` : '';
  const fates = Object.entries(lost).filter(([, rows]) => rows > 0);
  const twice = replayedTwice > 0 ? `, ${formatCount(replayedTwice)} replayed twice` : '';
  if (fates.length === 0) return `${rowsText(offered)}${rate}${twice}`;
  const ledger = [['admitted', admitted] as const, ...fates];
  const text = ledger.map(([fate, rows]) => `${formatCount(rows)} ${fate}`).join(', ');
  return `${rowsText(offered)}${rate}: ${text}${twice}`;
}

function operatorText(counts: OperatorCounts): string {
  const { rowsIn, rowsOut, late, errors, evicted = 0, spilledRows = 0 } = counts;
  const rare = { late, 'in error': errors, evicted, 'of state on disk': spilledRows };
  const asides = Object.entries(rare).filter(([, rows]) => rows > 0);
  return [
    `${formatCount(rowsIn)} in`,
    `${formatCount(rowsOut)} out`,
    ...asides.map(([what, rows]) => `${formatCount(rows)} ${what}`),
  ].join(', ');
}

function rowsText(rows: number): string {
  return rows === 1 ? '1 row' : `${formatCount(rows)} rows`;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): object {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
