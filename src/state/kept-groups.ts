/** Forgetting groups of a state by the hash of their keys. @module */

import type { Steps } from '../core/state-io.ts';
import type { GroupState } from './accumulators/accumulator.ts';
import type { GroupStates } from './group-state.ts';

/** First word of a record: the hash of its keys. */
const HASH_WORD = 0;

/**
 * A state with some of the groups of another, which is released: all that groups have is copied, so that the
 * memory of the others is free.
 *
 * @param records - room for as many as a batch has rows, in memory
 * @param keeps - whether a group is kept, by the hash of its keys
 */
export function* keepGroups(
  states: GroupStates,
  source: GroupState,
  records: Int32Array,
  keeps: (hash: number) => boolean,
): Steps<GroupState> {
  const target = states.acquire();
  const { table } = source;
  const dropped = new Int32Array(records.length);
  const nowhere = new Int32Array(records.length);
  if (table.count > 0) target.table.noteKeysOf(table);
  for (let from = 0; from < table.count;) {
    const count = Math.min(table.count - from, records.length);
    table.listRecords(from, count, records);
    from += count;
    const kept = split(states.arena.words, records, count, dropped, keeps);
    for (const { accumulator, pairs } of states.scripted) {
      if (pairs !== undefined) accumulator.merge(target, nowhere, dropped, count - kept);
    }
    for (let at = 0; at < kept;) {
      const rest = records.subarray(at, kept);
      const some = states.affordable(rest, kept - at);
      states.mergeCopies(target, rest, some);
      at += some;
      yield;
    }
  }
  for (let from = 0; from < states.pairsOf(source);) {
    from = states.mergePairs(target, source, from);
    yield;
  }
  states.release(source);
  return target;
}

/** Puts records that are kept in front, and lists the others; how many are kept. */
function split(
  words: Int32Array,
  records: Int32Array,
  count: number,
  dropped: Int32Array,
  keeps: (hash: number) => boolean,
): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const record = records[i]!;
    if (keeps(words[2 * record + HASH_WORD]!)) records[kept++] = record;
    else dropped[i - kept] = record;
  }
  return kept;
}
