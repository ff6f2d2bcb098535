/** Handing on keys and partial aggregates as rows of a share. @module */

import { RowCopier } from '../../columns/index.ts';
import type { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { KernelContext, OperatorPlan, Outbox } from '../../core/operator.ts';
import { Port } from './config.ts';
import type { LocalShare } from './local-shares.ts';

/** Appends rows to the output of a local stage. */
export class ShareRows {
  readonly #node: string;
  readonly #copier: RowCopier;

  constructor(plan: OperatorPlan, { node, memory }: KernelContext) {
    this.#node = node;
    this.#copier = new RowCopier(memory, plan.outputs[Port.OUT]!.stream.schema.length);
  }

  /**
   * Appends rows `rows[from .. to)` of the output's columns, at the time of a share.
   *
   * @returns where it came to: `to`, or less where the output is full
   */
  append(
    share: LocalShare,
    columns: readonly Column[],
    rows: Uint32Array,
    from: number,
    to: number,
    out: Outbox,
  ): number {
    let at = from;
    while (at < to) {
      const target = out.claim(Port.OUT);
      if (target === undefined) return at;
      const start = target.rowCount;
      const added = this.#copier.appendColumns(target, columns, rows, at, to);
      if (added === TUPLE_TOO_LARGE) {
        out.commit(Port.OUT, false);
        throw this.#tooLarge(target.heap.capacityBytes);
      }
      if (target.hasTime) {
        for (let row = start; row < start + added; row++) {
          target.setTimeUs(row, share.timeUs);
          target.setLateBy(row, share.lateByUs);
        }
      }
      const ingestUs = share.lastIngestUs;
      if (ingestUs > -Infinity && ingestUs < target.ingestTimeUs) target.ingestTimeUs = ingestUs;
      at += added;
      out.commit(Port.OUT, at < to);
    }
    return at;
  }

  #tooLarge(limitBytes: number): MillraceError {
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a group of '${this.#node}' has long strings of more bytes than a slot has room for ` +
        `(${limitBytes}); raise the ring's heap size or shorten the strings`,
      { node: this.#node },
    );
  }
}
