/** What `stats()` says of connections: rows, watermarks, lags, and whether more is to be expected. */

import { expect, test } from 'vitest';
import { type EdgeStats, Millrace, type TaskStats } from '../../src/index.ts';
import { runProgram } from '../../src/cli/program.ts';
import { FakeWorld } from '../unit/cli/support.ts';
import { until } from '../support/until.ts';
import { Workspace } from '../support/run-topology.ts';

const START_MS = Date.parse('2026-01-01T00:00:00Z');

const source = (idleAfter?: string): object => ({
  connector: 'embedded',
  schema: { at: 'timestamp' },
  time: { field: 'at', lateness: '1s', ...(idleAfter === undefined ? {} : { idleAfter }) },
});

const topology = (workers: number): object => ({
  version: 1,
  name: 'edges',
  sources: { busy: source(), quiet: source('50ms') },
  operators: { both: { type: 'union', inputs: ['busy', 'quiet'] } },
  sinks: { out: { input: 'both', connector: 'discard' } },
  engine: { workers, placement: { pin: { busy: 0, quiet: workers - 1, both: 0, out: 0 } } },
});

test.each([1, 2])(
  'edges of a union of a busy and an idle source on %i workers',
  async (workers) => {
    await using engine = await Millrace.start(topology(workers));
    const edge = (from: string): EdgeStats => engine.stats().edges.find((e) => e.from === from)!;
    const task = (node: string): TaskStats => engine.stats().tasks.find((t) => t.node === node)!;
    const row = (seconds: number): { at: number }[] => [{ at: START_MS + seconds * 1000 }];

    await engine.input('busy').push([...row(10), ...row(20)]);
    await until(() => edge('quiet').state === 'idle', 'the quiet source is idle');
    await until(() => task('out').watermarkMs === START_MS + 19_000, 'the other goes on');
    expect(edge('busy')).toMatchObject({
      to: 'both',
      by: 'call',
      rows: 2,
      watermarkMs: START_MS + 19_000,
      state: 'active',
      slots: null,
    });
    expect(edge('quiet')).toMatchObject({
      by: workers === 1 ? 'call' : 'ring',
      rows: 0,
      lagMs: null,
      slots: workers === 1 ? null : expect.any(Number),
    });
    const { clockMs, edges } = engine.stats();
    for (const { watermarkMs, lagMs } of edges.filter((e) => e.from !== 'quiet')) {
      expect(lagMs).toBe(clockMs - watermarkMs!);
    }
    expect(edge('both').state).toBe('active');

    await engine.input('quiet').push(row(5));
    await until(() => edge('quiet').rows === 1, 'a row wakes it');
    await engine.input('busy').close();
    await until(() => edge('busy').state === 'ended', 'one has ended');
    await until(() => edge('both').state === 'idle', 'and the other is idle');
    await engine.input('quiet').close();
    await engine.completed;
    expect(engine.stats().edges.map((e) => [e.from, e.rows, e.watermarkMs, e.state])).toEqual([
      ['busy', 2, Infinity, 'ended'],
      ['quiet', 1, Infinity, 'ended'],
      ['both', 3, Infinity, 'ended'],
    ]);
  },
);

test('a source that was idle is active again with its next row', async () => {
  await using engine = await Millrace.start(topology(1));
  const input = engine.input('quiet');
  const state = (): string => engine.stats().tasks.find(({ node }) => node === 'quiet')!.state;
  await until(() => state() === 'idle', 'it is idle');
  // It may be idle again before anybody looks: then another row comes.
  const wake = (): boolean => {
    void input.push([{ at: START_MS }]);
    return state() === 'active';
  };
  await until(wake, 'it is active');
});

test('explain --live runs the topology and ends with its figures', async () => {
  using workspace = new Workspace();
  workspace.write('in.jsonl', '{"n":1}\n{"n":2}\n{"n":3}\n');
  const file = workspace.write(
    't.json',
    JSON.stringify({
      version: 1,
      name: 'live',
      sources: { in: { connector: 'file', path: 'in.jsonl', schema: { n: 'int32' } } },
      operators: { odd: { type: 'filter', input: 'in', where: 'n % 2 = 1' } },
      sinks: { out: { connector: 'file', input: 'odd', path: 'out.csv' } },
    }),
  );
  const world = new FakeWorld();
  expect(await runProgram(['explain', file, '--live', '--workers', '1'], world)).toBe(0);
  expect(workspace.read('out.csv')).toBe('n\n1\n3\n');
  expect(world.stdout.text).toMatch(/^live: 1 worker, 0 rings/);
  expect(world.stdout.text).toMatch(/^ {2}in -> odd +3 +no limit +ended$/m);
  expect(world.stdout.text).toMatch(/^ {2}odd -> out +2 +no limit +ended$/m);
  expect(world.signals.count).toBe(0);
});
