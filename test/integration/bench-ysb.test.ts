/** The Yahoo Streaming Benchmark runs, gives right answers and prints what it promises. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../bench/workloads/ysb/main.ts', import.meta.url));

test('few tuples, one round, and half a second of latencies', () => {
  const args = ['--json', '--events', '300000', '--rounds', '1', '--latency-seconds', '0.5'];
  const out = execFileSync(process.execPath, [MAIN, ...args, '--workers', '1,2'], {
    encoding: 'utf8',
  });
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const ours = lines.filter((line) => line['subject'] === 'millrace');
  expect(ours.map((line) => line['workers'])).toEqual([1, 2, 1, 2]);
  expect(lines.map((line) => line['subject'])).toContain('plain-loop');
  for (const line of lines) {
    expect(line).toMatchObject({ bench: 'ysb', checked: true, seconds: expect.any(Number) });
    const isLatency = String(line['case']).startsWith('latency');
    if (isLatency) {
      const { p50, p99, p999, p9999, max } = line['latencyUs'] as Record<string, number>;
      const all = [p50!, p99!, p999!, p9999!, max!];
      expect(all).toEqual(all.toSorted((a, b) => a - b));
    } else {
      expect(line).toMatchObject({ events: 300_000, eventsPerSecond: expect.any(Number) });
    }
    if (line['subject'] === 'millrace') expect(line['ratio']).toBeTypeOf('object');
  }
  const [first] = ours;
  expect((first!['ratio'] as Record<string, number>)['plain-loop']).toBeGreaterThan(0);
}, 60_000);
