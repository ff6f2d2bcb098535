/**
 * Where every shared word lies: rings, bells, the engine's control block.
 *
 * Offsets only, no behaviour. All words are Int32. The rule behind every picture below: a 128-byte
 * line has one writer. Two threads that store to one cache line cost each other 20 ns a store
 * instead of 7; 64 bytes were enough on EPYC, 128 because Intel fetches lines in pairs and Apple
 * cores have lines of that length.
 *
 * ## Control block of one ring: 2 + consumers lines, in front of the slots
 *
 * ```
 *  line 0    ┌───────┬───────┬───────────┬───────────┬──────────┬─────┬─────────┐
 *            │ magic │ slots │ slotBytes │ consumers │ producer │ end │ padding │
 *            └───────┴───────┴───────────┴───────────┴──────────┴─────┴─────────┘
 *              written once, by the host               claimed    0 open, 1 closed by its
 *                                                      by CAS     producer, 2 aborted
 *  line 1    ┌──────┬───────────────────────────────────────────────────────────┐
 *            │ tail │ padding                                                   │
 *            └──────┴───────────────────────────────────────────────────────────┘
 *              slots ever published, modulo 2^32; the producer's alone
 *  line 2+c  ┌──────┬───────┬───────────────────────────────────────────────────┐
 *            │ head │ owner │ padding                                           │
 *            └──────┴───────┴───────────────────────────────────────────────────┘
 *              slots ever released by cursor c, modulo 2^32; that consumer's alone
 * ```
 *
 * How far a consumer has *advanced* (read, not yet released) is not shared: nobody else acts on it,
 * and a consumer that replaces a lost one must start at the oldest unreleased slot anyway.
 *
 * ## Bell: one line per thread
 *
 * ```
 *            ┌───────┬──────────────────────────────────────────────────────────┐
 *            │ state │ padding                                                  │
 *            └───────┴──────────────────────────────────────────────────────────┘
 *              0 awake, 1 about to sleep or asleep
 * ```
 *
 * ## Control block of an engine: 1 line, then 2 lines per thread
 *
 * ```
 *  line 0     ┌───────┬─────────┬──────┬────────────────────────────────────────┐
 *             │ magic │ threads │ stop │ padding                                │  the host
 *             └───────┴─────────┴──────┴────────────────────────────────────────┘
 *  line 1+2t  ┌───────────┬───────┬──────┬──────────────────────────────────────┐
 *             │ heartbeat │ state │ task │ padding                              │  thread t
 *             └───────────┴───────┴──────┴──────────────────────────────────────┘
 *  line 2+2t  the bell of thread t
 * ```
 *
 * @module
 */

/** Bytes of a line: what one thread may write without disturbing another. */
export const LINE_BYTES = 128;

/** Int32 words in a line. */
export const LINE_WORDS = LINE_BYTES / Int32Array.BYTES_PER_ELEMENT;

/** First word of a ring's control block; anything else there is not a ring. */
export const RING_MAGIC = 0x52_49_4e_47; // 'RING'

/** First word of an engine's control block. */
export const CONTROL_MAGIC = 0x4d_49_4c_4c; // 'MILL'

/** Word indexes into a ring's control block. */
export const Word = {
  MAGIC: 0,
  SLOTS: 1,
  SLOT_BYTES: 2,
  CONSUMERS: 3,
  /** How many times a producer has been created; see `takeOver`. */
  PRODUCER: 4,
  /** {@link RingEnd}. */
  END: 5,
  TAIL: LINE_WORDS,
  /** Of cursor 0; cursor c is `c * LINE_WORDS` further on. */
  HEAD: 2 * LINE_WORDS,
  /** How many times a consumer has been created for cursor 0; the others as for `HEAD`. */
  OWNER: 2 * LINE_WORDS + 1,
} as const;

/** What the `END` word of a ring says. It only ever grows. */
export const RingEnd = { OPEN: 0, CLOSED: 1, ABORTED: 2 } as const;

/** Word indexes into a bell's line. */
export const BellWord = { STATE: 0 } as const;

/** What a bell's `STATE` word says. */
export const BellState = { AWAKE: 0, SLEEPING: 1 } as const;

/** Word indexes into an engine's control block. */
export const ControlWord = {
  MAGIC: 0,
  THREADS: 1,
  STOP: 2,
  /** How many messages the host has posted to its threads, modulo 2^32. */
  NEWS: 3,
  /** Of thread 0; thread t is `2 * t * LINE_WORDS` further on. */
  HEARTBEAT: LINE_WORDS,
  STATE: LINE_WORDS + 1,
  TASK: LINE_WORDS + 2,
  BELL: 2 * LINE_WORDS,
} as const;

/** Returned instead of a slot index: the ring is full (`claim`) or empty (`peek`). */
export const NO_SLOT = -1;

/** `bytes` rounded up to whole lines. */
export function wholeLines(bytes: number): number {
  return Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
}
