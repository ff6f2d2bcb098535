/** What a task knows of its instances beside themselves. @module */

/** Instances of one page. */
export const PAGE = 1024;

/**
 * Numbers of some instances. They are in no object of theirs: of a million instances a collector would have to
 * move and mark ten times as much.
 */
export class InstanceFacts {
  /** The number of the first instance. */
  readonly first: number;
  readonly lastUs: Float64Array;
  readonly timerUs: Float64Array;
  readonly triggeredUs: Float64Array;
  readonly rowsSinceOutput: Float64Array;
  readonly rowsSinceTrigger: Float64Array;
  readonly hasExpired: Uint8Array;

  constructor(first: number, instances = PAGE) {
    this.first = first;
    this.lastUs = new Float64Array(instances);
    this.timerUs = new Float64Array(instances);
    this.triggeredUs = new Float64Array(instances);
    this.rowsSinceOutput = new Float64Array(instances);
    this.rowsSinceTrigger = new Float64Array(instances);
    this.hasExpired = new Uint8Array(instances);
  }

  /** An instance that is new. */
  begin(at: number, nowUs: number): void {
    this.lastUs[at] = nowUs;
    this.timerUs[at] = Infinity;
    this.triggeredUs[at] = nowUs;
    this.rowsSinceOutput[at] = 0;
    this.rowsSinceTrigger[at] = 0;
    this.hasExpired[at] = 0;
  }
}

/** Those of instances that are gone, which nobody goes by: a time that is no time equals none. */
export const GONE = new InstanceFacts(0, 1);
GONE.timerUs[0] = NaN;
