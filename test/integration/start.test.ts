import process from 'node:process';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

/** Threads that live, of those started since. */
const alive = new Set<Worker>();
let started = 0;

function count(worker: Worker): void {
  started++;
  alive.add(worker);
  worker.once('exit', () => alive.delete(worker));
}

beforeEach(() => {
  started = 0;
  alive.clear();
  process.on('worker', count);
});

afterEach(() => {
  process.off('worker', count);
});

function topology(where: string): object {
  return {
    version: 1,
    name: 'start',
    sources: { s: { connector: 'embedded', schema: { n: 'int32' } } },
    operators: { f: { type: 'filter', input: 's', where } },
    sinks: { out: { input: 'f', connector: 'discard' } },
  };
}

/** The same with an operator that is on every worker. */
function spread(where: string): object {
  const counted = { type: 'aggregate', input: 'f', groupBy: ['n'], select: { n: 'COUNT(*)' } };
  const given = topology(where) as { operators: object };
  return { ...given, operators: { ...given.operators, counted } };
}

test('a topology that is refused while threads start leaves none of them', async () => {
  const start = Millrace.start(spread('m > 0'), { workers: 2 });
  await expect(start).rejects.toMatchObject({ code: 'ERR_TOPOLOGY_INVALID' });
  expect(started).toBe(2);
  expect(alive).toEqual(new Set());
});

test('a topology whose shape is wrong leaves no thread', async () => {
  const start = Millrace.start({ ...spread('n > 0'), sinks: 1 }, { workers: 2 });
  await expect(start).rejects.toMatchObject({ code: 'ERR_TOPOLOGY_INVALID' });
  expect(started).toBe(2);
  expect(alive).toEqual(new Set());
});

test('a worker without tasks is not started', async () => {
  const refused = Millrace.start(topology('m > 0'), { workers: 2 });
  await expect(refused).rejects.toMatchObject({ code: 'ERR_TOPOLOGY_INVALID' });
  expect(started).toBe(1);
  const engine = await Millrace.start(topology('n > 0'), { workers: 2 });
  await engine.input('s').push([{ n: 1 }, { n: -1 }]);
  const { operators } = await engine.drain();
  expect(operators['f']).toMatchObject({ rowsIn: 2, rowsOut: 1 });
  expect(started).toBe(2);
  expect(alive).toEqual(new Set());
});

test.each([9, 2.5, 0])('%d workers are not started before the shape is right', async (workers) => {
  const start = Millrace.start({ ...topology('n > 0'), sinks: 1, engine: { workers } });
  await expect(start).rejects.toMatchObject({ code: 'ERR_TOPOLOGY_INVALID' });
  expect(started).toBe(0);
});

describe('workers begin together', () => {
  let workspace: Workspace;
  beforeEach(() => {
    workspace = new Workspace();
  });
  afterEach(() => workspace[Symbol.dispose]());

  /** Two sources of one row each, on two workers; `late` is what the second does before it is open. */
  function twoSources(late: string): object {
    const source = (name: string): object => ({
      connector: 'module',
      module: './sources.js',
      export: name,
      schema: { which: 'int64', atUs: 'int64' },
    });
    workspace.write(
      'sources.js',
      `import { writeFileSync } from 'node:fs';
      const nowUs = () => Math.round((performance.timeOrigin + performance.now()) * 1000);
      export function prompt() {
        return {
          read(batch) {
            writeFileSync(new URL('./was-read', import.meta.url), '');
            return give(batch, 1, nowUs());
          },
        };
      }
      export async function late() {
        ${late}
        const openedUs = nowUs();
        return { read: (batch) => give(batch, 2, openedUs) };
      }
      function give(batch, which, atUs) {
        batch.columns[0].setI64FromNumber(0, which);
        batch.columns[1].setI64FromNumber(0, atUs);
        batch.setRowCount(1);
        return 'end';
      }`,
    );
    return {
      version: 1,
      name: 'together',
      sources: { prompt: source('prompt'), late: source('late') },
      operators: { both: { type: 'union', inputs: ['prompt', 'late'] } },
      sinks: { out: { input: 'both', connector: 'file', path: 'out.csv' } },
    };
  }

  test('nothing is read before all workers have opened what they run', async () => {
    const late = 'await new Promise((resolve) => setTimeout(resolve, 300));';
    await runToEnd(twoSources(late), workspace, { workers: 2 });
    const [[, read], [, opened]] = workspace
      .sortedLines('out.csv')
      .map((line) => line.split(',').map(Number)) as [number[], number[]];
    expect(read).toBeGreaterThanOrEqual(opened!);
  });

  test('nothing has been read when a worker cannot open what it runs', async () => {
    const late =
      "await new Promise((resolve) => setTimeout(resolve, 300)); throw new Error('shut');";
    const run = runToEnd(twoSources(late), workspace, { workers: 2 });
    await expect(run).rejects.toMatchObject({ code: 'ERR_USER_CODE', node: 'late' });
    expect(workspace.files()).not.toContain('was-read');
  });
});
