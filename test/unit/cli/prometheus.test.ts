import { expect, test } from 'vitest';
import { prometheusText } from '../../../src/cli/format/prometheus.ts';
import { ledger, sampleStats, task } from './support.ts';

test('all metrics of a run', () => {
  expect(prometheusText('ad-ctr', sampleStats())).toBe(`\
# HELP millrace_run_seconds How long the run has lasted.
# TYPE millrace_run_seconds gauge
millrace_run_seconds{topology="ad-ctr"} 12.345
# HELP millrace_rows_total Rows into and out of each node.
# TYPE millrace_rows_total counter
millrace_rows_total{node="clicks",direction="in"} 1234567
millrace_rows_total{node="clicks",direction="out"} 1234560
millrace_rows_total{node="per_ad",direction="in"} 1234000
millrace_rows_total{node="per_ad",direction="out"} 22
millrace_rows_total{node="out",direction="in"} 22
millrace_rows_total{node="out",direction="out"} 22
# HELP millrace_source_rows What became of the rows offered to each source.
# TYPE millrace_source_rows gauge
millrace_source_rows{node="clicks",fate="offered"} 1234567
millrace_source_rows{node="clicks",fate="admitted"} 1234560
millrace_source_rows{node="clicks",fate="shed"} 0
millrace_source_rows{node="clicks",fate="rejected"} 7
millrace_source_rows{node="clicks",fate="expired"} 0
millrace_source_rows{node="clicks",fate="spilled"} 0
# HELP millrace_late_rows_total Rows too late for any window.
# TYPE millrace_late_rows_total counter
millrace_late_rows_total{node="clicks"} 0
millrace_late_rows_total{node="per_ad"} 3
millrace_late_rows_total{node="out"} 0
# HELP millrace_error_rows_total Rows on which an expression failed.
# TYPE millrace_error_rows_total counter
millrace_error_rows_total{node="clicks"} 0
millrace_error_rows_total{node="per_ad"} 2
millrace_error_rows_total{node="out"} 0
# HELP millrace_state_bytes Bytes of memory that the state of a node takes.
# TYPE millrace_state_bytes gauge
millrace_state_bytes{node="clicks"} 0
millrace_state_bytes{node="per_ad"} 0
millrace_state_bytes{node="out"} 0
# HELP millrace_state_evicted_rows_total Rows of state that were forgotten at its limit.
# TYPE millrace_state_evicted_rows_total counter
millrace_state_evicted_rows_total{node="clicks"} 0
millrace_state_evicted_rows_total{node="per_ad"} 0
millrace_state_evicted_rows_total{node="out"} 0
# HELP millrace_state_spilled_bytes_total Bytes of state that were written to disk at its limit.
# TYPE millrace_state_spilled_bytes_total counter
millrace_state_spilled_bytes_total{node="clicks"} 0
millrace_state_spilled_bytes_total{node="per_ad"} 0
millrace_state_spilled_bytes_total{node="out"} 0
# HELP millrace_batches_total Batches that each node has handled.
# TYPE millrace_batches_total counter
millrace_batches_total{node="clicks"} 1300
millrace_batches_total{node="per_ad"} 1300
millrace_batches_total{node="out"} 2
# HELP millrace_watermark_seconds Event time up to which a node has seen all rows.
# TYPE millrace_watermark_seconds gauge
millrace_watermark_seconds{node="clicks"} 60
millrace_watermark_seconds{node="per_ad"} 58.5
# HELP millrace_latency_seconds Time from the entry of rows to their delivery, over the whole run.
# TYPE millrace_latency_seconds gauge
millrace_latency_seconds{node="out",quantile="0.5"} 0.00085
millrace_latency_seconds{node="out",quantile="0.99"} 0.0123
millrace_latency_seconds{node="out",quantile="0.999"} 0.02
millrace_latency_seconds{node="out",quantile="0.9999"} 0.024
millrace_latency_seconds{node="out",quantile="1"} 0.025
# HELP millrace_ring_slots Batches that fit in each ring.
# TYPE millrace_ring_slots gauge
millrace_ring_slots{ring="0",from="clicks",to="per_ad"} 16
millrace_ring_slots{ring="1",from="clicks",to="per_ad"} 16
# HELP millrace_ring_used_slots Batches that lie in each ring.
# TYPE millrace_ring_used_slots gauge
millrace_ring_used_slots{ring="0",from="clicks",to="per_ad"} 4
millrace_ring_used_slots{ring="1",from="clicks",to="per_ad"} 12
`);
});

test('names are escaped, infinity has its own spelling, empty metrics are left out', () => {
  const text = prometheusText('q"\\\n', {
    elapsedMs: 0,
    sources: {},
    tasks: [task({ node: 'a', kind: 'operator', watermarkMs: Infinity })],
    clockMs: 0,
    edges: [],
    rings: [],
  });
  expect(text).toContain('millrace_run_seconds{topology="q\\"\\\\\\n"} 0\n');
  expect(text).toContain('millrace_watermark_seconds{node="a"} +Inf\n');
  expect(text).not.toMatch(/ring_slots|source_rows/);
});

test('what admission did, by class, worker and task', () => {
  const none = { rows: 0, value: 0 };
  const cell = {
    class: 'gold',
    tenant: 'a',
    offered: { rows: 10, value: 50 },
    admitted: { rows: 7, value: 45 },
    threshold: { rows: 2, value: 3.5 },
    room: none,
    late: none,
    expired: { rows: 1, value: 1.5 },
    spilled: none,
  };
  const classes = [{ class: 'gold', threshold: 2.5, offered: none, admitted: none, shed: none }];
  const history = [{ elapsedMs: 1, mode: 'shedding' as const, classes, workers: [] }];
  const text = prometheusText('t', {
    ...sampleStats(),
    sources: {
      clicks: { ...ledger({ offered: 10, shed: 2 }), admission: { cells: [cell], history } },
    },
    prices: [
      {
        worker: 1,
        price: 4,
        mode: 'shedding',
        backlogMs: 35,
        keptMs: 30,
        offeredLoad: 5,
        capacity: 1,
        epoch: 9,
        opened: 1,
        coreValuePerSecond: 100,
        coreValue: 250,
      },
    ],
    work: [{ node: 'per_ad', instance: 0, worker: 1, busyMs: 1500, valueLost: 5 }],
  });
  const gold = 'node="clicks",class="gold",tenant="a"';
  for (const line of [
    'millrace_source_rows{node="clicks",fate="shed"} 2',
    `millrace_admission_rows{${gold},fate="admitted"} 7`,
    `millrace_admission_rows{${gold},fate="threshold"} 2`,
    `millrace_admission_value{${gold},fate="expired"} 1.5`,
    'millrace_admission_threshold{node="clicks",class="gold"} 2.5',
    'millrace_worker_price{worker="1"} 4',
    'millrace_worker_backlog_seconds{worker="1"} 0.035',
    'millrace_worker_load{worker="1"} 5',
    'millrace_worker_core_value_total{worker="1"} 250',
    'millrace_busy_seconds_total{node="per_ad",instance="0"} 1.5',
    'millrace_value_lost{node="per_ad",instance="0"} 5',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  expect(text).not.toContain('object');
});
