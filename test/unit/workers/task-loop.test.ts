/** Which heads of a worker have a turn. */

import { expect, test } from 'vitest';
import type { ThreadControl } from '../../../src/ringbuf/index.ts';
import type { Head } from '../../../src/workers/thread/flow.ts';
import { TaskLoop } from '../../../src/workers/thread/task-loop.ts';

/** A loop over heads alone. */
function loopOver(heads: readonly Head[]): TaskLoop {
  const none = {
    timed: [],
    sources: [],
    sinks: [],
    targets: [],
    edges: [],
    pumps: [],
    metrics: [],
  };
  const control = { beat: () => undefined } as unknown as ThreadControl;
  return new TaskLoop({ ...none, heads, control });
}

interface TestHead extends Head {
  turns: number;
  moves: boolean;
}

/** A head that counts its turns, in which it moves rows as long as `moves`. */
function head(more: Partial<Head> = {}): TestHead {
  const made: TestHead = {
    turns: 0,
    moves: true,
    run: () => {
      made.turns++;
      return made.moves;
    },
    hasEnded: () => false,
    ...more,
  };
  return made;
}

function run(loop: TaskLoop, turns: number): void {
  for (let turn = 0; turn < turns; turn++) loop.turn();
}

test('while a ring is half full, sources that share their parts have one turn of eight', () => {
  let isBehind = false;
  const ring = head({ isBehind: () => isBehind });
  const sharing = head({ sharesParts: () => true });
  const alone = head({ sharesParts: () => false });
  const loop = loopOver([sharing, alone, ring]);
  run(loop, 10);
  expect([ring.turns, sharing.turns, alone.turns]).toEqual([10, 10, 10]);
  isBehind = true;
  // It is seen behind the first of these turns.
  run(loop, 1 + 80);
  expect([ring.turns, sharing.turns, alone.turns]).toEqual([91, 21, 91]);
  isBehind = false;
  run(loop, 1 + 10);
  expect([ring.turns, alone.turns]).toEqual([102, 102]);
  expect(sharing.turns).toBe(31);
});

test('no source stands still because of a ring whose rows cannot go on', () => {
  const ring = head({ isBehind: () => true });
  ring.moves = false;
  const sharing = head({ sharesParts: () => true });
  const loop = loopOver([ring, sharing]);
  run(loop, 10);
  expect(sharing.turns).toBe(10);
  // Nor does the worker believe that it has nothing to do.
  expect(loop.turn()).toBe(true);
  sharing.moves = false;
  expect(loop.turn()).toBe(false);
});
