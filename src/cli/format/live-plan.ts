/** A plan with the figures of its run as text. Pure. @module */

import type { EdgeStats, EngineStats, TaskStats } from '../../index.ts';
import { liveAdmissionLines } from './live-admission.ts';
import { formatCount, formatDuration, formatRate } from './numbers.ts';
import { formatTable, type TableColumn } from './table.ts';

const TASKS: readonly TableColumn[] = [
  { title: '  task', align: 'left' },
  { title: 'worker', align: 'right' },
  { title: 'in', align: 'right' },
  { title: 'out', align: 'right' },
  { title: 'rate', align: 'right' },
  { title: 'watermark', align: 'left' },
  { title: 'lag', align: 'right' },
  { title: 'state', align: 'left' },
];

const EDGES: readonly TableColumn[] = [
  { title: '  edge', align: 'left' },
  { title: 'rows', align: 'right' },
  { title: 'watermark', align: 'left' },
  { title: 'lag', align: 'right' },
  { title: 'state', align: 'left' },
  { title: 'queue', align: 'right' },
];

/** The tasks and connections of a running engine, with watermark, lag and state; where it sheds, and why. */
export function livePlanText(name: string, stats: EngineStats): string {
  const parts = Map.groupBy(stats.tasks, ({ node, stage }) => `${stage} ${node}`);
  const isOne = ({ node, stage }: TaskStats): boolean =>
    parts.get(`${stage} ${node}`)?.length === 1;
  const lines = [
    `${name}: ${formatDuration(stats.elapsedMs)}, clock ${new Date(stats.clockMs).toISOString()}`,
    ...formatTable(
      TASKS,
      stats.tasks.map((task) => taskRow(task, isOne(task))),
    ),
    ...(stats.edges.length === 0 ? [] : formatTable(EDGES, stats.edges.map(edgeRow))),
    ...liveAdmissionLines(stats),
  ];
  return `${lines.join('\n')}\n\n`;
}

/** @param isOne - it is the only task of its node and stage: then it needs no number */
function taskRow(task: TaskStats, isOne: boolean): string[] {
  const { node, stage, instance, worker } = task;
  return [
    `  ${node}${stage === 'local' ? '.local' : ''}${isOne ? '' : `#${instance}`}`,
    String(worker),
    formatCount(task.rowsIn),
    formatCount(task.rowsOut),
    formatRate(task.rowsPerSecond),
    ...timeCells(task),
    task.state,
  ];
}

function edgeRow(edge: EdgeStats): string[] {
  const { from, port, to, by, slots, usedSlots } = edge;
  const output = port === 'out' ? from : `${from} ${port}`;
  return [
    `  ${output} ${by === 'call' ? '->' : '=>'} ${to}`,
    formatCount(edge.rows),
    ...timeCells(edge),
    edge.state,
    slots === null || usedSlots === null ? '' : `${usedSlots}/${slots}`,
  ];
}

/** Most of the time lags are of the past; rows from the future make them negative. */
function timeCells({ watermarkMs, lagMs }: Pick<EdgeStats, 'watermarkMs' | 'lagMs'>): string[] {
  const lag = lagMs === null ? '' : `${lagMs < 0 ? '-' : ''}${formatDuration(Math.abs(lagMs))}`;
  if (watermarkMs === null) return ['none', lag];
  const isTime = Math.abs(watermarkMs) <= LATEST_MS;
  return [isTime ? new Date(watermarkMs).toISOString() : 'no limit', lag];
}

/** What a `Date` can say. */
const LATEST_MS = 8.64e15;
