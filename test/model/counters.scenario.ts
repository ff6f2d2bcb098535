/**
 * A count that passes 2^31 and 2^32 while another thread reads it. Every answer must be
 * a count that there was, no older than the last one that was complete when the read began.
 *
 * @module
 */

import assert from 'node:assert/strict';
import { allocateCounters, type CounterAddress, CounterBlock } from '../../src/ringbuf/index.ts';
import { explore } from '../support/interleave/explore.ts';
import { FlatArena } from '../support/interleave/flat-arena.ts';
import type { Script } from '../support/interleave/thread.ts';
import type { Ringbuf, ScenarioResult } from './scenario.ts';

const FIRST = 2 ** 31 - 1;
const STEPS = [1, 2 ** 31 - 1, 2];
const TOTALS = STEPS.reduce((totals, step) => [...totals, totals.at(-1)! + step], [FIRST]);
const READS = 2;

interface Layout {
  readonly counters: CounterAddress;
  readonly log: number;
}

/** Adds begun and done; then for each read: adds done before, answer, adds begun after. */
const Log = { BEGUN: 0, DONE: 1, READS: 2, WORDS: 2 + 3 * READS } as const;

export const script: Script<Ringbuf, Layout> = (subject, shared, thread, layout) => {
  const log = new Float64Array(shared, layout.log, Log.WORDS);
  if (thread === 0) {
    const block = new subject.CounterBlock(shared, layout.counters);
    return () => {
      for (const step of STEPS) {
        log[Log.BEGUN]!++;
        block.add(1, step);
        log[Log.DONE]!++;
      }
    };
  }
  const reader = new subject.CounterReader(shared, layout.counters);
  return () => {
    for (let read = 0; read < READS; read++) {
      const at = Log.READS + 3 * read;
      log[at] = log[Log.DONE]!;
      log[at + 1] = reader.read(1);
      log[at + 2] = log[Log.BEGUN]!;
    }
  };
};

/** Whatever the order, a read is exact. */
export async function exploreCounters(subject: URL): Promise<ScenarioResult> {
  const arena = new FlatArena(1024);
  const counters = allocateCounters(arena, 2);
  new CounterBlock(arena.buffer, counters).add(1, FIRST);
  const log = arena.allocate(Log.WORDS * 8);
  const words = new Float64Array(arena.buffer, log, Log.WORDS);
  const outcomes = new Set<string>();
  const explored = await explore({
    script: new URL(import.meta.url),
    subject,
    data: { counters, log } satisfies Layout,
    threads: 2,
    shared: arena.buffer,
    reset: arena.snapshot(),
    check: () => {
      const answers: number[] = [];
      for (let read = 0; read < READS; read++) {
        const at = Log.READS + 3 * read;
        const step = TOTALS.indexOf(words[at + 1]!);
        assert(step >= words[at]! && step <= words[at + 2]!, `torn or stale: ${words[at + 1]}`);
        answers.push(step);
      }
      outcomes.add(answers.join());
      assert(answers[0]! <= answers[1]!, `went back: ${answers.join()}`);
    },
  });
  return { explored, outcomes: [...outcomes].sort() };
}
