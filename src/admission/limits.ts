/** The delays that steer admission, all from the goal of a source. @module */

/** Delays in milliseconds; each is also an amount of work, that of a worker for that long. */
export interface AdmissionLimits {
  /** The goal: how long a row may wait. */
  readonly sloMs: number;
  /** Nothing is shed before so much work waits. */
  readonly gateMs: number;
  /** Work that is kept waiting while rows are shed. */
  readonly targetMs: number;
  /** Kept work never passes it: then the price rises at once. */
  readonly fullMs: number;
  /** Kept work does not fall below it while there is other work to do. */
  readonly lowMs: number;
  /** Rows are counted by value from here on. */
  readonly armMs: number;
  /** Rows that have waited so long are worthless. */
  readonly expireMs: number;
}

/**
 * Limits for a goal.
 *
 * @param stallMs - how long the worker stands still now and then, as measured; the queue is held
 *   shorter by it
 */
export function admissionLimits(sloMs: number, stallMs = 0): AdmissionLimits {
  const full = Math.min(0.8 * sloMs, Math.max(0.3 * sloMs, sloMs - stallMs));
  const gateMs = Math.min(0.7 * sloMs, full);
  return {
    sloMs,
    gateMs,
    targetMs: 0.75 * gateMs,
    fullMs: full,
    lowMs: 0.1 * sloMs,
    armMs: 0.2 * sloMs,
    expireMs: sloMs,
  };
}
