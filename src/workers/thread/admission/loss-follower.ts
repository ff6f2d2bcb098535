/** Follows how much of each class of a gate is lost, and tells what a unit of its value is worth. @module */

import { ClassUtility, LOOK_MS } from '../../../admission/index.ts';
import type { Graph, OfClass } from '../../../core/topology/model.ts';
import type { SeqlockWriter } from '../../../ringbuf/index.ts';
import { MAX_CLASSES } from '../../protocol-admission.ts';
import { type GateLedger, LOSSES } from '../../protocol-ledger.ts';

/** Losses for good: what is on disk is not lost. */
const FOR_GOOD = LOSSES.filter(({ place }) => place !== 'disk');

/** What is said of a class by its name, or of all that are not named. */
export function saidOfClass<Said>(said: readonly OfClass<Said>[], name: string): Said | undefined {
  const own = said.find((each) => each.class === name);
  return (own ?? said.find((each) => each.class === undefined))?.said;
}

/** The utility of a class by its graph; `undefined`: it has none, and a unit of value is worth 1. */
export function utilityOf(
  graphs: readonly OfClass<Graph>[],
  name: string,
): ClassUtility | undefined {
  const graph = saidOfClass(graphs, name);
  return graph && new ClassUtility(graph.map(({ x, y }) => [x, y]));
}

/** One for each gate with graphs of losses, on the worker of the gate. */
export class LossFollower {
  readonly #ledger: GateLedger;
  readonly #graphs: readonly OfClass<Graph>[];
  readonly #writer: SeqlockWriter;
  /** By name. */
  readonly #classes = new Map<string, ClassUtility | undefined>();
  readonly #utilities = new Float64Array(MAX_CLASSES);
  #lookedMs = -Infinity;

  constructor(ledger: GateLedger, graphs: readonly OfClass<Graph>[], writer: SeqlockWriter) {
    this.#ledger = ledger;
    this.#graphs = graphs;
    this.#writer = writer;
  }

  /** Looks at the ledger, if it is time to. */
  look(nowMs: number): void {
    if (nowMs - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = nowMs;
    const worth = new Map<string, { offered: number; lost: number; number: number }>();
    const lanes = this.#ledger.read();
    for (let lane = 0; lane < lanes; lane++) {
      const name = this.#ledger.classOf(lane);
      const sum = worth.get(name) ?? {
        offered: 0,
        lost: 0,
        number: this.#ledger.classNumberOf(lane),
      };
      sum.offered += this.#ledger.offered(lane).value;
      for (const loss of FOR_GOOD) sum.lost += this.#ledger.lost(lane, loss).value;
      worth.set(name, sum);
    }
    for (const [name, { offered, lost, number }] of worth) {
      if (!this.#classes.has(name)) this.#classes.set(name, utilityOf(this.#graphs, name));
      this.#utilities[number] = this.#classes.get(name)?.update(offered, lost) ?? 1;
    }
    this.#writer.write(this.#utilities);
  }
}
