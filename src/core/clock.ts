/** Clocks are handed in: nothing that decides reads one by itself. @module */

/** A source of processing time. */
export interface Clock {
  /** Microseconds since 1970-01-01T00:00:00Z; may step when the host's clock is set. */
  nowUs(): number;
  /** Milliseconds from an arbitrary origin; never goes back. */
  monotonicMs(): number;
}

/** A clock that stands still until it is told to move; for tests. */
export class SimulatedClock implements Clock {
  #nowUs: number;

  constructor(startUs = 0) {
    this.#nowUs = startUs;
  }

  nowUs(): number {
    return this.#nowUs;
  }

  monotonicMs(): number {
    return this.#nowUs / 1000;
  }

  /** Moves time on. */
  advanceMs(ms: number): void {
    this.#nowUs += ms * 1000;
  }
}
