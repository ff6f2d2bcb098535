/** What admission did, as metrics of Prometheus. Pure. @module */

import type { AdmissionCell, EngineStats } from '../../index.ts';
import { counter, gauge, type Labels, type Metric, type Sample } from './prometheus-lines.ts';

/** Parts of a cell, in the order of the ledger. */
const FATES = ['admitted', 'threshold', 'room', 'late', 'expired', 'spilled'] as const;

/** By class and tenant of sources that may shed, by worker, by operator; without samples where none may. */
export function admissionMetrics({ sources, prices = [], work = [] }: EngineStats): Metric[] {
  const cells = Object.entries(sources).flatMap(([node, { admission }]) =>
    (admission?.cells ?? []).map((cell) => ({ node, cell })),
  );
  const perFate = (part: 'rows' | 'value'): Sample[] =>
    cells.flatMap(({ node, cell }) =>
      FATES.map((fate): Sample => [{ ...labelsOf(node, cell), fate }, cell[fate][part]]),
    );
  const perWorker = (value: (of: (typeof prices)[number]) => number): Sample[] =>
    prices.map((price) => [{ worker: String(price.worker) }, value(price)]);
  return [
    // No counters: an admitted row may yet be shed.
    gauge('millrace_admission_rows', 'What became of rows by class and tenant.', perFate('rows')),
    gauge('millrace_admission_value', 'What those rows were worth.', perFate('value')),
    gauge(
      'millrace_admission_threshold',
      'What a row of a class has to be worth to be let in.',
      Object.entries(sources).flatMap(([node, { admission }]) =>
        (admission?.history.at(-1)?.classes ?? []).map((of): Sample => [
          { node, class: of.class },
          of.threshold,
        ]),
      ),
    ),
    gauge(
      'millrace_worker_price',
      "Value that a millisecond of a worker's time has to bring.",
      perWorker(({ price }) => price),
    ),
    gauge(
      'millrace_worker_backlog_seconds',
      'How long until what waits for a worker is worked off.',
      perWorker(({ backlogMs }) => backlogMs / 1000),
    ),
    gauge(
      'millrace_worker_load',
      'Seconds of work that come in a second.',
      perWorker(({ offeredLoad }) => offeredLoad),
    ),
    counter(
      'millrace_worker_core_value_total',
      'Value that one more core like the worker would have kept.',
      perWorker(({ coreValue }) => coreValue),
    ),
    counter(
      'millrace_busy_seconds_total',
      'How long tasks behind sources that may shed have worked.',
      work.map((task) => [taskLabels(task), task.busyMs / 1000]),
    ),
    gauge(
      'millrace_value_lost',
      'Value that was shed for want of time for a task.',
      work.map((task) => [taskLabels(task), task.valueLost]),
    ),
  ];
}

function labelsOf(node: string, cell: AdmissionCell): Labels {
  return { node, class: cell.class, tenant: cell.tenant };
}

function taskLabels({ node, instance }: { node: string; instance: number }): Labels {
  return { node, instance: String(instance) };
}
