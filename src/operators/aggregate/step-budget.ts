/** Bounds what one call of a kernel does, so that other tasks of the worker have their turns. @module */

/** Groups that are written or merged in a call: well below a millisecond. */
const GROUPS_PER_CALL = 8192;

/** Counts groups down. */
export class StepBudget {
  #left = GROUPS_PER_CALL;

  /** A call begins. */
  begin(): void {
    this.#left = GROUPS_PER_CALL;
  }

  /** Groups that may still be worked on in this call. */
  get left(): number {
    return this.#left;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** What groups have beside their records: to read or merge a value takes half as long as a group. */
  takeValues(values: number): void {
    this.#left -= values >>> 1;
  }

  take(groups: number): void {
    this.#left -= groups;
  }
}
