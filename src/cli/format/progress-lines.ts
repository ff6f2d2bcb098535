/** Progress of a run as lines of text. Pure. @module */

import {
  type NodeProgress,
  lostRows,
  type RunProgress,
  watermarkLagMs,
} from '../run/node-progress.ts';
import {
  formatCompact,
  formatCount,
  formatDuration,
  formatMicroseconds,
  formatRate,
} from './numbers.ts';
import { formatBar, formatTable, type TableColumn } from './table.ts';

/** How a run stands, in a word. */
export type RunState = 'running' | 'draining' | 'stopping';

/** What is said of each. */
export const STATE_TEXT: Readonly<Record<RunState, string>> = {
  running: 'running',
  draining: 'draining (a second signal stops at once)',
  stopping: 'stopping',
};

/** A progress to show. */
export interface ShownProgress {
  readonly name: string;
  readonly state: RunState;
  readonly progress: RunProgress;
  /** Rows per second of a node. */
  readonly rate: (name: string) => number;
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'node', align: 'left' },
  { title: '', align: 'left' },
  { title: 'in', align: 'right' },
  { title: 'out', align: 'right' },
  { title: 'rate', align: 'right' },
  { title: 'late', align: 'right' },
  { title: 'lost', align: 'right' },
  { title: 'behind', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'queue', align: 'left' },
];

const BAR_CELLS = 6;

/** The live table, one line per node; the first line is the title, the second the header. */
export function progressTable(shown: ShownProgress): string[] {
  const { name, state, progress } = shown;
  const rows = progress.nodes.map((node) => tableRow(node, shown));
  return [
    `${name}: ${STATE_TEXT[state]}, ${formatDuration(progress.elapsedMs)}`,
    ...formatTable(COLUMNS, rows),
  ];
}

function tableRow(node: NodeProgress, { progress, rate }: ShownProgress): string[] {
  const lag = watermarkLagMs(node, progress);
  return [
    node.name,
    node.kind,
    node.kind === 'sink' ? '' : formatCompact(node.rowsIn),
    formatCompact(node.rowsOut),
    formatRate(rate(node.name)),
    node.late === 0 ? '' : formatCompact(node.late),
    lostRows(node) === 0 ? '' : formatCompact(lostRows(node)),
    lag === undefined ? '' : formatDuration(lag),
    node.latencyUs === null ? '' : formatMicroseconds(node.latencyUs.p99),
    node.fill === undefined ? '' : `[${formatBar(node.fill, BAR_CELLS)}]`,
  ];
}

/** One line for a log: sources, arrow, sinks, and what went wrong in between. */
export function progressLine({ name, state, progress, rate }: ShownProgress): string {
  const ofKind = (kind: NodeProgress['kind'], rows: (node: NodeProgress) => number): string =>
    progress.nodes
      .filter((node) => node.kind === kind)
      .map((node) => `${node.name} ${formatCount(rows(node))} (${formatRate(rate(node.name))})`)
      .join(', ');
  const sources = ofKind('source', (node) => node.rowsIn);
  const sinks = ofKind('sink', (node) => node.rowsOut);
  const flow = [sources, sinks].filter((part) => part !== '').join(' -> ');
  const late = sum(progress.nodes, (node) => node.late);
  const lost = sum(progress.nodes, lostRows);
  const asides = [
    late === 0 ? [] : [`late ${formatCount(late)}`],
    lost === 0 ? [] : [`lost ${formatCount(lost)}`],
  ].flat();
  const head = `${name}: ${STATE_TEXT[state]}, ${formatDuration(progress.elapsedMs)}`;
  return [`${head}: ${flow}`, ...asides].join('; ');
}

function sum(nodes: readonly NodeProgress[], of: (node: NodeProgress) => number): number {
  return nodes.reduce((total, node) => total + of(node), 0);
}
