/** NEXMark's benchmark runs, checks its answers and prints what it promises. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { countResults, knownCounts } from '../../bench/workloads/nexmark/oracle/counts.ts';
import { QUERY_NAMES } from '../../bench/workloads/nexmark/oracle/queries.ts';
import type { EventOptions } from '../../bench/workloads/nexmark/run-query.ts';

const MAIN = fileURLToPath(new URL('../../bench/workloads/nexmark/main.ts', import.meta.url));

function bench(...args: readonly string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

test('two queries, few events, one round', () => {
  const args = ['--queries', 'q2,q8', '--events', '60000', '--rounds', '1', '--workers', '1'];
  const { status, out, err } = bench('--json', ...args);
  expect(err).toBe('');
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map((line) => String(line['case']).split(' ')[0])).toEqual(['q2', 'q8']);
  for (const line of lines) {
    expect(line).toMatchObject({
      bench: 'nexmark',
      subject: 'millrace',
      eventsPerSecond: expect.any(Number),
      events: 60_000,
      seconds: expect.any(Number),
      workers: 1,
      checked: true,
      ratio: {},
    });
  }
  expect(status).toBe(0);
}, 60_000);

test('warming up is left out, and two workers are compared with one', () => {
  const args = ['--queries', 'q2', '--events', '1000000', '--rounds', '1', '--workers', '1,2'];
  const { out, err } = bench('--json', '--warm', ...args);
  expect(err).toBe('');
  const [one, two] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number | undefined>);
  for (const line of [one, two]) {
    expect(line).toMatchObject({ case: expect.stringMatching(/ warm$/) as string, checked: true });
    expect(line!['events']).toBeGreaterThan(0);
    expect(line!['events']).toBeLessThanOrEqual(1_000_000);
  }
  expect(one!['speedup']).toBeUndefined();
  // Of one round it is what the two lines say.
  expect(two!['speedup']).toBeCloseTo(two!['eventsPerSecond']! / one!['eventsPerSecond']!, 2);
}, 60_000);

test('the counts that are kept are those that are counted', () => {
  const options: EventOptions = { generator: 'fast', rate: 10_000_000, events: 60_000 };
  expect(knownCounts(options)).toEqual(countResults(options, QUERY_NAMES));
  expect(knownCounts({ ...options, events: 60_001 })).toEqual(new Map());
}, 60_000);

test('wrong usage', () => {
  expect(bench('--queries', 'q0,q99')).toMatchObject({
    status: 2,
    err: expect.stringMatching(/q99.*q0, q1/) as string,
  });
});
