/** What can be seen of shedding: the history, the live plan, the stream of what was shed. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { livePlanText } from '../../src/cli/format/live-plan.ts';
import { runProgram } from '../../src/cli/program.ts';
import {
  type EngineStats,
  Millrace,
  type PlanDescription,
  validateTopology,
} from '../../src/index.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';
import { writeSlow } from '../support/slow-rows.ts';
import { until } from '../support/until.ts';
import { FakeWorld } from '../unit/cli/support.ts';

const ROW_MS = 0.5;
const COUNT = 4000;
const FEW = [{ pointer: '/sources/bids/count', valueText: '50' }];
const schema = { id: 'int64', bid: 'float64', tier: 'string' };
const workspace = new Workspace();

beforeAll(() => {
  writeSlow(workspace, 'burn.js', { much: 0.8 * ROW_MS, little: 0.2 * ROW_MS });
});
afterAll(() => workspace[Symbol.dispose]());

/** Bids at five times what the operator can do. */
function topology(more: { readonly sinks?: object; readonly admission?: object } = {}): object {
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
        admission: {
          value: 'bid',
          class: 'tier',
          slo: '40ms',
          onOverload: 'shed',
          ...more.admission,
        },
      },
    },
    operators: {
      slow: { type: 'module', input: 'bids', module: './burn.js', export: 'much', schema },
      quick: { type: 'module', input: 'slow', module: './burn.js', export: 'little', schema },
    },
    sinks: { out: { connector: 'file', input: 'quick', path: 'out.csv' }, ...more.sinks },
  };
}

/** Where all rows come at once they may all be too late. */
function givenUp({ sources }: EngineStats): number {
  return sources['bids']!.shed + sources['bids']!.expired;
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
  expect(givenUp(stats)).toBeGreaterThan(0);
  expectHints(stats);
});

/** What was lost is dealt out to operators by their work, and is about what another core would have kept. */
function expectHints({ sources, work, prices }: EngineStats): void {
  const { cells } = sources['bids']!.admission!;
  const lost = cells.reduce((sum, cell) => sum + cell.offered.value - cell.admitted.value, 0);
  const [slow, quick, out] = work!;
  expect([slow!.node, quick!.node, out!.node]).toEqual(['slow', 'quick', 'out']);
  expect(slow!.valueLost + quick!.valueLost + out!.valueLost).toBeCloseTo(lost, 6);
  // Four times the work, but for what a busy machine takes from either.
  expect(slow!.busyMs).toBeGreaterThan(quick!.busyMs);
  expect(slow!.valueLost).toBeGreaterThan(quick!.valueLost);
  expect(out!.valueLost).toBeLessThan(quick!.valueLost);
  const { coreValue } = prices![0]!;
  expect(coreValue).toBeGreaterThanOrEqual(0);
  expect(coreValue).toBeLessThan(2 * lost);
}

test('explain --live shows gates and prices, as text and as a JSON object a line', async () => {
  const file = workspace.write('t.json', JSON.stringify(topology()));
  const world = new FakeWorld();
  const args = ['explain', file, '--live', '--workers', '1', '--format', 'json'];
  expect(await runProgram(args, world)).toBe(0);
  const lines = world.stdout.text.trimEnd().split('\n');
  const [plan, ...rest] = lines.map((line) => JSON.parse(line) as unknown);
  expect((plan as PlanDescription).shedding).toEqual(['bids']);
  const told = rest as EngineStats[];
  const last = told.at(-1)!;
  // Each line has what is new.
  const history = told.flatMap(({ sources }) => sources['bids']!.admission!.history);
  const { admission, ...counts } = last.sources['bids']!;
  const whole = {
    ...last,
    sources: { bids: { ...counts, admission: { ...admission!, history } } },
  };
  expect(last.sources['bids']!.offered).toBe(COUNT);
  expectHistory(whole);
  expect(last.prices![0]!.opened).toBeGreaterThan(0);
  const text = livePlanText('overload', whole);
  expect(text).toMatch(/^ {2}gate +mode +offered +admitted +value kept +backlog/m);
  expect(text).toMatch(/^ {2}bids +open +4,000 +[\d,]+ +\d+[.]\d % /m);
  expect(text).toMatch(/^ {2}worker +mode +price per ms/m);
  expect(text).toMatch(/^ {2}slow +0 +[\d.]+ m?s +[\d.e+]+ \(\d+ %\)$/m);
});

interface ShedRow {
  readonly time: number;
  readonly source: string;
  readonly class: string;
  readonly tenant: string;
  readonly place: string;
  readonly reason: 'threshold' | 'room' | 'late' | 'expired' | 'spilled';
  readonly rows: bigint;
  readonly value: number;
  readonly threshold: number;
  readonly offered: bigint;
}

test('the stream of what was shed adds up to the ledger, also when the run is cut short', async () => {
  const sinks = { shed: { connector: 'embedded', input: '$shed' } };
  await using engine = await Millrace.start(topology({ sinks, admission: { tenant: 'id % 3' } }), {
    baseDirectory: workspace.directory,
    workers: 2,
  });
  const atGate = (): boolean =>
    engine.stats().sources['bids']!.admission!.cells.some(({ threshold }) => threshold.rows > 0);
  await until(atGate, 'rows are shed at the gate');
  const drained = engine.drain();
  const rows: ShedRow[] = [];
  for await (const batch of engine.output('shed'))
    rows.push(...([...batch] as unknown as ShedRow[]));
  const summary = await drained;
  const { cells } = engine.stats().sources['bids']!.admission!;
  expect(cells.length).toBe(6);
  for (const cell of cells) {
    for (const reason of ['threshold', 'room', 'late', 'expired', 'spilled'] as const) {
      const own = rows.filter(
        (row) => row.class === cell.class && row.tenant === cell.tenant && row.reason === reason,
      );
      expect(own.reduce((sum, row) => sum + Number(row.rows), 0)).toBe(cell[reason].rows);
      expect(own.reduce((sum, row) => sum + row.value, 0)).toBeCloseTo(cell[reason].value, 9);
    }
  }
  const times = rows.map(({ time }) => time);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(rows.every((row) => row.source === 'bids' && row.offered >= 0n)).toBe(true);
  expect(new Set(rows.map(({ place }) => place)).has('gate')).toBe(true);
  expect(summary.sources['$shed']).toMatchObject({ offered: rows.length, admitted: rows.length });
});

test('a stream of what was shed ends without rows where nothing can be shed', async () => {
  const sinks = { shed: { connector: 'file', input: '$shed', path: 'shed.csv' } };
  const document = topology({ sinks, admission: { onOverload: 'block' } });
  expect(validateTopology(document).warnings).toEqual([
    {
      pointer: '/sinks/shed/input',
      message: "'$shed' stays empty: no source has an 'onOverload' that sheds",
    },
  ]);
  const { sources } = await runToEnd(document, workspace, { workers: 1, overrides: FEW });
  expect(sources['$shed']!.offered).toBe(0);
  expect(workspace.read('shed.csv')).toBe(
    'time,source,class,tenant,place,reason,rows,value,threshold,offered,offered_value\n',
  );
});

test('nothing else may be called as the stream of what was shed is', () => {
  const sinks = { $shed: { connector: 'discard', input: 'slow' } };
  expect(validateTopology(topology({ sinks })).issues).toEqual([
    {
      pointer: '/sinks/$shed',
      message: "expected another name: '$shed' is the stream of what was shed",
    },
  ]);
});
