/** Merging states a few groups at a time. @module */

import type { GroupState, GroupStates } from '../../state/index.ts';
import type { StepBudget } from './step-budget.ts';

/** One merge after the other, each in as many calls as it takes. */
export class StateMerge {
  readonly #states: GroupStates;
  readonly #budget: StepBudget;
  #target: GroupState | undefined;
  #sources: readonly GroupState[] = [];
  #copies = false;
  /** The source at hand, and its groups that were merged. */
  #source = 0;
  #merged = 0;
  /** Its distinct values that were. */
  #pairs = 0;

  constructor(states: GroupStates, budget: StepBudget) {
    this.#states = states;
    this.#budget = budget;
  }

  /**
   * Begins to add the groups of all `sources` to `target`. They must stay as they are until
   * {@link run} is true.
   *
   * @param copies - whether long strings are copied, so that the sources may go; else the target must
   * not outlive them, nor take rows
   */
  begin(target: GroupState, sources: readonly GroupState[], copies: boolean): void {
    this.#target = target;
    this.#sources = sources;
    this.#copies = copies;
    this.#goTo(0);
  }

  #goTo(source: number): void {
    this.#source = source;
    this.#merged = 0;
    this.#pairs = 0;
  }

  /** Goes on as far as the budget allows; whether all is merged. */
  run(): boolean {
    while (this.#source < this.#sources.length) {
      if (this.#budget.isSpent) return false;
      const source = this.#sources[this.#source]!;
      if (this.#merged < source.table.count) this.#mergeGroups(source);
      else if (this.#pairs < this.#states.pairsOf(source)) this.#mergePairs(source);
      else this.#goTo(this.#source + 1);
    }
    this.#sources = [];
    return true;
  }

  #mergeGroups(source: GroupState): void {
    const from = this.#merged;
    this.#merged = this.#states.mergeSome(this.#target!, source, from, this.#copies);
    this.#budget.take(this.#merged - from);
    this.#budget.takeValues(this.#states.values);
  }

  #mergePairs(source: GroupState): void {
    const from = this.#pairs;
    this.#pairs = this.#states.mergePairs(this.#target!, source, from);
    this.#budget.take(this.#pairs - from);
  }
}
