/** Overload to disk: every row comes out, sooner or later, and none is lost when its process is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { expectConservation } from '../support/conservation.ts';
import { INDEX } from '../support/built.ts';
import { Workspace } from '../support/run-topology.ts';
import { writeSlow } from '../support/slow-rows.ts';
import { until } from '../support/until.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
  writeSlow(workspace, 'burn.js', { burn: 0.05 });
});
afterEach(() => workspace[Symbol.dispose]());

const schema = { at: 'timestamp', id: 'int64', name: 'string', bid: 'float64' };

function topology(count: number, admission: object, rate = 100_000): object {
  return {
    version: 1,
    name: 'spill',
    sources: {
      bids: {
        connector: 'generator',
        count,
        rate,
        schema,
        time: { field: 'at' },
        fields: {
          at: { time: { start: '2026-01-01T00:00:00Z', step: '10us' } },
          id: { sequence: {} },
          name: { null: 0.2, of: { template: 'a name that is long, {0}', of: { sequence: {} } } },
          bid: { uniform: [0, 100] },
        },
        admission: { value: 'bid', ...admission },
      },
    },
    operators: {
      slow: { type: 'module', input: 'bids', module: './burn.js', export: 'burn', schema },
      counts: {
        type: 'aggregate',
        input: 'slow',
        window: { type: 'tumbling', size: '10ms' },
        select: { n: 'COUNT(*)', ids: 'SUM(id)' },
      },
    },
    sinks: {
      out: { connector: 'file', input: 'slow', path: 'out.csv' },
      windows: { connector: 'file', input: 'counts', path: 'windows.csv' },
    },
  };
}

async function run(document: object): Promise<{ spilled: number; ids: number[]; shed: number }> {
  await using engine = await Millrace.start(document, {
    baseDirectory: workspace.directory,
    workers: 1,
  });
  let spilled = 0;
  const completed = engine.completed.then(() => true);
  while (!(await Promise.race([completed, new Promise((resolve) => setTimeout(resolve, 5))]))) {
    const { admission: _, ...counts } = engine.stats().sources['bids']!;
    spilled = Math.max(spilled, counts.spilled);
    const { offered, admitted, shed, rejected, expired } = counts;
    expect(admitted + shed + rejected + expired + counts.spilled).toBe(offered);
  }
  const summary = await engine.completed;
  expectConservation(document, summary);
  expect(summary.sources['bids']!.spilled).toBe(0);
  const ids = workspace.sortedLines('out.csv').map((line) => Number(line.split(',')[1]));
  return { spilled, ids: ids.toSorted((a, b) => a - b), shed: summary.sources['bids']!.shed };
}

const all = (count: number): number[] => Array.from({ length: count }, (_, id) => id);

test('held: every row comes out, and windows have them all', async () => {
  const count = 20_000;
  const { spilled, ids, shed } = await run(topology(count, { onOverload: 'spill' }));
  expect(spilled).toBeGreaterThan(0);
  expect(shed).toBe(0);
  expect(ids).toEqual(all(count));
  const counts = workspace.sortedLines('windows.csv').map((line) => Number(line.split(',')[2]));
  expect(counts).toEqual(counts.map(() => 1000));
  expect(readdirSync(join(workspace.directory, 'spill', 'bids-0'))).not.toContain('lock');
});

test('rows that are never shed have no weights, whatever is said of windows', async () => {
  const { ids, shed } = await run(topology(500, { onOverload: 'spill', windows: 'estimate' }));
  expect(ids).toEqual(all(500));
  expect(shed).toBe(0);
  expect(workspace.read('out.csv').split('\n')[0]).toBe('at,id,name,bid');
});

test('late: every row comes out, and windows do not wait for it', async () => {
  const count = 20_000;
  const spill = { order: 'late', dir: './elsewhere' };
  const { spilled, ids } = await run(topology(count, { onOverload: 'spill', spill }));
  expect(spilled).toBeGreaterThan(0);
  expect(ids).toEqual(all(count));
  const counts = workspace.sortedLines('windows.csv').map((line) => Number(line.split(',')[2]));
  expect(counts.reduce((a, b) => a + b, 0)).toBeLessThan(count);
  expect(existsSync(join(workspace.directory, 'elsewhere'))).toBe(true);
});

test('at the limit the source waits, or sheds', async () => {
  const count = 12_000;
  const spill = { limit: '64KiB' };
  const blocked = await run(topology(count, { onOverload: 'spill', spill }));
  expect(blocked.ids).toEqual(all(count));
  const shedding = await run(topology(count, { onOverload: 'spillThenShed', spill }));
  expect(shedding.shed).toBeGreaterThan(0);
  expect(shedding.ids.length + shedding.shed).toBe(count);
});

test('what a killed process had on disk is worked on by the next', async () => {
  const count = 100_000;
  const program = `
    import { Millrace } from ${JSON.stringify(INDEX)};
    const engine = await Millrace.start(${JSON.stringify(topology(count, { onOverload: 'spill' }))}, {
      baseDirectory: ${JSON.stringify(workspace.directory)}, workers: 1,
    });
    setInterval(() => console.log(engine.stats().sources.bids.spilled), 20);`;
  const child = spawn(execPath, ['--input-type=module', '-e', program]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = once(child, 'exit');
  await until(() => Number(said.trimEnd().split('\n').at(-1)) > 500, '500 rows on disk', 60_000);
  child.kill('SIGKILL');
  await exited;
  const acknowledged = Number(said.trimEnd().split('\n').at(-1));
  // Rows are spilled faster than they come back, so what was on disk then is there, or was worked on.
  const { ids } = await run(topology(1, { onOverload: 'spill' }));
  expect(ids.length).toBeGreaterThan(Math.min(acknowledged, 500));
});
