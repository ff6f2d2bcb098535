/** Long runs: flat memory over millions of rows, more threads than cores. */
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';
import { startScript } from '../support/script.ts';
import { within } from '../support/until.ts';

const MIB = 2 ** 20;
const START_MS = Date.UTC(2026, 0, 1);

/** Writes rows 1 ms apart; every tenth has `user` null, `amount` is `i % 1000` quarters. */
async function writeRows(workspace: Workspace, name: string, count: number): Promise<void> {
  const stream = createWriteStream(path.join(workspace.directory, name));
  stream.write('at,id,user,amount\n');
  const CHUNK = 50_000;
  for (let from = 0; from < count; from += CHUNK) {
    let text = '';
    for (let i = from; i < Math.min(count, from + CHUNK); i++) {
      const user = i % 10 === 0 ? '' : `a user with number ${i % 997}`;
      text += `${START_MS + i},${i},${user},${(i % 1000) / 4}\n`;
    }
    if (!stream.write(text)) await new Promise<void>((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await finished(stream);
}

function topology(input: string): object {
  return {
    version: 1,
    name: 'flat',
    sources: {
      rows: {
        connector: 'file',
        path: input,
        schema: { at: 'timestamp', id: 'int64', user: 'string', amount: 'float64' },
        time: { field: 'at', lateness: '1s' },
      },
    },
    operators: {
      dear: { type: 'filter', input: 'rows', where: 'amount >= 125' },
      wide: { type: 'map', input: 'dear', select: { '*': true, twice: "user || '/' || user" } },
      per_user: {
        type: 'aggregate',
        input: 'rows',
        groupBy: ['user'],
        window: { type: 'tumbling', size: '10s' },
        select: { n: 'COUNT(*)', total: 'SUM(amount)' },
      },
      all: { type: 'aggregate', input: 'per_user', select: { n: 'SUM(n)', total: 'SUM(total)' } },
    },
    sinks: {
      rows_out: { connector: 'file', input: 'wide', path: 'wide.csv' },
      all_out: { connector: 'file', input: 'all', path: 'all.csv' },
    },
  };
}

/** Runs a file of `count` rows in a process of its own; gives its largest resident size. */
async function peakBytes(workspace: Workspace, count: number): Promise<number> {
  await writeRows(workspace, 'in.csv', count);
  const script = startScript(
    workspace,
    `const engine = await Millrace.start(${JSON.stringify(topology('in.csv'))}, { workers: 2 });
    const { status, sinks } = await engine.completed;
    const peak = process.resourceUsage().maxRSS * 1024;
    console.log(JSON.stringify({ status, rows: sinks.rows_out.rows, peak }));`,
  );
  const { status, out, err } = await script.ended;
  expect(err).toBe('');
  expect(status).toBe(0);
  const result = JSON.parse(out) as { status: string; rows: number; peak: number };
  expect(result).toMatchObject({ status: 'completed', rows: count / 2 });
  const total = (count / 1000) * ((999 * 1000) / 8);
  expect(workspace.read('all.csv')).toBe(`n,total\n${count},${total}\n`);
  return result.peak;
}

test('five million rows need no more memory than half a million, and less than 512 MiB', async () => {
  using workspace = new Workspace();
  const small = await peakBytes(workspace, 500_000);
  const large = await peakBytes(workspace, 5_000_000);
  console.info(`peak: ${Math.round(small / MIB)} MiB, ${Math.round(large / MIB)} MiB`);
  expect(large).toBeLessThan(512 * MIB);
  expect(large - small).toBeLessThan(96 * MIB);
});

test('twelve operators on twelve threads', async () => {
  using workspace = new Workspace();
  const COUNT = 200_000;
  await writeRows(workspace, 'in.csv', COUNT);
  const names = Array.from({ length: 10 }, (_, i) => `step_${i}`);
  const steps = names.map((name, i) => [
    name,
    {
      type: 'map',
      input: i === 0 ? 'rows' : names[i - 1]!,
      select: { '*': true, [`c${i}`]: `id + ${i}` },
    },
  ]);
  const order = ['rows', ...names, 'total'];
  const document = {
    version: 1,
    name: 'twelve',
    sources: (topology('in.csv') as { sources: object }).sources,
    operators: {
      ...(Object.fromEntries(steps) as object),
      total: {
        type: 'aggregate',
        input: names.at(-1)!,
        select: Object.fromEntries([
          ['n', 'COUNT(*)'],
          ...names.map((name, i) => [name, `SUM(c${i})`]),
        ]),
      },
    },
    sinks: { out: { connector: 'file', input: 'total', path: 'out.csv' } },
    engine: {
      placement: { pin: Object.fromEntries(order.map((name, worker) => [name, worker])) },
      ring: { slots: 2, rows: 256 },
    },
  };
  const engine = await Millrace.start(document, {
    baseDirectory: workspace.directory,
    workers: 12,
  });
  const workers = new Set(engine.stats().tasks.map((task) => task.worker));
  expect(workers.size).toBe(12);
  await within(engine.completed, 'twelve threads', 120_000);
  const sum = (COUNT * (COUNT - 1)) / 2;
  const expected = [COUNT, ...names.map((_, i) => sum + i * COUNT)].join(',');
  expect(workspace.sortedLines('out.csv')).toEqual([expected]);
  await runToEnd(document, workspace, { workers: 12 });
});
