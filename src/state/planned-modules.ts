/** The modules that states will need, for the thread that plans. @module */

import type { DataType } from '../core/types.ts';
import type { ModuleList } from '../wasm/index.ts';
import { partialColumns, partialInputs } from './accumulators/partial.ts';
import type { AggregateSpec } from './accumulators/spec.ts';
import { planRecord, recordCells } from './accumulators/plan.ts';
import { groupShape } from './kernel/group-kernel.ts';
import { buildModule, moduleKey } from './kernel/module.ts';
import { pageCellsFor } from './record-layout.ts';

/**
 * Adds the module of the groups of an aggregate, in an arena whose pages are as large as records need.
 * Parameters as those of `GroupStates`.
 */
export function addGroupModule(
  list: ModuleList,
  keys: readonly DataType[],
  aggregates: readonly AggregateSpec[],
  isFedPartials: boolean,
  retracts = false,
  looksUp = false,
): void {
  const plan = planRecord(keys, aggregates, retracts);
  const pageCells = pageCellsFor(recordCells(keys, aggregates, retracts));
  const columns = isFedPartials ? partialColumns(plan, aggregates) : undefined;
  const shape =
    columns === undefined
      ? groupShape(plan.layout, pageCells, plan.inputs, undefined, retracts, looksUp)
      : groupShape(plan.layout, pageCells, partialInputs(columns), plan.inputs, false, looksUp);
  list.add(moduleKey(shape), () => buildModule(shape));
}
