import { expect, test } from 'vitest';
import { Burst, BURST_CASES } from '../../../bench/operators/burst.ts';

const SESSIONS = 8192;
/** Some hundred µs for each of them and what is done to find it. */
const MOST_RESULTS = 2048;

test.each(BURST_CASES.map((given) => [given.name, given] as const))(
  '%s: no call closes more than it has time for',
  async (_name, given) => {
    const burst = await Burst.open(given, SESSIONS);
    for (let round = 1; round <= 2; round++) {
      burst.begin();
      let calls = 0;
      burst.end((call) => {
        const before = burst.out.rows;
        calls++;
        const progress = call();
        expect(burst.out.rows - before).toBeLessThanOrEqual(MOST_RESULTS);
        return progress;
      });
      expect(burst.out.rows).toBe(round * SESSIONS);
      // Where results came with the rows, what ends is only forgotten.
      expect(calls).toBeGreaterThanOrEqual(SESSIONS / MOST_RESULTS);
    }
  },
);
