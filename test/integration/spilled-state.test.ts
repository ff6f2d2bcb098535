/** Aggregates with more groups than their state has room for. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { INDEX } from '../support/built.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const ROWS = 6000;

const topology = (node: object, engine: object = {}, source: object = { count: ROWS }) => ({
  version: 1,
  name: 'many-groups',
  sources: {
    in: {
      connector: 'generator',
      ...source,
      schema: { at: 'timestamp', user: 'int64', amount: 'int32' },
      fields: {
        at: { time: { start: '2026-01-01T00:00:00Z', step: '1s' } },
        user: { uniform: [1, 10_000_000] },
        amount: { uniform: [1, 100] },
      },
      time: { field: 'at', lateness: '0s' },
    },
  },
  operators: {
    per_user: {
      type: 'aggregate',
      input: 'in',
      groupBy: ['user'],
      select: { n: 'COUNT(*)', sum: 'SUM(amount)', last: 'LAST(amount)' },
      ...node,
    },
  },
  sinks: { out: { connector: 'file', input: 'per_user', path: 'out.csv' } },
  engine: { workers: 1, state: { dir: './state', ...engine } },
});

const SPILL = { stateLimit: '256KiB', onLimit: 'spill' };

test.each([
  ['at the end of the input', {}],
  ['by sessions', { window: { type: 'session', gap: '2h' }, select: { all: 'ARRAY_AGG(amount)' } }],
])('%s: as many groups as without a limit, on two workers', async (_, node) => {
  using workspace = new Workspace();
  await runToEnd(topology(node), workspace);
  const expected = workspace.sortedLines('out.csv');
  expect(expected.length).toBeGreaterThan(ROWS / 2);
  const document = topology({ ...node, ...SPILL, parallel: 2 });
  const { operators } = await runToEnd(document, workspace, { workers: 2 });
  expect(workspace.sortedLines('out.csv')).toEqual(expected);
  const { spilledRows = 0, restoredRows = 0, spilledBytes = 0 } = operators['per_user']!;
  expect(spilledRows).toBeGreaterThan(ROWS / 4);
  expect(restoredRows).toBeGreaterThanOrEqual(spilledRows);
  expect(spilledBytes).toBeGreaterThan(8 * spilledRows);
  expect(readdirSync(join(workspace.directory, 'state'))).toEqual([]);
});

test('groups of two stages, with keys that a parameter is in', async () => {
  const document = (limits: object): object => {
    const plain = topology({ select: { n: 'COUNT(*)' } });
    const { per_user: users } = plain.operators;
    const per_third = {
      type: 'aggregate',
      input: 'per_user',
      groupBy: { third: '(user + $shift) / 3' },
      parameters: { shift: { type: 'int64', initial: 1 } },
      select: { users: 'COUNT(*)', rows: 'SUM(n)', most: 'MAX(user)' },
      ...limits,
    };
    const sinks = { out: { connector: 'file', input: 'per_third', path: 'out.csv' } };
    return { ...plain, operators: { per_user: { ...users, parallel: 2 }, per_third }, sinks };
  };
  using workspace = new Workspace();
  await runToEnd(document({}), workspace, { workers: 2 });
  const expected = workspace.sortedLines('out.csv');
  const limits = { ...SPILL, parallel: 2 };
  const engine = await Millrace.start(document(limits), {
    baseDirectory: workspace.directory,
    workers: 2,
  });
  const { operators } = await engine.completed;
  const stages = engine
    .stats()
    .tasks.flatMap(({ node, stage, stateBytes, spilledRows }) =>
      node === 'per_third'
        ? [{ stage, fits: stateBytes <= 256 * 1024, spills: spilledRows > 0 }]
        : [],
    );
  await engine.stop();
  expect(workspace.sortedLines('out.csv')).toEqual(expected);
  expect(operators['per_third']!.spilledRows).toBeGreaterThan(ROWS / 8);
  expect(stages).toEqual([
    { stage: 'local', fits: true, spills: false },
    { stage: 'local', fits: true, spills: false },
    { stage: 'final', fits: true, spills: true },
  ]);
});

test('a join: as many pairs as without a limit, on two workers', async () => {
  const joined = (limits: object): object => {
    const { sources, ...rest } = topology({}, {}, { count: 8000 });
    const user = { uniform: [1, 4000] };
    const fields = { ...sources.in.fields, user };
    const other = { ...sources.in, seed: 2, fields };
    const select = { user: 'l.user', left: 'l.at', right: 'r.at' };
    const join = { type: 'join', inputs: ['in', 'other'], on: 'l.user = r.user', select };
    return {
      ...rest,
      sources: { in: { ...sources.in, fields }, other },
      operators: { pairs: { ...join, ...limits } },
      sinks: { out: { connector: 'file', input: 'pairs', path: 'out.csv' } },
    };
  };
  using workspace = new Workspace();
  await runToEnd(joined({}), workspace);
  const expected = workspace.sortedLines('out.csv');
  const { operators } = await runToEnd(joined(SPILL), workspace, { workers: 2 });
  expect(workspace.sortedLines('out.csv')).toEqual(expected);
  expect(operators['pairs']!.spilledRows).toBeGreaterThan(1000);
});

test('more on disk than there may be ends the run', async () => {
  using workspace = new Workspace();
  const run = runToEnd(topology(SPILL, { spillLimit: '64KiB' }), workspace);
  await expect(run).rejects.toMatchObject({
    code: 'ERR_LIMIT_EXCEEDED',
    node: 'per_user',
    message: expect.stringContaining(
      '/engine/state/spillLimit, 65536 bytes of each task',
    ) as string,
  });
});

test('the limit of the engine holds for operators that say nothing, and ends the run', async () => {
  using workspace = new Workspace();
  const run = runToEnd(topology({}, { limit: '256KiB' }), workspace);
  await expect(run).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED', node: 'per_user' });
});

test('a process that is killed leaves nothing in the folder', async () => {
  using workspace = new Workspace();
  const endless = JSON.stringify(topology(SPILL, {}, { rate: 50_000 }));
  const program = `
    import { Millrace } from ${JSON.stringify(INDEX)};
    const engine = await Millrace.start(${endless}, {
      baseDirectory: ${JSON.stringify(workspace.directory)}, workers: 1,
    });
    setInterval(() => console.log(engine.summary().operators.per_user.spilledBytes ?? 0), 20);`;
  const child = spawn(execPath, ['--input-type=module', '-e', program]);
  const exited = once(child, 'exit');
  for await (const text of child.stdout.setEncoding('utf8')) {
    if (Number((text as string).trimEnd().split('\n').at(-1)) > 0) break;
  }
  child.kill('SIGKILL');
  await exited;
  expect(readdirSync(join(workspace.directory, 'state'))).toEqual([]);
  await runToEnd(topology(SPILL), workspace);
});
