import { describe, expect, test } from 'vitest';
import { StopMode, ThreadState } from '../../../src/ringbuf/index.ts';
import { Rest } from '../../../src/workers/thread/rest.ts';

/** A rest over a loop that says what it is told, turn by turn. */
function restOf(turns: readonly boolean[], sleeps: readonly number[]) {
  let turn = 0;
  let sleep = 0;
  const states: number[] = [];
  const stop = { mode: StopMode.RUN as number };
  const rest = new Rest(
    { setState: (state) => void states.push(state), stopMode: () => stop.mode as never },
    { turn: () => turns[turn++]!, sleepMs: () => sleeps[sleep++]! },
  );
  return { rest, states, stop };
}

describe('the second look', () => {
  test('finds nothing, and the worker parks', () => {
    const { rest, states } = restOf([false], [1000, 999.9]);
    expect(rest.sleepMs()).toBe(1000);
    expect(rest.look()).toBe(false);
    expect(states).toEqual([ThreadState.RUNNING, ThreadState.PARKED]);
  });

  test('finds that the host has posted something', () => {
    const control = { setState: () => undefined, stopMode: () => StopMode.RUN };
    const rest = new Rest(control, { turn: () => false, sleepMs: () => 1000 }, () => true);
    rest.sleepMs();
    expect(rest.look()).toBe(true);
  });

  test('finds work', () => {
    const { rest, states } = restOf([true], [1000]);
    rest.sleepMs();
    expect(rest.look()).toBe(true);
    expect(states).toEqual([ThreadState.RUNNING]);
  });

  test('finds that something is due much sooner than before', () => {
    const { rest } = restOf([false, false], [1000, 0.05, 0.05, 0.04]);
    rest.sleepMs();
    expect(rest.look()).toBe(true);
    rest.sleepMs();
    expect(rest.look()).toBe(false);
  });

  test('does not begin when the engine stops at once', () => {
    const { rest, stop } = restOf([], [1000]);
    rest.sleepMs();
    stop.mode = StopMode.ABORT;
    expect(rest.look()).toBe(true);
  });
});
