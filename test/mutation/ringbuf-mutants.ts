/**
 * Mistakes one could make in `src/ringbuf`, as replacements of its text.
 *
 * `search` must occur exactly once, so that a mutant cannot vanish when the source is edited.
 *
 * @module
 */

/** One mistake. */
export interface Mutant {
  readonly name: string;
  /** File in `src/ringbuf`. */
  readonly file: string;
  readonly search: string;
  readonly replace: string;
}

const PUBLISH = `    this.#tail = (this.#tail + 1) | 0;
    // (P) The last store of the hand-over: every byte of the slot is written by now.
    Atomics.store(this.#control, Word.TAIL, this.#tail);
    // After (P), never before: a consumer that is about to sleep looks at \`tail\` once more.
    for (let bell = 0; bell < this.#consumerBells.length; bell++) this.#consumerBells[bell]!.ring();
`;
const RELEASE = `    this.#head = (this.#head + count) | 0;
    // (R) Every read of the released slots is done by now.
    Atomics.store(this.#control, this.#headWord, this.#head);
    // After (R), never before: a producer that is about to sleep looks at \`head\` once more.
    if (this.#producerBell !== undefined) this.#producerBell.ring();
`;

/** Lines of \`text\` in another order: \`order\` holds the old numbers. */
function reorder(text: string, order: readonly number[]): string {
  const lines = text.split('\n');
  return `${order.map((line) => lines[line]).join('\n')}\n`;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'claim publishes: the slot is visible before it is written',
    file: 'spsc-ring.ts',
    search: '    this.#isClaimed = true;\n    return this.#tail & this.#mask;',
    replace:
      '    this.#isClaimed = true;\n' +
      '    Atomics.store(this.#control, Word.TAIL, (this.#tail + 1) | 0);\n' +
      '    return this.#tail & this.#mask;',
  },
  {
    name: 'peek releases: the slot is free before it is read',
    file: 'spsc-ring.ts',
    search: '    return this.#read & this.#mask;',
    replace:
      '    Atomics.store(this.#control, this.#headWord, (this.#read + 1) | 0);\n' +
      '    return this.#read & this.#mask;',
  },
  {
    name: 'the consumer bell is rung before the slot is published',
    file: 'spsc-ring.ts',
    search: PUBLISH,
    replace: reorder(PUBLISH, [4, 0, 2]),
  },
  {
    name: 'the producer bell is rung before the slot is released',
    file: 'spsc-ring.ts',
    search: RELEASE,
    replace: reorder(RELEASE, [4, 0, 2]),
  },
  {
    name: 'publish does not ring',
    file: 'spsc-ring.ts',
    search: PUBLISH,
    replace: reorder(PUBLISH, [0, 2]),
  },
  {
    name: 'release does not ring',
    file: 'spsc-ring.ts',
    search: RELEASE,
    replace: reorder(RELEASE, [0, 2]),
  },
  {
    name: 'publish does not store tail',
    file: 'spsc-ring.ts',
    search: PUBLISH,
    replace: reorder(PUBLISH, [0, 4]),
  },
  {
    name: 'one slot more than there are',
    file: 'spsc-ring.ts',
    search: '      if (((this.#tail - this.#headSeen) | 0) >= this.#slots) return NO_SLOT;',
    replace: '      if (((this.#tail - this.#headSeen) | 0) > this.#slots) return NO_SLOT;',
  },
  {
    name: 'one slot less than there are',
    file: 'spsc-ring.ts',
    search: '      if (((this.#tail - this.#headSeen) | 0) >= this.#slots) return NO_SLOT;',
    replace: '      if (((this.#tail - this.#headSeen) | 0) >= this.#slots - 1) return NO_SLOT;',
  },
  {
    name: 'head is never read again',
    file: 'spsc-ring.ts',
    search:
      "      // Looks full: only now pay for reading the consumers' lines.\n" +
      '      this.#headSeen = this.#oldestHead();\n',
    replace: '',
  },
  {
    name: 'tail is never read again',
    file: 'spsc-ring.ts',
    search:
      "      // (C) Looks empty: only now pay for reading the producer's line.\n" +
      '      this.#tailSeen = Atomics.load(this.#control, Word.TAIL);\n',
    replace: '',
  },
  {
    name: 'comparison that does not wrap',
    file: 'spsc-ring.ts',
    search: '    if (((this.#tail - this.#headSeen) | 0) >= this.#slots) {',
    replace: '    if (this.#tail - this.#headSeen >= this.#slots) {',
  },
  {
    name: 'the fastest cursor decides instead of the slowest',
    file: 'spsc-ring.ts',
    search: 'if (((head - oldest) | 0) < 0) oldest = head;',
    replace: 'if (((head - oldest) | 0) > 0) oldest = head;',
  },
  {
    name: 'minimum of cursors that does not wrap',
    file: 'spsc-ring.ts',
    search: 'if (((head - oldest) | 0) < 0) oldest = head;',
    replace: 'if (head < oldest) oldest = head;',
  },
  {
    name: 'the last cursor is forgotten',
    file: 'spsc-ring.ts',
    search: 'for (let cursor = 1; cursor < this.#consumers; cursor++) {\n      // (F)',
    replace: 'for (let cursor = 1; cursor < this.#consumers - 1; cursor++) {\n      // (F)',
  },
  {
    name: 'release of one too many',
    file: 'spsc-ring.ts',
    search: '    this.#head = (this.#head + count) | 0;',
    replace: '    this.#head = (this.#head + count + 1) | 0;',
  },
  {
    name: 'release lets go of everything advanced past, whatever was asked',
    file: 'spsc-ring.ts',
    search: '    this.#head = (this.#head + count) | 0;',
    replace: '    this.#head = this.#read;',
  },
  {
    name: 'rewind to one slot too late',
    file: 'spsc-ring.ts',
    search: '    this.#read = this.#head;\n  }\n\n  /** Slots advanced past and not',
    replace: '    this.#read = (this.#head + 1) | 0;\n  }\n\n  /** Slots advanced past and not',
  },
  {
    name: 'all cursors share one word',
    file: 'ring-memory.ts',
    search: '  return Word.HEAD + cursor * LINE_WORDS;',
    replace: '  return Word.HEAD + 0 * cursor;',
  },
  {
    name: 'no look between announcing sleep and sleeping',
    file: 'bell.ts',
    search: `    // (K) The second look. The first, before parking, does not count.
    let isRung = hasWork();`,
    replace: '    let isRung = false;',
  },
  {
    name: 'the look comes before the announcement',
    file: 'bell.ts',
    search: `    // (S)
    Atomics.store(this.#words, BellWord.STATE, BellState.SLEEPING);
    // (K) The second look. The first, before parking, does not count.
    let isRung = hasWork();`,
    replace: `    let isRung = hasWork();
    Atomics.store(this.#words, BellWord.STATE, BellState.SLEEPING);`,
  },
  {
    name: 'the bell forgets to notify',
    file: 'bell.ts',
    search: '    if (was === BellState.SLEEPING) Atomics.notify(this.#words, BellWord.STATE);',
    replace: '    void was;',
  },
  {
    name: 'the bell notifies without taking the announcement back',
    file: 'bell.ts',
    search: `      BellState.SLEEPING,
      BellState.AWAKE,
    );`,
    replace: `      BellState.SLEEPING,
      BellState.SLEEPING,
    );`,
  },
  {
    name: 'the sleeper does not announce itself',
    file: 'bell.ts',
    search: `    // (S)
    Atomics.store(this.#words, BellWord.STATE, BellState.SLEEPING);
    // (K) The second look.`,
    replace: '    // (K) The second look.',
  },
  {
    name: 'low half of a count before the high half',
    file: 'counters.ts',
    search: `    const high = highOf(total);
    if (high !== this.#highs[index]!) {`,
    replace: `    const high = highOf(total);
    Atomics.store(this.#words, index * WORDS_PER_COUNTER, total | 0);
    if (high !== this.#highs[index]!) {`,
  },
  {
    name: 'a count is read without regard to the shared bit',
    file: 'counters.ts',
    search: 'return (lowIsOlder ? high - 1 : high) * HALF',
    replace: 'void lowIsOlder;\n    return high * HALF',
  },
  {
    name: 'a count is read without looking at the high half again',
    file: 'counters.ts',
    search: '    if (Atomics.load(words, at + 1) !== high) continue;\n',
    replace: '',
  },
  {
    name: 'a snapshot is written into the copy that is being read',
    file: 'seqlock.ts',
    search: '    const copy = (version & 1) * words;',
    replace: '    const copy = ((version + 1) & 1) * words;',
  },
  {
    name: 'a snapshot is announced before it is written',
    file: 'seqlock.ts',
    search: '    // (D) A word',
    replace: '    Atomics.store(this.#words, VERSION, version); // A word',
  },
  {
    name: 'a word that only the other copy has is not stored',
    file: 'seqlock.ts',
    search: 'if (stored[copy + word] === value) continue;',
    replace: 'if (stored[words - copy + word] === value) continue;',
  },
  {
    name: 'a snapshot is not checked after it is read',
    file: 'seqlock.ts',
    search: '    if (Atomics.load(words, VERSION) === version) return version;',
    replace: '    return version;',
  },
];
