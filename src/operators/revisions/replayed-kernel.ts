/** One of the kernels of an operator whose results are revised, and the rows that it is given. @module */

import { layoutBatch } from '../../core/batch-layout.ts';
import { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import { goOn, tellEnd, tellWatermark } from '../../core/kernel-calls.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { readSnapshot, writeSnapshot } from '../../state/index.ts';
import { RowBytes } from './row-bytes.ts';
import type { KeptRow } from './row-log.ts';

/** Gives kept rows to kernels. */
export class RowFeed {
  readonly #node: string;
  readonly #batches: readonly Batch[];
  readonly #bytes: readonly RowBytes[];

  /** @param inner - the plan of the kernels */
  constructor(inner: OperatorPlan, context: KernelContext) {
    const { node, rowCapacity, slotHeapBytes, memory } = context;
    this.#node = node;
    this.#batches = inner.inputs.map((stream) =>
      Batch.allocate(layoutBatch(stream, rowCapacity, slotHeapBytes), memory),
    );
    this.#bytes = inner.inputs.map(({ schema }, port) => new RowBytes(port, schema));
  }

  /** Gives `rows[from .. to)` in their order, and then a watermark; a piece of work is a batch. */
  *give(
    kernel: Kernel,
    rows: readonly KeptRow[],
    from: number,
    to: number,
    watermarkUs: TimeUs,
    out: Outbox,
  ): Steps {
    for (let next = from; next < to;) {
      const { port } = rows[next]!;
      const batch = this.#batches[port]!;
      next = this.#fill(batch, rows, next, to);
      yield* complete(kernel, kernel.onBatch(port, batch, out), out);
      yield;
    }
    for (let port = 0; port < this.#batches.length; port++) {
      yield* complete(kernel, tellWatermark(kernel, port, watermarkUs, out), out);
    }
  }

  /** Says that there is no more. */
  *end(kernel: Kernel, out: Outbox): Steps {
    for (let port = 0; port < this.#batches.length; port++) {
      yield* complete(kernel, tellEnd(kernel, port, out), out);
    }
  }

  /** Rows of one port behind each other, as many as there is room for. */
  #fill(batch: Batch, rows: readonly KeptRow[], from: number, to: number): number {
    batch.reset();
    const { port } = rows[from]!;
    const bytes = this.#bytes[port]!;
    const end = Math.min(to, from + batch.rowCapacity);
    let next = from;
    for (; next < end && rows[next]!.port === port; next++) {
      const row = batch.rowCount;
      if (!bytes.read(rows[next]!.text, batch.columns, row)) {
        batch.forgetNullsBehind();
        break;
      }
      batch.setTimeUs(row, rows[next]!.timeUs);
      batch.setRowCount(row + 1);
    }
    if (next > from) return next;
    throw tooLarge(this.#node, batch);
  }
}

/** A row that fits no slot. */
export function tooLarge(node: string, { heap }: Batch): MillraceError {
  const message = `a row of '${node}' has more than ${heap.capacityBytes} bytes of long values`;
  return new MillraceError('ERR_LIMIT_EXCEEDED', message, { node });
}

/** Has a kernel read what another remembers. */
export function* copyState(from: Kernel, to: Kernel, identity: string): Steps {
  const chunks: Uint8Array[] = [];
  yield* writeSnapshot(from, identity, (bytes) => void chunks.push(bytes.slice()));
  let chunk = 0;
  let at = 0;
  yield* readSnapshot(to, identity, (target) => {
    while (chunk < chunks.length && at === chunks[chunk]!.length) {
      chunk++;
      at = 0;
    }
    const part = (chunks[chunk] ?? new Uint8Array(0)).subarray(at, at + target.length);
    target.set(part);
    at += part.length;
    return part.length;
  });
}

function* complete(kernel: Kernel, first: Progress, out: Outbox): Steps {
  for (let progress = first; progress !== 'done'; progress = goOn(kernel, out)) yield;
}
