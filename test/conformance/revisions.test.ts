/** Operators whose results are revised by replay pass the conformance suite. */

import { createKernel } from '../../src/operators/kernels.ts';
import { OPERATORS, planOver, SESSIONS } from '../property/revisions.property.ts';
import type { Cell } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { describeKernel } from './kernel.ts';

const LONG = 'a text that does not fit into a view, number';

/** Rows of some keys, of which some are replaced or deleted a while later, and some come late. */
function script(): Step[] {
  const steps: Step[] = [];
  let latestUs = 0;
  const send = (id: number, change: string | null, atUs: number): void => {
    latestUs = Math.max(latestUs, atUs);
    const values: Cell[] = [
      id % 5 === 4 ? null : `k${id % 3}`,
      change,
      id % 4,
      `${LONG} ${id % 7}`,
    ];
    const lateByUs = Math.max(0, latestUs - 10 - atUs);
    steps.push({ port: 0, row: { values, timeUs: atUs, lateByUs } });
  };
  for (let i = 0; i < 120; i++) {
    send(i, '+I', 3 * i - ((i * 7) % 15));
    const old = i - 10;
    if (old >= 0 && i % 4 === 0) {
      const atUs = 3 * old - ((old * 7) % 15);
      send(old, i % 8 === 0 ? '-D' : '-U', atUs);
      if (i % 8 !== 0) send(old + 1, '+U', atUs);
    }
    if (i % 25 === 24) steps.push({ port: 0, watermarkUs: latestUs - 10 });
  }
  return steps;
}

const revisions = { keep: '60us' };

describeKernel('sessions over changes', {
  create: createKernel,
  plan: planOver({ ...SESSIONS, revisions }, 1, true),
  script: script(),
  keepsOrder: false,
  leastRows: 40,
});

describeKernel('a pattern over changes', {
  create: createKernel,
  plan: planOver({ ...OPERATORS[1]!, revisions }, 1, true),
  script: script(),
  keepsOrder: false,
  leastRows: 8,
});

describeKernel('a pattern over two streams of changes', {
  create: createKernel,
  plan: planOver(
    { type: 'pattern', pattern: 'a THEN b', key: ['k'], within: '9us', skip: 'next', revisions },
    2,
    true,
  ),
  script: script().map((step, i) => ({ ...step, port: Math.floor(i / 9) % 2 })),
  keepsOrder: false,
});
