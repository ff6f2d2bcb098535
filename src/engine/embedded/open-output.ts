/** Makes the outputs that a program asks for. @module */

import type { BatchLayout } from '../../core/batch-layout.ts';
import { MillraceError } from '../../core/errors.ts';
import type { KeptHistory } from '../../core/topology/model.ts';
import { History, type HistoryStart } from './history.ts';
import { type Int64Mode, Output } from './output.ts';
import { RingBatches, type RingBatchesParts } from './output-batches.ts';

/**
 * Where a reader of a sink with `keep` begins: with all that is kept, with rows to come, with the last so
 * many of those that are kept, or with those from an event time on, a `Date` or milliseconds since 1970.
 */
export type OutputStart = 'kept' | 'now' | { readonly rows: number } | Date | number;

/** How an output is read. */
export interface OutputOptions {
  /** `kept` by default; for sinks with `keep` only. */
  readonly from?: OutputStart | undefined;
}

/** Opens outputs of one sink. */
export type OutputOpener = (options: OutputOptions) => Output;

/** @param keep - of the sink */
export function outputOpener(
  parts: RingBatchesParts,
  layout: BatchLayout,
  int64: Int64Mode,
  keep: KeptHistory | undefined,
): OutputOpener {
  const { name } = parts;
  const { schema } = layout;
  const ring = new RingBatches(parts);
  if (keep !== undefined) {
    const history = new History(ring, layout, keep);
    return ({ from = 'kept' }) => {
      const start = startOf(from, layout.hasTime, name);
      return new Output({ name, schema, int64, open: () => history.open(start) });
    };
  }
  const output = new Output({ name, schema, int64, open: () => ring.open() });
  return ({ from }) => {
    if (from === undefined) return output;
    throw usage(name, `sink '${name}' keeps no rows to begin with: give it a 'keep'`);
  };
}

function startOf(from: OutputStart, hasTime: boolean, name: string): HistoryStart {
  if (from === 'kept' || from === 'now') return { kind: from };
  if (typeof from === 'object' && 'rows' in from) return { kind: 'rows', rows: from.rows };
  const ms = Number(from);
  if (Number.isNaN(ms)) {
    throw usage(name, `'from' is 'kept', 'now', {rows}, a Date or milliseconds since 1970`);
  }
  if (!hasTime) throw usage(name, `rows of '${name}' have no event time to begin with`);
  return { kind: 'time', fromUs: ms * 1000 };
}

function usage(node: string, message: string): MillraceError {
  return new MillraceError('ERR_USAGE', message, { node });
}
