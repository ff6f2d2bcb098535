/** What can be seen of shedding: the history, the live plan, the stream of what was shed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { livePlanText } from '../../src/cli/format/live-plan.ts';
import { runProgram } from '../../src/cli/program.ts';
import { type EngineStats, Millrace, type PlanDescription } from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';
import { FakeWorld } from '../unit/cli/support.ts';

const ROW_MS = 0.5;
const COUNT = 4000;
const schema = { id: 'int64', bid: 'float64', tier: 'string' };
const workspace = new Workspace();

beforeAll(() => {
  workspace.write(
    'burn.js',
    `export function burn(row) {
      const endMs = performance.now() + ${ROW_MS};
      while (performance.now() < endMs);
      return row;
    }`,
  );
});
afterAll(() => workspace[Symbol.dispose]());

/** Bids at five times what the operator can do. */
function topology(): object {
  return {
    version: 1,
    name: 'overload',
    sources: {
      bids: {
        connector: 'generator',
        count: COUNT,
        rate: 5000 / ROW_MS,
        schema,
        fields: {
          id: { sequence: {} },
          bid: { uniform: [0, 100] },
          tier: { choice: ['gold', 'silver'], weights: [1, 3] },
        },
        admission: { value: 'bid', class: 'tier', slo: '40ms', onOverload: 'shed' },
      },
    },
    operators: {
      slow: { type: 'module', input: 'bids', module: './burn.js', export: 'burn', schema },
    },
    sinks: { out: { connector: 'file', input: 'slow', path: 'out.csv' } },
  };
}

/** Sums of the history are those of the ledger: the run is shorter than what is kept. */
function expectHistory({ sources }: EngineStats): void {
  const { cells, history } = sources['bids']!.admission!;
  for (const cell of cells) {
    const own = history.flatMap(({ classes }) => classes.filter((c) => c.class === cell.class));
    for (const part of ['rows', 'value'] as const) {
      const sum = (of: 'offered' | 'admitted' | 'shed'): number =>
        own.reduce((total, sample) => total + sample[of][part], 0);
      expect(sum('offered')).toBeCloseTo(cell.offered[part], 6);
      expect(sum('admitted')).toBeCloseTo(cell.admitted[part], 6);
      expect(sum('offered') - sum('admitted')).toBeCloseTo(sum('shed'), 6);
    }
  }
  const times = history.map(({ elapsedMs }) => elapsedMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const { mode, classes } of history) {
    if (mode === 'open') expect(classes.every(({ threshold }) => threshold === 0)).toBe(true);
  }
}

test('the history adds up to the ledger, whenever it was sampled', async () => {
  await using engine = await Millrace.start(topology(), {
    baseDirectory: workspace.directory,
    workers: 1,
  });
  await engine.completed;
  const stats = engine.stats();
  expectHistory(stats);
  const { history } = stats.sources['bids']!.admission!;
  expect(history.at(-1)!.workers.map(({ worker }) => worker)).toEqual([0]);
  expect(stats.sources['bids']!.shed).toBeGreaterThan(0);
});

test('explain --live shows gates and prices, as text and as a JSON object a line', async () => {
  const file = workspace.write('t.json', JSON.stringify(topology()));
  const world = new FakeWorld();
  const args = ['explain', file, '--live', '--workers', '1', '--format', 'json'];
  expect(await runProgram(args, world)).toBe(0);
  const lines = world.stdout.text.trimEnd().split('\n');
  const [plan, ...rest] = lines.map((line) => JSON.parse(line) as unknown);
  expect((plan as PlanDescription).shedding).toEqual(['bids']);
  const last = rest.at(-1) as EngineStats;
  expect(last.sources['bids']!.offered).toBe(COUNT);
  expectHistory(last);
  expect(last.prices![0]!.opened).toBeGreaterThan(0);
  const text = livePlanText('overload', last);
  expect(text).toMatch(/^ {2}gate +mode +offered +admitted +value kept +backlog/m);
  expect(text).toMatch(/^ {2}bids +(open|shedding) +4,000 +[\d,]+ +\d+[.]\d % /m);
  expect(text).toMatch(/^ {2}worker +mode +price per ms/m);
});
