/**
 * Drop plans of Aurora: where to drop how much, for every excess of load, made in advance.
 *
 * A network is a tree of arcs: each brings load to nodes, and quality to outputs. Dropping a fraction
 * at an arc takes its load and its quality away, and those of the arcs below it. Places are ordered
 * by what is lost for what is gained, the least first. The plan is a table of steps with rising
 * savings: at run time, the first step that saves enough is looked up, and the last one scaled.
 *
 * @module
 */

/** A place where rows may be dropped. */
export interface DropLocation {
  /** The place above, by its index, which is lower; -1 for an input. */
  readonly parent: number;
  /** Work a second that rows bring from here up to the next places or outputs, undropped. */
  readonly load: number;
  /** Work a second of dropping itself. */
  readonly dropLoad?: number;
  /** Utility a second of what reaches an output from here, with no place in between. */
  readonly quality: number;
}

/** One step of a plan. */
export interface DropStep {
  readonly location: number;
  /** Work a second that is saved by this step and all before it. */
  readonly saved: number;
  /** Quality that is lost by them. */
  readonly lost: number;
}

/** A plan for a network. */
export class DropPlan {
  readonly steps: readonly DropStep[];
  readonly #locations: readonly DropLocation[];

  constructor(locations: readonly DropLocation[]) {
    this.#locations = locations;
    this.steps = stepsOf(locations);
  }

  /**
   * The fractions to drop, by location, that save at least so much work a second.
   *
   * All that can be dropped is, if that is not enough. Below a place where everything is dropped,
   * fractions say nothing.
   */
  dropsFor(excess: number): number[] {
    const drops = this.#locations.map(() => 0);
    if (excess <= 0) return drops;
    let low = 0;
    let high = this.steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps[middle]!.saved >= excess) high = middle;
      else low = middle + 1;
    }
    for (let i = 0; i < Math.min(low, this.steps.length); i++) drops[this.steps[i]!.location] = 1;
    const last = this.steps[low];
    if (last !== undefined) {
      const before = low === 0 ? 0 : this.steps[low - 1]!.saved;
      drops[last.location] = (excess - before) / (last.saved - before);
    }
    return drops;
  }
}

/** Steps in the order of loss for gain; a place takes its whole subtree with it. */
function stepsOf(locations: readonly DropLocation[]): DropStep[] {
  const isOpen = locations.map(() => true);
  const steps: DropStep[] = [];
  let saved = 0;
  let lost = 0;
  for (;;) {
    const { loads, qualities } = subtrees(locations, isOpen);
    let best = -1;
    let least = Infinity;
    for (let at = 0; at < locations.length; at++) {
      const gain = loads[at]! - (locations[at]!.dropLoad ?? 0);
      if (!isOpen[at] || gain <= 0) continue;
      const ratio = qualities[at]! / gain;
      // Of places that cost the same, the one above: nothing is worked on in vain.
      if (ratio < least - 1e-12) {
        least = ratio;
        best = at;
      }
    }
    if (best < 0) return steps;
    saved += loads[best]! - (locations[best]!.dropLoad ?? 0);
    lost += qualities[best]!;
    steps.push({ location: best, saved, lost });
    close(locations, isOpen, best);
  }
}

/** Load and quality of each place with all that is open below it. */
function subtrees(locations: readonly DropLocation[], isOpen: readonly boolean[]) {
  const loads = locations.map(({ load }, at) => (isOpen[at] ? load : 0));
  const qualities = locations.map(({ quality }, at) => (isOpen[at] ? quality : 0));
  for (let at = locations.length - 1; at >= 0; at--) {
    const { parent } = locations[at]!;
    if (parent < 0) continue;
    loads[parent]! += loads[at]!;
    qualities[parent]! += qualities[at]!;
  }
  return { loads, qualities };
}

function close(locations: readonly DropLocation[], isOpen: boolean[], location: number): void {
  isOpen[location] = false;
  for (let at = location + 1; at < locations.length; at++) {
    const { parent } = locations[at]!;
    if (parent >= 0 && !isOpen[parent]) isOpen[at] = false;
  }
}
