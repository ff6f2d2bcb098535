import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lines, type Running, Workspace } from './cli-process.ts';
import { CLICKS, endless, paidClicks } from './cli-topologies.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
});
afterEach(() => workspace.remove());

const TO_FILE = { connector: 'file', path: 'out.csv', format: 'csv' };

interface Summary {
  readonly status: string;
  readonly sinks: { readonly out: { readonly rows: number } };
}

/** What the endpoint says, and how many rows have come out of the filter. */
async function scrape(running: Running): Promise<{ readonly text: string; readonly rows: number }> {
  const [, url] = await running.says(/metrics: (\S+)/);
  const response = await fetch(url!);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const rows = /^millrace_rows_total\{node="even",direction="out"\} (\d+)/m.exec(text);
  return { text, rows: Number(rows?.[1] ?? 0) };
}

/** Waits until rows flow. */
async function flow(running: Running): Promise<string> {
  for (;;) {
    const { text, rows } = await scrape(running);
    if (rows > 0) return text;
    await sleep(20);
  }
}

/** Waits until rows have flowed and flow no more. */
async function standstill(running: Running): Promise<void> {
  await flow(running);
  for (let last = 0; ;) {
    const { rows } = await scrape(running);
    if (rows === last) return;
    last = rows;
    await sleep(300);
  }
}

describe('the first signal drains', () => {
  test.each([
    ['SIGINT', 2000],
    ['SIGTERM', undefined],
  ] as const)('%s at %j rows per second: everything that is in comes out', async (signal, rate) => {
    workspace.write('t.json', endless(rate, TO_FILE));
    const running = workspace.start(['run', 't.json', '--json', '--metrics-port', '0']);
    const text = await flow(running);
    expect(text).toMatch(/^millrace_source_rows\{node="numbers",fate="shed"\} 0$/m);
    const askedMs = performance.now();
    running.child.kill(signal);
    const { status, out, err } = await running.ended;
    expect(err).toMatch(/^endless: draining/m);
    expect(status).toBe(0);
    expect(performance.now() - askedMs).toBeLessThan(3000);

    const summary = JSON.parse(out) as Summary;
    expect(summary).toMatchObject({ name: 'endless', status: 'stopped' });
    const { rows } = summary.sinks.out;
    expect(rows).toBeGreaterThan(0);
    // The header, and the even numbers from 0 on: none is missing.
    const written = lines(workspace.read('out.csv'));
    expect(written).toHaveLength(1 + rows);
    expect(written.slice(0, 3)).toEqual(['n', '0', '2']);
    expect(written.at(-1)).toBe(String(2 * (rows - 1)));
  });

  test('--duration does the same', async () => {
    workspace.write('t.json', endless(1000, TO_FILE));
    const { status, out } = await workspace.run('run', 't.json', '--json', '--duration', '300ms');
    const summary = JSON.parse(out) as Summary & { readonly seconds: number };
    expect(summary.status).toBe('stopped');
    expect(summary.seconds).toBeGreaterThan(0.29);
    expect(status).toBe(0);
    expect(lines(workspace.read('out.csv'))).toHaveLength(1 + summary.sinks.out.rows);
  });

  test.each(['soon', '0s', '40d'])('--duration %s is wrong usage', async (duration) => {
    workspace.write('t.json', endless(1000, TO_FILE));
    const { status, err } = await workspace.run('run', 't.json', '--duration', duration);
    expect(err).toMatch(/^error: --duration: /);
    expect(status).toBe(2);
  });
});

describe('the second signal', () => {
  test('stops a run whose output nobody reads', async () => {
    workspace.write('t.json', endless(undefined, { connector: 'stdout', format: 'csv' }));
    const running = workspace.start(['run', 't.json', '--metrics-port', '0'], {
      readsOutput: false,
    });
    await standstill(running);
    running.child.kill('SIGINT');
    await running.says(/^endless: draining/m);
    await sleep(300);
    expect(running.child.exitCode).toBeNull();
    const askedMs = performance.now();
    running.child.kill('SIGINT');
    await running.says(/^endless: stopped/m);
    expect(performance.now() - askedMs).toBeLessThan(3000);
    running.child.stdout?.resume();
    const { status, err } = await running.ended;
    expect(err).toMatch(/^endless: stopping$/m);
    expect(status).toBe(1);
  });
});

describe('a reader that goes away', () => {
  test('ends the run with an error, not with a crash', async () => {
    workspace.write('t.json', endless(undefined, { connector: 'stdout', format: 'csv' }));
    const running = workspace.start(['run', 't.json', '--json']);
    running.child.stdout?.once('data', () => running.child.stdout?.destroy());
    const { status, err } = await running.ended;
    expect(err).toMatch(/^error: standard output was closed by its reader \(ERR_FILE/m);
    expect(err).not.toMatch(/^ +at /m);
    expect(status).toBe(1);
  });

  test('of a listing is no error at all', async () => {
    const running = workspace.start(['schema']);
    running.child.stdout?.destroy();
    expect(await running.ended).toMatchObject({ status: 0, err: '' });
  });
});

describe('--watch', () => {
  test('runs again when the file changes, survives mistakes, and ends with a signal', async () => {
    workspace.write('clicks.csv', CLICKS);
    workspace.write('t.json', paidClicks());
    const running = workspace.start(['run', 't.json', '--watch']);
    const waiting = /waiting for t\.json to change\n$/;
    await running.says(waiting);
    expect(running.err()).toMatch(/^paid-clicks: completed/m);

    workspace.write('t.json', '{ "version": 1, "name": "broken" }');
    await running.says(/error: [\s\S]*waiting for t\.json to change\n$/);

    workspace.write('t.json', paidClicks({ sink: { path: 'second.csv' } }));
    await running.says(/error: [\s\S]*paid-clicks: completed[\s\S]*to change\n$/);
    expect(existsSync(workspace.file('second.csv'))).toBe(true);

    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ status: 0, signal: null });
  });

  test('a change ends a run that would not end', async () => {
    workspace.write('t.json', endless(1000, TO_FILE));
    const running = workspace.start(['run', 't.json', '--watch', '--metrics-port', '0']);
    await flow(running);
    workspace.write('t.json', endless(1000, { connector: 'discard' }));
    await running.says(/endless: stopped[\s\S]*metrics: /);
    expect(existsSync(workspace.file('out.csv'))).toBe(false);
    running.child.kill('SIGTERM');
    expect((await running.ended).status).toBe(0);
  });
});
