import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { benchmarksIn } from '../../../src/cli/commands/bench.ts';
import { COMMANDS, runProgram } from '../../../src/cli/program.ts';
import { FakeWorld } from './support.ts';

interface Answer {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function call(...args: readonly string[]): Promise<Answer> {
  const world = new FakeWorld();
  const status = await runProgram(args, world);
  return { status, out: world.stdout.text, err: world.stderr.text };
}

describe('wrong usage is answered with exit status 2 and a hint', () => {
  test.each([
    [['rnu'], /^error: unknown command 'rnu'\n\(Did you mean run\?\)/],
    [['run', 'x', '--wrokers', '2'], /unknown option '--wrokers'\n\(Did you mean --workers\?\)/],
    [['run'], /missing required argument 'file'/],
    [['run', 'a', 'b'], /too many arguments/],
    [['run', 'x', '--workers', '0'], /Expected a whole number from 1 to 1024/],
    [['run', 'x', '--workers', '1.5'], /Expected a whole number/],
    [['run', 'x', '--set', 'engine/workers=2'], /Expected \/pointer=value/],
    [['run', 'x', '--set', '/engine/workers'], /Expected \/pointer=value/],
    [['run', 'x', '--metrics-port', '70000'], /Expected a whole number from 0 to 65535/],
    [['run', 'x', '--watch', '--json'], /--watch runs many times/],
    [['explain', 'x', '--format', 'xml'], /Allowed choices are text, json, mermaid/],
    [['explain', 'x', '--live', '--format', 'mermaid'], /--live writes text or json, no mermaid/],
    [['validate'], /missing required argument 'file'/],
    [['bench', 'no-such-benchmark'], /no benchmarks here|unknown benchmark 'no-such-benchmark'/],
  ])('%j', async (args, message) => {
    const { status, out, err } = await call(...args);
    expect(err).toMatch(message);
    expect(err).toMatch(/^error: /);
    expect(out).toBe('');
    expect(status).toBe(2);
  });

  test('no command at all: help on standard error', async () => {
    const { status, out, err } = await call();
    expect(err).toMatch(/^Usage: millrace/);
    expect(out).toBe('');
    expect(status).toBe(2);
  });
});

describe('help', () => {
  test('lists all commands and the exit statuses', async () => {
    const { status, out, err } = await call('--help');
    for (const { name } of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(out).toMatch(/0 done, 1 failed at run time, 2 wrong usage, 78 bad configuration/);
    expect(err).toBe('');
    expect(status).toBe(0);
  });

  test.each(COMMANDS.map(({ name }) => [name]))('explains %s', async (name) => {
    const { status, out } = await call(name, '--help');
    expect(out).toMatch(new RegExp(`^Usage: millrace ${name} `));
    expect(status).toBe(0);
    expect((await call('help', name)).out).toBe(out);
  });

  test('the version is that of the package', async () => {
    const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { readonly version: string };
    expect(await call('--version')).toEqual({ status: 0, out: `${version}\n`, err: '' });
  });
});

describe('init', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-init-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('writes a topology and its input, and says what to do next', async () => {
    const { status, out, err } = await call('init', join(folder, 'new', 'one'));
    expect(err).toBe('');
    expect(out).toMatch(/npx millrace run .*topology\.json/);
    expect(status).toBe(0);
    const text = readFileSync(join(folder, 'new', 'one', 'topology.json'), 'utf8');
    const topology = JSON.parse(text) as { sources: { clicks: { path: string } } };
    expect(existsSync(join(folder, 'new', 'one', topology.sources.clicks.path))).toBe(true);
    expect(topology).toMatchObject({
      $schema: './node_modules/millrace/topology.schema.json',
      version: 1,
    });
  });

  test('overwrites nothing, and then writes nothing', async () => {
    writeFileSync(join(folder, 'clicks.csv'), 'mine');
    const { status, out, err } = await call('init', folder);
    expect(err).toBe(
      `error: ${join(folder, 'clicks.csv')} would be overwritten; nothing was written\n`,
    );
    expect(out).toBe('');
    expect(status).toBe(2);
    expect(readFileSync(join(folder, 'clicks.csv'), 'utf8')).toBe('mine');
    expect(existsSync(join(folder, 'topology.json'))).toBe(false);
  });
});

describe('bench', () => {
  test('without a name lists what there is', async () => {
    const { status, out } = await call('bench');
    const folder = fileURLToPath(new URL('../../../bench', import.meta.url));
    const names = [...benchmarksIn(folder).keys()];
    expect(out).toMatch(names.length === 0 ? /^there are no benchmarks here/ : names[0]!);
    expect(status).toBe(0);
  });
});

test.each([
  ['topology.schema.json', []],
  ['part.schema.json', ['--part']],
])('schema prints the published %s', async (name, options) => {
  const published = new URL(`../../../${name}`, import.meta.url);
  const { status, out } = await call('schema', ...options);
  expect(out).toBe(readFileSync(published, 'utf8'));
  expect(status).toBe(0);
});
