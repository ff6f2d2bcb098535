import { describe, expect, test } from 'vitest';
import { onStopSignals } from '../../../src/cli/run/stop-signals.ts';
import { FakeSignals } from './support.ts';

function listen(): {
  signals: FakeSignals;
  calls: string[];
  clock: { ms: number };
  stop: () => void;
} {
  const signals = new FakeSignals();
  const calls: string[] = [];
  const clock = { ms: 1000 };
  const stop = onStopSignals(
    signals,
    { first: () => calls.push('first'), second: () => calls.push('second') },
    () => clock.ms,
  );
  return { signals, calls, clock, stop };
}

describe('signals', () => {
  test('the first asks, the second insists, for the third there is nobody', () => {
    const { signals, calls, clock } = listen();
    signals.emit('SIGINT');
    expect(calls).toEqual(['first']);
    clock.ms += 500;
    signals.emit('SIGTERM');
    expect(calls).toEqual(['first', 'second']);
    expect(signals.count).toBe(0);
  });

  test('an echo of the first is not a second', () => {
    const { signals, calls, clock } = listen();
    signals.emit('SIGINT');
    clock.ms += 5;
    signals.emit('SIGINT');
    expect(calls).toEqual(['first']);
    clock.ms += 200;
    signals.emit('SIGINT');
    expect(calls).toEqual(['first', 'second']);
  });

  test('nobody listens after the end', () => {
    const { signals, calls, stop } = listen();
    expect(signals.count).toBe(2);
    stop();
    signals.emit('SIGINT');
    expect(calls).toEqual([]);
    expect(signals.count).toBe(0);
  });
});
