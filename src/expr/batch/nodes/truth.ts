/** What nodes of type bool share: a column from the rows that are true, and the reverse. @module */

import type { Column } from '../../../core/column.ts';
import { BOOL } from '../../../core/types.ts';
import { keepTrue } from '../selections.ts';
import type { Frame, TruthNode, VectorNode } from '../vector-node.ts';

/** Any node of type bool as one that selects. */
export class ColumnTruth implements TruthNode {
  readonly type = BOOL;
  hadNulls = false;
  readonly #node: VectorNode;

  constructor(node: VectorNode) {
    this.#node = node;
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    return this.#node.evaluate(frame, selection, selected);
  }

  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    const column = this.#node.evaluate(frame, selection, selected);
    this.hadNulls = column.nullCount !== 0;
    return keepTrue(selection, selected, column, out);
  }
}

/** Whether a node selects by itself. */
function isTruthNode(node: VectorNode): node is TruthNode {
  return 'select' in node;
}

/** The node itself if it selects, else wrapped. */
export function asTruth(node: VectorNode): TruthNode {
  return isTruthNode(node) ? node : new ColumnTruth(node);
}
