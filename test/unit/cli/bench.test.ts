import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchmarksIn, runScript } from '../../../src/cli/commands/bench.ts';
import { FakeSignals } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(text: string): string {
  const file = join(folder, 'script.mjs');
  writeFileSync(file, text);
  return file;
}

describe('benchmarks', () => {
  test('are the folders with a main.ts, those of workloads as well, sorted', () => {
    const names = ['sort', 'ring', 'support', 'workloads/ysb', 'workloads/nexmark', 'workloads/x'];
    for (const name of names) mkdirSync(join(folder, name), { recursive: true });
    const scripts = ['sort', 'ring', 'workloads/ysb', 'workloads/nexmark'];
    for (const name of scripts) writeFileSync(join(folder, name, 'main.ts'), '');
    writeFileSync(join(folder, 'README.md'), '');
    expect([...benchmarksIn(folder)]).toEqual([
      ['nexmark', join(folder, 'workloads/nexmark/main.ts')],
      ['ring', join(folder, 'ring/main.ts')],
      ['sort', join(folder, 'sort/main.ts')],
      ['ysb', join(folder, 'workloads/ysb/main.ts')],
    ]);
    expect(benchmarksIn(join(folder, 'nowhere')).size).toBe(0);
  });
});

describe('a benchmark runs in a process of its own', () => {
  test('with its arguments and its exit status', async () => {
    const answer = join(folder, 'answer.json');
    const file = script(
      `import { writeFileSync } from 'node:fs';
       writeFileSync(${JSON.stringify(answer)}, JSON.stringify(process.argv.slice(2)));
       process.exitCode = 7;`,
    );
    const signals = new FakeSignals();
    expect(await runScript(file, ['--quick', '--n=1'], { signals })).toBe(7);
    expect(JSON.parse(readFileSync(answer, 'utf8'))).toEqual(['--quick', '--n=1']);
    expect(signals.count).toBe(0);
  });

  test('SIGTERM is passed on, and its end is waited for', async () => {
    const ready = join(folder, 'ready');
    const file = script(
      `import { writeFileSync } from 'node:fs';
       process.on('SIGTERM', () => process.exit(9));
       writeFileSync(${JSON.stringify(ready)}, 'yes');
       setInterval(() => {}, 1000);`,
    );
    const signals = new FakeSignals();
    const status = runScript(file, [], { signals });
    await expect.poll(() => readFileSync(ready, 'utf8'), { timeout: 10_000 }).toBe('yes');
    signals.emit('SIGINT');
    signals.emit('SIGTERM');
    expect(await status).toBe(9);
  });

  test('ended by a signal: 128 and its number', async () => {
    const file = script(`process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`);
    expect(await runScript(file, [], { signals: new FakeSignals() })).toBe(137);
  });
});
