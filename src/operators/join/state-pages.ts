/** The memory in which a join keeps rows: one arena for both sides. @module */

import type { MillraceError } from '../../core/errors.ts';
import type { StateMemory } from '../../core/memory.ts';
import type { PageSource } from '../../state/index.ts';
import { Arena, MIN_PAGE_CELLS } from '../../state/index.ts';
import type { StateBudget } from './state-budget.ts';

/** 64 KiB. */
const MOST_PAGE_CELLS = 8192;
/** Pages that the limit should have room for, so that it is used well. */
const PAGES_IN_LIMIT = 1024;

/** Pages that count against a budget. */
export class StatePages implements PageSource {
  readonly arena: Arena;
  readonly #budget: StateBudget;
  readonly #pageBytes: number;

  constructor(budget: StateBudget, from?: StateMemory) {
    const { limitBytes } = budget;
    let pageCells = MIN_PAGE_CELLS;
    while (pageCells < MOST_PAGE_CELLS && 2 * pageCells * 8 * PAGES_IN_LIMIT <= limitBytes) {
      pageCells *= 2;
    }
    this.#budget = budget;
    this.#pageBytes = pageCells * 8;
    const full = (): MillraceError => budget.exceeded(this.#pageBytes);
    this.arena = Arena.allocate(limitBytes, pageCells, full, from);
  }

  take(count: number): number {
    this.#budget.take(count * this.#pageBytes);
    if (count === 1) return this.arena.take();
    return this.arena.takeRun(count);
  }

  release(page: number): void {
    this.#budget.give(this.#pageBytes);
    this.arena.release(page);
  }

  /** Counts memory beside the pages. */
  takeBytes(bytes: number): void {
    this.#budget.take(bytes);
  }
}
