import { afterEach, expect, test, vi } from 'vitest';
import { allocateSeqlock, Arena, SeqlockReader } from '../../../../src/ringbuf/index.ts';
import { WorkClock } from '../../../../src/workers/thread/admission/work-clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('calls with rows are sampled, and what is inside them with them; the others are all timed', () => {
  const arena = Arena.create(4096);
  const address = allocateSeqlock(arena, 3);
  let nowMs = 0;
  const now = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const clock = new WorkClock(arena.buffer, address);
  const calls = 10_000;
  for (let call = 0; call < calls; call++) {
    clock.enterSampled(0);
    nowMs += 1;
    clock.enterSampled(1);
    nowMs += 2;
    clock.leave();
    clock.leave();
    clock.enter(2);
    nowMs += 1;
    clock.leave();
  }
  clock.tell(nowMs);
  const [outer, inner, plain] = new SeqlockReader(arena.buffer, address).read();
  expect(plain).toBe(calls);
  expect(Math.abs(outer! / calls - 1)).toBeLessThan(0.05);
  expect(inner! / outer!).toBeCloseTo(2, 9);
  // Four looks at the clock for a pair of calls, of which a quarter is timed.
  expect(now.mock.calls.length).toBeLessThan(2 * calls + 4 * (0.3 * calls));
});
