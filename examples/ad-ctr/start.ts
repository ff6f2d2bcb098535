/**
 * Runs `topology.json` for some 15 seconds, with a live table of its results, and ends with the ten
 * advertisements that are clicked most.
 *
 * `node examples/ad-ctr/start.ts [--minutes N]`: of the stream, 18 by default. Ctrl-C ends the run early.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Millrace, type TopologyDocument } from 'millrace';
import { type Ad, LiveView } from './live-view.ts';

const MINUTES = 18;
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: `${MINUTES}` } },
});
const topology = load(new URL('topology.json', import.meta.url), Number(values.minutes));
const engine = await Millrace.start(topology, { workers: 2 });
const view = new LiveView(engine);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void engine.drain());

const [, totals] = await Promise.all([showMinutes(), engine.output('total').rows()]);
view.finish(totals as unknown as Ad[], await engine.completed);

async function showMinutes(): Promise<void> {
  for await (const batch of engine.output('minutes')) {
    for (const row of batch) view.add(row as unknown as Ad & { window_start: number });
  }
}

/** The topology of the command line, its files replaced by outputs that this program reads. */
function load(file: URL, minutes: number): TopologyDocument {
  const document = JSON.parse(readFileSync(file, 'utf8'));
  for (const source of Object.values<{ count: number }>(document.sources)) {
    source.count = (source.count / MINUTES) * minutes;
  }
  document.sinks = {
    minutes: { connector: 'embedded', input: 'ctr_per_minute' },
    total: { connector: 'embedded', input: 'ctr_in_all' },
  };
  document.engine.int64 = 'number';
  return document as TopologyDocument;
}
