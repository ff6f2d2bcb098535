/**
 * Levels of windows in shared memory: who drops rows writes them, before the watermark that closes a window of
 * theirs goes on; whoever has that watermark reads them.
 *
 * @module
 */

import { LEVEL_SLOTS, type LevelSource, slotOfWindow } from '../../../../admission/unit-levels.ts';
import type { UnitLevels } from '../../../../admission/unit-levels.ts';
import { SeqlockReader, SeqlockWriter } from '../../../../ringbuf/index.ts';
import {
  LEVELS_HEAD_WORDS,
  type LevelsAddress,
  LevelsHead,
  LevelsSlot,
} from '../../../protocol-admission.ts';

/** Makes levels known. */
export class LevelsWriter {
  readonly #levels: UnitLevels;
  readonly #head: SeqlockWriter;
  readonly #slots: readonly SeqlockWriter[];
  readonly #headWords = new Float64Array(LEVELS_HEAD_WORDS);
  readonly #words: Float64Array;

  constructor(
    buffer: SharedArrayBuffer,
    { head, slots, strata }: LevelsAddress,
    levels: UnitLevels,
  ) {
    this.#levels = levels;
    this.#head = new SeqlockWriter(buffer, head);
    this.#slots = slots.map((slot) => new SeqlockWriter(buffer, slot));
    this.#words = new Float64Array(LevelsSlot.LEVELS + strata);
  }

  /** Writes what has changed, in front of the rows and the watermark that come next. @hot */
  publish(): void {
    const levels = this.#levels;
    if (levels.changes === 0) return;
    const words = this.#words;
    const { strata } = levels;
    for (let i = 0; i < levels.changes; i++) {
      const slot = levels.changed[i]!;
      words[LevelsSlot.IS_OWNED] = 1;
      words[LevelsSlot.OWNER] = levels.owners[slot]!;
      for (let s = 0; s < strata; s++) {
        words[LevelsSlot.LEVELS + s] = levels.levels[slot * strata + s]!;
      }
      this.#slots[slot]!.write(words);
    }
    levels.settle();
    const head = this.#headWords;
    head[LevelsHead.CHANGES] = head[LevelsHead.CHANGES]! + 1;
    head[LevelsHead.NEWEST] = levels.newestWindow;
    head[LevelsHead.WINDOWS] = levels.windows;
    this.#head.write(head);
  }
}

/** Levels as they were at the last {@link renew}, or are by now. */
export class LevelsReader implements LevelSource {
  newestWindow = -Infinity;
  readonly #head: SeqlockReader;
  readonly #slots: readonly SeqlockReader[];
  readonly #strata: number;
  readonly #owners = new Float64Array(LEVEL_SLOTS);
  readonly #levels: Float64Array;
  /** By slot: when it was read. */
  readonly #read = new Int32Array(LEVEL_SLOTS).fill(-1);
  #changes = 0;

  constructor(buffer: SharedArrayBuffer, { head, slots, strata }: LevelsAddress) {
    this.#head = new SeqlockReader(buffer, head);
    this.#slots = slots.map((slot) => new SeqlockReader(buffer, slot));
    this.#strata = strata;
    this.#levels = new Float64Array(LEVEL_SLOTS * strata);
  }

  /** Sees what has been published by now. @hot */
  renew(): void {
    const head = this.#head.read();
    const changes = head[LevelsHead.CHANGES]!;
    if (changes === this.#changes) return;
    this.#changes = changes;
    this.newestWindow = head[LevelsHead.NEWEST]!;
  }

  /** @hot */
  level(window: number, stratum: number): number {
    if (window > this.newestWindow) return 0;
    const slot = slotOfWindow(window);
    if (this.#read[slot] !== this.#changes) this.#readSlot(slot);
    const owner = this.#owners[slot]!;
    if (owner === window) return this.#levels[slot * this.#strata + stratum]!;
    return owner < window ? 0 : Infinity;
  }

  /** @hot */
  #readSlot(slot: number): void {
    this.#read[slot] = this.#changes;
    const words = this.#slots[slot]!.read();
    this.#owners[slot] = words[LevelsSlot.IS_OWNED] === 1 ? words[LevelsSlot.OWNER]! : -Infinity;
    const first = slot * this.#strata;
    for (let s = 0; s < this.#strata; s++) this.#levels[first + s] = words[LevelsSlot.LEVELS + s]!;
  }
}
