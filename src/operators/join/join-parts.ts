/** What the kernels of joins are made of. @module */

import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { LatestRows } from '../../state/index.ts';
import { RowFailures } from '../row-failures.ts';
import type { RowsOf } from '../row-gather.ts';
import { SlidingWindows } from '../window-scheme.ts';
import { ArrivingRows } from './arriving-rows.ts';
import type { JoinConfig, Side } from './config.ts';
import { LEFT, RIGHT } from './config.ts';
import { planGather } from './gather-plan.ts';
import { JoinedRows } from './joined-rows.ts';
import { givesUnmatched, tracksMatches } from './kinds.ts';
import { Probe } from './probe.ts';
import type { Reach } from './reach.ts';
import { reachOf } from './reach.ts';
import { SideStore } from './side-store.ts';
import { StateBudget } from './state-budget.ts';
import { StatePages } from './state-pages.ts';
import { timeKernels } from './time-kernels.ts';

/** What an arena can hold. */
const MOST_STATE_BYTES = 2 ** 31;

/** How a join can keep less. */
const ADVICE: Readonly<Record<JoinConfig['reach']['kind'], string>> = {
  interval: "shorten 'within'",
  window: 'use smaller windows or less lateness',
  unbounded: "bound it by 'within', 'window' or 'ttl'",
  asOf: "bound it by the 'before' of 'within'",
};

/** Parts of one kernel; lists are by side. */
export interface JoinParts {
  readonly config: JoinConfig;
  readonly budget: StateBudget;
  readonly reach: Reach;
  readonly failures: RowFailures;
  readonly stores: readonly [SideStore, SideStore];
  readonly arriving: readonly [ArrivingRows, ArrivingRows];
  readonly probe: Probe;
  readonly joined: JoinedRows;
  /** The rows of pairs, where they are of the batch, and where they are kept ones. */
  readonly currentRows: readonly [RowsOf, RowsOf];
  readonly keptRows: readonly [RowsOf, RowsOf];
  /** Whether late rows are counted: not those that another task gets and counts as well. */
  readonly countsLate: readonly [boolean, boolean];
  /** Versions on the right for rows on the left. */
  latestRows(): LatestRows;
  /** The rows that are kept, and what every kernel knows of its inputs. */
  state(io: StateIo, watermarks: [TimeUs, TimeUs], hasEnded: [boolean, boolean]): Steps;
}

/** Makes them. */
export function joinParts(plan: OperatorPlan, context: KernelContext): JoinParts {
  const config = plan.config as JoinConfig;
  const { kind, sides, changes } = config;
  const { node, rowCapacity, memory, counters } = context;
  const reach = reachOf(config);
  const budget = new StateBudget(node, limitBytesOf(config, context), ADVICE[config.reach.kind]);
  const pages = new StatePages(budget, context.stateMemory);
  counters.watchState?.(() => budget.usedBytes);
  const kernels = timeKernels(memory, pages.arena.memory);
  const gather = planGather(config, plan.inputs[LEFT]!.schema.length);
  // Rows that are taken back are told by their marks.
  const isTimed = config.time !== 'none' || changes !== undefined;
  const isAsOf = config.reach.kind === 'asOf';
  const store = (side: Side): SideStore => {
    const isTracked = tracksMatches(kind, side);
    const isTold = isAsOf || (changes === undefined && givesUnmatched(kind, side));
    const { kept } = gather.sides[side];
    return new SideStore(
      sides[side],
      isTimed,
      kept,
      isTracked,
      isTold,
      config.buffers[side],
      pages,
      kernels,
      context,
    );
  };
  const arriving = (side: Side): ArrivingRows => {
    const isTracked = tracksMatches(kind, side);
    const input = plan.inputs[side]!;
    return new ArrivingRows(side, sides[side], input, reach, isTracked, kernels, context);
  };
  const stores = [store(LEFT), store(RIGHT)] as const;
  if (config.onLimit === 'evict') {
    budget.evict = () => {
      const [left, right] = stores;
      const rows = (left.rows.pages > right.rows.pages ? left : right).rows.evict();
      if (rows > 0) counters.addEvicted?.(rows);
      return rows >= 0;
    };
  }
  const { distribution } = plan;
  const countsLate = (side: Side): boolean =>
    context.instance === 0 || distribution.kind !== 'broadcast' || distribution.port !== side;
  const windows =
    config.reach.kind === 'window' ? new SlidingWindows(config.reach.window) : undefined;
  const joined = new JoinedRows(plan, context, gather, kernels, windows);
  const rowsOf = (side: Side, isKept: boolean): RowsOf => ({
    kernel: stores[side].rows.kernel,
    isKept,
    items: joined.rows[side],
  });
  return {
    config,
    budget,
    reach,
    failures: new RowFailures(plan, context),
    stores,
    arriving: [arriving(LEFT), arriving(RIGHT)],
    probe: new Probe(windows, kernels, rowCapacity, memory),
    joined,
    currentRows: [rowsOf(LEFT, false), rowsOf(RIGHT, false)],
    keptRows: [rowsOf(LEFT, true), rowsOf(RIGHT, true)],
    countsLate: [countsLate(LEFT), countsLate(RIGHT)],
    latestRows: () =>
      new LatestRows(memory, pages.arena, pages, stores[LEFT].rows, stores[RIGHT].rows),
    state: (...args) => stateOfJoin(pages, stores, budget, ...args),
  };
}

function* stateOfJoin(
  pages: StatePages,
  stores: JoinParts['stores'],
  budget: StateBudget,
  ...[io, watermarks, hasEnded]: Parameters<JoinParts['state']>
): Steps {
  io.section('join', 1);
  yield* pages.arena.state(io);
  for (const side of [LEFT, RIGHT] as const) {
    yield* stores[side].rows.state(io);
    watermarks[side] = io.float(watermarks[side]);
    hasEnded[side] = io.flag(hasEnded[side]);
  }
  budget.state(io);
}

/** What both sides may take together. */
function limitBytesOf({ stateLimitBytes = Infinity }: JoinConfig, context: KernelContext): number {
  return Math.min(stateLimitBytes, context.stateLimitBytes, MOST_STATE_BYTES);
}
