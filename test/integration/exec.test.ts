/** Real processes at work for a topology: Node's own executable, with programs of a few lines. */

import { expect, test } from 'vitest';
import {
  type AllowedCommands,
  Millrace,
  type RunSummary,
  type StartOptions,
  validateTopology,
} from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';
import { until, within } from '../support/until.ts';

const file = process.execPath;

/** Programs that read lines; what they write is theirs. */
const PROGRAMS = {
  'twice.mjs': `
import { createInterface } from 'node:readline';
for await (const line of createInterface({ input: process.stdin })) {
  const { n } = JSON.parse(line);
  if (n === 13) process.exit(5);
  process.stdout.write(JSON.stringify({ n: 2 * n, who: process.argv.slice(2).join() + (process.env.WHO ?? '') + (process.env.SECRET ?? '') }) + '\\n');
}`,
  'sum.mjs': `
import { createInterface } from 'node:readline';
let sum = 0;
for await (const line of createInterface({ input: process.stdin })) sum += JSON.parse(line).n;
console.error('x'.repeat(5000) + 'summed');
console.log(JSON.stringify({ n: sum }));
process.exitCode = Number(process.env.STATUS ?? 0);`,
  'deaf.mjs': `process.stdin.resume(); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`,
  'parent.mjs': `
import { spawn } from 'node:child_process';
const wait = "setTimeout(process.exit, 60000); setInterval(() => fs.existsSync('parent.mjs') || process.exit(), 50)";
spawn(process.execPath, ['-e', wait], { stdio: 'inherit', detached: true }).unref();`,
  'much.mjs': `
const line = JSON.stringify({ n: 1, who: 'x'.repeat(1000) }) + '\\n';
for (let i = 0; i < 20; i++) process.stdout.write(line.repeat(500));
process.stdin.resume();`,
};
const command = (name: keyof typeof PROGRAMS, more: object = {}): AllowedCommands[string] => ({
  file,
  args: [name],
  ...more,
});

const SCHEMA = { n: 'int32', who: 'string' };
const topology = (settings: object, sink: object = { connector: 'discard' }): object => ({
  version: 1,
  name: 'processes',
  sources: { in: { connector: 'embedded', schema: { n: 'int32' } } },
  operators: { out: { type: 'exec', input: 'in', schema: SCHEMA, ...settings } },
  sinks: { sink: { input: 'out', ...sink } },
  engine: { ring: { rows: 64, slots: 2 } },
});

interface Given {
  readonly rows: readonly Record<string, unknown>[];
  readonly summary: RunSummary;
}

async function run(
  settings: object,
  numbers: readonly number[],
  options: StartOptions,
): Promise<Given> {
  using workspace = new Workspace();
  for (const [name, text] of Object.entries(PROGRAMS)) workspace.write(name, text);
  const engine = await Millrace.start(topology(settings, { connector: 'embedded' }), {
    workers: 1,
    baseDirectory: workspace.directory,
    ...options,
  });
  const rows: Record<string, unknown>[] = [];
  try {
    const reading = (async () => {
      for await (const batch of engine.output('sink')) rows.push(...batch);
    })();
    reading.catch(() => undefined);
    await engine.input('in').push(numbers.map((n) => ({ n })));
    const summary = await engine.drain({ timeoutMs: 20_000 });
    await reading;
    return { rows, summary };
  } finally {
    await engine.stop();
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => 100 + i);

test.each([1, 2])('answers each row, in %i processes', async (parallel) => {
  const commands = { double: command('twice.mjs', { env: { WHO: 'me' } }) };
  const given = await run({ command: 'double', parallel }, numbers(500), {
    commands,
    workers: parallel,
  });
  expect(given.rows.map(({ n }) => n).toSorted((a, b) => Number(a) - Number(b))).toEqual(
    numbers(500)
      .map((n) => 2 * n)
      .toSorted((a, b) => a - b),
  );
  expect(new Set(given.rows.map(({ who }) => who))).toEqual(new Set(['me']));
  expect(given.summary.operators['out']).toMatchObject({ rowsIn: 500, rowsOut: 500 });
});

test('is started with what the options say, as the topology adds to it, and sees nothing else', async () => {
  const env = { WHO: '!' };
  const commands = { double: command('twice.mjs', { takesArgs: true, env }) };
  const args = ['a b', '$(exit)', ';'];
  process.env['SECRET'] = 'secret';
  try {
    const { rows } = await run({ command: 'double', args }, [1], { commands });
    expect(rows).toEqual([{ n: 2, who: 'a b,$(exit),;!' }]);
  } finally {
    delete process.env['SECRET'];
  }
});

test('gives rows of its own accord, and its status counts', async () => {
  const per = 'stream';
  const good = { sum: command('sum.mjs') };
  const { rows } = await run({ command: 'sum', per }, [1, 2, 3], { commands: good });
  expect(rows).toEqual([{ n: 6, who: null }]);
  const bad = { sum: command('sum.mjs', { env: { STATUS: '3' } }) };
  await expect(run({ command: 'sum', per }, [1], { commands: bad })).rejects.toMatchObject({
    code: 'ERR_PROCESS',
    node: 'out',
    message: expect.stringMatching(/^the process exited with status 3; it said: x{4089}summed$/),
  });
});

test('a crash is an error of the rows that wait, or another process takes them', async () => {
  const commands = { double: command('twice.mjs') };
  const asked = [1, 2, 13, 4];
  const skipped = await run({ command: 'double', onError: 'skip' }, asked, { commands });
  expect(skipped.rows.map(({ n }) => n)).toEqual([2, 4]);
  expect(skipped.summary.operators['out']).toMatchObject({ rowsIn: 4, rowsOut: 2 });
  const gone = { double: { file: '/nowhere/there' } };
  await expect(run({ command: 'double' }, [1], { commands: gone })).rejects.toMatchObject({
    message: expect.stringContaining('could not be started (spawn /nowhere/there ENOENT)'),
  });
});

test('who does not answer in time is ended, also if it does not want to', async () => {
  const commands = { deaf: command('deaf.mjs') };
  const late = run({ command: 'deaf', timeout: '100ms' }, [1], { commands });
  await expect(late).rejects.toMatchObject({
    message: expect.stringContaining('no answer: the process took longer than 100 ms'),
  });
});

test('who leaves a process behind that holds its output is not waited for', async () => {
  const commands = { parent: command('parent.mjs') };
  const left = run({ command: 'parent', per: 'stream', timeout: '1s' }, [], { commands });
  const ended = expect(left).rejects.toMatchObject({
    message: 'the process took longer than 1000 ms',
  });
  await within(ended, 'the run ends');
});

test('who says more than is read is held up, and ends with the engine', async () => {
  using workspace = new Workspace();
  workspace.write('much.mjs', PROGRAMS['much.mjs']);
  const document = topology({ command: 'much', per: 'stream' }, { connector: 'embedded' });
  const commands = { much: command('much.mjs') };
  const options = { workers: 1, baseDirectory: workspace.directory, commands };
  const engine = await Millrace.start(document, options);
  try {
    await engine.input('in').push([{ n: 1 }]);
    const rowsOut = (): number => engine.summary().operators['out']!.rowsOut;
    await until(() => rowsOut() > 0, 'rows have come');
    const before = rowsOut();
    expect(before).toBeLessThan(10_000);
    let count = 0;
    const reading = (async () => {
      for await (const batch of engine.output('sink')) count += batch.rowCount;
    })();
    const drained = engine.drain({ timeoutMs: 20_000 });
    await within(Promise.all([reading, drained]), 'all rows are read');
    expect(count).toBe(10_000);
  } finally {
    await engine.stop();
  }
});

test('a topology starts nothing that the options do not allow', async () => {
  const refusal = async (settings: object, commands?: object): Promise<object> => {
    const options = { workers: 1, commands } as StartOptions;
    return await Millrace.start(topology(settings), options).then(
      () => expect.unreachable('it has started'),
      (error: object) => error,
    );
  };
  const sh = { command: 'sh', args: ['-c', 'echo'] };
  expect(validateTopology(topology(sh)).valid).toBe(true);
  expect(await refusal(sh)).toMatchObject({
    code: 'ERR_TOPOLOGY_INVALID',
    issues: [
      {
        pointer: '/operators/out/command',
        message: "the options of the engine do not allow the command 'sh'; they allow none",
      },
    ],
  });
  expect(await refusal(sh, { ssh: { file: 'ssh' } })).toMatchObject({
    issues: [{ message: expect.stringContaining("they allow 'ssh'"), suggestion: 'ssh' }],
  });
  expect(await refusal(sh, { sh: { file: 'sh' } })).toMatchObject({
    issues: [
      {
        pointer: '/operators/out/args',
        message: "the options of the engine allow no more arguments for 'sh'",
      },
    ],
  });
  expect(await refusal({ command: 'constructor' }, {})).toMatchObject({
    code: 'ERR_TOPOLOGY_INVALID',
  });
  for (const relative of ['./sh', 'bin/sh', '', undefined]) {
    expect(await refusal({ command: 'sh' }, { sh: { file: relative } })).toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining('expected an absolute path'),
    });
  }
});
