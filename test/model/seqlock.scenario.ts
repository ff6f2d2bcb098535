/**
 * A value of two words, both different in each of two writes, while another thread reads twice.
 * Two words are the smallest snapshot that can be torn.
 *
 * @module
 */

import assert from 'node:assert/strict';
import { allocateSeqlock, type SeqlockAddress } from '../../src/ringbuf/index.ts';
import { explore } from '../support/interleave/explore.ts';
import { FlatArena } from '../support/interleave/flat-arena.ts';
import type { Script } from '../support/interleave/thread.ts';
import type { Ringbuf, ScenarioResult } from './scenario.ts';

const WRITES = 2;
const READS = 2;
/** Differs from the others in its upper and in its lower word. */
const valueOf = (write: number): number => write * (1 + 2 ** -45);

interface Layout {
  readonly seqlock: SeqlockAddress;
  readonly log: number;
}

/** Writes begun and done; then for each read: writes done before, answer, writes begun after. */
const Log = { BEGUN: 0, DONE: 1, READS: 2, WORDS: 2 + 3 * READS } as const;

export const script: Script<Ringbuf, Layout> = (subject, shared, thread, layout) => {
  const log = new Float64Array(shared, layout.log, Log.WORDS);
  if (thread === 0) {
    const writer = new subject.SeqlockWriter(shared, layout.seqlock);
    return () => {
      for (let write = 1; write <= WRITES; write++) {
        log[Log.BEGUN]!++;
        writer.set(0, valueOf(write));
        log[Log.DONE]!++;
      }
    };
  }
  const reader = new subject.SeqlockReader(shared, layout.seqlock);
  return () => {
    for (let read = 0; read < READS; read++) {
      const at = Log.READS + 3 * read;
      log[at] = log[Log.DONE]!;
      log[at + 1] = reader.get(0);
      log[at + 2] = log[Log.BEGUN]!;
    }
  };
};

/** Whatever the order, a snapshot is of one write. */
export async function exploreSeqlock(subject: URL): Promise<ScenarioResult> {
  const arena = new FlatArena(1024);
  const seqlock = allocateSeqlock(arena, 1);
  const log = arena.allocate(Log.WORDS * 8);
  const words = new Float64Array(arena.buffer, log, Log.WORDS);
  const outcomes = new Set<string>();
  const explored = await explore({
    script: new URL(import.meta.url),
    subject,
    data: { seqlock, log } satisfies Layout,
    threads: 2,
    shared: arena.buffer,
    reset: arena.snapshot(),
    check: () => {
      const answers: number[] = [];
      for (let read = 0; read < READS; read++) {
        const [done, value, begun] = words.subarray(Log.READS + 3 * read);
        const write = Math.floor(value!);
        assert.equal(value, valueOf(write), 'two writes are mixed');
        assert(write >= done! && write <= begun!, `stale: ${write}, ${done} were done`);
        answers.push(write);
      }
      outcomes.add(answers.join());
      assert(answers[0]! <= answers[1]!, `went back: ${answers.join()}`);
    },
  });
  return { explored, outcomes: [...outcomes].sort() };
}
