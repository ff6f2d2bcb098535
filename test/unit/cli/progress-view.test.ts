import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProgressView } from '../../../src/cli/run/progress-view.ts';
import type { RunSummary } from '../../../src/index.ts';
import { FakeWorld, sampleStats } from './support.ts';

const SUMMARY: RunSummary = {
  name: 'ad-ctr',
  status: 'completed',
  seconds: 1,
  sources: {},
  operators: {},
  sinks: { out: { rows: 22 } },
};
const ENGINE = { name: 'ad-ctr', stats: sampleStats };

describe('progress on standard error', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('a log gets a line every five seconds and the summary', () => {
    const world = new FakeWorld();
    const view = new ProgressView(ENGINE, world, 'log');
    vi.advanceTimersByTime(10_001);
    view.setState('draining');
    view.close(SUMMARY);
    vi.advanceTimersByTime(10_000);
    const lines = world.stderr.text.split('\n');
    expect(lines[0]).toMatch(/^ad-ctr: running, 12\.3 s: clicks 1,234,567/);
    expect(lines.slice(2)).toEqual([
      'ad-ctr: draining (a second signal stops at once)',
      'ad-ctr: completed after 1.00 s',
      '  out  sink  22 rows',
      '',
    ]);
    expect(world.stderr.text).not.toContain('\u001b');
  });

  test('a terminal gets a table that is drawn over, and its cursor back', () => {
    const world = new FakeWorld();
    const view = new ProgressView(ENGINE, world, 'live');
    expect(world.stderr.text).toBe('\u001b[?25l');
    world.stderr.text = '';
    vi.advanceTimersByTime(250);
    expect(world.stderr.text).toMatch(/^\u001b\[2Kad-ctr: running/);
    expect(world.stderr.text.match(/\n/g)).toHaveLength(5);
    world.stderr.text = '';
    vi.advanceTimersByTime(250);
    // Five lines up, and over it.
    expect(world.stderr.text).toMatch(/^\r\u001b\[5A\u001b\[2Kad-ctr: running/);
    world.stderr.text = '';
    view.close(undefined);
    expect(world.stderr.text).toBe('\r\u001b[5A\u001b[J\u001b[?25h');
    expect(world.signals.count).toBe(0);
  });

  test('a process that dies gives the cursor back as well', () => {
    const world = new FakeWorld();
    const view = new ProgressView(ENGINE, world, 'live');
    world.stderr.text = '';
    world.signals.emit('exit');
    expect(world.stderr.text).toBe('\u001b[?25h');
    view.close(undefined);
  });

  test('a small terminal gets what fits', () => {
    const world = new FakeWorld();
    world.stderr.columns = 20;
    world.stderr.rows = 4;
    const view = new ProgressView(ENGINE, world, 'live');
    vi.advanceTimersByTime(250);
    view.close(undefined);
    const drawn = world.stderr.text.split('\u001b[2K').slice(1, 4);
    expect(drawn[0]).toBe('ad-ctr: running, 1…\n');
    expect(drawn[2]).toMatch(/^…\n/);
  });

  test('other lines stand above the table', () => {
    const world = new FakeWorld();
    const view = new ProgressView(ENGINE, world, 'live');
    vi.advanceTimersByTime(250);
    world.stderr.text = '';
    view.print('metrics: here');
    view.close(undefined);
    expect(world.stderr.text).toMatch(/^\r\u001b\[5A\u001b\[Jmetrics: here\n\u001b\[2Kad-ctr/);
  });

  test('quiet is quiet', () => {
    const world = new FakeWorld();
    const view = new ProgressView(ENGINE, world, 'quiet');
    vi.advanceTimersByTime(20_000);
    view.print('metrics: here');
    view.setState('draining');
    view.close(SUMMARY);
    expect(world.stderr.text).toBe('');
  });
});
