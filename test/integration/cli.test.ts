import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lines, Workspace } from './cli-process.ts';
import { CLICKS, paidClicks } from './cli-topologies.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
  workspace.write('clicks.csv', CLICKS);
});
afterEach(() => workspace.remove());

describe('validate', () => {
  test('says which of several files are wrong, and where', async () => {
    workspace.write('good.json', paidClicks());
    workspace.write('bad.json', paidClicks({ source: { path: '' }, sink: { input: 'totl' } }));
    workspace.write('text.json', '{\n  oops');
    const { status, out, err } = await workspace.run(
      'validate',
      'good.json',
      'bad.json',
      'text.json',
      'missing.json',
    );
    expect(out).toBe('good.json: valid\n');
    const found = lines(err);
    expect(found[0]).toMatch(/^bad\.json: \/sources\/clicks\/path: /);
    expect(found[1]).toMatch(/^bad\.json: \/sinks\/out\/input: .*did you mean 'total'\?$/);
    expect(found[2]).toMatch(/^text\.json:2:\d+: /);
    expect(found[3]).toMatch(/^missing\.json: .*no such file/);
    expect(found).toHaveLength(4);
    expect(status).toBe(78);
  });

  test('programs in StreamSQL are told mistakes by line and column', async () => {
    const head = 'CREATE INPUT STREAM clicks (page string, ms int);\nCREATE OUTPUT STREAM slow;\n';
    workspace.write('good.ssql', `${head}SELECT page FROM clicks WHERE ms > 100 INTO slow;`);
    workspace.write('bad.ssql', `${head}SELECT pag FROM clicks WHERE ms > 100 INTO slow;`);
    const { status, out, err } = await workspace.run('validate', 'good.ssql', 'bad.ssql');
    expect(out).toBe('good.ssql: valid\n');
    expect(lines(err)[0]).toBe("bad.ssql:3:8: there is no column 'pag'; did you mean 'page'?");
    expect(status).toBe(78);
    const explained = await workspace.run('explain', 'good.ssql', '--format', 'json');
    expect(JSON.parse(explained.out)).toMatchObject({ name: 'good' });
  });

  test('looks at files only with --files', async () => {
    workspace.write('t.json', paidClicks({ source: { path: 'nowhere.csv' } }));
    expect(await workspace.run('validate', 't.json')).toMatchObject({ status: 0, err: '' });
    const { status, err } = await workspace.run('validate', 't.json', '--files');
    expect(err).toMatch(/^t\.json: \/sources\/clicks\/path: no such file/);
    expect(status).toBe(78);
  });

  test('--json has every problem', async () => {
    workspace.write('good.json', paidClicks());
    workspace.write('bad.json', paidClicks({ sink: { input: 'totl' } }));
    const { status, out, err } = await workspace.run('validate', 'good.json', 'bad.json', '--json');
    expect(JSON.parse(out)).toEqual({
      valid: false,
      files: [
        { file: 'good.json', valid: true, issues: [], warnings: [] },
        {
          file: 'bad.json',
          valid: false,
          issues: [
            {
              pointer: '/sinks/out/input',
              message: expect.stringContaining("'totl'") as string,
              suggestion: 'total',
            },
          ],
          warnings: [],
        },
      ],
    });
    expect(err).toBe('');
    expect(status).toBe(78);
  });

  test('knows of --workers and --set', async () => {
    workspace.write('t.json', paidClicks({ engine: { placement: { pin: { paid: 1 } } } }));
    expect(await workspace.run('validate', 't.json')).toMatchObject({ status: 78 });
    expect(await workspace.run('validate', 't.json', '--workers', '2')).toMatchObject({
      status: 0,
    });
    expect(
      await workspace.run('validate', 't.json', '--set', '/engine/placement/pin/paid=0'),
    ).toMatchObject({ status: 0 });
  });
});

describe('explain', () => {
  beforeEach(() => void workspace.write('t.json', paidClicks()));

  test('as text', async () => {
    const { status, out, err } = await workspace.run('explain', 't.json');
    expect(out).toMatch(/^paid-clicks: 1 worker, 0 rings, 0 B\n\nworker 0\n/);
    expect(out).toMatch(/^ {2}clicks +file source +-> paid$/m);
    expect(out).toMatch(/^ {2}fused: clicks -> paid -> total -> out$/m);
    expect(out).toMatch(/^shedding: nowhere$/m);
    expect(err).toBe('');
    expect(status).toBe(0);
  });

  test('as text, on two workers', async () => {
    const pin = '/engine/placement/pin={"clicks": 0, "paid": 0, "total": 1, "out": 1}';
    const { out } = await workspace.run('explain', 't.json', '--workers', '2', '--set', pin);
    expect(out).toMatch(/^paid-clicks: 2 workers, 1 ring, /);
    expect(out).toMatch(/^ {2}paid +filter +=> .*total/m);
    expect(out).toMatch(/^ {2}paid => total +\d+ slots of [\d,]+ rows +[\d.]+ [KM]iB$/m);
  });

  test('as JSON', async () => {
    const { status, out } = await workspace.run('explain', 't.json', '--format', 'json');
    expect(JSON.parse(out)).toMatchObject({
      name: 'paid-clicks',
      workers: [{ worker: 0 }],
      rings: [],
    });
    expect(status).toBe(0);
  });

  test('as a diagram', async () => {
    const { status, out } = await workspace.run('explain', 't.json', '--format=mermaid');
    expect(out).toMatch(/^flowchart LR\n {2}subgraph worker_0 \["worker 0"\]\n/);
    expect(out).toMatch(/^ {2}t\d+ --> t\d+$/m);
    expect(status).toBe(0);
  });

  test('of a bad topology: 78', async () => {
    workspace.write('bad.json', paidClicks({ sink: { input: 'totl' } }));
    const { status, out, err } = await workspace.run('explain', 'bad.json');
    expect(err).toMatch(/^ {2}\/sinks\/out\/input: /m);
    expect(out).toBe('');
    expect(status).toBe(78);
  });
});

describe('init', () => {
  test('writes what run runs', async () => {
    expect(await workspace.run('init', 'start')).toMatchObject({ status: 0 });
    expect(await workspace.run('validate', 'start/topology.json', '--files')).toMatchObject({
      status: 0,
      err: '',
    });
    const { status, out } = await workspace.run('run', 'start/topology.json', '--json');
    expect(JSON.parse(out)).toMatchObject({ status: 'completed', sinks: { result: { rows: 8 } } });
    expect(status).toBe(0);
    const [header, first] = lines(workspace.read('start/spend_per_channel.csv'));
    expect(header).toBe('window_start,window_end,channel,clicks,spend,mean');
    expect(first).toBe('2026-01-01T00:00:00.000Z,2026-01-01T00:00:10.000Z,ads,2,2,1');
  });

  test('overwrites nothing', async () => {
    mkdirSync(workspace.file('start'));
    workspace.write('start/topology.json', 'mine');
    const { status, err } = await workspace.run('init', 'start');
    expect(err).toMatch(/^error: start.topology\.json would be overwritten/);
    expect(status).toBe(2);
    expect(workspace.read('start/topology.json')).toBe('mine');
  });
});

describe('the process', () => {
  test('an unknown command: 2, with a suggestion', async () => {
    const { status, out, err } = await workspace.run('validat', 't.json');
    expect(err).toMatch(/unknown command 'validat'\n\(Did you mean validate\?\)/);
    expect(out).toBe('');
    expect(status).toBe(2);
  });

  test('an unknown option: 2, with a suggestion', async () => {
    const { status, err } = await workspace.run('run', 't.json', '--jsn');
    expect(err).toMatch(/unknown option '--jsn'\n\(Did you mean --json\?\)/);
    expect(status).toBe(2);
  });

  test('colours only where they are wanted', async () => {
    const colourful = workspace.start(['run', 'missing.json'], {
      env: { FORCE_COLOR: '1', NO_COLOR: undefined, NODE_DISABLE_COLORS: undefined },
    });
    expect((await colourful.ended).err).toMatch(/^\u001b\[31merror:\u001b\[39m /);
    expect((await workspace.run('run', 'missing.json')).err).toMatch(/^error: /);
  });
});
