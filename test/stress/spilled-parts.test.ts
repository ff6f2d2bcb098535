/** Many operators with parts of their state on disk. */

import { expect, test } from 'vitest';
import { checkSpilledParts, SUBJECTS } from '../property/spilled-parts.property.ts';

const RUNS = 150;

test.each(Object.entries(SUBJECTS))(
  '%s: on disk as in memory',
  { timeout: 900_000 },
  async (_, node) => {
    expect(await checkSpilledParts(node, RUNS)).toBeGreaterThan(10 * RUNS);
  },
);
