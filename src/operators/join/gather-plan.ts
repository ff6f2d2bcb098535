/** Which columns of both sides are gathered for pairs, and where they go. @module */

import { storageOf } from '../../core/types.ts';
import { WINDOW_FIELDS } from '../window-scheme.ts';
import type { JoinConfig, Side } from './config.ts';
import { LEFT, RIGHT } from './config.ts';

/** What is gathered of one side. By gathered column: */
export interface SideGather {
  /** Position in what is kept of a row. */
  readonly kept: readonly number[];
  /** Position in rows of both inputs, `[...left, ...right]`. */
  readonly inputs: readonly number[];
  /** Position in the output; only where all that is selected are columns of the inputs. */
  readonly outputs: readonly number[];
}

/** What is gathered of both. */
export interface GatherPlan {
  readonly sides: readonly [SideGather, SideGather];
  /** Pairs are rows of the output as they are: no further condition, nothing to compute. */
  readonly isWhole: boolean;
  /** Whether any of it may be a long value. */
  readonly hasViews: boolean;
}

/** @param leftWidth - columns of the left input */
export function planGather(config: JoinConfig, leftWidth: number): GatherPlan {
  const { select, further, sides, reach } = config;
  const first = reach.kind === 'window' ? WINDOW_FIELDS.length : 0;
  const isWhole = further === undefined && select.every((expr) => expr.op === 'column');
  const sideOf = (side: Side): SideGather => {
    const { used, keptUsed } = sides[side];
    const base = side === LEFT ? 0 : leftWidth;
    if (!isWhole) {
      return { kept: keptUsed, inputs: used.map((position) => base + position), outputs: [] };
    }
    const kept: number[] = [];
    const inputs: number[] = [];
    const outputs: number[] = [];
    for (const [c, expr] of select.entries()) {
      if (expr.op !== 'column' || expr.index < leftWidth !== (side === LEFT)) continue;
      kept.push(keptUsed[used.indexOf(expr.index - base)]!);
      inputs.push(expr.index);
      outputs.push(first + c);
    }
    return { kept, inputs, outputs };
  };
  const gathered = [sideOf(LEFT), sideOf(RIGHT)] as const;
  const hasViews = gathered.some(({ kept }, side) =>
    kept.some((k) => storageOf(sides[side]!.keptSchema[k]!.type) === 'view'),
  );
  return { sides: gathered, isWhole, hasViews };
}
