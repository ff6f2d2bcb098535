/** What is needed to shed whole groups, see `core/subsets.ts`: at gates, behind them, and at the aggregate. @module */

import { UnitGate } from '../../../../admission/index.ts';
import { UnitOrder } from '../../../../admission/unit-ranks.ts';
import type { KernelMemory } from '../../../../core/memory.ts';
import type { TypedExpr } from '../../../../expr/index.ts';
import type { TaskPlan, WorkerJob } from '../../../protocol.ts';
import { branchesOf, type UnitsPlan } from '../../../protocol-admission.ts';
import type { LaneSettings } from '../lane-settings.ts';
import type { RowWorth } from '../row-worth.ts';
import { GroupNumbers } from './group-numbers.ts';
import { RowWindows } from './row-windows.ts';
import { LevelsReader, LevelsWriter } from './shared-levels.ts';
import { waysTo } from './ways-to.ts';
import { WholeGroups } from './whole-groups.ts';

/** What is shed of groups, and who tells. */
export interface UnitShedding {
  readonly gate: UnitGate;
  readonly writer: LevelsWriter;
}

/** Of the rows of a source. */
export interface IngressUnits {
  readonly numbers: GroupNumbers;
  readonly windows: RowWindows;
}

/** Behind a gate. */
export interface LateUnits extends UnitShedding {
  readonly windows: RowWindows;
  /** What was shed at the gate. */
  readonly before: LevelsReader;
}

/** Makes the parts; `undefined` where rows are shed one by one. */
export class GroupShedding {
  readonly #job: WorkerJob;
  readonly #buffer: SharedArrayBuffer;
  readonly #memory: KernelMemory;

  constructor(job: WorkerJob, buffer: SharedArrayBuffer, memory: KernelMemory) {
    this.#job = job;
    this.#buffer = buffer;
    this.#memory = memory;
  }

  /** For a gate. */
  numbersOf(
    g: number,
    worth: RowWorth,
    { minShare }: LaneSettings,
    rowCapacity: number,
  ): IngressUnits | undefined {
    const { units, program } = this.#job.plan.admission!.gates[g]!;
    if (units === undefined) return undefined;
    const keys = program.keys as readonly TypedExpr[];
    const { strata } = units;
    const memory = this.#memory;
    const numbers = new GroupNumbers({ keys, strata, worth, minShare, rowCapacity, memory });
    return { numbers, windows: new RowWindows(units.windows, numbers.column.f64) };
  }

  /** For a branch of a gate. */
  at(g: number, branch: number): UnitShedding | undefined {
    const { plan, shared } = this.#job;
    const { units } = plan.admission!.gates[g]!;
    if (units === undefined) return undefined;
    const gate = new UnitGate(units.strata, orderOf(units));
    const address = shared.admission!.levels[g]![branch]!;
    return { gate, writer: new LevelsWriter(this.#buffer, address, gate.levels) };
  }

  /** For a head behind a gate. */
  late(head: number): LateUnits | undefined {
    const { plan, shared } = this.#job;
    const { lateLevels, levels } = shared.admission!;
    const { gate: g, ring } = plan.admission!.heads[head]!;
    const gatePlan = plan.admission!.gates[g]!;
    const { units } = gatePlan;
    if (units === undefined) return undefined;
    const branch = branchesOf(gatePlan).findIndex((rings) => rings.includes(ring));
    const before = new LevelsReader(this.#buffer, levels[g]![branch]!);
    const gate = new UnitGate(units.strata, orderOf(units), before);
    const writer = new LevelsWriter(this.#buffer, lateLevels[head]!, gate.levels);
    return { gate, writer, before, windows: new RowWindows(units.windows) };
  }

  /** For the aggregate: by all places that its rows come by. */
  wholeUnitsOf({ node, id }: TaskPlan): WholeGroups | undefined {
    const { plan, shared } = this.#job;
    const { gates, heads } = plan.admission!;
    const { levels, lateLevels } = shared.admission!;
    const units = gates.find((gate) => gate.units?.aggregate === node)?.units;
    if (units === undefined) return undefined;
    const ways = waysTo(plan, id);
    const addresses = gates.flatMap((gate, g) => {
      if (gate.units?.aggregate !== node) return [];
      const atGate = branchesOf(gate).flatMap((rings, branch) =>
        rings.some((ring) => ways.has(ring)) ? [levels[g]![branch]!] : [],
      );
      const behind = heads.flatMap((head, h) =>
        head.gate === g && ways.has(head.ring) ? [lateLevels[h]!] : [],
      );
      return [...atGate, ...behind];
    });
    const readers = addresses.map((address) => new LevelsReader(this.#buffer, address));
    return new WholeGroups(readers, units, orderOf(units));
  }
}

function orderOf({ windowsPerRow, isEven }: UnitsPlan): UnitOrder {
  return new UnitOrder(windowsPerRow, isEven);
}
