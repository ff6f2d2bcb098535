import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lines, Workspace } from './cli-process.ts';
import { CLICKS, endless, PAID_CLICKS, paidClicks } from './cli-topologies.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
  workspace.write('clicks.csv', CLICKS);
});
afterEach(() => workspace.remove());

const SUMMARY = {
  name: 'paid-clicks',
  status: 'completed',
  seconds: expect.any(Number) as number,
  sources: {
    clicks: { offered: 4, admitted: 4, shed: 0, rejected: 0, expired: 0, spilled: 0 },
  },
  operators: {
    paid: { rowsIn: 4, rowsOut: 3, late: 0 },
    total: { rowsIn: 3, rowsOut: 2, late: 0 },
  },
  sinks: { out: { rows: 2 } },
};

describe('a run that ends by itself', () => {
  test('writes its output and a summary for people', async () => {
    workspace.write('t.json', paidClicks());
    const { status, out, err } = await workspace.run('run', 't.json');
    expect(err).toMatch(/^paid-clicks: completed after /m);
    expect(err).toMatch(/^ {2}clicks +source +4 rows/m);
    expect(err).toMatch(/^ {2}paid +operator +4 in, 3 out$/m);
    expect(err).toMatch(/^ {2}out +sink +2 rows$/m);
    expect(err).not.toContain('\u001b');
    expect(out).toBe('');
    expect(status).toBe(0);
    expect(workspace.read('out.csv')).toBe(PAID_CLICKS);
  });

  test('--json: one object on standard output, nothing else', async () => {
    workspace.write('t.json', paidClicks());
    const { status, out, err } = await workspace.run('run', 't.json', '--json');
    expect(lines(out)).toHaveLength(1);
    expect(JSON.parse(out)).toStrictEqual(SUMMARY);
    expect(err).toBe('');
    expect(status).toBe(0);
  });

  test('--quiet says nothing', async () => {
    workspace.write('t.json', paidClicks());
    expect(await workspace.run('run', 't.json', '-q')).toMatchObject({
      status: 0,
      out: '',
      err: '',
    });
  });

  test('--allow-command lets operators start what it names, and nothing else', async () => {
    const topology = paidClicks() as { operators: Record<string, object> };
    const { total, ...operators } = topology.operators;
    const echo = { type: 'exec', input: 'clicks', command: 'echo', schema: { user: 'string' } };
    workspace.write('t.json', { ...topology, operators: { ...operators, echo, total } });
    const program = 'process.stdin.pipe(process.stdout)';
    const allowed = `echo=${JSON.stringify([process.execPath, '-e', program])}`;
    const { out } = await workspace.run(
      'run',
      't.json',
      '--json',
      '-q',
      '--allow-command',
      allowed,
    );
    expect(JSON.parse(out)).toMatchObject({ operators: { echo: { rowsIn: 4, rowsOut: 4 } } });
    const refused = await workspace.run('run', 't.json', '-q', '--allow-command', 'ech=/bin/echo');
    expect(refused).toMatchObject({
      status: 78,
      err: expect.stringContaining("do not allow the command 'echo'"),
    });
  });

  test('--workers changes who does it, not what comes out', async () => {
    workspace.write('t.json', paidClicks());
    const { status, out } = await workspace.run('run', 't.json', '--workers', '3', '--json');
    expect(JSON.parse(out)).toStrictEqual(SUMMARY);
    expect(status).toBe(0);
    expect(workspace.read('out.csv')).toBe(PAID_CLICKS);
  });

  test('--set changes the topology, as often as it is given', async () => {
    workspace.write('t.json', paidClicks());
    const { status, out } = await workspace.run(
      'run',
      't.json',
      '--json',
      '--set',
      '/name=cheap',
      '--set=/operators/paid/where=price > 1',
      '--set',
      '/sinks/out/path=cheap.csv',
    );
    expect(JSON.parse(out)).toMatchObject({
      name: 'cheap',
      operators: { paid: { rowsOut: 2 } },
    });
    expect(status).toBe(0);
    expect(existsSync(workspace.file('out.csv'))).toBe(false);
    expect(lines(workspace.read('cheap.csv'))).toHaveLength(3);
  });

  test('a stdout sink writes to standard output; with --json the summary is its last line', async () => {
    const sink = { connector: 'stdout', format: 'jsonl', path: undefined, orderBy: undefined };
    workspace.write('t.json', paidClicks({ sink }));
    const { status, out, err } = await workspace.run('run', 't.json', '--json');
    expect(err).toMatch(/^warning: a sink writes to standard output/);
    const [last, ...rows] = lines(out).toReversed();
    expect(
      rows.map((row) => (JSON.parse(row) as { n: number }).n).toSorted((a, b) => a - b),
    ).toEqual([1, 2]);
    expect(JSON.parse(last!)).toStrictEqual(SUMMARY);
    expect(status).toBe(0);
  });

  test('relative paths are relative to the topology file', async () => {
    mkdirSync(workspace.file('deep'));
    workspace.write('deep/clicks.csv', CLICKS);
    workspace.write('deep/t.json', paidClicks());
    expect(await workspace.run('run', 'deep/t.json')).toMatchObject({ status: 0 });
    expect(workspace.read('deep/out.csv')).toBe(PAID_CLICKS);
  });

  test('what V8 compiles is kept for the next run, by threads as well', async () => {
    const user = 'export default () => ({ kept: process.env.NODE_COMPILE_CACHE });';
    workspace.write('user.mjs', user);
    workspace.write('t.json', {
      version: 1,
      name: 'kept',
      sources: {
        one: {
          connector: 'generator',
          count: 1,
          schema: { id: 'int32' },
          fields: { id: { sequence: {} } },
        },
      },
      operators: {
        user: { type: 'module', input: 'one', module: './user.mjs', schema: { kept: 'string' } },
      },
      sinks: { out: { connector: 'stdout', input: 'user', format: 'csv' } },
    });
    const unset = { NODE_COMPILE_CACHE: undefined, NODE_DISABLE_COMPILE_CACHE: undefined };
    const env = { ...unset, TMPDIR: workspace.path };
    const { out, err, status } = await workspace.start(['run', 't.json', '--quiet'], { env }).ended;
    expect({ err, status }).toEqual({ err: '', status: 0 });
    const folder = workspace.file('node-compile-cache');
    expect(out).toBe(`kept\n${folder}\n`);
    expect(readdirSync(folder)).toHaveLength(1);
  });
});

describe('bad configuration is refused before anything starts, with exit status 78', () => {
  async function refused(...args: readonly string[]): Promise<string> {
    const { status, out, err } = await workspace.run('run', ...args);
    expect(out).toBe('');
    expect(err).toMatch(/^error: /);
    expect(err).not.toMatch(/^ +at /m);
    expect(status).toBe(78);
    expect(existsSync(workspace.file('out.csv'))).toBe(false);
    return err;
  }

  test('a mistake in the topology, at its pointer', async () => {
    workspace.write('t.json', paidClicks({ source: { delimeter: ';' } }));
    const err = await refused('t.json', '--json');
    expect(err).toMatch(/ERR_TOPOLOGY_INVALID/);
    expect(err).toMatch(/^ {2}\/sources\/clicks\/delimeter: .*did you mean 'delimiter'\?$/m);
  });

  test('a mistake in an expression, at its pointer', async () => {
    workspace.write('t.json', paidClicks());
    const err = await refused('t.json', '--set', '/operators/paid/where=prise > 0');
    expect(err).toMatch(/^ {2}\/operators\/paid\/where: .*price/m);
  });

  test('text that is no JSON, at its line', async () => {
    workspace.write('t.json', '{\n  "version": 1,\n  "name": oops\n}\n');
    expect(await refused('t.json')).toMatch(/t\.json:3:\d+: /);
  });

  test('a topology that is not there', async () => {
    expect(await refused('missing.json')).toMatch(/missing\.json: no such file/);
  });

  test('an input that is not there', async () => {
    workspace.write('t.json', paidClicks({ source: { path: 'nowhere.csv' } }));
    expect(await refused('t.json')).toMatch(
      /^ {2}\/sources\/clicks\/path: no such file: .*nowhere/m,
    );
  });

  test('an output that is a folder', async () => {
    mkdirSync(workspace.file('folder'));
    workspace.write('t.json', paidClicks({ sink: { path: 'folder' } }));
    expect(await refused('t.json')).toMatch(/^ {2}\/sinks\/out\/path: .*directory/m);
  });

  test('a pin to a worker that is not there', async () => {
    workspace.write('t.json', paidClicks({ engine: { placement: { pin: { paid: 3 } } } }));
    const err = await refused('t.json', '--workers', '2');
    expect(err).toMatch(/^ {2}\/engine\/placement\/pin\/paid: there is no worker 3/m);
  });

  test('a --set without a place', async () => {
    workspace.write('t.json', paidClicks());
    expect(await refused('t.json', '--set', '/name/deeper=1')).toMatch(/^ {2}\/name: /m);
  });
});

describe('a run that fails has exit status 1', () => {
  beforeEach(() => {
    workspace.write('clicks.csv', CLICKS.replace(',2\n', ',two\n'));
    workspace.write('out.csv', 'old\n');
    workspace.write('t.json', paidClicks());
  });

  test('a bad row names file, line and field; old output stays, nothing is left behind', async () => {
    const { status, out, err } = await workspace.run('run', 't.json');
    expect(err).toMatch(/^error: .*clicks\.csv:4\b.*price.*two/m);
    expect(err).toMatch(/ERR_BAD_ROW.*clicks/);
    expect(err).not.toMatch(/^ +at /m);
    expect(out).toBe('');
    expect(status).toBe(1);
    expect(workspace.read('out.csv')).toBe('old\n');
    expect(readdirSync(workspace.path).toSorted()).toEqual(['clicks.csv', 'out.csv', 't.json']);
  });

  test('--json prints its summary all the same', async () => {
    const { status, out, err } = await workspace.run('run', 't.json', '--json');
    expect(JSON.parse(out)).toMatchObject({ name: 'paid-clicks', status: 'failed' });
    expect(Object.keys(JSON.parse(out) as object)).toEqual(Object.keys(SUMMARY));
    expect(err).toMatch(/^error: /);
    expect(status).toBe(1);
  });

  test('--verbose shows where it came from', async () => {
    const { status, err } = await workspace.run('run', 't.json', '--verbose');
    expect(err).toMatch(/^ +at /m);
    expect(status).toBe(1);
  });

  test('a port that is taken', async () => {
    workspace.write('e.json', endless(1000, { connector: 'discard' }));
    const first = workspace.start(['run', 'e.json', '--metrics-port', '0']);
    const [, port] = await first.says(/metrics: http:\/\/127\.0\.0\.1:(\d+)\//);
    const { status, err } = await workspace.run('run', 'e.json', '--metrics-port', port!);
    expect(err).toMatch(/^error: cannot serve metrics on port \d+: it is in use$/m);
    expect(status).toBe(1);
    first.child.kill('SIGTERM');
    expect((await first.ended).status).toBe(0);
  });
});
