/** Boxes that drop rows: a shorter selection, and nothing else. @module */

import { Batch } from '../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../core/operator.ts';
import type { StateIo } from '../core/state-io.ts';

/**
 * Says which rows stay.
 *
 * @param kept - room for as many as are selected
 * @returns how many were written to `kept`, in their order
 */
export type Choose = (batch: Batch, kept: Uint32Array) => number;

/** The same by what came before. */
export interface Chooser {
  readonly choose: Choose;
  state(io: StateIo): void;
}

/** Hands on the rows that are chosen. */
export class DropKernel implements Kernel {
  readonly #choose: Choose;
  readonly #chooser: Chooser | undefined;
  readonly #kept: Uint32Array;
  readonly #output: Batch;

  constructor(plan: OperatorPlan, context: KernelContext, choose: Choose | Chooser) {
    this.#chooser = typeof choose === 'function' ? undefined : choose;
    this.#choose = typeof choose === 'function' ? choose : choose.choose;
    this.#kept = context.memory.rows(context.rowCapacity);
    this.#output = Batch.view(context.rowCapacity, plan.inputs[0]!.hasTime);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const output = this.#output;
    output.shareColumns(batch);
    output.selected = this.#choose(batch, this.#kept);
    output.selection = this.#kept;
    out.offer(0, output);
    return 'done';
  }

  state(io: StateIo): undefined {
    io.section('drop', 1);
    this.#chooser?.state(io);
  }
}

/** A permutation of the 32-bit integers: Murmur3's finaliser. */
export function mix32(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}

/** Draws below this, of 32 bits, are dropped; 2^32 for all. */
export function dropBound(rate: number): number {
  return rate * 4294967296;
}
