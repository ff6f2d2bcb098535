/** How the rows of windows are held. @module */

import type { KernelContext, OperatorPlan } from '../../../core/operator.ts';
import type { Arena } from '../../../state/index.ts';
import { liesInRecord, PaneRecords, paneRecordCells } from '../../../state/index.ts';
import type { AggregatePlanConfig } from '../config.ts';
import type { Contents } from './contents.ts';
import { keptCells, KeptPanes } from './kept-panes.ts';
import { PANE_CELLS } from './layout.ts';
import { MergedPanes } from './merged-panes.ts';
import { PaneList } from './pane-list.ts';

/** Part of the state that results may take while they are computed of kept rows. */
const RESULTS_SHARE = 0.25;

/** Cells of the largest block that contents take. */
export function blockCells(config: AggregatePlanConfig): number {
  const { aggregates } = config;
  return liesInRecord(aggregates) ? paneRecordCells(aggregates, PANE_CELLS) : keptCells(config);
}

/** Bytes for groups, windows and what they hold. */
export function heldBytes({ aggregates }: AggregatePlanConfig, limitBytes: number): number {
  return liesInRecord(aggregates) ? limitBytes : limitBytes * (1 - RESULTS_SHARE);
}

/**
 * Makes the contents of a kernel's windows.
 *
 * @param groupCell - where the cells of groups begin
 */
export function createContents(
  plan: OperatorPlan,
  context: KernelContext,
  arena: Arena,
  groupCell: number,
): { contents: Contents; panes: PaneList } {
  const { aggregates, rowWindow } = plan.config as AggregatePlanConfig;
  const { memory, rowCapacity, stateLimitBytes } = context;
  const { keptRows, keptUs } = rowWindow!;
  const isRowwise = keptRows < Infinity || keptUs < Infinity;
  if (!liesInRecord(aggregates)) {
    const limitBytes = stateLimitBytes * RESULTS_SHARE;
    const contents = new KeptPanes(plan, context, arena, groupCell, isRowwise, limitBytes);
    return { contents, panes: contents.panes };
  }
  const records = new PaneRecords(memory, arena, aggregates, PANE_CELLS, rowCapacity);
  const panes = new PaneList(arena, groupCell, records.ownCell);
  const parts = { memory, arena, records, panes, groupCell, isRowwise, rowCapacity };
  return { contents: new MergedPanes(parts), panes };
}
