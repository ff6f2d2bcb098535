/** Where rows are shed, and at which prices, as tables. Pure. @module */

import type {
  AdmissionSample,
  EngineStats,
  SourceStats,
  TaskWork,
  WorkerPriceStats,
} from '../../index.ts';
import { formatCount, formatDuration } from './numbers.ts';
import { formatTable, type TableColumn } from './table.ts';

const GATES: readonly TableColumn[] = [
  { title: '  gate', align: 'left' },
  { title: 'mode', align: 'left' },
  { title: 'offered', align: 'right' },
  { title: 'admitted', align: 'right' },
  { title: 'value kept', align: 'right' },
  { title: 'backlog', align: 'right' },
  { title: 'threshold', align: 'left' },
];

const PRICES: readonly TableColumn[] = [
  { title: '  worker', align: 'left' },
  { title: 'mode', align: 'left' },
  { title: 'price per ms', align: 'right' },
  { title: 'backlog', align: 'right' },
  { title: 'kept', align: 'right' },
  { title: 'load', align: 'right' },
  { title: 'one more core', align: 'right' },
];

const WORK: readonly TableColumn[] = [
  { title: '  work', align: 'left' },
  { title: 'worker', align: 'right' },
  { title: 'busy', align: 'right' },
  { title: 'value lost', align: 'right' },
];

/** Thresholds of so many classes fit in a line. */
const MOST_CLASSES = 4;

/** Lines for the gates of a running engine and the prices of its workers; none if it has no gates. */
export function liveAdmissionLines({
  sources,
  prices = [],
  work = [],
}: EngineStats): readonly string[] {
  const gates = Object.entries(sources).flatMap(([name, source]) =>
    source.admission === undefined ? [] : [gateRow(name, source, prices)],
  );
  if (gates.length === 0) return [];
  return [
    ...formatTable(GATES, gates),
    ...formatTable(PRICES, prices.map(priceRow)),
    ...formatTable(WORK, workRows(work)),
  ];
}

function gateRow(
  name: string,
  { offered, admitted, admission }: SourceStats,
  prices: readonly WorkerPriceStats[],
): string[] {
  const { cells, history } = admission!;
  const now = history.at(-1);
  const behind = now?.workers.map(({ worker }) => prices[worker]!) ?? [];
  const isShedding = behind.some(({ mode }) => mode === 'shedding');
  const valueOf = (part: 'offered' | 'admitted'): number =>
    cells.reduce((sum, cell) => sum + cell[part].value, 0);
  const kept = valueOf('admitted') / valueOf('offered');
  const backlogMs = Math.max(0, ...behind.map((worker) => worker.backlogMs));
  return [
    `  ${name}`,
    isShedding ? 'shedding' : 'open',
    formatCount(offered),
    formatCount(admitted),
    Number.isFinite(kept) ? `${(100 * kept).toFixed(1)} %` : '',
    formatDuration(backlogMs),
    isShedding ? thresholdText(now) : '',
  ];
}

/** `12.5`, or by class: `gold 12.5, silver 0`. */
function thresholdText(now: AdmissionSample | undefined): string {
  const asked = now?.classes.filter(({ threshold }) => threshold > 0) ?? [];
  const texts = asked.map(({ class: name, threshold }) =>
    `${name} ${shortNumber(threshold)}`.trim(),
  );
  const more = texts.length > MOST_CLASSES ? ', …' : '';
  return texts.slice(0, MOST_CLASSES).join(', ') + more;
}

function priceRow({
  worker,
  mode,
  price,
  backlogMs,
  keptMs,
  offeredLoad,
  coreValuePerSecond,
}: WorkerPriceStats): string[] {
  return [
    `  ${worker}`,
    mode,
    shortNumber(price),
    formatDuration(backlogMs),
    formatDuration(keptMs),
    `${Math.round(100 * offeredLoad)} %`,
    `+${shortNumber(coreValuePerSecond)}/s`,
  ];
}

/** What took most of the value first. */
function workRows(work: readonly TaskWork[]): string[][] {
  const all = work.reduce((sum, { valueLost }) => sum + valueLost, 0);
  return work
    .toSorted((a, b) => b.valueLost - a.valueLost)
    .map(({ node, instance, worker, busyMs, valueLost }) => [
      work.filter((other) => other.node === node).length === 1
        ? `  ${node}`
        : `  ${node}#${instance}`,
      String(worker),
      formatDuration(busyMs),
      all > 0 ? `${shortNumber(valueLost)} (${Math.round((100 * valueLost) / all)} %)` : '0',
    ]);
}

/** Three digits that count: `0`, `0.00123`, `12.5`, `1.23e+7`. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
