/**
 * How much work a row that waits brings, and to which workers: what it costs where it is taken, and
 * what is made of it there costs behind further rings.
 *
 * All workers work this out from the same shared words, each for itself.
 *
 * @module
 */

import { CounterReader, SeqlockReader } from '../../../ringbuf/index.ts';
import type { WorkerJob } from '../../protocol.ts';
import {
  COST_WORDS,
  costWord,
  type HeadPlan,
  MAX_CLASSES,
  RowsOut,
} from '../../protocol-admission.ts';
import { LaneReader } from './shared-lanes.ts';

/** What is older than so many looks weighs a third. */
const MEMORY_LOOKS = 100;

/** A head as it is seen by all workers. */
interface SeenHead {
  readonly plan: HeadPlan;
  readonly out: CounterReader;
  readonly cost: SeqlockReader;
  /** By worker and class: milliseconds of work of a row, `worker * MAX_CLASSES + class`. */
  readonly byClass: Float64Array;
  /** By worker, for heads behind gates: the same by lane. */
  readonly workMs: readonly Float64Array[];
  worked: number;
}

/** A ring as it is seen by all workers. */
interface SeenRing {
  readonly in: CounterReader;
  /** Heads whose rows end up in it. */
  readonly feeders: number[];
  /** Heads that read it. */
  readonly heads: number[];
  /** Rows that went in lately, and rows that were worked on for that. */
  inRows: number;
  fromRows: number;
  seen: number;
}

/** Expected work of rows, by head and worker. */
export class PathWork {
  readonly #heads: readonly SeenHead[];
  readonly #rings: readonly SeenRing[];
  readonly #lanes: readonly LaneReader[];
  /** Heads, those whose rows come from furthest down first. */
  readonly #order: readonly number[];
  readonly #workers: number;
  readonly #downstream: Float64Array;

  constructor({ plan, shared }: WorkerJob, buffer: SharedArrayBuffer) {
    const { heads } = plan.admission!;
    const layout = shared.admission!;
    this.#workers = plan.workers;
    this.#lanes = layout.lanes.map((address) => new LaneReader(buffer, address));
    this.#heads = heads.map((head, h) => ({
      plan: head,
      out: new CounterReader(buffer, layout.rowsOut[h]!),
      cost: new SeqlockReader(buffer, layout.costs[h]!),
      byClass: new Float64Array(plan.workers * MAX_CLASSES),
      workMs: Array.from(
        { length: plan.workers },
        () => new Float64Array(layout.contents[h]?.lanes ?? 0),
      ),
      worked: 0,
    }));
    this.#rings = plan.rings.map((_, ring) => ({
      in: new CounterReader(buffer, layout.rowsIn[ring]!),
      feeders: indexesOf(heads, ({ feeds }) => feeds.includes(ring)),
      heads: indexesOf(heads, (head) => head.ring === ring),
      inRows: 0,
      fromRows: 0,
      seen: 0,
    }));
    const producerOf = (h: number): number => plan.rings[heads[h]!.ring]!.producer.task;
    this.#order = heads.map((_, h) => h).toSorted((a, b) => producerOf(b) - producerOf(a));
    this.#downstream = new Float64Array(plan.workers);
  }

  /** Rows that wait in front of a head. @hot */
  waitingRows(head: number): number {
    const { plan, out } = this.#heads[head]!;
    // What has left first: nothing leaves that has not come.
    const taken = out.read(RowsOut.TAKEN);
    return Math.max(0, this.#rings[plan.ring]!.in.read(0) - taken);
  }

  /** By lane: milliseconds of work on a worker of a row that waits in front of a head. */
  workMs(head: number, worker: number): Float64Array {
    return this.#heads[head]!.workMs[worker]!;
  }

  /** Milliseconds of work on a worker of a row of any kind. */
  meanWorkMs(head: number, worker: number): number {
    return this.#heads[head]!.byClass[worker * MAX_CLASSES]!;
  }

  /** Milliseconds of work on all workers of a row of any kind; 0 while it is not known. @hot */
  totalWorkMs(head: number): number {
    const { byClass } = this.#heads[head]!;
    let ms = 0;
    for (let worker = 0; worker < this.#workers; worker++) ms += byClass[worker * MAX_CLASSES]!;
    return ms;
  }

  /** Of the rows of a group of rings, the share that goes to each. */
  shareOf(ring: number, group: readonly number[]): number {
    let all = 0;
    for (const other of group) all += this.#rings[other]!.seen;
    return all === 0 ? 1 / group.length : this.#rings[ring]!.seen / all;
  }

  /** Whether a head's rows may ever bring work to a worker. */
  mayReach(head: number, worker: number): boolean {
    const { plan } = this.#heads[head]!;
    if (plan.worker === worker) return true;
    return plan.feeds.some((ring) =>
      this.#rings[ring]!.heads.some((next) => this.mayReach(next, worker)),
    );
  }

  /** Brings everything up to what the workers have told. Some microseconds: every few milliseconds. */
  refresh(): void {
    for (const ring of this.#rings) {
      let worked = 0;
      for (const h of ring.feeders) {
        const head = this.#heads[h]!;
        worked += head.out.read(RowsOut.WORKED) - head.worked;
      }
      const now = ring.in.read(0);
      const keep = 1 - 1 / MEMORY_LOOKS;
      if (worked > 0) {
        ring.inRows = ring.inRows * keep + (now - ring.seen);
        ring.fromRows = ring.fromRows * keep + worked;
      }
      ring.seen = now;
    }
    for (const head of this.#heads) head.worked = head.out.read(RowsOut.WORKED);
    for (const h of this.#order) this.#refreshHead(this.#heads[h]!);
  }

  #refreshHead({ plan, cost, byClass, workMs }: SeenHead): void {
    const own = cost.read();
    this.#downstream.fill(0);
    for (const fed of plan.feeds) {
      const ring = this.#rings[fed]!;
      if (ring.fromRows <= 0) continue;
      const perRow = ring.inRows / ring.fromRows;
      for (let worker = 0; worker < this.#workers; worker++) {
        for (const next of ring.heads) {
          this.#downstream[worker]! += perRow * this.meanWorkMs(next, worker);
        }
      }
    }
    for (let worker = 0; worker < this.#workers; worker++) {
      const isOwn = worker === plan.worker;
      for (let c = 0; c + 1 < COST_WORDS; c++) {
        const here = isOwn ? (plan.gate < 0 ? 0 : own[costWord(c)]!) || own[0]! : 0;
        byClass[worker * MAX_CLASSES + c] = here + this.#downstream[worker]!;
      }
      if (plan.gate >= 0) this.#spreadOverLanes(plan.gate, byClass, worker, workMs[worker]!);
    }
  }

  #spreadOverLanes(
    gate: number,
    byClass: Float64Array,
    worker: number,
    workMs: Float64Array,
  ): void {
    const lanes = this.#lanes[gate]!;
    const count = lanes.count();
    for (let lane = 0; lane < count; lane++) {
      workMs[lane] = byClass[worker * MAX_CLASSES + lanes.classOf(lane)]!;
    }
  }
}

function indexesOf(heads: readonly HeadPlan[], test: (head: HeadPlan) => boolean): number[] {
  return heads.flatMap((head, h) => (test(head) ? [h] : []));
}
