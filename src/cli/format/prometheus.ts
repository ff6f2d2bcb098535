/** Progress of a run in the text format of Prometheus, version 0.0.4. Pure. @module */

import type { EngineStats, RingStats } from '../../index.ts';
import { admissionMetrics } from './prometheus-admission.ts';
import { counter, gauge, type Metric, metricLines, type Sample } from './prometheus-lines.ts';
import { type NodeProgress, progressOf } from '../run/node-progress.ts';

/** The `Content-Type` of {@link prometheusText}. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const FATES = ['offered', 'admitted', 'shed', 'rejected', 'expired', 'spilled'] as const;

const QUANTILES = [
  ['0.5', 'p50'],
  ['0.99', 'p99'],
  ['0.999', 'p999'],
  ['0.9999', 'p9999'],
  ['1', 'max'],
] as const;

/** All metrics of a run, one node and one ring after the other. */
export function prometheusText(topology: string, stats: EngineStats): string {
  const { nodes } = progressOf(stats);
  const run = gauge('millrace_run_seconds', 'How long the run has lasted.', [
    [{ topology }, stats.elapsedMs / 1000],
  ]);
  const metrics = [
    run,
    ...rowMetrics(nodes),
    ...timeMetrics(nodes),
    ...ringMetrics(stats),
    ...admissionMetrics(stats),
  ];
  return `${metrics.flatMap(metricLines).join('\n')}\n`;
}

function rowMetrics(nodes: readonly NodeProgress[]): Metric[] {
  const perNode = (rows: (node: NodeProgress) => number): Sample[] =>
    nodes.map((node) => [{ node: node.name }, rows(node)]);
  return [
    counter(
      'millrace_rows_total',
      'Rows into and out of each node.',
      nodes.flatMap((node): Sample[] => [
        [{ node: node.name, direction: 'in' }, node.rowsIn],
        [{ node: node.name, direction: 'out' }, node.rowsOut],
      ]),
    ),
    // No counters: a spilled row is admitted when it is replayed, an admitted one may yet be shed.
    gauge(
      'millrace_source_rows',
      'What became of the rows offered to each source.',
      nodes.flatMap(({ name, source }) =>
        FATES.flatMap((fate): Sample[] =>
          source === undefined ? [] : [[{ node: name, fate }, source[fate]]],
        ),
      ),
    ),
    counter(
      'millrace_replayed_twice_rows_total',
      'Rows that came from disk though an earlier run had begun to hand them on.',
      nodes.flatMap(({ name, source }): Sample[] =>
        source?.replayedTwice === undefined ? [] : [[{ node: name }, source.replayedTwice]],
      ),
    ),
    counter(
      'millrace_late_rows_total',
      'Rows too late for any window.',
      perNode(({ late }) => late),
    ),
    counter(
      'millrace_error_rows_total',
      'Rows on which an expression failed.',
      perNode(({ errors }) => errors),
    ),
    gauge(
      'millrace_state_bytes',
      'Bytes of memory that the state of a node takes.',
      perNode(({ stateBytes }) => stateBytes),
    ),
    counter(
      'millrace_state_evicted_rows_total',
      'Rows of state that were forgotten at its limit.',
      perNode(({ evicted }) => evicted),
    ),
    counter(
      'millrace_state_spilled_bytes_total',
      'Bytes of state that were written to disk at its limit.',
      perNode(({ spilledBytes }) => spilledBytes),
    ),
    counter(
      'millrace_batches_total',
      'Batches that each node has handled.',
      perNode(({ batches }) => batches),
    ),
  ];
}

function timeMetrics(nodes: readonly NodeProgress[]): Metric[] {
  return [
    gauge(
      'millrace_watermark_seconds',
      'Event time up to which a node has seen all rows.',
      nodes.flatMap(({ name, watermarkMs }): Sample[] =>
        watermarkMs === null ? [] : [[{ node: name }, watermarkMs / 1000]],
      ),
    ),
    gauge(
      'millrace_latency_seconds',
      'Time from the entry of rows to their delivery, over the whole run.',
      nodes.flatMap(({ name, latencyUs }) =>
        QUANTILES.flatMap(([quantile, key]): Sample[] =>
          latencyUs === null ? [] : [[{ node: name, quantile }, latencyUs[key] / 1e6]],
        ),
      ),
    ),
  ];
}

function ringMetrics({ rings }: EngineStats): Metric[] {
  const perRing = (slots: (ring: RingStats) => number): Sample[] =>
    rings.map((ring, index) => [
      { ring: String(index), from: ring.from, to: ring.to.join(',') },
      slots(ring),
    ]);
  return [
    gauge(
      'millrace_ring_slots',
      'Batches that fit in each ring.',
      perRing(({ slots }) => slots),
    ),
    gauge(
      'millrace_ring_used_slots',
      'Batches that lie in each ring.',
      perRing(({ usedSlots }) => usedSlots),
    ),
  ];
}
