/**
 * Bids come at five times of what one worker can score; a line every half second says what was given up.
 *
 * `node examples/overload/start.ts [--seconds N] [--load N]`
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Millrace, type TopologyDocument } from 'millrace';
import { score } from './score.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, load: { type: 'string', default: '5' } },
});
const seconds = Number(values.seconds);
const perSecond = rowsPerSecond();
const rate = Math.round(Number(values.load) * perSecond);
console.log(`One core scores ${perSecond} bids a second; ${rate} come.\n`);

const file = fileURLToPath(new URL('topology.json', import.meta.url));
const document = JSON.parse(readFileSync(file, 'utf8')) as TopologyDocument;
Object.assign(document.sources['bids']!, { rate, count: Math.round(rate * seconds) });
document.sinks = { out: { connector: 'embedded', input: 'scored' } };

const engine = await Millrace.start(document, { workers: 1, baseDirectory: dirname(file) });
const delivered = discard();
const timer = setInterval(show, 500);
await engine.completed;
clearInterval(timer);
await delivered;
show();
summarise();

/** How many bids a core scores in a second, once it has got into its stride. */
function rowsPerSecond(): number {
  const bid = { campaign: 7, tier: 'gold', price: 2, clicks: 0.5 };
  let rows = 0;
  const startMs = performance.now();
  while (performance.now() - startMs < 300) {
    score({ ...bid, campaign: rows });
    rows++;
  }
  return Math.round((rows / (performance.now() - startMs)) * 1000);
}

async function discard(): Promise<void> {
  for await (const batch of engine.output('out')) void batch.rowCount;
}

/** A line about the whole run so far. */
function show(): void {
  const { elapsedMs, sources, prices, tasks } = engine.stats();
  const { offered, shed, expired } = sources['bids']!;
  const value = totals();
  const latency = tasks.find(({ kind }) => kind === 'sink')?.latencyUs;
  const parts = [
    `${(elapsedMs / 1000).toFixed(1).padStart(5)} s`,
    `${offered} bids`,
    `${percent(shed + expired, offered)} of them shed`,
    `${percent(value.admitted, value.offered)} of their value kept`,
    `threshold ${(prices?.[0]?.price ?? 0).toPrecision(3)} a ms`,
    `${(prices?.[0]?.backlogMs ?? 0).toFixed(0)} ms waiting`,
    ...(latency ? [`p99 ${(latency.p99 / 1000).toFixed(0)} ms`] : []),
  ];
  console.log(parts.join(', '));
}

function totals(): { offered: number; admitted: number } {
  const cells = engine.stats().sources['bids']!.admission?.cells ?? [];
  return {
    offered: cells.reduce((sum, cell) => sum + cell.offered.value, 0),
    admitted: cells.reduce((sum, cell) => sum + cell.admitted.value, 0),
  };
}

/** What each class of bids lost. */
function summarise(): void {
  console.log('\ntier      bids offered   admitted   value kept');
  for (const { class: tier, offered, admitted } of engine.stats().sources['bids']!.admission!
    .cells) {
    const columns = [
      tier.padEnd(8),
      String(offered.rows).padStart(13),
      String(admitted.rows).padStart(10),
      percent(admitted.value, offered.value).padStart(12),
    ];
    console.log(columns.join(' '));
  }
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : ((100 * part) / whole).toFixed(1)} %`;
}
