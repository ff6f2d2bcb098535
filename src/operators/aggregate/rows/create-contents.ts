/** How the rows of windows are held. @module */

import type { KernelContext, OperatorPlan } from '../../../core/operator.ts';
import type { Arena } from '../../../state/index.ts';
import { PaneRecords, paneRecordCells } from '../../../state/index.ts';
import type { AggregatePlanConfig } from '../config.ts';
import type { Contents } from './contents.ts';
import { PANE_CELLS } from './layout.ts';
import { MergedPanes } from './merged-panes.ts';
import { PaneList } from './pane-list.ts';

/** Cells of the largest block that contents take. */
export function blockCells({ aggregates }: AggregatePlanConfig): number {
  return paneRecordCells(aggregates, PANE_CELLS);
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
  const { memory, rowCapacity } = context;
  const { keptRows, keptUs } = rowWindow!;
  const isRowwise = keptRows < Infinity || keptUs < Infinity;
  const records = new PaneRecords(memory, arena, aggregates, PANE_CELLS, rowCapacity);
  const panes = new PaneList(arena, groupCell, records.ownCell);
  const parts = { memory, arena, records, panes, groupCell, isRowwise, rowCapacity };
  return { contents: new MergedPanes(parts), panes };
}
