/** A plan as text and as a Mermaid diagram. Pure. @module */

import type { EdgeDescription, PlanDescription, TaskDescription } from '../../index.ts';
import { formatBytes, formatCount } from './numbers.ts';
import { formatTable } from './table.ts';

/** The name an edge leaves its task by when a task has one output only. */
const MAIN_PORT = 'out';

const CALL = '->';
const RING = '=>';

/**
 * The plan for people: what runs on which worker, which tasks are fused into one chain of calls
 * (`->`), and which of those into one kernel, where batches cross threads (`=>`), the rings, and where tuples may be shed.
 */
export function planText(plan: PlanDescription): string {
  const bytes = plan.rings.reduce((sum, ring) => sum + ring.bytes, 0);
  const rings = `${counted(plan.rings.length, 'ring')}, ${formatBytes(bytes)}`;
  const sections = [
    [`${plan.name}: ${counted(plan.workers.length, 'worker')}, ${rings}`],
    ...plan.workers.map(({ worker, tasks }) => [`worker ${worker}`, ...taskLines(tasks, plan)]),
    ...(plan.rings.length === 0 ? [] : [['rings', ...ringLines(plan)]]),
    [`shedding: ${plan.shedding.length === 0 ? 'nowhere' : plan.shedding.join(', ')}`],
    ...(plan.warnings.length === 0 ? [] : [['warnings', ...plan.warnings.map(warningLine)]]),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function warningLine({ pointer, message }: PlanDescription['warnings'][number]): string {
  return `  ${pointer}: ${message}`;
}

function taskLines(tasks: readonly TaskDescription[], plan: PlanDescription): string[] {
  if (tasks.length === 0) return ['  nothing: it will sleep'];
  const rows = tasks.map((task) => [
    `  ${labelOf(task)}`,
    task.kind,
    outputsText(plan.edges.filter((edge) => edge.from === labelOf(task))),
  ]);
  const labels = new Set(tasks.map(labelOf));
  const kernels = plan.fused.filter(([first]) => labels.has(first!));
  const chainLines = (title: string, chains: readonly (readonly string[])[]): string[] =>
    chains.map((chain) => `  ${title}: ${chain.join(` ${CALL} `)}`);
  return [
    ...untitledTable(rows),
    ...chainLines('fused', fusedChains(tasks, plan.edges)),
    ...chainLines('one kernel', kernels),
  ];
}

function outputsText(edges: readonly EdgeDescription[]): string {
  const targets = Map.groupBy(
    edges,
    ({ port, by, keys }) => `${portPrefix(port)}${by === 'call' ? CALL : RING}${keysText(keys)}`,
  );
  return [...targets]
    .map(([how, group]) => `${how} ${group.map(({ to }) => to).join(', ')}`)
    .join('; ');
}

function portPrefix(port: string): string {
  return port === MAIN_PORT ? '' : `${port} `;
}

function keysText(keys: readonly string[]): string {
  return keys.length === 0 ? '' : ` by (${keys.join(', ')})`;
}

/**
 * Tasks that call one another in a row: each has one way out, the next has one way in. They run as
 * one.
 */
export function fusedChains(
  tasks: readonly TaskDescription[],
  edges: readonly EdgeDescription[],
): string[][] {
  const next = new Map<string, string>();
  for (const { from, to, by } of edges) {
    const waysOut = edges.filter((edge) => edge.from === from).length;
    const waysIn = edges.filter((edge) => edge.to === to).length;
    if (by === 'call' && waysOut === 1 && waysIn === 1) next.set(from, to);
  }
  const followers = new Set(next.values());
  return tasks
    .map(labelOf)
    .filter((label) => next.has(label) && !followers.has(label))
    .map((label) => chainFrom(label, next));
}

function chainFrom(first: string, next: ReadonlyMap<string, string>): string[] {
  const chain = [first];
  for (let at = next.get(first); at !== undefined; at = next.get(at)) chain.push(at);
  return chain;
}

function ringLines({ rings }: PlanDescription): string[] {
  const rows = rings.map((ring) => [
    `  ${ring.from} ${RING} ${ring.to.join(', ')}`,
    `${counted(ring.slots, 'slot')} of ${counted(ring.rowsPerSlot, 'row')}`,
    formatBytes(ring.bytes),
  ]);
  return untitledTable(rows);
}

/** The plan as a Mermaid flowchart: a box per worker, a thick arrow per ring. */
export function planMermaid(plan: PlanDescription): string {
  const ids = new Map<string, string>();
  const idOf = (label: string): string => {
    const known = ids.get(label) ?? `t${ids.size}`;
    ids.set(label, known);
    return known;
  };
  const lines = ['flowchart LR'];
  for (const { worker, tasks } of plan.workers) {
    lines.push(`  subgraph worker_${worker} ["worker ${worker}"]`);
    for (const task of tasks) {
      const label = labelOf(task);
      lines.push(`    ${idOf(label)}["${quoted(label)}<br/>${quoted(task.kind)}"]`);
    }
    lines.push('  end');
  }
  // The far end of a ring to the embedding program is on no worker.
  const outside = plan.edges.map(({ to }) => to).filter((label) => !ids.has(label));
  for (const label of new Set(outside)) lines.push(`  ${idOf(label)}(["${quoted(label)}"])`);
  for (const edge of plan.edges) lines.push(`  ${mermaidArrow(edge, idOf)}`);
  return `${lines.join('\n')}\n`;
}

function mermaidArrow(edge: EdgeDescription, idOf: (label: string) => string): string {
  const { from, to, port, by, keys } = edge;
  const text = `${portPrefix(port).trim()}${keysText(keys)}`.trim();
  const label = text === '' ? '' : `|"${quoted(text)}"|`;
  return `${idOf(from)} ${by === 'call' ? '-->' : '==>'}${label} ${idOf(to)}`;
}

function quoted(text: string): string {
  return text.replace(/[#"<>&]/g, (character) => `#${character.charCodeAt(0)};`);
}

/** As edges and rings name it: `per_ad`, `per_ad#1`, `per_ad.local#1`. */
function labelOf({ node, stage, instance, instances }: TaskDescription): string {
  const name = stage === 'local' ? `${node}.local` : node;
  return instances === 1 ? name : `${name}#${instance}`;
}

function untitledTable(rows: readonly (readonly string[])[]): string[] {
  const columns = Array.from({ length: 3 }, () => ({ title: '', align: 'left' as const }));
  return formatTable(columns, rows).slice(1);
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
