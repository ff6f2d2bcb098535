/** Trying less and less often what keeps failing. @module */

/** Tries in vain double the turns that go by before the next one; a success makes each one a try. */
export class BackOff {
  readonly #most: number;
  #passing = 0;
  #passedAtOnce = 0;

  /** @param most - turns that go by at once, at most */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether this turn is to go by. @hot */
  passes(): boolean {
    if (this.#passing === 0) return false;
    this.#passing--;
    return true;
  }

  succeeded(): void {
    this.#passedAtOnce = 0;
  }

  failed(): void {
    this.#passedAtOnce = Math.min(2 * this.#passedAtOnce + 1, this.#most);
    this.#passing = this.#passedAtOnce;
  }
}
